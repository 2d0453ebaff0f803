package jobs

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"runtime/debug"
	"sync"
	"testing"

	"daybook/pricing"
	"daybook/sinks/publish"
)

// racer is one of the runners of a race.
type racer struct {
	name, version string
	run           func(*testing.T, *Pipeline) error
}

// racers are sixteen runners of all jobs. With mixed versions one in eight is of
// another engine, which gives up what it finds planned and is given up itself.
func racers(mixed bool) []racer {
	months, days := october.Through(november), []pricing.Date{lastOfOctober, firstOfNovember}
	kinds := []racer{
		{name: "monthly", run: func(t *testing.T, p *Pipeline) error {
			_, err := p.Monthly(t.Context(), months, allDue)
			return err
		}},
		{name: "daily", run: func(t *testing.T, p *Pipeline) error {
			_, err := p.Daily(t.Context(), days, allDue)
			return err
		}},
		{name: "rollup", run: func(t *testing.T, p *Pipeline) error {
			_, err := p.Rollup(t.Context(), tinyDays, allDue)
			return err
		}},
		{name: "monthly and deliver", run: func(t *testing.T, p *Pipeline) error {
			if _, err := p.Monthly(t.Context(), months, allDue); err != nil {
				return err
			}
			_, err := p.Deliver(t.Context())
			return err
		}},
	}
	var all []racer
	for i := range 16 {
		r := kinds[i%len(kinds)]
		r.version = "test"
		if mixed && i%8 == 3 {
			r.version = "other"
		}
		all = append(all, r)
	}
	return all
}

// race lets the runners go at once over one store and returns their errors.
func (w *testWorld) race(t *testing.T, all []racer, receiver *inbox) []error {
	t.Helper()
	errs := make([]error, len(all))
	var group sync.WaitGroup
	start := make(chan struct{})
	for i, r := range all {
		w.options.Version = r.version
		p := w.pipeline(t)
		p.sender = receiver
		group.Go(func() {
			<-start
			if err := r.run(t, p); err != nil {
				errs[i] = fmt.Errorf("%s of version %s: %w", r.name, r.version, err)
			}
		})
	}
	close(start)
	group.Wait()
	return errs
}

// clean runs everything once, alone, as the next cron does.
func (w *testWorld) clean(t *testing.T, receiver sender, months []pricing.Month, days []pricing.Date) {
	t.Helper()
	w.options.Version = "test"
	p := w.pipeline(t)
	p.sender = receiver
	if _, err := p.Rollup(t.Context(), tinyDays, allDue); err != nil {
		t.Error(err)
	}
	if _, err := p.Daily(t.Context(), days, allDue); err != nil {
		t.Error(err)
	}
	if _, err := p.Monthly(t.Context(), months, allDue); err != nil {
		t.Error(err)
	}
	if _, err := p.Deliver(t.Context()); err != nil {
		t.Error(err)
	}
}

// raceRounds is how many rounds are run: all of them in `make soak`.
func raceRounds() int {
	switch {
	case os.Getenv("DAYBOOK_CRASH") == "all":
		return 1000
	case testing.Short():
		return 10
	}
	return 20
}

// Sixteen runners of all jobs at once, in every second round of two engine
// versions: one manifest a revision, one result, whoever made it; numbers without
// a gap; and every event under one id with one body. Runners of one version all
// succeed. Of two versions one may be told to run again; the next run ends it.
func TestRaces_SixteenRunnersPublishOneResult(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(800))
	months, days := october.Through(november), []pricing.Date{lastOfOctober, firstOfNovember}
	alone := newTinyWorld(t, november)
	alone.clean(t, newInbox(), months, days)
	want, closings := readable(t, alone.out), latestOf(t, decided(t, alone.out))
	if len(closings["monthly 2026-10"].Events) != 2 || len(closings["monthly 2026-11"].Events) != 2 {
		t.Fatal("the world does not close two months with two invoices each")
	}
	givenUp := 0
	for round := range raceRounds() {
		mixed := round%2 == 1
		w, receiver := newTinyWorld(t, november), newInbox()
		inner := w.out
		store := watch(inner)
		w.out = store
		for _, err := range w.race(t, racers(mixed), receiver) {
			if err != nil && (!mixed || !contended(err) && !errors.Is(err, ErrIncomplete)) {
				t.Errorf("round %d: %v", round, err)
			}
		}
		w.clean(t, receiver, months, days)
		wantSame(t, fmt.Sprintf("round %d", round), readable(t, inner), want)
		all := decided(t, inner)
		for key, m := range latestOf(t, all) {
			if !maps.Equal(results(m), results(closings[key])) {
				t.Errorf("round %d: %s has other results than a single runner gives", round, key)
			}
		}
		for _, m := range all {
			if m.Verdict == publish.Abandoned {
				givenUp++
			}
		}
		w.wantGapless(t, all)
		receiver.wantDelivered(t, all)
		wantIntact(t, inner, all)
		for _, what := range store.broken {
			t.Errorf("round %d: %s", round, what)
		}
		if t.Failed() {
			return
		}
	}
	if givenUp == 0 {
		t.Error("no round had a runner of another version in the way")
	}
}
