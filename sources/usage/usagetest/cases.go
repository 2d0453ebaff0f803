package usagetest

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daybook/pricing"
	"daybook/sources/parquet"
	"daybook/sources/usage"
)

// oneDay is the day of the named cases.
var oneDay = pricing.NewDate(2026, time.October, 5)

// at returns an instant of the day of the named cases.
func at(hour, minute, second, micro int) moment {
	t := time.Date(2026, time.October, 5, hour, minute, second, micro*1000, time.UTC)
	return moment{micros: t.UnixMicro(), text: t.Format(time.RFC3339Nano)}
}

func text(s string) *string { return &s }

// good is a row that is kept.
func good() row {
	return row{id: text("e1"), subscription: text("sub"), meter: text("m"), when: at(12, 0, 0, 0), qty: number("1.5")}
}

// simple is a world of one file on one day with one subscription in UTC and a
// meter "m" of two places.
func simple(s sheet) *world {
	w := &world{
		days:   []pricing.Date{oneDay},
		asOf:   oneDay.AddDays(1).UTC().UnixMicro(),
		meters: []pricing.Meter{{ID: "m", Aggregate: pricing.Sum, Scale: 2}},
		attribution: pricing.AttributionOf(map[string][]pricing.AttributionEntry{
			"s:sub":   {{Account: "acme", Subscription: "sub", Start: 0, End: math.MaxInt64, Zone: "UTC"}},
			"s:late":  {{Account: "acme", Subscription: "late", Start: at(13, 0, 0, 0).micros, End: math.MaxInt64, Zone: "UTC"}},
			"s:twice": {{Account: "acme", Subscription: "a", End: math.MaxInt64, Zone: "UTC"}, {Account: "acme", Subscription: "b", End: math.MaxInt64, Zone: "UTC"}},
			"a:acme":  {{Account: "acme", Subscription: "sub", Start: 0, End: math.MaxInt64, Zone: "UTC"}},
		}),
	}
	if s.qtyScale == 0 && !s.qtyInt {
		s.qtyScale = 6
	}
	w.files = []worldFile{{key: "usage/one.parquet", days: w.days, home: oneDay, sheet: s}}
	return w
}

// roll encodes a world's files and rolls them up.
func roll(t *testing.T, e usage.Engine, w *world) []usage.Day {
	t.Helper()
	for i := range w.files {
		if w.files[i].body == nil {
			w.files[i].body = w.files[i].encode(t)
		}
	}
	return rollRequest(t, e, w.request(t))
}

func rollRequest(t *testing.T, e usage.Engine, r usage.Request) []usage.Day {
	t.Helper()
	var out []usage.Day
	err := e.Rollup(t.Context(), r, func(d usage.Day) error {
		out = append(out, d)
		return d.Check()
	})
	if err != nil {
		t.Fatalf("roll up: %v", err)
	}
	if len(out) != len(r.Days) {
		t.Fatalf("%d days delivered, want %d", len(out), len(r.Days))
	}
	return out
}

// runReasons has one row a reason, with field and value.
func runReasons(t *testing.T, e usage.Engine) {
	long := strings.Repeat("x", 1025)
	for name, c := range map[string]struct {
		change       func(*row)
		reason       usage.Reason
		field, value string
	}{
		"missing event id":             {func(r *row) { r.id = nil }, usage.MissingEventID, "event_id", ""},
		"empty event id":               {func(r *row) { r.id = text("") }, usage.MissingEventID, "event_id", ""},
		"event id over 1,024 bytes":    {func(r *row) { r.id = &long }, usage.InvalidText, "event_id", ""},
		"missing time":                 {func(r *row) { r.when = moment{null: true} }, usage.MissingTime, "time", ""},
		"time before 1970":             {func(r *row) { r.when = moment{micros: -1} }, usage.InvalidTime, "time", "-1"},
		"missing subscription":         {func(r *row) { r.subscription = nil }, usage.MissingSubscription, "subscription_id", ""},
		"unknown subscription":         {func(r *row) { r.subscription = text("nobody") }, usage.UnknownSubscription, "subscription_id", "nobody"},
		"outside the subscription":     {func(r *row) { r.subscription = text("late") }, usage.OutsideSubscription, "subscription_id", "late"},
		"ambiguous subscription":       {func(r *row) { r.subscription = text("twice") }, usage.AmbiguousSubscription, "subscription_id", "twice"},
		"subscription over 1024 bytes": {func(r *row) { r.subscription = &long }, usage.InvalidText, "subscription_id", long[:200]},
		"missing meter":                {func(r *row) { r.meter = nil }, usage.MissingMeter, "meter", ""},
		"unknown meter":                {func(r *row) { r.meter = text("warp") }, usage.UnknownMeter, "meter", "warp"},
		"missing quantity":             {func(r *row) { r.qty = amount{null: true} }, usage.MissingQuantity, "quantity", ""},
		"too large a quantity":         {func(r *row) { r.qty = number("1" + strings.Repeat("0", 26)) }, usage.InvalidQuantity, "quantity", "1" + strings.Repeat("0", 26)},
		"negative quantity":            {func(r *row) { r.qty = number("-0.001") }, usage.NegativeQuantity, "quantity", "-0.001"},
		"inexact quantity":             {func(r *row) { r.meter = text("exact"); r.qty = number("1.005") }, usage.InexactQuantity, "quantity", "1.005"},
		"dimension over 1,024 bytes":   {func(r *row) { r.meter = text("by"); r.region = &long }, usage.InvalidText, "region", long[:200]},
		"time before event id":         {func(r *row) { r.when = moment{null: true}; r.id = nil }, usage.MissingTime, "time", ""},
		"event id before meter":        {func(r *row) { r.meter, r.id = nil, nil }, usage.MissingEventID, "event_id", ""},
		"meter before subscription":    {func(r *row) { r.meter, r.subscription = nil, nil }, usage.MissingMeter, "meter", ""},
		"subscription before quantity": {func(r *row) { r.subscription, r.qty = nil, amount{null: true} }, usage.MissingSubscription, "subscription_id", ""},
		"quantity before dimension":    {func(r *row) { r.meter = text("by"); r.region = &long; r.qty = amount{null: true} }, usage.MissingQuantity, "quantity", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := good()
			c.change(&r)
			w := simple(sheet{rows: []row{good(), r}})
			w.files[0].rows[0].id = text("other")
			w.meters = append(w.meters, pricing.Meter{ID: "exact", Aggregate: pricing.Sum, Scale: 2, Exact: true},
				pricing.Meter{ID: "by", Aggregate: pricing.Sum, Scale: 2, By: []string{"region"}})
			d := roll(t, e, w)[0]
			want := usage.Rejected{File: "usage/one.parquet", Row: 1, Reason: c.reason, Field: c.field, Value: c.value}
			if r.id != nil && len(*r.id) <= 1024 {
				want.EventID = *r.id
			}
			if !r.when.null && r.when.micros > 0 {
				want.Time = r.when.micros
			}
			if diff := cmp.Diff([]usage.Rejected{want}, d.Rejected); diff != "" {
				t.Errorf("rejected (-want +got):\n%s", diff)
			}
			if want := (usage.Counts{Read: 2, Kept: 1, Rejected: 1}); d.Counts != want {
				t.Errorf("counts %+v, want %+v", d.Counts, want)
			}
		})
	}
}

