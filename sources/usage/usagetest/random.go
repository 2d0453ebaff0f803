package usagetest

import (
	"fmt"
	"math"
	"strings"
	"time"

	"pgregory.net/rapid"

	"daybook/pricing"
)

// zoneNames have whole, half and quarter hours, both sides of the date line, and
// clock changes on the days drawn.
var zoneNames = []string{
	"UTC", "Europe/Zurich", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati", "America/St_Johns", "Australia/Lord_Howe",
}

// firstDays are ordinary days and days on which clocks change.
var firstDays = []pricing.Date{
	pricing.NewDate(2026, time.October, 1), pricing.NewDate(2026, time.March, 28),
	pricing.NewDate(2026, time.October, 24), pricing.NewDate(2026, time.October, 31), pricing.NewDate(2024, time.February, 28),
}

func randomMeters() []pricing.Meter {
	return []pricing.Meter{
		{ID: "calls", Aggregate: pricing.Count, Grain: pricing.GrainDay, By: []string{"region"}},
		{ID: "cpu", Aggregate: pricing.Maximum, Grain: pricing.GrainFiveMinutes, Scale: 12, AllowNegative: true},
		{ID: "gpu", Aggregate: pricing.Sum, Grain: pricing.GrainHour, Scale: 3, By: []string{"flag", "region", "size"}},
		{ID: "meter", Aggregate: pricing.Counter, Scale: 6, By: []string{"size"}},
		{ID: "members", Aggregate: pricing.Unique, Of: "region", Scale: 12, Running: true},
		{ID: "payments", Aggregate: pricing.Sum, Scale: 2, PerEvent: true, AllowNegative: true, By: []string{"size"}},
		{ID: "pods", Aggregate: pricing.Sum, Scale: 2, Running: true, AllowNegative: true},
		{ID: "seats", Aggregate: pricing.Latest, Scale: 0, Exact: true},
		{ID: "storage", Aggregate: pricing.TimeAverage, Grain: pricing.GrainDay, Scale: 2, AllowNegative: true},
		{ID: "users", Aggregate: pricing.Unique, Of: "region", By: []string{"flag"}, Scale: 12},
		{ID: "traffic", Aggregate: pricing.Sum, Grain: pricing.GrainDay, Scale: 12, Of: "bytes", By: []string{"size"}},
	}
}

func drawWorld(t *rapid.T) *world {
	first := rapid.SampledFrom(firstDays).Draw(t, "first day")
	w := &world{meters: randomMeters(), accounts: rapid.Bool().Draw(t, "accounts"), noIDs: rapid.IntRange(0, 3).Draw(t, "ids") == 3}
	for i := range rapid.IntRange(1, 3).Draw(t, "days") {
		w.days = append(w.days, first.AddDays(i))
	}
	end := w.days[len(w.days)-1].AddDays(1).UTC().UnixMicro()
	w.asOf = end - rapid.SampledFrom([]int64{0, 0, 1, 6 * 3600 * 1e6}).Draw(t, "as_of")
	w.attribution = drawAttribution(t, first)
	for i := range rapid.IntRange(1, 4).Draw(t, "files") {
		w.files = append(w.files, drawFile(t, w, fmt.Sprintf("usage/part-%d.parquet", i)))
	}
	return w
}

func drawAttribution(t *rapid.T, first pricing.Date) pricing.Attribution {
	from := first.UTC().UnixMicro()
	zone := func() string { return rapid.SampledFrom(zoneNames).Draw(t, "zone") }
	hold := func(account, subscription string, start, end int64) pricing.AttributionEntry {
		return pricing.AttributionEntry{Account: account, Subscription: subscription, Start: start, End: end, Zone: zone()}
	}
	noon := from + 12*3600*1e6
	keys := map[string][]pricing.AttributionEntry{
		pricing.SubscriptionKey("whole"): {hold("acme", "whole", 0, math.MaxInt64)},
		pricing.SubscriptionKey("ended"): {hold("acme", "ended", 0, noon)},
		pricing.SubscriptionKey("moved"): {hold("beta", "old", 0, noon), hold("beta", "new", noon, math.MaxInt64)},
		pricing.SubscriptionKey("clash"): {hold("beta", "x", 0, math.MaxInt64), hold("beta", "y", noon, math.MaxInt64)},
		pricing.SubscriptionKey("empty"): {},
		pricing.AccountKey("acme"):       {hold("acme", "whole", 0, math.MaxInt64)},
		pricing.AccountKey("beta"):       {hold("beta", "old", 0, noon), hold("beta", "new", noon, noon+3600*1e6)},
	}
	return pricing.AttributionOf(keys)
}

func drawFile(t *rapid.T, w *world, key string) worldFile {
	f := worldFile{key: key}
	f.timeText = rapid.Bool().Draw(t, "text times")
	switch rapid.IntRange(0, 2).Draw(t, "quantities") {
	case 0:
		f.qtyText = true
	case 1:
		f.qtyInt = true
	default:
		f.qtyScale = rapid.SampledFrom([]int{0, 2, 6, 12}).Draw(t, "scale")
	}
	for _, d := range w.days {
		if rapid.IntRange(0, 3).Draw(t, "listed") > 0 {
			f.days = append(f.days, d)
		}
	}
	if len(f.days) == 0 {
		f.days = w.days[:1]
	}
	f.home = rapid.SampledFrom([]pricing.Date{f.days[0], f.days[len(f.days)-1], w.days[0].AddDays(-1)}).Draw(t, "home")
	for range rapid.IntRange(0, 25).Draw(t, "rows") {
		f.rows = append(f.rows, drawRow(t, w, &f))
	}
	f.body = f.encode(t)
	return f
}

