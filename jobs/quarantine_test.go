package jobs

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/sources/usage"
)

const brokenKey = "dt=2026-10-05/broken.parquet"

func newBrokenWorld(t *testing.T) *testWorld {
	t.Helper()
	w := newTestWorld(t)
	w.put(t, "usage/"+brokenKey, "PAR1 this is not a Parquet file PAR1")
	return w
}

func quarantining(keys ...string) RunOptions { return RunOptions{Quarantine: keys} }

func TestRollup_AnUnreadableFileSaysHowToGetPastIt(t *testing.T) {
	_, err := newBrokenWorld(t).pipeline(t).Rollup(t.Context(), []pricing.Date{fifth}, RunOptions{})
	if want := "daybook run rollup --day 2026-10-05 --quarantine " + brokenKey; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v\nwant the command %q", err, want)
	}
}

func TestRollup_AQuarantineIsKeptPastAnAbandonedRevision(t *testing.T) {
	w := newBrokenWorld(t)
	if _, err := w.pipeline(t).Rollup(t.Context(), []pricing.Date{fifth}, quarantining(brokenKey)); err != nil {
		t.Fatal(err)
	}
	w.giveUp(t, "rollup", "2026-10-05")
	outcomes, err := w.pipeline(t).Rollup(t.Context(), []pricing.Date{fifth}, RunOptions{})
	if err != nil || outcomes[0].State != StateAlready {
		t.Errorf("%+v, %v: want nothing to do", outcomes, err)
	}
}

func TestRollup_RefusesToQuarantineAFileThatIsNotThere(t *testing.T) {
	w := newBrokenWorld(t)
	_, err := w.pipeline(t).Rollup(t.Context(), []pricing.Date{fifth}, quarantining("dt=2026-10-05/typo.parquet"))
	if err == nil || !strings.Contains(err.Error(), "typo.parquet") {
		t.Errorf("%v, want an error that names the file", err)
	}
}

func TestRollup_AQuarantineConcernsOnlyTheDaysOfItsFile(t *testing.T) {
	w := newBrokenWorld(t)
	days := []pricing.Date{fifth, sixth}
	if _, err := w.pipeline(t).Rollup(t.Context(), days, quarantining(brokenKey)); err != nil {
		t.Fatal(err)
	}
	outcomes, err := w.pipeline(t).Rollup(t.Context(), days, RunOptions{})
	if err != nil || outcomes[0].State != StateAlready || outcomes[1].State != StateAlready {
		t.Errorf("%+v, %v: want nothing to do on either day", outcomes, err)
	}
}

func TestRollup_AFlatPrefixCanQuarantineAFileWithoutAFooter(t *testing.T) {
	w := newBrokenWorld(t)
	w.settings.Layout = Layout{Zone: time.UTC}
	p := w.pipeline(t)
	if _, err := p.Rollup(t.Context(), []pricing.Date{fifth}, RunOptions{}); err == nil {
		t.Fatal("a file that cannot be read was ignored")
	}
	outcomes, err := p.Rollup(t.Context(), []pricing.Date{fifth}, quarantining(brokenKey))
	if err != nil || outcomes[0].Counts.Kept != 2 {
		t.Errorf("%+v, %v: want the two rows of the other file", outcomes, err)
	}
}

func TestMonthly_QuarantinedDaysCloseOnlyWhenAllowedAndAreRecorded(t *testing.T) {
	w := newBrokenWorld(t)
	if _, err := w.pipeline(t).Rollup(t.Context(), []pricing.Date{fifth}, quarantining(brokenKey)); err != nil {
		t.Fatal(err)
	}
	allowed := wellAfter
	allowed.AllowIncomplete = true
	// The plan of a dead run that was allowed allows nobody else.
	w.dies(t, "stop-after", "runs/monthly/2026-10/r000001/plan.json", func(p *Pipeline) error {
		_, err := p.Monthly(t.Context(), []pricing.Month{october}, allowed)
		return err
	})
	_, err := w.pipeline(t).Monthly(t.Context(), []pricing.Month{october}, wellAfter)
	if !errors.Is(err, ErrIncomplete) || !strings.Contains(err.Error(), brokenKey) {
		t.Errorf("%v, want %v that names the file", err, ErrIncomplete)
	}
	w.put(t, "book/shop.yaml", testBook+"# a comment\n") // the plan is of another book now
	w.due(t, allowed)
	if got := string(w.history(t, "monthly", "2026-10").Published.Reconciliation); !strings.Contains(got, brokenKey) {
		t.Errorf("the manifest says %s, without the quarantined file", got)
	}
}

func TestMonthly_OnlyRefusesARollupThatWasCut(t *testing.T) {
	w := newTestWorld(t)
	p := w.pipeline(t)
	window := Span{pricing.NewDate(2026, 9, 30), pricing.NewDate(2026, 11, 1)}
	if _, err := p.Rollup(t.Context(), window.Days(), RunOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Rollup(t.Context(), []pricing.Date{fifth}, RunOptions{AsOf: time.Date(2026, 10, 5, 8, 30, 0, 0, time.UTC)}); err != nil {
		t.Fatal(err)
	}
	o := wellAfter
	o.Only = true
	_, err := w.pipeline(t).Monthly(t.Context(), []pricing.Month{october}, o)
	if err == nil || !strings.Contains(err.Error(), "run rollup --day 2026-10-05") {
		t.Errorf("%v: want the cut rollup of 2026-10-05 refused", err)
	}
}

func TestDaily_AnUnreadableFileHoldsBackOnlyTheDaysThatNeedIt(t *testing.T) {
	w := newBrokenWorld(t)
	days := Span{pricing.NewDate(2026, 10, 2), pricing.NewDate(2026, 10, 9)}.Days()
	outcomes, err := w.pipeline(t).Daily(t.Context(), days, wellAfter)
	if err == nil || strings.Count(err.Error(), brokenKey+`": `) != 1 {
		t.Errorf("%v: want the broken file named as the cause once", err)
	}
	var fault *usage.FileError
	if !errors.As(err, &fault) {
		t.Errorf("%v is no *usage.FileError", err)
	}
	published := slices.ContainsFunc(outcomes, func(o Outcome) bool {
		return o.Job == "daily" && o.Period == "2026-10-03" && o.State == StatePublished
	})
	if !published {
		t.Error("2026-10-03 was not rated although it does not need the file")
	}
}

func TestRollup_WhatWasDoneIsReportedWhenALaterDayFails(t *testing.T) {
	w := newTestWorld(t)
	w.out = faulty(t, w.out, "list * of runs/rollup/2026-11-05 error denied")
	days := Span{pricing.NewDate(2026, 10, 1), pricing.NewDate(2026, 11, 6)}.Days()
	outcomes, err := w.pipeline(t).Rollup(t.Context(), days, RunOptions{})
	if err == nil || len(outcomes) < 31 {
		t.Errorf("%d outcomes, %v: want those of the days before and the error", len(outcomes), err)
	}
}

func TestRollup_ItsManifestNamesBookRegistryAndUsage(t *testing.T) {
	w := newTestWorld(t)
	if _, err := w.pipeline(t).Rollup(t.Context(), []pricing.Date{fifth}, RunOptions{}); err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, i := range w.history(t, "rollup", "2026-10-05").Published.Inputs {
		if i.SHA256 == "" {
			t.Errorf("%s %s has no digest", i.Kind, i.Key)
		}
		kinds[i.Kind]++
	}
	if kinds["book"] != 1 || kinds["registry"] != 2 || kinds["usage"] != 1 {
		t.Errorf("inputs %v, want 1 book, 2 registry files and 1 usage file", kinds)
	}
}
