package usage

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"daybook/pricing"
	"daybook/sources/parquet"
)

func TestParseInstant_AgreesWithTimeParse(t *testing.T) {
	layouts := []string{time.RFC3339Nano, time.RFC3339, "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05.000-0700"}
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(0, endOfTime/microsPerSecond-1).Draw(t, "s"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns"))
		at = at.In(time.FixedZone("", 60*rapid.IntRange(-14*60, 14*60).Draw(t, "offset")))
		layout := rapid.SampledFrom(layouts).Draw(t, "layout")
		text := at.Format(layout)
		want, err := time.Parse(layout, text)
		if err != nil {
			t.Fatalf("parse %s: %v", text, err)
		}
		got, ok := parseInstant([]byte(text))
		if !ok || got != want.UnixMicro() {
			t.Fatalf("%s: %d, %v, want %d", text, got, ok, want.UnixMicro())
		}
	})
}

func TestParseInstant_NeverAcceptsWhatIsNoDate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[0-9]{4}-[0-9]{2}-[0-9]{2}`).Draw(t, "text")
		_, err := time.Parse(time.DateOnly, text)
		if _, ok := parseInstant([]byte(text)); ok != (err == nil) {
			t.Fatalf("%s: ok %v, time.Parse says %v", text, ok, err)
		}
	})
}

func TestInstant_CutsUnitsToMicroseconds(t *testing.T) {
	const at = 1_791_203_400 // 2026-10-05 12:30:00 UTC
	for _, c := range []struct {
		name string
		unit timeUnit
		v    int64
		want int64
		ok   bool
	}{
		{"milliseconds", timeMillis, at*1e3 + 7, at*1e6 + 7000, true},
		{"microseconds", timeMicros, at*1e6 + 7, at*1e6 + 7, true},
		{"nanoseconds are cut off", timeNanos, at*1e9 + 1999, at*1e6 + 1, true},
		{"days", timeDays, 20_731, 20_731 * microsPerDay, true},
		{"1970 is the first year", timeMillis, 0, 0, true},
		{"1969 is not", timeNanos, -1, 0, false},
		{"2262 is the last year", timeMicros, endOfTime - 1, endOfTime - 1, true},
		{"2263 is not", timeMicros, endOfTime, 0, false},
		{"milliseconds beyond 64 bits of microseconds", timeMillis, 1 << 62, 0, false},
		{"days beyond any year", timeDays, 1 << 31, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, ok := c.unit.instant(c.v); ok != c.ok || (ok && got != c.want) {
				t.Errorf("%d, %v; want %d, %v", got, ok, c.want, c.ok)
			}
		})
	}
	if got := time.UnixMicro(endOfTime).UTC(); got != time.Date(2263, 1, 1, 0, 0, 0, 0, time.UTC) {
		t.Errorf("the end of time is %s", got)
	}
}

func TestTimeUnit_RefusesAmbiguousEpochs(t *testing.T) {
	for _, kind := range []parquet.Kind{parquet.KindInt64, parquet.KindInt32, parquet.KindUint64} {
		if _, err := timeUnitOf(parquet.Field{Kind: kind}); err == nil || !strings.Contains(err.Error(), "Parquet timestamp") {
			t.Errorf("%s: %v", kind, err)
		}
	}
	for _, local := range []bool{true, false} { // local timestamps are taken as UTC
		u, err := timeUnitOf(parquet.Field{Kind: parquet.KindInt64, Logical: parquet.LogicalTimestampMicros, UTCAdjusted: local})
		if err != nil || u != timeMicros {
			t.Errorf("adjusted %v: %v, %v", local, u, err)
		}
	}
	if _, err := timeUnitOf(parquet.Field{Kind: parquet.KindDouble}); err == nil {
		t.Error("doubles are times")
	}
}

func TestZones_ShowTheDateOfTheZonesClock(t *testing.T) {
	names := []string{
		"UTC", "", "Europe/Zurich", "America/New_York", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Cairo",
		"Pacific/Apia", "Pacific/Kiritimati", "America/Sao_Paulo", "Asia/Beirut", "Pacific/Niue",
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(names).Draw(t, "zone")
		loc, err := time.LoadLocation(name)
		if err != nil {
			t.Fatalf("load: %v", err)
		}
		d := pricing.NewDate(rapid.IntRange(1970, 2040).Draw(t, "year"), time.January, rapid.IntRange(1, 366).Draw(t, "day"))
		if rapid.Bool().Draw(t, "known") {
			d = rapid.SampledFrom([]pricing.Date{
				pricing.NewDate(2011, time.December, 30), pricing.NewDate(2011, time.December, 29), // Apia skipped the 30th
				pricing.NewDate(2010, time.November, 7), pricing.NewDate(2018, time.November, 4), // St. John's at 00:01, São Paulo at midnight
				pricing.NewDate(2026, time.March, 29), pricing.NewDate(2026, time.October, 25),
			}).Draw(t, "date")
		}
		z := newZones(d, d)
		zone, err := z.add(name)
		if err != nil {
			t.Fatalf("add: %v", err)
		}
		at := int64(d)*microsPerDay + rapid.Int64Range(0, microsPerDay-1).Draw(t, "micros")
		if rapid.Bool().Draw(t, "minute") {
			at -= at % (60 * microsPerSecond)
		}
		if got, want := z.on(d)[zone].at(at), pricing.DateOf(time.UnixMicro(at).In(loc)); got != want {
			t.Fatalf("%s in %s: %s, want %s", time.UnixMicro(at).UTC(), name, got, want)
		}
	})
}

func TestZones_RefuseTheMachinesOwnAndUnknownZones(t *testing.T) {
	for _, name := range []string{"Local", "Mars/Olympus", "../../etc/passwd"} {
		if _, err := newZones(0, 0).add(name); err == nil || !strings.Contains(err.Error(), "Europe/Zurich") {
			t.Errorf("%q: %v", name, err)
		}
	}
}
