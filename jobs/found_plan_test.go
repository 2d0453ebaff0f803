package jobs

import (
	"context"
	"strings"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/sinks/publish"
	"daybook/sources/blob"
	"daybook/sources/blob/fault"
	"daybook/sources/usage"
)

var (
	fifth     = pricing.NewDate(2026, 10, 5)
	sixth     = pricing.NewDate(2026, 10, 6)
	wellAfter = RunOptions{Now: time.Date(2026, 11, 10, 0, 0, 0, 0, time.UTC)}
)

// dies runs something that ends as a crash would at the first put of a key, and
// leaves the store to the next process.
func (w *testWorld) dies(t *testing.T, how, key string, run func(*Pipeline) error) {
	t.Helper()
	inner := w.out
	faulty, err := fault.New(inner, fault.Options{Script: "put 1 of " + key + " " + how})
	if err != nil {
		t.Fatal(err)
	}
	w.out = faulty
	if err := run(w.pipeline(t)); err == nil || faulty.Injected() == 0 {
		t.Fatalf("the run did not die at %s (%v)", key, err)
	}
	w.out = inner
}

// due closes October and returns what each account owes.
func (w *testWorld) due(t *testing.T, o RunOptions) map[string]string {
	t.Helper()
	outcomes, err := w.pipeline(t).Monthly(t.Context(), []pricing.Month{october}, o)
	if err != nil {
		t.Fatal(err)
	}
	due := map[string]string{}
	for _, i := range outcomes[len(outcomes)-1].Invoices {
		due[i.BillingAccount] = i.AmountDue.String()
	}
	return due
}

// By hand: 30 and 12 as in TestMonthly_BillsEachAccountOnce, and 2 GB × 0.50 = 1.00
// more for beta, which came late.
func TestMonthly_BillsTheFileThatCameAfterADeadRollupsPlan(t *testing.T) {
	w := newTestWorld(t)
	w.dies(t, "stop-after", "runs/rollup/2026-10-05/r000001/plan.json", func(p *Pipeline) error {
		_, err := p.Rollup(t.Context(), []pricing.Date{fifth}, RunOptions{})
		return err
	})
	w.usage(t, "dt=2026-10-05/late.parquet", usageRow{"e9", "2026-10-05T10:00:00Z", "sub-b", 2})
	if due := w.due(t, wellAfter); due["acme"] != "30" || due["beta"] != "13" {
		t.Errorf("due %v, want 30 and 13", due)
	}
}

func TestMonthly_BillsTheWholeDayAfterADeadRollupThatWasCutAtNoon(t *testing.T) {
	w := newTestWorld(t)
	w.dies(t, "stop-after", "runs/rollup/2026-10-05/r000001/plan.json", func(p *Pipeline) error {
		_, err := p.Rollup(t.Context(), []pricing.Date{fifth}, RunOptions{AsOf: time.Date(2026, 10, 5, 8, 30, 0, 0, time.UTC)})
		return err
	})
	if due := w.due(t, wellAfter); due["beta"] != "12" {
		t.Errorf("due %v, want 12 for beta, whose event is after the cut", due)
	}
}

func TestRollup_AMendedBookGetsPastTheBookOfADeadRun(t *testing.T) {
	w := newTestWorld(t)
	w.put(t, "book/shop.yaml", strings.Replace(testBook, "unit: GB}", "unit: GB, of: no_such_column}", 1))
	if _, err := w.pipeline(t).Rollup(t.Context(), []pricing.Date{fifth}, RunOptions{}); err == nil {
		t.Fatal("a meter of a column that is not there was rolled up")
	}
	w.put(t, "book/shop.yaml", testBook)
	outcomes, err := w.pipeline(t).Rollup(t.Context(), []pricing.Date{fifth}, RunOptions{})
	if err != nil || len(outcomes) != 1 || outcomes[0].State != StatePublished {
		t.Errorf("%+v, %v: want the day published by the mended book", outcomes, err)
	}
}

// By hand: 40 GB × 0.50 + 20 = 40.00 and 4 GB × 0.50 + 20 = 22.00.
func TestMonthly_IssuesByTheBookThatWasMendedAfterADeadRunsPlan(t *testing.T) {
	w := newTestWorld(t)
	w.dies(t, "stop-after", "runs/monthly/2026-10/r000001/plan.json", func(p *Pipeline) error {
		o := wellAfter
		o.NoNotify = true
		_, err := p.Monthly(t.Context(), []pricing.Month{october}, o)
		return err
	})
	w.put(t, "book/shop.yaml", strings.Replace(testBook, "fixed: 10.00", "fixed: 20.00", 1))
	if due := w.due(t, wellAfter); due["acme"] != "40" || due["beta"] != "22" {
		t.Errorf("due %v, want 40 and 22", due)
	}
	h := w.history(t, "monthly", "2026-10")
	if !h.Published.Notify || len(h.Published.Events) != 2 {
		t.Errorf("the closing has %d events: the dead run's --no-notify was adopted", len(h.Published.Events))
	}
	if next := h.Published.Chain.Numbers[seriesInvoice]; next != 3 {
		t.Errorf("the next number is %d, want 3: an abandoned revision's numbers are used again", next)
	}
}

func TestDaily_RatesTheFileThatCameAfterADeadRunsPlan(t *testing.T) {
	w := newTestWorld(t)
	run := func(p *Pipeline) error {
		_, err := p.Daily(t.Context(), []pricing.Date{sixth}, wellAfter)
		return err
	}
	w.dies(t, "stop-after", "runs/daily/2026-10-06/r000001/plan.json", run)
	w.usage(t, "dt=2026-10-05/late.parquet", usageRow{"e9", "2026-10-05T10:00:00Z", "sub-b", 2})
	if err := run(w.pipeline(t)); err != nil {
		t.Fatal(err)
	}
	costs, err := w.pipeline(t).AccountCosts(t.Context(), sixth)
	if err != nil || len(costs) != 2 || costs[1].Total.String() != "13" {
		t.Errorf("costs %v, %v: want 13 for beta", costs, err)
	}
}

