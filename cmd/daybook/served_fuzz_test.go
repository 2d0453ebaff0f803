package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"daybook/sinks/api"
)

// FuzzServed asks every system's real world for anything at all, as a token of one
// account: whatever it is, the answer is no fault of the server, and where it is a
// fault of the request it is JSON in a shape of the system's own.
func FuzzServed(f *testing.F) {
	for _, s := range api.Systems() {
		for _, r := range s.Routes {
			method, pattern, _ := strings.Cut(r.Pattern, " ")
			path := strings.NewReplacer("{$}", "", "{", "", "}", "").Replace(pattern)
			for _, query := range []string{
				"", "limit=-1&offset=99999999999999999999&page=0&per_page=1e9", "from=0000-0-0&to=9999-99-99",
				"timeframe_start=2024-01-01T00:00:00Z&timeframe_end=2023-01-01T00:00:00Z&view_mode=x&currency=%F0", "cursor=%00&status[]=%ff&invoice_date[gte]=x",
				"poll_time_gt=never&poll_time__lt=1&time__gt=%20&ordering=-x&format=xml&billing_cycle=x&level=-5&date__lt=31.12.", "&&==&%25", "a=1;b=2",
			} {
				f.Add(method, path, query, "application/json")
			}
		}
	}
	f.Add("POST", "/v1/invoices", "", "application/xml")
	f.Add("GET", "/v1/customers/%2e%2e%2f/costs", "", "")
	f.Fuzz(func(t *testing.T, method, path, query, accept string) {
		u := &url.URL{Path: path, RawQuery: query}
		if !strings.HasPrefix(path, "/") || strings.ContainsAny(method, " \t\r\n") || method == "" {
			t.Skip("no HTTP request")
		}
		for _, s := range api.Systems() {
			w := servedSystem(t, s.Name)
			for id, text := range w.tokens {
				r := httptest.NewRequest(http.MethodGet, "/", strings.NewReader(query))
				r.Method, r.URL = method, u
				r.Header.Set("Authorization", "Bearer "+text)
				r.Header.Set("Accept", accept)
				answer := httptest.NewRecorder()
				w.server.Config.Handler.ServeHTTP(answer, r)
				switch body := answer.Body.String(); {
				case answer.Code >= 500:
					t.Fatalf("%s as %s: %s %s?%s gives %d %.200s", s.Name, id, method, path, query, answer.Code, body)
				case answer.Code >= 400 && strings.Contains(answer.Header().Get("Content-Type"), "json") && !json.Valid([]byte(body)):
					t.Fatalf("%s as %s: %s %s?%s gives %d %.200s, which is no JSON", s.Name, id, method, path, query, answer.Code, body)
				}
				break // any one token; which one does not matter here
			}
		}
	})
}
