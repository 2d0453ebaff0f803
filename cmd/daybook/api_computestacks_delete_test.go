package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"daybook/cmd/daybook/world"
	"daybook/jobs"
	"daybook/pricing"
)

// Deleting a usage item makes it unknown at once and changes nothing that is
// published. Then, by the next runs: a reading of the open month is not billed; one
// of a closed month, and a line of one, are given back, once. By hand: of July's
// readings 3 h x 0.00685 stay, 0.02, beside (12.5 - 10) GB x 0.10; June without its
// reading of 0.02054795 is 0.60 of 0.62, and without storage 0.25 less.
func TestServedComputeStacks_Delete(t *testing.T) {
	s := newServed(t, t.TempDir(), world.Systems()["computestacks"])
	t.Cleanup(s.server.Close)
	const path = "/api/admin/subscriptions/sub-s/billing_usages"
	id := func(kind, end string) string {
		for _, item := range csPages(t, s, "eraser", path) {
			if item["period_end"] == end && valueAt(t, mustJSON(t, item), "product/resource_kind") == kind {
				return item["id"].(json.Number).String()
			}
		}
		t.Fatalf("no item of %s ends at %s", kind, end)
		return ""
	}
	before := len(csPages(t, s, "eraser", path))
	june := s.lines(t, 2020, 6)
	for n, item := range []string{
		id("package", "2020-07-02T06:00:00Z"), id("package", "2020-06-04T17:15:00.129173Z"), id("storage", "2020-06-30T23:59:59Z"),
	} {
		at := path + "/" + item
		for _, step := range []struct {
			method string
			status int
		}{{"GET", 200}, {"DELETE", 204}, {"GET", 404}, {"DELETE", 404}} {
			if res, body := s.ask(t, step.method, "eraser", at, ""); res.StatusCode != step.status || step.status == 204 && body != "" || step.status == 404 && !strings.Contains(body, "Unknown Usage.") {
				t.Errorf("%s %s: %s, want %d\n%s", step.method, at, res.Status, step.status, body)
			}
		}
		if got, want := len(csPages(t, s, "eraser", path)), before-n-1; got != want {
			t.Errorf("%d items are left of %d, want %d", got, before, want)
		}
	}
	open := path + "/" + id("storage", "2020-07-03T23:59:59Z")
	if res, body := s.ask(t, "DELETE", "eraser", open, ""); res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, "once the month is closed") {
		t.Errorf("storage of an open month: %s %s", res.Status, body)
	}
	if got := s.lines(t, 2020, 6); got != june {
		t.Errorf("June became\n%swas\n%s", got, june)
	}
	july := pricing.Month{Year: 2020, Month: 7}
	now := jobs.RunOptions{Now: time.Date(2020, 12, 1, 0, 0, 0, 0, time.UTC), AllowIncomplete: true}
	_, err := s.p.Monthly(t.Context(), []pricing.Month{july}, now)
	many := new(jobs.CorrectionsError) // 0.27 of 0.87
	if !errors.As(err, &many) {
		t.Fatal(err)
	}
	for _, m := range []pricing.Month{july, july.Next()} {
		now.AcceptCorrections, many.Digest = many.Digest, ""
		if _, err := s.p.Monthly(t.Context(), []pricing.Month{m}, now); err != nil {
			t.Fatal(err)
		}
	}
	want := "package 3 0.02\nstorage 12.5 0.25\npackage -2.9997 -0.02 corrects 2020-06\nstorage -12.5 -0.25 corrects 2020-06\n"
	if got := s.lines(t, 2020, 7); !sameLines(got, want) {
		t.Errorf("July:\n%swant:\n%s", got, want)
	}
	if got := s.lines(t, 2020, 8); strings.Contains(got, "corrects") {
		t.Errorf("August corrects again:\n%s", got)
	}
	if got := len(csPages(t, s, "eraser", path)); got >= before {
		t.Errorf("deleted items are back: %d of %d", got, before)
	}
}

// lines are those of sub-s in a closing.
func (s *served) lines(t *testing.T, year int, month time.Month) string {
	t.Helper()
	invoices, err := s.p.Invoices(t.Context(), pricing.Month{Year: year, Month: month}, "jane")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, i := range invoices {
		for _, l := range i.Lines {
			if l.Subscription != "sub-s" {
				continue
			}
			fmt.Fprintf(&out, "%s %s %s", l.Price, l.Quantity, l.Total)
			if l.Corrects.Closing != (pricing.Month{}) {
				fmt.Fprintf(&out, " corrects %s", l.Corrects.Closing)
			}
			out.WriteString("\n")
		}
	}
	return out.String()
}

// sameLines compares lines in any order.
func sameLines(a, b string) bool {
	count := map[string]int{}
	for line := range strings.Lines(a) {
		count[line]++
	}
	for line := range strings.Lines(b) {
		count[line]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return true
}
