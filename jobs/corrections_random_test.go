package jobs

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sources/blob/mem"
)

// editedWorld is a world that is edited at random while its months are closed.
type editedWorld struct {
	t          *testing.T
	w          *testWorld
	notes      bool
	price, fee string
	plans      map[string]string // subscription -> plan
	ends       map[string]string
	files      map[string][]usageRow
	events     int
}

const storyBook = `
book: shop
currency: CHF
effective: 2026-01-01
meters:
  traffic: {aggregate: sum, unit: GB}
plans:
  graduated:
    cycle: {every: month, anchor: calendar}
    prices:
      traffic: {description: Traffic, meter: traffic, graduated: [{up_to: 10, unit: PRICE}, {unit: 0.333}]}
      ahead: {description: Ahead, fixed: FEE, due: in_advance}
  volume:
    cycle: {every: month, anchor: calendar}
    prices:
      traffic: {description: Traffic, meter: traffic, volume: [{up_to: 10, unit: PRICE}, {unit: 0.333}], minimum: 5}
      fee: {description: Fee, fixed: FEE}
  capped:
    cycle: {every: month, anchor: calendar}
    prices: {traffic: {description: Traffic, meter: traffic, unit: PRICE, maximum: 8}}
`

// write writes the book and the registry as it stands into a world.
func (s *editedWorld) write(w *testWorld) {
	book := strings.NewReplacer("PRICE", s.price, "FEE", s.fee).Replace(storyBook)
	w.put(s.t, "book/shop.yaml", book)
	// The second book is another currency's, with the same prices.
	w.put(s.t, "book/euro.yaml", strings.NewReplacer("book: shop", "book: euro", "currency: CHF", "currency: EUR").Replace(book))
	var rows []string
	for _, id := range slices.Sorted(maps.Keys(s.plans)) {
		end := ""
		if e := s.ends[id]; e != "" {
			end = `,"end":"` + e + `"`
		}
		rows = append(rows, fmt.Sprintf(`{"id":"%s","account":"%s","plan":"%s","start":"2026-10-01"%s}`, id, strings.TrimPrefix(id, "sub-"), s.plans[id], end))
	}
	w.put(s.t, "registry/subscriptions.ndjson", strings.Join(rows, "\n")+"\n")
	w.put(s.t, "registry/accounts.ndjson", `{"id":"a","kind":"organization","name":"A","bills":true,"currency":"CHF"}
{"id":"b","kind":"organization","name":"B","bills":true,"currency":"CHF"}
{"id":"c","kind":"organization","name":"C","bills":true,"currency":"EUR"}
`)
	for key, events := range s.files {
		w.usage(s.t, key, events...)
	}
}

// edit makes one random change.
func (s *editedWorld) edit(r *rapid.T, closed int) {
	id := rapid.SampledFrom([]string{"sub-a", "sub-b", "sub-c"}).Draw(r, "subscription")
	switch rapid.IntRange(0, 5).Draw(r, "edit") {
	case 0, 1: // usage, of a month that may be closed
		month := time.Month(10 + rapid.IntRange(0, min(closed, 2)).Draw(r, "month"))
		at := time.Date(2026, month, rapid.IntRange(1, 28).Draw(r, "day"), 12, 0, 0, 0, time.UTC)
		s.events++
		key := fmt.Sprintf("dt=%s/%03d.parquet", at.Format(time.DateOnly), s.events)
		s.files[key] = []usageRow{{fmt.Sprintf("e%d", s.events), at.Format(time.RFC3339), id, int64(rapid.IntRange(1, 12).Draw(r, "quantity"))}}
	case 2:
		s.price = rapid.SampledFrom([]string{"1", "0.75", "1.005"}).Draw(r, "price")
	case 3:
		s.fee = rapid.SampledFrom([]string{"10.00", "9.99"}).Draw(r, "fee")
	case 4: // "none" is a plan that no book has
		s.plans[id] = rapid.SampledFrom([]string{"graduated", "volume", "capped", "none"}).Draw(r, "plan")
	case 5:
		s.ends[id] = rapid.SampledFrom([]string{"", "2026-10-20", "2026-11-11", "2026-12-05"}).Draw(r, "end")
	}
}

