package jobs

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sinks/publish"
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
	void       []pricing.VoidUsage
	accounts   map[string]string // subscription -> account
	voided     []pricing.LineKey
}

const storyBook = `
book: shop
currency: CHF
effective: 2026-01-01
meters:
  traffic: {aggregate: sum, unit: GB, grain: 5m}
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
		rows = append(rows, fmt.Sprintf(`{"id":"%s","account":"%s","plan":"%s","start":"2026-10-01"%s}`, id, s.accounts[id], s.plans[id], end))
	}
	w.put(s.t, "registry/subscriptions.ndjson", strings.Join(rows, "\n")+"\n")
	w.put(s.t, "registry/accounts.ndjson", `{"id":"a","kind":"organization","name":"A","bills":true,"currency":"CHF"}
{"id":"b","kind":"organization","name":"B","bills":true,"currency":"CHF"}
{"id":"c","kind":"organization","name":"C","bills":true,"currency":"EUR"}
`)
	for key, events := range s.files {
		w.usage(s.t, key, events...)
	}
	for _, v := range s.void { // asked for again each time
		if _, err := w.pipeline(s.t).VoidUsage(s.t.Context(), v, "read twice", ""); err != nil {
			s.t.Fatal(err)
		}
	}
}

// edit makes one random change.
func (s *editedWorld) edit(r *rand.Rand, closed int) {
	id := oneOf(r, []string{"sub-a", "sub-b", "sub-c"}...)
	switch between(r, 0, 9) {
	case 0, 1: // usage, of a month that may be closed
		month := time.Month(10 + between(r, 0, min(closed, 2)))
		at := time.Date(2026, month, between(r, 1, 28), 12, 0, 0, 0, time.UTC)
		s.events++
		key := fmt.Sprintf("dt=%s/%03d.parquet", at.Format(time.DateOnly), s.events)
		s.files[key] = []usageRow{{fmt.Sprintf("e%d", s.events), at.Format(time.RFC3339), id, int64(between(r, 1, 12))}}
	case 2:
		s.price = oneOf(r, []string{"1", "0.75", "1.005"}...)
	case 3:
		s.fee = oneOf(r, []string{"10.00", "9.99"}...)
	case 4: // "none" is a plan that no book has
		s.plans[id] = oneOf(r, []string{"graduated", "volume", "capped", "none"}...)
	case 5:
		s.ends[id] = oneOf(r, []string{"", "2026-10-20", "2026-11-11", "2026-12-05"}...)
	case 6: // it is another's, who may pay in another currency
		s.accounts[id] = oneOf(r, []string{"a", "b", "c"}...)
	case 7, 8: // a line of what was issued
		s.voidLine(r, closed)
	case 9: // what stands of one event's five minutes, and whatever comes of them
		if len(s.files) == 0 {
			return
		}
		e := s.files[oneOf(r, slices.Sorted(maps.Keys(s.files))...)][0]
		at, err := time.Parse(time.RFC3339, e.time)
		if err != nil {
			s.t.Fatal(err)
		}
		s.void = append(s.void, pricing.VoidUsage{
			Subscription: e.subscription, Meter: "traffic", Dimensions: "{}", From: at.UnixMicro(), Until: at.Add(5 * time.Minute).UnixMicro(),
		})
	}
}

// voidLine voids a line of any invoice or note.
func (s *editedWorld) voidLine(r *rand.Rand, closed int) {
	if closed == 0 {
		return
	}
	m := october.Through(december)[between(r, 0, closed-1)]
	invoices, err := s.w.pipeline(s.t).Invoices(s.t.Context(), m, "")
	if err != nil {
		s.t.Fatal(err)
	}
	if len(invoices) == 0 {
		return
	}
	of := invoices[r.IntN(len(invoices))]
	n := r.IntN(len(of.Lines))
	s.w.voidLine(s.t, of.Number, n+1)
	s.voided = append(s.voided, of.Lines[n].Key())
}

// After any edits: what was invoiced and noted for each account and month is what a
// fresh store would invoice for it today; numbers have no gaps, and running all of it
// again publishes nothing.
func TestMonthly_WhatIsIssuedAndCorrectedIsWhatIsOwed(t *testing.T) {
	stories := uint64(4)
	if os.Getenv("DAYBOOK_CRASH") == "all" {
		stories = 20
	}
	for seed := range stories {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { runEdits(t, rand.New(rand.NewPCG(seed, 1))) })
	}
}

func runEdits(t *testing.T, r *rand.Rand) {
	s := &editedWorld{
		t: t, notes: between(r, 0, 1) == 1, price: "1", fee: "10.00", files: map[string][]usageRow{}, ends: map[string]string{},
		plans:    map[string]string{"sub-a": "graduated", "sub-b": "volume", "sub-c": "capped"},
		accounts: map[string]string{"sub-a": "a", "sub-b": "b", "sub-c": "c"},
	}
	s.w = newStoryWorld(t, s.notes)
	last := october
	for closed := range 3 {
		for range between(r, 0, 3) {
			s.edit(r, closed)
		}
		s.write(s.w)
		s.close(s.w, last)
		if between(r, 0, 1) == 1 {
			s.edit(r, closed)
			s.write(s.w)
			s.close(s.w, last)
		}
		last = last.Next()
	}
	for id, plan := range s.plans { // everything is mended in the end
		if plan == "none" {
			s.plans[id] = "volume"
		}
	}
	s.write(s.w)
	s.close(s.w, last)
	scratch := newStoryWorld(t, s.notes)
	s.write(scratch)
	for m := october; !last.Before(m); m = m.Next() {
		s.close(scratch, m)
	}
	got, want := s.net(s.w, last, nil), s.net(scratch, last, s.voided)
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if got[key].Cmp(want[key]) != 0 {
			t.Errorf("%s: issued and corrected are %s, owed are %s", key, got[key], want[key])
		}
	}
	for _, key := range slices.Sorted(maps.Keys(got)) {
		if _, owed := want[key]; !owed && !got[key].IsZero() {
			t.Errorf("%s: %s were issued, nothing is owed", key, got[key])
		}
	}
	// Nothing of the usage is lost or counted twice either: what a month's closing
	// counted, and what later ones counted late, is what a fresh store counts.
	if got, want := s.usage(s.w, last), s.usage(scratch, last); !maps.Equal(got, want) {
		t.Errorf("usage by month is %v, want %v", got, want)
	}
	for _, out := range s.close(s.w, last) {
		if out.Fresh() {
			t.Errorf("again: %s %s is %s", out.Job, out.Period, out.State)
		}
	}
	s.w.wantProven(t)
}

// oneOf draws one of some texts.
func oneOf(r *rand.Rand, texts ...string) string { return texts[r.IntN(len(texts))] }

// between draws a number from first to last.
func between(r *rand.Rand, first, last int) int { return first + r.IntN(last-first+1) }

func newStoryWorld(t *testing.T, notes bool) *testWorld {
	w := newTestWorld(t)
	w.bucket, w.out = mem.New("bucket"), mem.New("out")
	w.settings.Corrections.Notes = notes
	return w
}

// close closes one month, and fails where it cannot.
func (s *editedWorld) close(w *testWorld, m pricing.Month) []Outcome {
	outcomes, err := w.pipeline(s.t).Monthly(s.t.Context(), []pricing.Month{m}, closingOptions)
	if err != nil {
		s.t.Fatalf("close %s: %v", m, err)
	}
	return outcomes
}

// usage sums the usage that closings rated, by the month that it is of.
func (s *editedWorld) usage(w *testWorld, last pricing.Month) map[string]string {
	sums := map[string]RowSum{}
	p := w.pipeline(s.t)
	for m := october; !last.Before(m); m = m.Next() {
		h := w.history(s.t, "monthly", m.String())
		for r := 1; r <= h.Published.Revision; r++ {
			revision, err := p.publisher.ManifestOf(s.t.Context(), "monthly", m.String(), r)
			if err != nil || revision.Verdict != publish.Published {
				continue
			}
			rec, err := ratingOf(&revision)
			if err != nil {
				s.t.Fatal(err)
			}
			for _, looked := range rec.Looked {
				for _, late := range looked.Late {
					if looked.Closing != m.String() {
						sums[looked.Closing] = sums[looked.Closing].Plus(late.RowSum)
					}
				}
			}
			if r == h.Published.Revision {
				for _, meter := range rec.Meters {
					own := fromRatedMeters([]RatedMeter{meter})[0]
					sums[m.String()] = sums[m.String()].Plus(RowSum{own.Kept.Events - own.Late.Events, own.Kept.Quantity.Sub(own.Late.Quantity)})
				}
			}
		}
	}
	out := map[string]string{}
	for m, sum := range sums {
		if !sum.IsZero() {
			out[m] = fmt.Sprint(sum.Rows, " rows of ", sum.Quantity)
		}
	}
	return out
}

// net sums what was charged by account, currency and month, whichever closing
// charged it, without what is void, and checks the numbers of both series.
func (s *editedWorld) net(w *testWorld, last pricing.Month, void []pricing.LineKey) map[string]money.Amount {
	out := map[string]money.Amount{}
	next := map[string]int{}
	for m := october; !last.Before(m); m = m.Next() {
		invoices, err := w.pipeline(s.t).Invoices(s.t.Context(), m, "")
		if err != nil {
			s.t.Fatal(err)
		}
		var numbers []string
		for _, i := range invoices {
			numbers = append(numbers, i.Number)
			for _, l := range i.Lines {
				if slices.ContainsFunc(void, func(k pricing.LineKey) bool { return takenBack(k, l.Key()) }) {
					continue
				}
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
				s.t.Errorf("closing %s has number %s, want %s", m, number, want)
			}
		}
	}
	return out
}
