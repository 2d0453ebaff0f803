package jobs

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sources/parquet"
)

// metersBook has a meter of each kind of which a window can be taken back, and of
// some a price for each window.
const metersBook = `
book: shop
currency: CHF
effective: 2026-01-01
meters:
  added: {aggregate: sum, grain: 5m}
  counted: {aggregate: count, grain: hour}
  peak: {aggregate: max, grain: hour}
  least: {aggregate: min, grain: 5m}
  first: {aggregate: first, grain: hour}
  latest: {aggregate: latest, grain: 5m}
  mean: {aggregate: average, grain: hour}
  level: {aggregate: time_average, grain: hour}
  reads: {aggregate: counter, grain: 5m}
  users: {aggregate: unique, of: user, grain: hour}
  slots: {aggregate: max, grain: hour, then: sum}
  single: {aggregate: sum, per_event: true}
  seats: {aggregate: sum, per_event: true, running: true}
plans:
  standard:
    cycle: {every: month, anchor: calendar}
    prices:
`

// metersOf are the meters of a book of this file.
func metersOf(book string) (meters []string) {
	section := strings.Split(strings.Split(book, "meters:\n")[1], "plans:")[0]
	for line := range strings.Lines(section) {
		meters = append(meters, strings.TrimSpace(strings.Split(line, ":")[0]))
	}
	return meters
}

// reading is one event of every meter.
type reading struct {
	at    time.Time
	value int64
	user  string
}

// someReadings draws readings of three days, most of them in hours that others are in.
func someReadings(r *rand.Rand) []reading {
	var out []reading
	for range between(r, 6, 14) {
		at := time.Date(2026, 10, between(r, 5, 7), between(r, 7, 9), 5*between(r, 0, 11), between(r, 0, 59), 0, time.UTC)
		out = append(out, reading{at, int64(between(r, 1, 50)), oneOf(r, "ann", "bob", "cid")})
	}
	return out
}

// metersWorld bills the readings by every meter.
func metersWorld(t *testing.T, readings []reading) *testWorld {
	t.Helper()
	w := oneAccount(t, "standard")
	w.settings.Corrections.Notes = true
	w.out = newStoryWorld(t, true).out
	book := metersBook
	for i, meter := range metersOf(metersBook) {
		book += fmt.Sprintf("      %s: {description: %s, meter: %s, graduated: [{up_to: %d, unit: 0.7}, {unit: 0.301}]}\n", meter, meter, meter, 3+i)
	}
	book += "      apart: {description: apart, meter: added, each: 5m, unit: 0.11}\n"
	w.put(t, "book/shop.yaml", book)
	columns := []parquet.Column{
		{Name: "event_id", Type: parquet.String},
		{Name: "time", Type: parquet.TimestampMicrosUTC},
		{Name: "subscription_id", Type: parquet.String},
		{Name: "meter", Type: parquet.String},
		{Name: "quantity", Type: parquet.Int64},
		{Name: "user", Type: parquet.String},
	}
	files := map[string][]reading{"2026-10-05": nil}
	for _, r := range readings {
		day := r.at.Format(time.DateOnly)
		files[day] = append(files[day], r)
	}
	for day, of := range files {
		c, rows := slices.Clone(columns), 0
		for _, meter := range metersOf(metersBook) {
			for _, r := range of {
				rows++
				c[0].Strings = append(c[0].Strings, fmt.Sprint(meter, r))
				c[1].Ints = append(c[1].Ints, r.at.UnixMicro())
				c[2].Strings, c[3].Strings = append(c[2].Strings, "sub-a"), append(c[3].Strings, meter)
				c[4].Ints, c[5].Strings = append(c[4].Ints, r.value), append(c[5].Strings, r.user)
			}
		}
		body, err := parquet.Encode(c, rows)
		if err != nil {
			t.Fatal(err)
		}
		w.put(t, "usage/dt="+day+"/a.parquet", string(body))
	}
	return w
}

