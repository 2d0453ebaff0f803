package usagetest

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zeebo/xxh3"

	"daybook/pricing"
	"daybook/sources/parquet"
	"daybook/sources/usage"
)

// runIdentity checks duplicates and conflicts over files and days.
func runIdentity(t *testing.T, e usage.Engine) {
	two := func(change func(*row)) *world {
		again := good()
		change(&again)
		w := simple(sheet{rows: []row{good()}})
		w.files = append(w.files, worldFile{key: "usage/zwei.parquet", days: w.days, home: oneDay, sheet: sheet{rows: []row{again}, qtyScale: 6}})
		w.meters = append(w.meters, pricing.Meter{ID: "n", Aggregate: pricing.Sum, Scale: 2}, pricing.Meter{ID: "by", Aggregate: pricing.Sum, Scale: 2, By: []string{"region"}})
		w.accounts = true
		return w
	}
	t.Run("equal rows are billed once, in the first file", func(t *testing.T) {
		d := roll(t, e, two(func(*row) {}))[0]
		if d.Files[0].Counts != (usage.Counts{Read: 1, Kept: 1}) || d.Files[1].Counts != (usage.Counts{Read: 1, Duplicate: 1}) {
			t.Errorf("files %+v", d.Files)
		}
		if d.Batch.Events[0] != 1 || d.Batch.Sum[0].Quantity(12).String() != "1.5" {
			t.Errorf("batch %+v", d.Batch)
		}
	})
	t.Run("quantities equal after rounding are equal", func(t *testing.T) {
		d := roll(t, e, two(func(r *row) { r.qty = number("1.5001") }))[0]
		if d.Counts != (usage.Counts{Read: 2, Kept: 1, Duplicate: 1}) {
			t.Errorf("counts %+v", d.Counts)
		}
	})
	for name, change := range map[string]func(*row){
		"time":     func(r *row) { r.when = at(12, 0, 0, 1) },
		"quantity": func(r *row) { r.qty = number("1.51") },
		"meter":    func(r *row) { r.meter = text("n") },
		"key":      func(r *row) { r.subscription, r.account = nil, text("acme") },
	} {
		t.Run("another "+name+" rejects both", func(t *testing.T) {
			d := roll(t, e, two(change))[0]
			var got []string
			for _, r := range d.Rejected {
				got = append(got, string(r.Reason)+" "+r.File+" "+r.EventID+" "+r.Field+" "+r.Value)
			}
			want := []string{"conflicting_event usage/one.parquet e1 event_id e1", "conflicting_event usage/zwei.parquet e1 event_id e1"}
			if diff := cmp.Diff(want, got); diff != "" || d.Batch.Len() != 0 {
				t.Errorf("rejected (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("another dimension rejects both", func(t *testing.T) {
		w := two(func(r *row) { r.meter, r.region = text("by"), text("eu") })
		w.files[0].rows[0].meter, w.files[0].rows[0].region = text("by"), text("us")
		if d := roll(t, e, w)[0]; d.Counts != (usage.Counts{Read: 2, Rejected: 2}) {
			t.Errorf("counts %+v", d.Counts)
		}
	})
	t.Run("rows rejected on their own take no part", func(t *testing.T) {
		d := roll(t, e, two(func(r *row) { r.qty = number("-1") }))[0]
		if d.Counts != (usage.Counts{Read: 2, Kept: 1, Rejected: 1}) || d.Rejected[0].Reason != usage.NegativeQuantity {
			t.Errorf("counts %+v, rejected %+v", d.Counts, d.Rejected)
		}
	})
	t.Run("the same id on another day is another event", func(t *testing.T) {
		w := two(func(r *row) { r.when.micros += 24 * 3600 * 1e6 })
		w.days = append(w.days, oneDay.AddDays(1))
		w.asOf = oneDay.AddDays(2).UTC().UnixMicro()
		w.files[1].days = w.days
		days := roll(t, e, w)
		if days[0].Counts.Kept != 1 || days[1].Counts.Kept != 1 || days[0].Counts.Outside != 1 {
			t.Errorf("counts %+v and %+v", days[0].Counts, days[1].Counts)
		}
	})
}

// runStates checks what a row of the rollup keeps.
func runStates(t *testing.T, e usage.Engine) {
	series := func(m pricing.Meter, rows ...row) usage.Day {
		w := simple(sheet{rows: rows})
		m.ID, m.Scale, m.AllowNegative = "m", 6, true
		w.meters = []pricing.Meter{m}
		return roll(t, e, w)[0]
	}
	event := func(id string, when moment, qty string) row {
		r := good()
		r.id, r.when, r.qty = &id, when, number(qty)
		return r
	}
	t.Run("one column a state", func(t *testing.T) {
		d := series(pricing.Meter{Aggregate: pricing.TimeAverage},
			event("c", at(3, 0, 0, 0), "5"), event("a", at(1, 0, 0, 0), "2"), event("b", at(2, 0, 0, 0), "-4"))
		s := d.Batch.Row(0)
		got := []string{s.Sum.Quantity(12).String(), s.Min.Quantity(12).String(), s.Max.Quantity(12).String(), s.First.Quantity(12).String(), s.Last.Quantity(12).String(), s.LevelSeconds.Quantity(12).String()}
		// 2 for an hour, then −4 for an hour: −2 × 3,600.
		if diff := cmp.Diff([]string{"3", "-4", "5", "2", "5", "-7200"}, got); diff != "" {
			t.Errorf("sum, min, max, first, last, level seconds (-want +got):\n%s", diff)
		}
		if s.Events != 3 || s.FirstTime != at(1, 0, 0, 0).micros || s.LastTime != at(3, 0, 0, 0).micros {
			t.Errorf("state %+v", s)
		}
	})
	t.Run("ties go to the greater hash", func(t *testing.T) {
		winner := "1"
		if a, b := xxh3.HashString128("a"), xxh3.HashString128("b"); b.Hi > a.Hi || (b.Hi == a.Hi && b.Lo > a.Lo) {
			winner = "2"
		}
		s := first(series(pricing.Meter{Aggregate: pricing.Latest}, event("a", at(1, 0, 0, 0), "1"), event("b", at(1, 0, 0, 0), "2")))
		if s.First.Quantity(12).String() != winner || s.Last.Quantity(12).String() != winner {
			t.Errorf("first %s, last %s, want %s", s.First.Quantity(12), s.Last.Quantity(12), winner)
		}
	})
	t.Run("level seconds are exact at the microsecond", func(t *testing.T) {
		s := first(series(pricing.Meter{Aggregate: pricing.TimeAverage}, event("a", at(1, 0, 0, 0), "0.000001"), event("b", at(1, 0, 0, 3), "1")))
		if got := s.LevelSeconds.Quantity(12).String(); got != "0.000000000003" {
			t.Errorf("level seconds %s, want 0.000000000003", got)
		}
	})
	t.Run("grains cut slots in UTC", func(t *testing.T) {
		for grain, want := range map[pricing.Grain]moment{pricing.GrainHour: at(12, 0, 0, 0), pricing.GrainFiveMinutes: at(12, 55, 0, 0), pricing.GrainDay: {}} {
			s := first(series(pricing.Meter{Aggregate: pricing.Sum, Grain: grain}, event("a", at(12, 59, 59, 999_999), "1")))
			if s.Slot != want.micros {
				t.Errorf("grain %s: slot %d, want %d", grain, s.Slot, want.micros)
			}
		}
	})
	t.Run("dimensions are canonical JSON", func(t *testing.T) {
		yes, seven := true, int64(7)
		r := event("a", at(1, 0, 0, 0), "1")
		r.region, r.flag, r.size = text("a\"<&>\u2028\n"), &yes, &seven
		d := series(pricing.Meter{Aggregate: pricing.Sum, By: []string{"size", "region", "flag"}}, r)
		if got, want := d.Batch.Dimensions.At(0), `{"flag":"true","region":"a\"<&>\u2028\n","size":"7"}`; got != want {
			t.Errorf("dimensions %s, want %s", got, want)
		}
		r.region, r.flag, r.size = nil, nil, nil
		d = series(pricing.Meter{Aggregate: pricing.Sum, By: []string{"size", "region", "flag"}}, r)
		if got := d.Batch.Dimensions.At(0); got != "{}" {
			t.Errorf("dimensions %s, want {}", got)
		}
	})
}

// runDays checks local days, outside rows and as_of.
func runDays(t *testing.T, e usage.Engine) {
	t.Run("local days follow the clocks of the zone", func(t *testing.T) {
		// Zurich's midnight of 6 October 2026 is 22:00 UTC on the 5th.
		var rows []row
		for i, when := range []moment{at(21, 59, 59, 999_999), at(22, 0, 0, 0)} {
			r := good()
			r.id, r.when = text(string(rune('a'+i))), when
			rows = append(rows, r)
		}
		w := simple(sheet{rows: rows})
		w.attribution.Of("s:sub")[0].Zone = "Europe/Zurich"
		d := roll(t, e, w)[0]
		if want := []int64{int64(oneDay), int64(oneDay) + 1}; !slices.Equal(d.Batch.Day, want) {
			t.Errorf("local days %v, want %v", d.Batch.Day, want)
		}
	})
	t.Run("events at or after as_of are outside", func(t *testing.T) {
		early, late := good(), good()
		early.id, early.when = text("e0"), at(11, 59, 59, 999_999)
		w := simple(sheet{rows: []row{early, late}})
		w.asOf = at(12, 0, 0, 0).micros
		if d := roll(t, e, w)[0]; d.Counts != (usage.Counts{Read: 2, Kept: 1, Outside: 1}) {
			t.Errorf("counts %+v", d.Counts)
		}
	})
	t.Run("each row counts once for each day of its file", func(t *testing.T) {
		far, dark, here := good(), good(), good()
		far.when.micros += 10 * 24 * 3600 * 1e6
		dark.when = moment{null: true}
		w := simple(sheet{rows: []row{far, dark, here}})
		w.days = []pricing.Date{oneDay, oneDay + 1, oneDay + 2}
		w.asOf = (oneDay + 90).UTC().UnixMicro()
		w.files[0].days, w.files[0].home = []pricing.Date{oneDay, oneDay + 2}, oneDay+2
		days := roll(t, e, w)
		for i, want := range []usage.Counts{{Read: 3, Kept: 1, Outside: 2}, {}, {Read: 3, Rejected: 1, Outside: 2}} {
			if days[i].Counts != want {
				t.Errorf("day %d: counts %+v, want %+v", i, days[i].Counts, want)
			}
		}
		if len(days[1].Files) != 0 {
			t.Errorf("a day without files has %v", days[1].Files)
		}
	})
	t.Run("the trace holds the keys of all rows looked up", func(t *testing.T) {
		rows := []row{good(), good(), good(), good()}
		for i, s := range []string{"sub", "nobody", "late", "never"} {
			rows[i].id, rows[i].subscription = text(s), text(s)
		}
		rows[3].meter = nil // rejected before it is looked up
		if d := roll(t, e, simple(sheet{rows: rows}))[0]; !slices.Equal(d.Keys, []string{"s:late", "s:nobody", "s:sub"}) {
			t.Errorf("keys %v", d.Keys)
		}
	})
}

// withoutIDs is a file of two equal rows and without the column of event ids.
func withoutIDs(t failer) []byte {
	noon := at(12, 0, 0, 0).micros
	body, err := parquet.Encode([]parquet.Column{
		{Name: "time", Type: parquet.TimestampMicrosUTC, Ints: []int64{noon, noon}},
		{Name: "subscription_id", Type: parquet.String, Strings: []string{"sub", "sub"}},
		{Name: "meter", Type: parquet.String, Strings: []string{"m", "m"}},
		{Name: "quantity", Type: parquet.Int64, Ints: []int64{3, 3}},
	}, 2)
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	return body
}

// runMapping checks constants, hashes, accounts and what is missing.
func runMapping(t *testing.T, e usage.Engine) {
	extra := parquet.Column{Name: "node", Type: parquet.String, Strings: []string{"n1"}}
	t.Run("constants", func(t *testing.T) {
		d := rollColumn(t, e, extra, func(r *usage.Request) {
			r.Mapping = usage.Mapping{Meter: usage.Source{Const: "m"}, Quantity: usage.Source{Const: "2.5"}, Subscription: usage.Source{Const: "sub"}}
		})
		if d.Counts.Kept != 1 || d.Batch.Sum[0].Quantity(12).String() != "2.5" {
			t.Errorf("counts %+v, rejected %+v", d.Counts, d.Rejected)
		}
	})
	t.Run("event ids hashed of columns", func(t *testing.T) {
		rows := []row{good(), good(), good()}
		rows[0].id, rows[0].region = text("ab"), text("c")
		rows[1].id, rows[1].region = text("a"), text("bc")
		rows[2].id, rows[2].region = text("a"), text("bc")
		w := simple(sheet{rows: rows})
		w.files[0].body = w.files[0].encode(t)
		r := w.request(t)
		r.Mapping.EventID = usage.Source{HashOf: []string{"event_id", "region"}}
		if d := rollRequest(t, e, r)[0]; d.Counts != (usage.Counts{Read: 3, Kept: 2, Duplicate: 1}) {
			t.Errorf("counts %+v", d.Counts)
		}
	})
	t.Run("no event ids: each row is an event of its own", func(t *testing.T) {
		// The id's column is null, too long, the same for other payloads, and not there.
		rows := []row{good(), good(), good(), good(), good()}
		rows[1].id, rows[2].id = nil, text(strings.Repeat("i", 1025))
		rows[3].qty, rows[4].meter = number("4.25"), text("warp")
		w := simple(sheet{rows: rows})
		w.noIDs = true
		w.meters[0].Aggregate = pricing.Latest // of one instant: the row further down
		again := slices.Clone(rows)
		again[3].qty = number("7.75")
		w.files = append(w.files, worldFile{key: "usage/zwei.parquet", days: w.days, home: oneDay, sheet: sheet{rows: again, qtyScale: 6}})
		d := roll(t, e, w)[0]
		if d.Counts != (usage.Counts{Read: 10, Kept: 8, Rejected: 2}) {
			t.Errorf("counts %+v", d.Counts)
		}
		if d.Batch.Len() != 1 || d.Batch.Events[0] != 8 || d.Batch.Last[0].Quantity(12).String() != "7.75" {
			t.Errorf("batch %+v", d.Batch)
		}
		for _, r := range d.Rejected {
			if r.Reason != usage.UnknownMeter || r.EventID != "" || r.Field != "meter" {
				t.Errorf("rejected %+v", r)
			}
		}
		r := w.request(t)
		r.Files = []usage.File{put(t, r.Store, "usage/without.parquet", withoutIDs(t), oneDay, oneDay)}
		if d := rollRequest(t, e, r)[0]; d.Counts != (usage.Counts{Read: 2, Kept: 2}) {
			t.Errorf("a file without the column: counts %+v, rejected %+v", d.Counts, d.Rejected)
		}
	})
	t.Run("accounts where the subscription is null", func(t *testing.T) {
		r := good()
		r.subscription, r.account = nil, text("acme")
		w := simple(sheet{rows: []row{r}})
		w.accounts = true
		if d := roll(t, e, w)[0]; d.Counts.Kept != 1 || !slices.Equal(d.Keys, []string{"a:acme"}) {
			t.Errorf("counts %+v, keys %v", d.Counts, d.Keys)
		}
	})
	t.Run("a meter's own column and renamed dimensions", func(t *testing.T) {
		r := good()
		r.bytes, r.region = new(int64), text("eu")
		*r.bytes = 77
		w := simple(sheet{rows: []row{r}})
		w.meters[0].Of, w.meters[0].By = "bytes", []string{"place"}
		w.files[0].body = w.files[0].encode(t)
		q := w.request(t)
		q.Mapping.Dimensions = map[string]string{"place": "region"}
		d := rollRequest(t, e, q)[0]
		if d.Batch.Len() != 1 || d.Batch.Sum[0].Quantity(12).String() != "77" || d.Batch.Dimensions.At(0) != `{"place":"eu"}` {
			t.Errorf("batch %+v, rejected %+v", d.Batch, d.Rejected)
		}
	})
	for name, c := range map[string]struct {
		mapping usage.Mapping
		meter   pricing.Meter
		column  string
		says    string
	}{
		"time":      {usage.Mapping{Time: usage.Source{Column: "ts"}}, pricing.Meter{ID: "m"}, "ts", "usage.columns.time"},
		"event id":  {usage.Mapping{EventID: usage.Source{Column: "uuid"}}, pricing.Meter{ID: "m"}, "uuid", "usage.columns.event_id"},
		"account":   {usage.Mapping{Account: usage.Source{Column: "acct"}}, pricing.Meter{ID: "m"}, "acct", "usage.columns.account_id"},
		"quantity":  {usage.Mapping{Quantity: usage.Source{Column: "amount"}}, pricing.Meter{ID: "m"}, "amount", "usage.columns.quantity"},
		"of":        {usage.Mapping{}, pricing.Meter{ID: "m", Of: "bytes"}, "bytes", "meters.m.of"},
		"dimension": {usage.Mapping{}, pricing.Meter{ID: "m", By: []string{"zone"}}, "zone", "usage.columns.zone"},
	} {
		t.Run("missing column of "+name, func(t *testing.T) {
			w, _ := withColumn(t, extra)
			w.meters = []pricing.Meter{c.meter}
			r := w.request(t)
			r.Mapping = c.mapping
			fault := refusal(t, e, r)
			if fault.Column != c.column || !strings.Contains(fault.Error(), c.says) || !strings.Contains(fault.Error(), "event_id, time") {
				t.Errorf("error %v, want column %q, the file's columns and %s", fault, c.column, c.says)
			}
		})
	}
	t.Run("columns of meters that a file does not hold may be missing", func(t *testing.T) {
		d := rollColumn(t, e, extra, func(r *usage.Request) {
			r.Meters = append(r.Meters, pricing.Meter{ID: "z", Of: "bytes", By: []string{"zone"}})
		})
		if d.Counts.Kept != 1 {
			t.Errorf("counts %+v", d.Counts)
		}
	})
}

// runOverflow checks that an account whose sum does not fit is parked alone.
func runOverflow(t *testing.T, e usage.Engine) {
	rows := []row{good(), good(), good()}
	for i, id := range []string{"a", "b", "c"} {
		rows[i].id = &id
	}
	rows[0].qty, rows[1].qty = number("60000000000000000000000000"), number("60000000000000000000000000")
	rows[2].subscription = text("other")
	w := simple(sheet{rows: rows})
	w.attribution.Set("s:other", pricing.AttributionEntry{Account: "beta", Subscription: "other", End: math.MaxInt64, Zone: "UTC"})
	d := roll(t, e, w)[0]
	if d.Counts != (usage.Counts{Read: 3, Kept: 3, Parked: 2}) {
		t.Errorf("counts %+v", d.Counts)
	}
	if len(d.Parked) != 1 || d.Parked[0].Account != "acme" || d.Parked[0].Reason != "overflow" || d.Parked[0].Since != oneDay {
		t.Errorf("parked %+v", d.Parked)
	}
	if d.Batch.Len() != 1 || d.Batch.Account.At(0) != "beta" {
		t.Errorf("batch %+v", d.Batch)
	}
	if got := d.Meters[0].Kept.Quantity.Quantity(12).String(); got != "120000000000000000000000001.5" {
		t.Errorf("meter total %s is not exact", got)
	}
	// An order in which the sum passes through too large a value and comes back is fine.
	w = simple(sheet{rows: rows[:2]})
	back := good()
	back.id, back.qty = text("d"), number("-60000000000000000000000000")
	w.files[0].rows = append(slices.Clone(rows[:2]), back)
	w.meters[0].AllowNegative = true
	if d := roll(t, e, w)[0]; len(d.Parked) != 0 || d.Batch.Sum[0].Quantity(12).String() != "60000000000000000000000000" {
		t.Errorf("parked %+v, sums %v", d.Parked, d.Batch.Sum)
	}
}

// refusal runs a request whose file must be refused.
func refusal(t *testing.T, e usage.Engine, r usage.Request) *usage.FileError {
	t.Helper()
	err := e.Rollup(t.Context(), r, func(d usage.Day) error {
		t.Errorf("day %s was delivered", d.UTCDay)
		return nil
	})
	var fault *usage.FileError
	if !errors.As(err, &fault) {
		t.Fatalf("error %v, want a *usage.FileError", err)
	}
	return fault
}

func refused(t *testing.T, e usage.Engine, c parquet.Column, column, says string) {
	t.Helper()
	w, _ := withColumn(t, c)
	fault := refusal(t, e, w.request(t))
	if fault.Column != column || !strings.Contains(fault.Error(), says) {
		t.Errorf("error %v, want column %q and %q", fault, column, says)
	}
}

// first returns the first row of a day's rollup, a zero row when it has none.
func first(d usage.Day) pricing.UsageState {
	if d.Batch.Len() == 0 {
		return pricing.UsageState{}
	}
	return d.Batch.Row(0)
}
