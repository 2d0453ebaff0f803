package jobs

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"daybook/pricing"
)

func TestAppendCoverage_WritesWhatEncodingJSONDoes(t *testing.T) {
	zurich := time.FixedZone("", 3600)
	at := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []pricing.Covered{
		{Account: "acme", Subscription: "sub-1", Plan: "plan", Price: "traffic"},
		{Account: "a<b>&c", Subscription: `"`, Plan: `\`, Price: "\n"},
		{Account: "ä", Subscription: "\u2028", Plan: "\x7f", Price: "\xff"},
		{Account: "", Subscription: "sub", Plan: "", Price: " ~"},
	} {
		for _, p := range []pricing.Period{
			{Start: at, End: at.AddDate(0, 1, 0)},
			{Start: at.In(zurich), End: at.Add(123456789)},
			{Start: time.Time{}, End: at},
			{Start: time.Date(33, 1, 1, 0, 0, 0, 0, time.UTC), End: time.Date(9999, 12, 31, 23, 59, 59, 1, time.UTC)},
		} {
			var want bytes.Buffer
			enc := json.NewEncoder(&want)
			enc.SetEscapeHTML(false)
			if err := enc.Encode(coverageEntry{c.Account, c.Subscription, c.Plan, c.Price, p.Start.UTC(), p.End.UTC(), nil}); err != nil {
				t.Fatal(err)
			}
			got, err := appendCoverage([]byte("before"), c, p)
			if err != nil || string(got) != "before"+want.String() {
				t.Errorf("%+v of %+v: %s, %v; want %s", p, c, got, err, want.String())
			}
		}
	}
	if _, err := appendCoverage(nil, pricing.Covered{}, pricing.Period{End: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}); err == nil {
		t.Error("a year of five digits was written")
	}
}
