# Daybook. `make` lists the targets; `make demo` and `make test` need Go, make and git alone.
SHELL   := /bin/bash
GO      ?= go
BIN     := bin/daybook
CACHE   := $(CURDIR)/.cache
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

# Property tests draw the same cases in every run, so that a landing never fails
# by chance; RAPID_SEED=0 draws new ones, as `make fuzz` does.
export RAPID_SEED ?= 1

# Stores of tests sync every file to disk. Where there is a large folder in memory
# from which programs may run, they are put there, which takes a minute off.
MEMORY_TMP := $(shell awk '$$2 == "/dev/shm" && $$4 !~ /noexec|ro(,|$$)/ {print $$2}' /proc/mounts 2>/dev/null | head -1)
MEMORY_TMP := $(shell test -w "$(MEMORY_TMP)" && df -Pk "$(MEMORY_TMP)" | awk 'NR == 2 && $$4 > 4000000 {print "$(MEMORY_TMP)"}')
test: export GOTMPDIR := $(if $(MEMORY_TMP),$(or $(TMPDIR),/tmp))
test: export TMPDIR := $(or $(MEMORY_TMP),$(TMPDIR))

.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

build: ## build bin/daybook (static)
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w' -o $(BIN) ./cmd/daybook

demo: build ## a realistic month under ./demo, billed in a few seconds
	@rm -rf demo
	@$(BIN) demo --dir demo

# `make lint` vets the code; here vet would first look at every dependency, a tenth of a first run.
test: ## every test that needs Go alone (file, memory and fault stores)
	$(GO) test -vet=off ./...

crash: ## real processes killed at every call, faults of a real S3 server at every call, full disks; 20,000 simulated stories (9 minutes)
	@.ci/crash

soak: ## 1,000 rounds of 16 runners, 25 of 16 processes; random stories of webhooks, corrections, edits, collection (4 minutes)
	@.ci/soak

hostile: ## usage files cut at every length and with every bit flipped (a minute; beside DuckDB where DAYBOOK_DUCKDB names it)
	DAYBOOK_HOSTILE=all $(GO) test ./sources/parquet -run Hostile -count=1 -v

race: ## the tests under the race detector (needs a C compiler)
	$(GO) test -race -short ./...

fuzz: ## 10 million cases against the oracle, new property cases, each fuzz target for FUZZTIME (20s; a quarter of an hour)
	@.ci/fuzz

bench: ## benchmarks of rating: medians, and ratios to a plain decimal loop (1 minute; see bench-rollup and bench-months too)
	@.ci/bench

bench-rollup: ## the rollup beside DuckDB on ROWS (5000000) events, in turn: medians and ratios; CASE=hard|big|scale|plain|oneday|decode (needs npm; 1 minute)
	@.ci/bench-rollup

bench-months: ## a day's costs and the closing of SUBSCRIPTIONS (100000) after the rollup, with tables and documents (5 minutes)
	@.ci/bench-months

bench-api: ## `daybook serve` at 2,000 requests a second over 10,000 accounts, beside a static file of that size (5 minutes)
	@.ci/bench-api

check-mutants: ## mutation score of pricing: MUTANTS (200) changes drawn by SEED (1), 4 minutes; 0 is all of them, two hours
	@$(GO) run ./testdata/tools/mutants -n $${MUTANTS:-200} -seed $${SEED:-1} -least 80

golden: ## rewrite golden files and generated docs; read the diff
	$(GO) test ./sinks/tables ./sinks/documents ./sources/book ./sources/registry ./cmd/daybook -update

cover: ## coverage of pricing, which must stay at 90 % or more
	@.ci/cover

lint: ## gofumpt, vet and staticcheck at pinned versions
	@.ci/lint

check: ## all of it: a real S3 server, real DuckDB, race detector (installs what it needs under .cache)
	@.ci/check

docker: ## build the container image (needs a Docker engine)
	docker build -t daybook:$(VERSION) .

clean: ## remove what the targets made
	rm -rf bin demo .cache

.PHONY: help build demo test crash soak hostile race fuzz bench bench-rollup bench-months bench-api check-mutants golden cover lint check docker clean
