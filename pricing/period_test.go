package pricing_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"daybook/pricing"
)

// The transitions are those of the IANA time zone database.
func TestDateIn_IsTheFirstInstantOfTheDay(t *testing.T) {
	for _, c := range []struct{ zone, day, want, why string }{
		{"UTC", "2026-10-01", "2026-10-01T00:00:00Z", "no offset"},
		{"Europe/Zurich", "2026-10-25", "2026-10-24T22:00:00Z", "summer time until three in the morning"},
		{"Europe/Zurich", "2026-10-26", "2026-10-25T23:00:00Z", "winter time"},
		{"America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z", "00:00 was skipped: the day begins at 01:00"},
		{"America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00:00Z", "23:00 of the day before came twice"},
		{"Asia/Beirut", "2024-03-31", "2024-03-30T22:00:00Z", "00:00 was skipped"},
		{"America/Havana", "2024-11-03", "2024-11-03T04:00:00Z", "00:00 came twice: the first one"},
		{"Asia/Amman", "2021-10-29", "2021-10-28T21:00:00Z", "00:00 came twice, east of UTC: the first one"},
		{"Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z", "the day was left out: it is empty"},
		{"Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z", "and the next one begins there"},
		{"Pacific/Kiritimati", "2026-10-01", "2026-09-30T10:00:00Z", "14 hours ahead"},
	} {
		if got := day(c.day).In(zone(c.zone)); !got.Equal(at(c.want)) {
			t.Errorf("%s in %s begins at %s, want %s (%s)", c.day, c.zone, got.UTC().Format(time.RFC3339), c.want, c.why)
		}
	}
}

func oddZones() []string {
	return []string{
		"UTC", "Europe/Zurich", "America/Sao_Paulo", "Asia/Beirut", "America/Havana", "Asia/Amman",
		"Pacific/Apia", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Kiritimati", "America/St_Johns",
	}
}

func TestLocalDay_HoldsItsInstantInEveryZone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		loc := zone(rapid.SampledFrom(oddZones()).Draw(t, "zone"))
		instant := time.Unix(rapid.Int64Range(0, 2_000_000_000).Draw(t, "seconds"), 0)
		d := pricing.LocalDay(instant, loc)
		if d.In(loc).After(instant) || !d.AddDays(1).In(loc).After(instant) {
			t.Fatalf("%s is not on %s in %s", instant.UTC(), d, loc)
		}
	})
}

func TestLocalDay_SecondRunOfAMidnightBelongsToTheDayThatHadBegun(t *testing.T) {
	// St. John's went back from 00:01 to 23:01 of the day before.
	loc := zone("America/St_Johns")
	before, after := at("2010-11-07T02:30:30Z"), at("2010-11-07T02:45:00Z")
	if d := pricing.LocalDay(before, loc); d != day("2010-11-07") {
		t.Errorf("the first minute is on %s", d)
	}
	if d := pricing.LocalDay(after, loc); d != day("2010-11-07") {
		t.Errorf("clocks that show 23:15 again are on %s, so the day is in two pieces", d)
	}
}

func calendar(months, anchor int) pricing.Cycle {
	return pricing.Cycle{Months: months, Anchor: pricing.Anchor{Day: anchor}}
}

func anniversary(months int) pricing.Cycle {
	return pricing.Cycle{Months: months, Anchor: pricing.Anchor{Subscription: true}}
}

