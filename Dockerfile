# Multi-stage: a static binary on an empty image, run as nobody. This file is
# kept plain because no container engine runs where the project is tested.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o /daybook ./cmd/daybook

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /daybook /daybook
USER 65534:65534
ENTRYPOINT ["/daybook"]
CMD ["schedule", "--config", "/etc/daybook/daybook.yaml"]