// After any edits: what was invoiced and noted for each account and month is what a
// fresh store would invoice for it today; numbers have no gaps, and running all of it
// again publishes nothing.
func TestMonthly_WhatIsIssuedAndCorrectedIsWhatIsOwed(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := &editedWorld{
			t: t, notes: rapid.Bool().Draw(r, "notes"), price: "1", fee: "10.00", files: map[string][]usageRow{}, ends: map[string]string{},
			plans: map[string]string{"sub-a": "graduated", "sub-b": "volume", "sub-c": "capped"},
		}
		s.w = newStoryWorld(t, s.notes)
		last := october
		for closed := range 3 {
			for range rapid.IntRange(0, 3).Draw(r, "edits") {
				s.edit(r, closed)
			}
			s.write(s.w)
			s.close(r, s.w, last)
			if rapid.Bool().Draw(r, "again") {
				s.edit(r, closed)
				s.write(s.w)
				s.close(r, s.w, last)
			}
			last = last.Next()
		}
		for id, plan := range s.plans { // everything is mended in the end
			if plan == "none" {
				s.plans[id] = "volume"
			}
		}
		s.write(s.w)
		s.close(r, s.w, last)
		scratch := newStoryWorld(t, s.notes)
		s.write(scratch)
		for m := october; !last.Before(m); m = m.Next() {
			s.close(r, scratch, m)
		}
		got, want := s.net(r, s.w, last), s.net(r, scratch, last)
		for _, key := range slices.Sorted(maps.Keys(want)) {
			if got[key].Cmp(want[key]) != 0 {
				r.Errorf("%s: issued and corrected are %s, owed are %s", key, got[key], want[key])
			}
		}
		for _, key := range slices.Sorted(maps.Keys(got)) {
			if _, owed := want[key]; !owed && !got[key].IsZero() {
				r.Errorf("%s: %s were issued, nothing is owed", key, got[key])
			}
		}
		for _, out := range s.close(r, s.w, last) {
			if out.Fresh() {
				r.Errorf("again: %s %s is %s", out.Job, out.Period, out.State)
			}
		}
	})
}

func newStoryWorld(t *testing.T, notes bool) *testWorld {
	w := newTestWorld(t)
	w.bucket, w.out = mem.New("bucket"), mem.New("out")
	w.settings.Corrections.Notes = notes
	return w
}

// close closes one month, and fails with the story.
func (s *editedWorld) close(r *rapid.T, w *testWorld, m pricing.Month) []Outcome {
	outcomes, err := w.pipeline(s.t).Monthly(s.t.Context(), []pricing.Month{m}, closingOptions)
	if err != nil {
		r.Fatalf("close %s: %v", m, err)
	}
	return outcomes
}

// net sums what was charged by account, currency and month, whichever closing
// charged it, and checks the numbers of both series.
func (s *editedWorld) net(r *rapid.T, w *testWorld, last pricing.Month) map[string]money.Amount {
	out := map[string]money.Amount{}
	next := map[string]int{}
	for m := october; !last.Before(m); m = m.Next() {
		invoices, err := w.pipeline(s.t).Invoices(s.t.Context(), m, "")
		if err != nil {
			r.Fatal(err)
		}
		var numbers []string
		for _, i := range invoices {
			numbers = append(numbers, i.Number)
			for _, l := range i.Lines {
				of := m
				if l.For != (pricing.Month{}) {
					of = l.For
				}
				key := strings.Join([]string{i.BillingAccount, i.Currency.Code, of.String(), l.Price}, " ")
				out[key] = out[key].Add(l.Total)
			}
		}
		slices.Sort(numbers)
		for _, number := range numbers {
			series := "2026-"
			if strings.HasPrefix(number, "NOTE-") {
				series = "NOTE-2026-"
			}
			next[series]++
			if want := strings.Replace(fmt.Sprintf("%s%06d", series, next[series]), "2026", m.String()[:4], 1); number != want {
				r.Errorf("closing %s has number %s, want %s", m, number, want)
			}
		}
	}
	return out
}