// drawRow draws a row: new, or one of an earlier file or row again, perhaps with
// one difference.
func drawRow(t *rapid.T, w *world, f *worldFile) row {
	if len(f.rows) > 0 && rapid.IntRange(0, 3).Draw(t, "again") == 0 {
		r := rapid.SampledFrom(f.rows).Draw(t, "row")
		if rapid.IntRange(0, 2).Draw(t, "same") == 0 {
			r.meter = drawText(t, "calls", "gpu", "storage")
		}
		return r
	}
	r := row{
		id:           drawText(t, "e1", "e2", "e3", "e4", "e5", "e6", "e7", "e8", "é✓", "", strings.Repeat("i", 1025)),
		subscription: drawText(t, "whole", "whole", "whole", "ended", "moved", "clash", "empty", "nobody", ""),
		account:      drawText(t, "acme", "beta", "nobody"),
		meter:        drawText(t, "calls", "cpu", "gpu", "meter", "meter", "members", "payments", "pods", "users", "seats", "storage", "traffic", "gpu", "storage", "warp", ""),
		region:       drawText(t, "eu", "us", "", "\"<&>\"", strings.Repeat("r", 1025)),
		size:         drawWhole(t, -1, 0, 7),
		when:         drawMoment(t, w, f.timeText),
		qty:          drawAmount(t, f),
		bytes:        drawWhole(t, 0, 1, 1500, math.MaxInt64, -5),
	}
	if rapid.IntRange(0, 2).Draw(t, "flagged") > 0 {
		flag := rapid.Bool().Draw(t, "flag")
		r.flag = &flag
	}
	return r
}

// drawText draws a text, now and then null.
func drawText(t *rapid.T, from ...string) *string {
	if rapid.IntRange(0, 11).Draw(t, "null") == 11 {
		return nil
	}
	v := rapid.SampledFrom(from).Draw(t, "text")
	return &v
}

func drawWhole(t *rapid.T, from ...int64) *int64 {
	if rapid.IntRange(0, 7).Draw(t, "null") == 7 {
		return nil
	}
	v := rapid.SampledFrom(from).Draw(t, "whole")
	return &v
}

func drawMoment(t *rapid.T, w *world, text bool) moment {
	switch rapid.IntRange(0, 29).Draw(t, "moment") {
	case 29:
		return moment{null: true}
	case 28:
		bad := rapid.SampledFrom([]string{"yesterday", "2026-13-01", "2026-10-01T25:00:00Z", "1e9"}).Draw(t, "bad")
		return moment{invalid: true, micros: -1, text: bad}
	}
	d := rapid.SampledFrom(w.days).Draw(t, "day").AddDays(rapid.SampledFrom([]int{0, 0, 0, 0, 0, 0, -1, 1}).Draw(t, "off"))
	minute := rapid.SampledFrom([]int64{0, 1, 59, 60, 225, 240, 299, 300, 480, 720, 779, 1110, 1439}).Draw(t, "minute")
	micro := rapid.SampledFrom([]int64{0, 1, 59_999_999, 30_000_000}).Draw(t, "micro")
	m := moment{micros: d.UTC().UnixMicro() + minute*60_000_000 + micro}
	if text {
		layout := rapid.SampledFrom([]string{time.RFC3339Nano, "2006-01-02 15:04:05.000000", "2006-01-02T15:04:05.000000-07:00"}).Draw(t, "layout")
		at := time.UnixMicro(m.micros).UTC()
		if strings.HasSuffix(layout, "-07:00") {
			at = at.In(time.FixedZone("", 5*3600+1800))
		}
		m.text = at.Format(layout)
	}
	return m
}

func drawAmount(t *rapid.T, f *worldFile) amount {
	if rapid.IntRange(0, 19).Draw(t, "null") == 19 {
		return amount{null: true}
	}
	switch {
	case f.qtyText:
		if rapid.IntRange(0, 9).Draw(t, "bad") == 9 {
			bad := rapid.SampledFrom([]string{"NaN", "1e5", "+1", ".5", "1.", " 1", "Infinity", "1" + strings.Repeat("0", 38)}).Draw(t, "text")
			return amount{invalid: true, text: bad}
		}
		return number(rapid.SampledFrom([]string{
			"1", "0", "-0.0", "0.5", "2.5", "1.005", "1.015", "-1.005", "0.0000000000005", "0.0000000000015", "-0.0000000000001",
			"12345678901234567890.12345678", "99999999999999999999999999", "-99999999999999999999999999", "100000000000000000000000000",
		}).Draw(t, "number"))
	case f.qtyInt:
		return number(rapid.SampledFrom([]string{"0", "1", "2", "-3", "9223372036854775807", "-9223372036854775808"}).Draw(t, "number"))
	}
	whole := rapid.SampledFrom([]string{"0", "1", "-1", "42", "77777777777777777777777777", "99999999999999999999999999"}).Draw(t, "whole")
	if f.qtyScale == 0 {
		return number(whole)
	}
	fraction := rapid.SampledFrom([]string{"0", "5", "25", "005", "015", "000005", "999999999999"}).Draw(t, "fraction")
	return number(whole + "." + fraction[:min(len(fraction), f.qtyScale)])
}