// runTimes has one row a way of writing 2026-10-05 12:30 UTC or its midnight.
func runTimes(t *testing.T, e usage.Engine) {
	noon, midnight := at(12, 30, 0, 0).micros, at(0, 0, 0, 0).micros
	for written, want := range map[string]int64{
		"2026-10-05T12:30:00Z":             noon,
		"2026-10-05 12:30:00":              noon,
		"2026-10-05T12:30Z":                noon,
		"2026-10-05T14:30:00+02:00":        noon,
		"2026-10-05T14:30:00+0200":         noon,
		"2026-10-05T14:30:00+02":           noon,
		"2026-10-04T23:30:00-13:00":        noon,
		"2026-10-05T12:30:00.5Z":           noon + 500_000,
		"2026-10-05T12:30:00.123456789Z":   noon + 123_456,
		"2026-10-05":                       midnight,
		"2026-10-05T12:30:00.000000+00:00": noon,
	} {
		t.Run("text "+written, func(t *testing.T) {
			r := good()
			r.when.text = written
			d := roll(t, e, simple(sheet{rows: []row{r}, timeText: true}))[0]
			if d.Batch.Len() != 1 || d.Batch.FirstTime[0] != want {
				t.Errorf("got %v (rejected %v), want %d", d.Batch.FirstTime, d.Rejected, want)
			}
		})
	}
	for _, written := range []string{
		"today", "2026-10-05T", "2026-10-05T12", "2026-02-30", "2026-10-05T24:00:00Z", "2026-10-05T12:60:00Z", "2026-10-05T12:30:60Z",
		"2026-10-05T12:30:00.Z", "2026-10-05T12:30:00ZZ", "20261005", "1969-12-31T23:59:59Z", "2263-01-01", "+2026-10-05", "1791203400",
	} {
		t.Run("bad text "+written, func(t *testing.T) {
			r := good()
			r.when.text = written
			d := roll(t, e, simple(sheet{rows: []row{r}, timeText: true}))[0]
			if len(d.Rejected) != 1 || d.Rejected[0].Reason != usage.InvalidTime || d.Rejected[0].Value != written {
				t.Errorf("rejected %+v, want %s", d.Rejected, usage.InvalidTime)
			}
		})
	}
	t.Run("date column is midnight UTC", func(t *testing.T) {
		d := rollColumn(t, e, parquet.Column{Name: "time", Type: parquet.Date, Ints: []int64{int64(oneDay)}}, nil)
		if d.Batch.Len() != 1 || d.Batch.FirstTime[0] != midnight {
			t.Errorf("first time %v, want %d", d.Batch.FirstTime, midnight)
		}
	})
	t.Run("whole numbers are refused", func(t *testing.T) {
		refused(t, e, parquet.Column{Name: "time", Type: parquet.Int64, Ints: []int64{noon}}, "time", "timestamp")
	})
}

// withColumn is the file of one good row with one column replaced.
func withColumn(t *testing.T, c parquet.Column) (*world, []byte) {
	columns := []parquet.Column{
		{Name: "event_id", Type: parquet.String, Strings: []string{"e1"}},
		{Name: "time", Type: parquet.TimestampMicrosUTC, Ints: []int64{at(12, 30, 0, 0).micros}},
		{Name: "subscription_id", Type: parquet.String, Strings: []string{"sub"}},
		{Name: "meter", Type: parquet.String, Strings: []string{"m"}},
		{Name: "quantity", Type: parquet.Int64, Ints: []int64{2}},
	}
	replaced := false
	for i := range columns {
		if columns[i].Name == c.Name {
			columns[i], replaced = c, true
		}
	}
	if !replaced {
		columns = append(columns, c)
	}
	body, err := parquet.Encode(columns, 1)
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	w := simple(sheet{})
	w.files[0].body = body
	return w, body
}

// rollColumn rolls up the file of withColumn after change.
func rollColumn(t *testing.T, e usage.Engine, c parquet.Column, change func(*usage.Request)) usage.Day {
	t.Helper()
	w, _ := withColumn(t, c)
	r := w.request(t)
	if change != nil {
		change(&r)
	}
	return rollRequest(t, e, r)[0]
}
