package jobs

import (
	"context"
	"strings"
	"testing"
	"time"

	"daybook/pricing"
)

func TestParseSchedule_RefusesWhatCronWouldMisread(t *testing.T) {
	for spec, want := range map[string]string{
		"TZ=0 15 2 * * *":              "five fields", // a zone here panics the parser
		"CRON_TZ=Asia/Tokyo 0 0 * * *": "five fields",
		"@every 5m":                    "five fields",
		"15 2 * *":                     "five fields",
		"61 * * * *":                   "above maximum",
		"0 0 31 2 *":                   "never happens",
	} {
		_, err := ParseSchedule(map[string]string{"daily": spec})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want an error with %q", spec, err, want)
		}
	}
	if _, err := ParseSchedule(map[string]string{"weekly": "0 0 * * *"}); err == nil || !strings.Contains(err.Error(), "rollup, daily, monthly and deliver") {
		t.Errorf("unknown job: %v", err)
	}
}

func TestSchedule_NextIsTheEarliestAndNamesEveryJobOfThatMinute(t *testing.T) {
	s, err := ParseSchedule(map[string]string{"rollup": "15 2 * * *", "daily": "30 2 * * *", "monthly": "15 2 1 * *", "deliver": "off"})
	if err != nil {
		t.Fatal(err)
	}
	at, due := s.next(time.Date(2026, 11, 1, 1, 0, 0, 0, time.UTC))
	if want := time.Date(2026, 11, 1, 2, 15, 0, 0, time.UTC); !at.Equal(want) || len(due) != 2 || due[0] != JobRollup || due[1] != JobMonthly {
		t.Errorf("next is %s for %v, want %s for rollup and monthly", at, due, want)
	}
	at, due = s.next(at)
	if want := time.Date(2026, 11, 1, 2, 30, 0, 0, time.UTC); !at.Equal(want) || len(due) != 1 || due[0] != JobDaily {
		t.Errorf("then %s for %v, want %s for daily", at, due, want)
	}
}

func TestSeries_NumbersAndMistakes(t *testing.T) {
	m := pricing.Month{Year: 2026, Month: 10}
	for pattern, want := range map[string]string{
		"ACME-{year}-{n:06}": "ACME-2026-000042",
		"{n}":                "42",
		"R{n:03}/{year}":     "R042/2026",
	} {
		if err := CheckSeries(pattern); err != nil {
			t.Errorf("%s: %v", pattern, err)
		}
		if got := number(pattern, m, 42); got != want {
			t.Errorf("%s gives %s, want %s", pattern, got, want)
		}
	}
	for _, pattern := range []string{"ACME", "{n}{n}", "{n}-{month}", "{year}", "{n:6}"} {
		if CheckSeries(pattern) == nil {
			t.Errorf("%s is accepted", pattern)
		}
	}
}

func TestAsOf_IsTheDueInstantAndNeverTheClock(t *testing.T) {
	ended := time.Date(2026, 11, 1, 4, 0, 0, 0, time.UTC)
	due := ended.Add(36 * time.Hour)
	later := due.Add(100 * time.Hour)
	at, err := asOf(RunOptions{Now: later}, ended, due)
	if err != nil || !at.Equal(due) {
		t.Errorf("as_of %s, %v; want the due instant %s whatever the clock", at, err, due)
	}
	if _, err := asOf(RunOptions{Now: due.Add(-time.Second)}, ended, due); err == nil {
		t.Error("a run before the due instant is accepted")
	}
	if at, err := asOf(RunOptions{Now: ended, AsOf: ended}, ended, due); err != nil || !at.Equal(ended) {
		t.Errorf("--as-of at the end: %s, %v", at, err)
	}
	if _, err := asOf(RunOptions{Now: later, AsOf: ended.Add(-time.Second)}, ended, due); err == nil {
		t.Error("--as-of before the month has ended everywhere is accepted")
	}
}

func TestDayEnd_IsTheLastZones(t *testing.T) {
	zone := func(name string) *time.Location {
		z, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		return z
	}
	d := pricing.NewDate(2026, 10, 31)
	// Pago Pago is eleven hours behind UTC, Kiritimati fourteen ahead.
	got := dayEnd(d, []*time.Location{zone("Pacific/Kiritimati"), time.UTC, zone("Pacific/Pago_Pago")})
	if want := time.Date(2026, 11, 1, 11, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("the day ends at %s, want %s", got, want)
	}
	if got := dayEnd(d, []*time.Location{zone("Asia/Tokyo")}); !got.Equal(time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("with zones ahead of UTC only, the UTC day ends last: %s", got)
	}
}

func TestServe_RunsEverythingAtStartAndSleepsToTheNextTime(t *testing.T) {
	w := newTestWorld(t)
	now := time.Date(2026, 11, 5, 0, 0, 0, 0, time.UTC)
	var slept []time.Duration
	w.options.Clock = Clock{
		Now: func() time.Time { return now },
		Sleep: func(_ context.Context, d time.Duration) error {
			slept = append(slept, d)
			now = now.Add(d)
			if len(slept) == 2 {
				return context.Canceled
			}
			return nil
		},
	}
	s, err := ParseSchedule(map[string]string{"rollup": "0 6 * * *", "daily": "0 7 * * *", "monthly": "off", "deliver": "off"})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.pipeline(t).Serve(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if len(slept) != 2 || slept[0] != 6*time.Hour || slept[1] != time.Hour {
		t.Errorf("slept %v, want 6 h to the rollup and 1 h more to the daily", slept)
	}
	history, err := w.pipeline(t).publisher.Decided(t.Context(), "daily", "2026-10-05")
	if err != nil || history.Published == nil {
		t.Errorf("the first day was not rated at start: %v", err)
	}
}