func TestMonthly_AdoptsTheAsOfOfADeadRunsPlan(t *testing.T) {
	w := newTestWorld(t)
	w.settings.ClosingGrace = 36 * time.Hour
	at := time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC)
	w.dies(t, "stop-after", "runs/monthly/2026-10/r000001/plan.json", func(p *Pipeline) error {
		_, err := p.Monthly(t.Context(), []pricing.Month{october}, RunOptions{AsOf: at})
		return err
	})
	w.due(t, wellAfter)
	if h := w.history(t, "monthly", "2026-10"); h.Published.Revision != 1 || !h.Published.AsOf.Equal(at) {
		t.Errorf("r%d as of %s, want r1 as of %s: a found plan's as_of wins", h.Published.Revision, h.Published.AsOf, at)
	}
}

// giveUp decides a day's next revision as another runner does whose inputs changed.
func (w *testWorld) giveUp(t *testing.T, job, period string) {
	t.Helper()
	publisher := publish.New(w.out, publish.Options{Engine: "test"})
	run, err := publisher.Begin(t.Context(), publish.Identity{Job: job, Period: period, Inputs: []publish.Input{{Kind: "usage", Key: "other"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Abandon(t.Context(), "test"); err != nil {
		t.Fatal(err)
	}
}

func (w *testWorld) history(t *testing.T, job, period string) publish.History {
	t.Helper()
	h, err := publish.New(w.out, publish.Options{Engine: "test"}).Decided(t.Context(), job, period)
	if err != nil || h.Published == nil {
		t.Fatalf("%s %s is not published: %v", job, period, err)
	}
	return h
}

func TestDaily_OnlyReadsRollupsWhoseLastRevisionWasAbandoned(t *testing.T) {
	w := newTestWorld(t)
	if _, err := w.billOctober(t); err != nil {
		t.Fatal(err)
	}
	w.giveUp(t, "rollup", "2026-10-05")
	o := wellAfter
	o.Only = true
	if _, err := w.pipeline(t).Daily(t.Context(), []pricing.Date{sixth}, o); err != nil {
		t.Error(err)
	}
}

// abandoning gives day 5 up, as another runner would, before it is delivered.
type abandoning struct {
	usage.Engine
	by func()
}

func (e *abandoning) Rollup(ctx context.Context, r usage.Request, deliver func(usage.Day) error) error {
	return e.Engine.Rollup(ctx, r, func(d usage.Day) error {
		if by := e.by; by != nil {
			e.by = nil
			by()
		}
		return deliver(d)
	})
}

func TestRollup_ADayThatAnotherRunnerGaveUpLeavesTheOthersTheirRevision(t *testing.T) {
	w := newTestWorld(t)
	w.options.Engine = &abandoning{usage.New(), func() { w.giveUp(t, "rollup", "2026-10-05") }}
	outcomes, err := w.pipeline(t).Rollup(t.Context(), []pricing.Date{fifth, sixth}, RunOptions{})
	if err != nil || len(outcomes) != 2 {
		t.Fatalf("%+v, %v", outcomes, err)
	}
	if outcomes[0].Revision != 2 || outcomes[1].Revision != 1 {
		t.Errorf("revisions %d and %d, want 2 and 1", outcomes[0].Revision, outcomes[1].Revision)
	}
}

// interrupted does something else at the first put under a prefix.
type interrupted struct {
	blob.Store
	prefix string
	by     func()
}

func (s *interrupted) Put(ctx context.Context, key string, body []byte, c blob.Cond) (blob.Object, error) {
	if by := s.by; by != nil && strings.HasPrefix(key, s.prefix) {
		s.by = nil
		by()
	}
	return s.Store.Put(ctx, key, body, c)
}

// A runner whose revision is given up while it computes reads book and registry
// again: the other one gave it up because they have changed. By hand: 4 GB × 0.50
// + 20 = 22.00.
func TestRun_GivenUpMeanwhileBeginsAgainByWhatStandsNow(t *testing.T) {
	for job, run := range map[string]func(*testWorld, *Pipeline) (string, error){
		"daily": func(w *testWorld, p *Pipeline) (string, error) {
			if _, err := p.Daily(t.Context(), []pricing.Date{sixth}, wellAfter); err != nil {
				return "", err
			}
			costs, err := p.AccountCosts(t.Context(), sixth)
			return costs[1].Total.String(), err
		},
		"monthly": func(w *testWorld, p *Pipeline) (string, error) {
			outcomes, err := p.Monthly(t.Context(), []pricing.Month{october}, wellAfter)
			if err != nil {
				return "", err
			}
			if rollups := len(outcomes) - 1; rollups < 31 {
				t.Errorf("%d rollups are reported: those of the first attempt are lost", rollups)
			}
			return outcomes[len(outcomes)-1].Invoices[1].AmountDue.String(), nil
		},
	} {
		w := newTestWorld(t)
		inner := w.out
		w.out = &interrupted{inner, "data/" + job + "/", func() {
			w.put(t, "book/shop.yaml", strings.Replace(testBook, "fixed: 10.00", "fixed: 20.00", 1))
			period := map[string]string{"daily": "2026-10-06", "monthly": "2026-10"}[job]
			(&testWorld{out: inner}).giveUp(t, job, period)
		}}
		if got, err := run(w, w.pipeline(t)); err != nil || got != "22" {
			t.Errorf("%s: beta owes %s, %v; want 22", job, got, err)
		}
	}
}
