package usagetest

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/zeebo/xxh3"

	"daybook/pricing"
	"daybook/sources/usage"
)

// metered is a world of one meter "m" and those rows.
func metered(m pricing.Meter, rows ...row) *world {
	w := simple(sheet{rows: rows})
	m.ID, m.Scale = "m", 6
	w.meters = []pricing.Meter{m}
	return w
}

func event(id string, when moment, qty string) row {
	r := good()
	r.id, r.when, r.qty = &id, when, number(qty)
	return r
}

// of is event with a region.
func of(region, id string, when moment, qty string) row {
	r := event(id, when, qty)
	r.region = &region
	return r
}

// summary writes the rows of a day: dimensions, slot, first
// and last value, sum, level seconds and increase.
func summary(d usage.Day) []string {
	var out []string
	for i := range d.Batch.Len() {
		s := d.Batch.Row(i)
		slot := "-"
		if s.Slot != 0 {
			slot = time.UnixMicro(s.Slot).UTC().Format("15:04:05.000000")
		}
		out = append(out, strings.Join([]string{
			s.Dimensions, slot, s.First.Quantity(12).String(), s.Last.Quantity(12).String(), s.Sum.Quantity(12).String(),
			s.LevelSeconds.Quantity(12).String(), s.Increase.Quantity(12).String(),
		}, " "))
	}
	return out
}

// runKept checks what meters keep beyond sums: rises of counters, values, changes
// and single events.
func runKept(t *testing.T, e usage.Engine) {
	counter := pricing.Meter{Aggregate: pricing.Counter}
	want := func(t *testing.T, d usage.Day, rows ...string) {
		t.Helper()
		if diff := cmp.Diff(rows, summary(d)); diff != "" {
			t.Errorf("rows (-want +got):\n%s\nrejected %+v", diff, d.Rejected)
		}
	}
	t.Run("counters add up what they rise by", func(t *testing.T) {
		d := roll(t, e, metered(counter,
			event("d", at(4, 0, 0, 0), "3"), // began anew at 0
			event("a", at(1, 0, 0, 0), "10"), event("c", at(3, 0, 0, 0), "15"), event("b", at(2, 0, 0, 0), "12")))[0]
		// 2 + 3 + 3; the sum of the readings, 40, is kept as of any meter.
		want(t, d, "{} - 10 3 40 0 8")
	})
	t.Run("of two readings of one instant the greater hash counts", func(t *testing.T) {
		winner, other := "a", "b"
		if x, y := xxh3.HashString128(winner), xxh3.HashString128(other); y.Hi > x.Hi || (y.Hi == x.Hi && y.Lo > x.Lo) {
			winner, other = other, winner
		}
		d := roll(t, e, metered(counter,
			event("first", at(1, 0, 0, 0), "10"), event(winner, at(2, 0, 0, 0), "12"), event(other, at(2, 0, 0, 0), "50"), event("last", at(3, 0, 0, 0), "13")))[0]
		want(t, d, "{} - 10 13 85 0 3") // 2 + 1
	})
	t.Run("a counter's readings are not negative", func(t *testing.T) {
		if d := roll(t, e, metered(counter, event("a", at(1, 0, 0, 0), "-1")))[0]; d.Counts.Rejected != 1 {
			t.Errorf("counts %+v", d.Counts)
		}
	})
	t.Run("unique values are kept as dimensions are", func(t *testing.T) {
		d := roll(t, e, metered(pricing.Meter{Aggregate: pricing.Unique, Of: "region", By: []string{"size"}},
			of("eu", "a", at(1, 0, 0, 0), "0"), of("us", "b", at(2, 0, 0, 0), "-7"), of("eu", "c", at(3, 0, 0, 0), "9")))[0]
		want(t, d, `{"region":"eu"} - 1 1 2 0 0`, `{"region":"us"} - 1 1 1 0 0`)
	})
	t.Run("an event without the value is rejected", func(t *testing.T) {
		long := strings.Repeat("x", 1025)
		d := roll(t, e, metered(pricing.Meter{Aggregate: pricing.Unique, Of: "region"},
			event("a", at(1, 0, 0, 0), "1"), of("", "b", at(2, 0, 0, 0), "1"), of(long, "c", at(3, 0, 0, 0), "1")))[0]
		var got []string
		for _, r := range d.Rejected {
			got = append(got, string(r.Reason)+" "+r.Field)
		}
		if diff := cmp.Diff([]string{"missing_quantity region", "missing_quantity region", "invalid_text region"}, got); diff != "" {
			t.Errorf("rejected (-want +got):\n%s", diff)
		}
	})
	t.Run("running values come and go", func(t *testing.T) {
		d := roll(t, e, metered(pricing.Meter{Aggregate: pricing.Unique, Of: "region", Running: true},
			of("eu", "a", at(1, 0, 0, 0), "1"), of("us", "b", at(2, 0, 0, 0), "-7"), of("eu", "c", at(3, 0, 0, 0), "-1"),
			of("eu", "d", at(4, 0, 0, 0), "0.5"), of("us", "z", at(5, 0, 0, 0), "0")))[0]
		// eu is there from 1 to 3 o'clock and from 4 on: 7,200 s before its last event.
		want(t, d, `{"region":"eu"} - 1 1 2 7200 0`, `{"region":"us"} - 0 0 0 0 0`)
		if len(d.Rejected) != 1 || d.Rejected[0].Reason != usage.InvalidQuantity {
			t.Errorf("rejected %+v, want the quantity of 0", d.Rejected)
		}
	})
	t.Run("running sums keep what they hold", func(t *testing.T) {
		d := roll(t, e, metered(pricing.Meter{Aggregate: pricing.Sum, Running: true, AllowNegative: true},
			event("c", at(3, 0, 0, 0), "-8"), event("a", at(1, 0, 0, 0), "5"), event("b", at(2, 0, 0, 0), "3")))[0]
		want(t, d, "{} - 5 -8 0 46800 0") // 5 and then 8 for an hour
	})
	t.Run("single events keep their instants", func(t *testing.T) {
		d := roll(t, e, metered(pricing.Meter{Aggregate: pricing.Sum, PerEvent: true},
			event("d", at(2, 0, 0, 1), "1"), event("c", at(2, 0, 0, 0), "7"), event("b", at(2, 0, 0, 0), "4"),
			event("b", at(2, 0, 0, 0), "4"), event("e", at(2, 0, 0, 0), "4"), event("a", at(1, 0, 0, 0), "9")))[0]
		want(t, d, "{} 01:00:00.000000 9 9 9 0 0",
			"{} 02:00:00.000000 4 4 4 0 0", "{} 02:00:00.000000 4 4 4 0 0", "{} 02:00:00.000000 7 7 7 0 0", "{} 02:00:00.000001 1 1 1 0 0")
		if d.Counts != (usage.Counts{Read: 6, Kept: 5, Duplicate: 1}) {
			t.Errorf("counts %+v", d.Counts)
		}
	})
	t.Run("meters that cannot be are refused", func(t *testing.T) {
		for says, m := range map[string]pricing.Meter{
			"allow_negative": {Aggregate: pricing.Counter, AllowNegative: true},
			"write of":       {Aggregate: pricing.Unique},
			"per_event":      {Aggregate: pricing.Maximum, PerEvent: true},
			"running":        {Aggregate: pricing.Sum, Running: true, Grain: pricing.GrainHour},
		} {
			r := metered(m).request(t)
			if err := e.Rollup(t.Context(), r, func(usage.Day) error { return nil }); err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("error %v does not say %s", err, says)
			}
		}
	})
}
