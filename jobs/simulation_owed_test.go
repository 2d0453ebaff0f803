package jobs

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sinks/publish"
	"daybook/sinks/tables"
)

// charge names what one line charges: a closing's, whichever closing billed it.
type charge struct {
	charged
	key pricing.LineKey
}

func (c charge) String() string {
	return strings.Join([]string{
		c.account, c.closing.String(), c.key.Subscription, c.key.Price,
		c.key.Start.Format("2006-01-02"), c.key.End.Format("2006-01-02"), c.currency,
	}, " ")
}

// sum is what lines of one charge come to.
type sum struct {
	total    money.Amount
	quantity money.Quantity
}

func (s sum) String() string { return s.quantity.String() + " for " + s.total.String() }

// charges are sums by charge; what comes to nothing is left out.
type charges map[charge]sum

// charges adds up the lines of all invoices and notes of the latest closings and
// their supplements.
func (w *testWorld) charges(t *testing.T, latest map[string]publish.Manifest) charges {
	t.Helper()
	out := charges{}
	for _, m := range closingsOf(latest) {
		invoices, err := w.pipeline(t).readInvoices(t.Context(), &m)
		if err != nil {
			t.Fatal(err)
		}
		month, err := pricing.ParseMonth(m.Period)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range invoices {
			for _, l := range i.Lines {
				c := charge{charged{month, i.BillingAccount, i.Currency.Code}, l.Key()}
				if l.For != (pricing.Month{}) {
					c.closing = l.For
				}
				s := out[c]
				out[c] = sum{s.total.Add(l.Total).Add(l.ContainedTax), s.quantity.Add(l.Quantity)}
			}
		}
	}
	maps.DeleteFunc(out, func(_ charge, s sum) bool { return s.total.IsZero() && s.quantity.IsZero() })
	return out
}

// closingsOf are the closings among the latest published revisions.
func closingsOf(latest map[string]publish.Manifest) []publish.Manifest {
	var out []publish.Manifest
	for _, m := range latest {
		if m.Job == string(JobMonthly) {
			out = append(out, m)
		}
	}
	return out
}

// parked lists the accounts that closings could not bill.
func (w *testWorld) parked(t *testing.T, latest map[string]publish.Manifest) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	for _, m := range closingsOf(latest) {
		body, key, err := w.pipeline(t).tableBody(t.Context(), &m, "parked_accounts")
		if err != nil {
			t.Fatal(err)
		}
		rows, err := tables.DecodeParked(key, body)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			out[row.Account] = true
		}
	}
	return out
}

// takenBack reports whether a charge is of what somebody has voided: of the same
// price of a subscription in that time, whoever pays for it, and what it gives back.
func takenBack(void, of pricing.LineKey) bool {
	void.Account, of.Account = "", ""
	if of.GivenBack {
		void.GivenBack = true
	}
	within := !of.Start.Before(void.Start) && !of.End.After(void.End)
	void.Start, void.End, of.Start, of.End = time.Time{}, time.Time{}, time.Time{}, time.Time{}
	return within && void == of
}

// wantOwed fails unless invoices, notes and supplements together have charged, by
// line and period, what one run over the inputs as they are now charges; without
// the lines that are void. Whoever cannot be billed now owes nobody knows what.
func (s *story) wantOwed(latest map[string]publish.Manifest) {
	t := s.t
	now := s.now()
	asked, err := publish.New(s.inner, publish.Options{}).Requests(t.Context(), string(JobMonthly))
	if err != nil {
		t.Fatal(err)
	}
	got, want := s.w.charges(t, latest), maps.Clone(now.charged)
	for _, r := range asked {
		var void pricing.LineKey
		if err := json.Unmarshal([]byte(r.Subject[subjectKey]), &void); err != nil {
			t.Fatal(err)
		}
		maps.DeleteFunc(want, func(c charge, _ sum) bool { return takenBack(void, c.key) })
	}
	all := maps.Clone(want)
	maps.Copy(all, got)
	for _, c := range slices.SortedFunc(maps.Keys(all), func(a, b charge) int { return strings.Compare(a.String(), b.String()) }) {
		if g, w := fmt.Sprint(got[c]), fmt.Sprint(want[c]); g != w && !now.parked[c.account] {
			t.Errorf("%s: %s were issued and corrected, %s are owed", c, g, w)
		}
	}
}