func TestPeriodAt_FindsThePeriodOfEveryAnchor(t *testing.T) {
	for _, c := range []struct {
		name       string
		cycle      pricing.Cycle
		own        int
		start      string
		zone       string
		at         string
		begin, end string
	}{
		{"calendar month", calendar(1, 1), 0, "2020-05-05", "UTC", "2026-10-31T23:59:59Z", "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z"},
		{"the end belongs to the next", calendar(1, 1), 0, "2020-05-05", "UTC", "2026-11-01T00:00:00Z", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"},
		{"local midnights over the end of summer time", calendar(1, 1), 0, "2020-05-05", "Europe/Zurich", "2026-10-10T00:00:00Z", "2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z"},
		{"day 15", calendar(1, 15), 0, "2020-05-05", "UTC", "2026-10-14T23:00:00Z", "2026-09-15T00:00:00Z", "2026-10-15T00:00:00Z"},
		{"the 31st in a short month", calendar(1, 31), 0, "2020-05-05", "UTC", "2026-02-28T12:00:00Z", "2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z"},
		{"the 31st returns", anniversary(1), 0, "2026-01-31", "UTC", "2026-04-01T00:00:00Z", "2026-03-31T00:00:00Z", "2026-04-30T00:00:00Z"},
		{"29 February in another year", anniversary(12), 0, "2024-02-29", "UTC", "2025-03-01T00:00:00Z", "2025-02-28T00:00:00Z", "2026-02-28T00:00:00Z"},
		{"29 February comes back", anniversary(12), 0, "2024-02-29", "UTC", "2028-03-01T00:00:00Z", "2028-02-29T00:00:00Z", "2029-02-28T00:00:00Z"},
		{"quarters count from January", calendar(3, 1), 0, "2026-02-10", "UTC", "2026-02-10T00:00:00Z", "2026-01-01T00:00:00Z", "2026-04-01T00:00:00Z"},
		{"quarters from the subscription", anniversary(3), 0, "2026-02-10", "UTC", "2026-06-01T00:00:00Z", "2026-05-10T00:00:00Z", "2026-08-10T00:00:00Z"},
		{"half-years", calendar(6, 1), 0, "2026-02-10", "UTC", "2026-12-31T00:00:00Z", "2026-07-01T00:00:00Z", "2027-01-01T00:00:00Z"},
		{"a year that began the year before", calendar(12, 15), 0, "2020-05-05", "UTC", "2026-01-14T00:00:00Z", "2025-01-15T00:00:00Z", "2026-01-15T00:00:00Z"},
		{"the subscription's own day", calendar(1, 1), 20, "2020-05-05", "UTC", "2026-10-05T00:00:00Z", "2026-09-20T00:00:00Z", "2026-10-20T00:00:00Z"},
		{"an anchor on a day left out", calendar(1, 30), 0, "2010-01-01", "Pacific/Apia", "2011-12-31T00:00:00Z", "2011-12-30T10:00:00Z", "2012-01-29T10:00:00Z"},
		{"an anchor on a midnight skipped", calendar(1, 4), 0, "2010-01-01", "America/Sao_Paulo", "2018-11-10T00:00:00Z", "2018-11-04T03:00:00Z", "2018-12-04T02:00:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			loc := zone(c.zone)
			sub := pricing.Subscription{Start: day(c.start).In(loc), Anchor: c.own}
			got := pricing.PeriodAt(pricing.CadenceOf(c.cycle, sub, loc), loc, at(c.at))
			want := pricing.Period{Start: at(c.begin), End: at(c.end)}
			if !got.Equal(want) {
				t.Errorf("period is %s to %s, want %s to %s", got.Start, got.End, want.Start, want.End)
			}
		})
	}
}

func TestPeriods_FollowEachOtherWithoutGap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		loc := zone(rapid.SampledFrom(oddZones()).Draw(t, "zone"))
		c := pricing.Cadence{Months: rapid.SampledFrom([]int{1, 3, 6, 12}).Draw(t, "months"), Day: rapid.IntRange(1, 31).Draw(t, "day")}
		c.Phase = rapid.IntRange(0, c.Months-1).Draw(t, "phase")
		from := time.Unix(rapid.Int64Range(1_200_000_000, 1_700_000_000).Draw(t, "from"), 0).UTC()
		to := from.AddDate(0, rapid.IntRange(0, 40).Draw(t, "long"), 0)
		var last pricing.Period
		count := 0
		for p := range pricing.Periods(c, loc, from, to) {
			if p.Empty() || !pricing.PeriodAt(c, loc, p.Start).Equal(p) || !pricing.PeriodAt(c, loc, p.End.Add(-1)).Equal(p) {
				t.Fatalf("period %v is not found at both of its ends", p)
			}
			if count == 0 && !p.Contains(from) || count > 0 && !p.Start.Equal(last.End) {
				t.Fatalf("period %v does not follow %v", p, last)
			}
			last = p
			count++
		}
		if last.Start.After(to) || !last.End.After(to) {
			t.Fatalf("the last period %v does not hold %s", last, to)
		}
	})
}

func TestPeriods_StopWhenAsked(t *testing.T) {
	for range pricing.Periods(pricing.Cadence{Months: 1, Day: 1}, time.UTC, at("2026-01-01T00:00:00Z"), at("2026-12-01T00:00:00Z")) {
		break
	}
}

func ExampleCadenceOf() {
	start := time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC)
	c := pricing.CadenceOf(pricing.Cycle{Months: 1, Anchor: pricing.Anchor{Subscription: true}}, pricing.Subscription{Start: start}, time.UTC)
	for p := range pricing.Periods(c, time.UTC, start, start.AddDate(0, 3, 0)) {
		fmt.Println(p.Start.Format(time.DateOnly), p.End.Format(time.DateOnly))
	}
	// Output:
	// 2026-01-31 2026-02-28
	// 2026-02-28 2026-03-31
	// 2026-03-31 2026-04-30
	// 2026-04-30 2026-05-31
}