// costsOf are the cumulative costs of days by price, and what October's invoices and
// notes come to by price.
func (w *testWorld) costsOf(t *testing.T, days ...pricing.Date) map[string]string {
	t.Helper()
	out := map[string]string{}
	if _, err := w.pipeline(t).Daily(t.Context(), days, RunOptions{Now: closingOptions.Now}); err != nil {
		t.Fatal(err)
	}
	rows, err := w.pipeline(t).Costs(t.Context(), "acme", days)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if !r.CumulativeTotal.IsZero() {
			out[r.Day.String()+" "+r.Price] = r.CumulativeQuantity.String() + " for " + r.CumulativeTotal.String()
		}
	}
	w.closeUntil(t, october)
	invoices, err := w.pipeline(t).Invoices(t.Context(), october, "")
	if err != nil {
		t.Fatal(err)
	}
	totals := map[string]money.Amount{}
	for _, i := range invoices {
		for _, l := range i.Lines {
			totals[l.Price] = totals[l.Price].Add(l.Total)
		}
	}
	for price, total := range totals {
		if !total.IsZero() {
			out["October "+price] = total.String()
		}
	}
	return out
}

// Whatever a meter makes of its usage, what is taken back of it is as if it had never
// been: days, closings and notes come to what they come to where no file has it.
func TestVoidUsage_IsAsIfItHadNeverBeen(t *testing.T) {
	days := []pricing.Date{fifth, sixth, sixth.AddDays(1)}
	for seed := range uint64(3) {
		for _, closed := range []bool{false, true} {
			t.Run(fmt.Sprint(seed, " closed ", closed), func(t *testing.T) {
				r := rand.New(rand.NewPCG(seed, 7))
				readings := someReadings(r)
				of := readings[r.IntN(len(readings))] // which the window holds, an hour or two
				from := of.at.Truncate(time.Hour)
				until := from.Add(time.Duration(between(r, 1, 2)) * time.Hour)
				w := metersWorld(t, readings)
				if closed {
					w.costsOf(t, days...)
				}
				for _, meter := range metersOf(metersBook) {
					v := pricing.VoidUsage{Subscription: "sub-a", Meter: meter, Dimensions: "{}", From: from.UnixMicro(), Until: until.UnixMicro()}
					if err := w.pipeline(t).CheckVoidUsage(t.Context(), v); err != nil {
						t.Fatal(err)
					}
					if _, err := w.pipeline(t).VoidUsage(t.Context(), v, "read twice", ""); err != nil {
						t.Fatal(err)
					}
				}
				without := metersWorld(t, slices.DeleteFunc(slices.Clone(readings), func(r reading) bool { return !r.at.Before(from) && r.at.Before(until) }))
				got, want := w.costsOf(t, days...), without.costsOf(t, days...)
				for _, key := range slices.Sorted(maps.Keys(got)) {
					if got[key] != want[key] {
						t.Errorf("%s is %s, without the usage %q", key, got[key], want[key])
					}
				}
				if len(got) != len(want) {
					t.Errorf("%d costs, without the usage %d: %v", len(got), len(want), want)
				}
				w.wantProven(t)
			})
		}
	}
}

// A window that is no number of a meter's slots would hold none of them, or more than
// it says, so it is refused.
func TestCheckVoidUsage_RefusesPartsOfSlots(t *testing.T) {
	w := metersWorld(t, nil)
	at := func(text string) int64 {
		out, err := time.Parse(time.DateTime, "2026-10-05 "+text)
		if err != nil {
			t.Fatal(err)
		}
		return out.UnixMicro()
	}
	for _, c := range []struct {
		meter, from, until string
		refused            string
	}{
		{"peak", "08:00:00", "09:00:00", ""},
		{"peak", "08:05:00", "09:00:00", "full hours"},
		{"peak", "08:00:00", "08:05:00", "full hours"},
		{"added", "08:05:00", "08:10:00", ""},
		{"added", "08:05:00", "08:10:01", "full five minutes"},
		{"added", "08:00:00", "09:00:00", ""},
		{"single", "08:05:07", "08:05:08", ""},
		{"seats", "08:05:07", "08:05:08", ""},
	} {
		v := pricing.VoidUsage{Subscription: "sub-a", Meter: c.meter, Dimensions: "{}", From: at(c.from), Until: at(c.until)}
		err := w.pipeline(t).CheckVoidUsage(t.Context(), v)
		if c.refused == "" && err != nil || c.refused != "" && (!errors.Is(err, ErrNoUsage) || !strings.Contains(err.Error(), c.refused)) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
