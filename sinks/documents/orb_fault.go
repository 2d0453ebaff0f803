package documents

// orbFaults are Orb's kinds of error by HTTP status: the anchor of its page of
// errors, and the title.
var orbFaults = map[int][2]string{
	400: {"400-request-validation-errors", "Request validation errors"},
	401: {"401-authentication-error", "Authentication error"},
	403: {"403-forbidden", "Forbidden"},
	404: {"404-resource-not-found", "Resource not found"},
	405: {"404-url-not-found", "URL not found"},
	409: {"409-resource-conflict", "Resource conflict"},
	413: {"413-request-too-large", "Request too large"},
	429: {"429-too-many-requests", "Too many requests"},
}

// OrbFault writes an error of Orb's API: its kind as an address, a title, the status
// and what is wrong. Errors of parameters are listed once more as
// validation_errors.
func OrbFault(status int, detail, parameter string) []byte {
	kind, ok := orbFaults[status]
	if !ok {
		kind = [2]string{"500-internal-server-error", "Internal server error"}
	}
	out := struct {
		Type       string    `json:"type"`
		Title      string    `json:"title"`
		Status     int       `json:"status"`
		Detail     string    `json:"detail"`
		Validation *[]string `json:"validation_errors,omitempty"`
	}{"https://docs.withorb.com/docs/error-responses#" + kind[0], kind[1], status, detail, nil}
	if status == 400 {
		text := detail
		if parameter != "" {
			text = parameter + ": " + detail
		}
		out.Validation = &[]string{text}
	}
	body, err := compact(out)
	if err != nil { // of texts and a number: it cannot fail
		return []byte(`{}`)
	}
	return body
}
