package jobs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/sinks/publish"
	"daybook/sources/blob"
	"daybook/sources/blob/fault"
	"daybook/sources/blob/mem"
	"daybook/sources/usage"
)

// contents reads a store but for plans, whose pins are the store's own.
func contents(t *testing.T, s blob.Store) map[string]string {
	t.Helper()
	out := map[string]string{}
	for o, err := range s.List(t.Context(), "", "") {
		if err != nil {
			t.Fatal(err)
		}
		// A run that died may have left a mark beside its successor, or none at all.
		if strings.HasSuffix(o.Key, "/plan.json") || strings.HasPrefix(o.Key, "probe/") || strings.Contains(o.Key, "/uptodate/") {
			continue
		}
		body, err := blob.Read(t.Context(), s, o)
		if err != nil {
			t.Fatal(err)
		}
		out[o.Key] = string(body)
	}
	return out
}

func wantSame(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	for key := range want {
		if got[key] != want[key] {
			t.Errorf("%s: %s is missing or differs", what, key)
		}
	}
	for key := range got {
		if _, ok := want[key]; !ok {
			t.Errorf("%s: %s is extra", what, key)
		}
	}
}

// By hand: acme 40 GB × 0.50 + 10 = 30.00, beta 4 GB × 0.50 + 10 = 12.00.
func TestMonthly_BillsEachAccountOnce(t *testing.T) {
	w := newTestWorld(t)
	outcomes, err := w.billOctober(t)
	if err != nil {
		t.Fatal(err)
	}
	last := outcomes[len(outcomes)-1]
	if last.State != StatePublished || len(last.Invoices) != 2 {
		t.Fatalf("closing: %s with %d invoices, want published with 2", last.State, len(last.Invoices))
	}
	for i, want := range []struct{ account, number, due string }{{"acme", "2026-000001", "30"}, {"beta", "2026-000002", "12"}} {
		got := last.Invoices[i]
		if got.BillingAccount != want.account || got.Number != want.number || got.AmountDue.String() != want.due {
			t.Errorf("invoice %d: %s %s %s, want %v", i, got.BillingAccount, got.Number, got.AmountDue, want)
		}
	}
	before := contents(t, w.out)
	again, err := w.billOctober(t)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range again {
		if o.State != StateAlready {
			t.Errorf("%s %s ran again: %s", o.Job, o.Period, o.State)
		}
	}
	wantSame(t, "second run", contents(t, w.out), before)
}

func TestMonthly_NumbersRunOnWithoutAGap(t *testing.T) {
	w := newTestWorld(t)
	p := w.pipeline(t)
	outcomes, err := p.Monthly(t.Context(), october.Through(october.Next().Next()), RunOptions{Now: time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC), AllowIncomplete: true})
	if err != nil {
		t.Fatal(err)
	}
	var numbers []string
	for _, o := range outcomes {
		for _, i := range o.Invoices {
			numbers = append(numbers, i.Number)
		}
	}
	if got := strings.Join(numbers, " "); got != "2026-000001 2026-000002 2026-000003 2026-000004 2026-000005 2026-000006" {
		t.Errorf("numbers: %s", got)
	}
}

// Every store call of a run is made to fail, before its effect and after it
// (a lost answer); the run stops there as a crash would, and a second run must
// bring the undisturbed result, with one manifest a revision.
func TestRun_SurvivesADeathAtEveryStoreCall(t *testing.T) {
	undisturbed := newTestWorld(t)
	counter, err := fault.New(undisturbed.out, fault.Options{})
	if err != nil {
		t.Fatal(err)
	}
	undisturbed.out = counter
	if _, err := undisturbed.billOctober(t); err != nil {
		t.Fatal(err)
	}
	calls := len(counter.Calls())
	want := contents(t, undisturbed.out)
	if calls < 100 {
		t.Fatalf("only %d store calls: the rig does not see the run", calls)
	}
	// A sample that is spread over the run: cmd/daybook/rigs kills processes at every call.
	step := calls / 10
	if testing.Short() {
		step = calls / 5
	}
	for n := 1; n <= calls; n += step {
		for _, how := range []string{"stop", "stop-after"} {
			w := newTestWorld(t)
			inner := w.out
			faulty, err := fault.New(inner, fault.Options{Script: fmt.Sprintf("any %d %s", n, how)})
			if err != nil {
				t.Fatal(err)
			}
			w.out = faulty
			_, died := w.billOctober(t)
			if died == nil || faulty.Injected() == 0 {
				t.Errorf("call %d %s: the run did not notice (%v)", n, how, died)
			}
			w.out = inner
			if _, err := w.billOctober(t); err != nil {
				t.Fatalf("call %d %s: the second run failed: %v", n, how, err)
			}
			wantSame(t, fmt.Sprintf("call %d %s", n, how), contents(t, inner), want)
			if t.Failed() {
				return
			}
		}
	}
}

func TestRun_SixteenAtOncePublishOneResult(t *testing.T) {
	alone := newTestWorld(t)
	if _, err := alone.billOctober(t); err != nil {
		t.Fatal(err)
	}
	want := contents(t, alone.out)
	w := newTestWorld(t)
	var group sync.WaitGroup
	errs := make([]error, 16)
	for i := range errs {
		group.Go(func() { _, errs[i] = w.billOctober(t) })
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	wantSame(t, "sixteen runners", contents(t, w.out), want)
}

func TestRun_RefusesAStoreThatIgnoresConditions(t *testing.T) {
	w := newTestWorld(t)
	w.out = careless{mem.New("careless")}
	if _, err := w.billOctober(t); !errors.Is(err, blob.ErrUnsafe) {
		t.Errorf("error %v, want %v", err, blob.ErrUnsafe)
	}
}

// careless accepts every put.
type careless struct{ blob.Store }

func (c careless) Put(ctx context.Context, key string, body []byte, _ blob.Cond) (blob.Object, error) {
	return c.Store.Put(ctx, key, body, blob.Cond{})
}

// droppingEngine loses one kept row's count, as a defect would.
type droppingEngine struct{ usage.Engine }

func (e droppingEngine) Rollup(ctx context.Context, r usage.Request, deliver func(usage.Day) error) error {
	return e.Engine.Rollup(ctx, r, func(d usage.Day) error {
		if d.Counts.Kept > 0 {
			d.Counts.Kept--
		}
		return deliver(d)
	})
}

func TestRollup_PublishesNothingWhenTheRowsDoNotAddUp(t *testing.T) {
	w := newTestWorld(t)
	w.options.Engine = droppingEngine{usage.New()}
	p := w.pipeline(t)
	if _, err := p.Rollup(t.Context(), []pricing.Date{pricing.NewDate(2026, 10, 5)}, RunOptions{}); err == nil {
		t.Fatal("a lost row was published")
	}
	h, err := p.publisher.Decided(t.Context(), "rollup", "2026-10-05")
	if err != nil || h.Last != nil {
		t.Errorf("history %+v, %v: want nothing decided", h, err)
	}
}

// forgettingEngine leaves one file out of its account, as a defect would.
type forgettingEngine struct{ usage.Engine }

func (e forgettingEngine) Rollup(ctx context.Context, r usage.Request, deliver func(usage.Day) error) error {
	return e.Engine.Rollup(ctx, r, func(d usage.Day) error {
		d.Files = d.Files[1:]
		return deliver(d)
	})
}

func TestRollup_PublishesNothingWhenItsFilesDoNotAddUpToTheDay(t *testing.T) {
	w := newTestWorld(t)
	w.options.Engine = forgettingEngine{usage.New()}
	if _, err := w.pipeline(t).Rollup(t.Context(), []pricing.Date{fifth}, RunOptions{}); !errors.Is(err, usage.ErrMiscounted) {
		t.Errorf("error %v, want %v", err, usage.ErrMiscounted)
	}
}

// silentEngine leaves a day out and reports success.
type silentEngine struct{ usage.Engine }

func (silentEngine) Rollup(context.Context, usage.Request, func(usage.Day) error) error { return nil }

func TestRollup_ADayThatTheEngineLeavesOutIsAnError(t *testing.T) {
	w := newTestWorld(t)
	w.options.Engine = silentEngine{}
	if _, err := w.pipeline(t).Rollup(t.Context(), []pricing.Date{fifth}, RunOptions{}); err == nil || !strings.Contains(err.Error(), "2026-10-05") {
		t.Errorf("error %v, want one that names the day", err)
	}
	if _, err := w.pipeline(t).Monthly(t.Context(), []pricing.Month{october}, wellAfter); err == nil {
		t.Error("a month was closed without its rollups")
	}
}

// A tree is rated as soon as the merge is past its last account, whether that
// one has usage or not: what waits for the end stays in memory.
func TestRateTrees_AnAccountWithoutUsageHoldsNothingBack(t *testing.T) {
	w := newTestWorld(t)
	p := w.pipeline(t)
	if _, err := p.Rollup(t.Context(), []pricing.Date{fifth}, RunOptions{}); err != nil {
		t.Fatal(err)
	}
	r, err := p.publishedRollup(t.Context(), fifth)
	if err != nil {
		t.Fatal(err)
	}
	days, err := p.openRollups(t.Context(), rollupSet{objects: []publish.Object{r.object}}, carried{})
	if err != nil {
		t.Fatal(err)
	}
	defer days.close()
	var order []int
	gathered := map[int]int{}
	trees := []pricing.Tree{{Accounts: []string{"aa", "zz"}}, {Accounts: []string{"acme", "adam"}}}
	orphans, err := rateTrees(t.Context(), trees, days, 1, func(i int, rows []pricing.UsageState) error {
		order, gathered[i] = append(order, i), len(rows)
		return nil
	})
	if err != nil || !slices.Equal(order, []int{1, 0}) || gathered[1] != 1 || gathered[0] != 0 || !slices.Equal(orphans.accounts, []string{"beta"}) {
		t.Errorf("order %v, rows %v, orphans %v, %v: want 1 before 0, one row of acme, beta an orphan", order, gathered, orphans, err)
	}
}

func TestParked_AnAccountWithAProblemOfItsOwnIsListedOnce(t *testing.T) {
	problems := []pricing.Problem{{Kind: "subscription", ID: "s", Account: "gone", Code: "unknown_account", Detail: "d"}}
	parked := parkedByInputs(problems, []string{"stray", "gone", "stray"}, fifth)
	if len(parked) != 2 || parked[0].Reason != "unknown_account" || parked[1].Account != "stray" || parked[1].Reason != "account_gone" {
		t.Errorf("parked %+v, want gone for its problem and stray for its usage", parked)
	}
}

// overwriting replaces a usage file the moment the engine first reads it.
type overwriting struct {
	blob.Store
	once sync.Once
	by   func()
}

func (o *overwriting) ReadAt(ctx context.Context, object blob.Object, p []byte, off int64) error {
	o.once.Do(o.by)
	return o.Store.ReadAt(ctx, object, p, off)
}

func TestRollup_AnInputOverwrittenUnderItIsPlannedAnew(t *testing.T) {
	w := newTestWorld(t)
	p := w.pipeline(t)
	store := &overwriting{Store: p.stores.Usage, by: func() {
		w.usage(t, "dt=2026-10-05/a.parquet", usageRow{"e1", "2026-10-05T08:00:00Z", "sub-a", 11})
	}}
	p.stores.Usage = store
	outcomes, err := p.Rollup(t.Context(), []pricing.Date{pricing.NewDate(2026, 10, 5)}, RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(outcomes) != 1 || outcomes[0].Revision != 2 || outcomes[0].Counts.Kept != 1 {
		t.Errorf("outcomes %+v, want revision 2 with the one row of the new file", outcomes)
	}
	first, err := p.publisher.Decided(t.Context(), "rollup", "2026-10-05")
	if err != nil || first.Published == nil || first.Published.Revision != 2 {
		t.Errorf("published %+v, %v", first.Published, err)
	}
}

func TestRollup_NewCustomersReadNothingAgain(t *testing.T) {
	w := newTestWorld(t)
	day := []pricing.Date{pricing.NewDate(2026, 10, 5)}
	if _, err := w.pipeline(t).Rollup(t.Context(), day, RunOptions{}); err != nil {
		t.Fatal(err)
	}
	accounts := `{"id":"acme","kind":"organization","name":"Acme","bills":true,"currency":"CHF"}
{"id":"beta","kind":"organization","name":"Beta","bills":true,"currency":"CHF"}
{"id":"gamma","kind":"organization","name":"Gamma","bills":true,"currency":"CHF"}
`
	w.put(t, "registry/accounts.ndjson", accounts)
	subscriptions := `{"id":"sub-a","account":"acme","plan":"standard","start":"2026-10-01"}
{"id":"sub-b","account":"beta","plan":"standard","start":"%s"}
{"id":"sub-c","account":"gamma","plan":"standard","start":"2026-10-01"}
`
	w.put(t, "registry/subscriptions.ndjson", fmt.Sprintf(subscriptions, "2026-10-01"))
	outcomes, err := w.pipeline(t).Rollup(t.Context(), day, RunOptions{})
	if err != nil || outcomes[0].State != StateAlready {
		t.Errorf("%+v, %v: want nothing to do for a customer whom the day did not see", outcomes, err)
	}
	// A subscription that the day did see begins later now: its usage does not fit any more.
	w.put(t, "registry/subscriptions.ndjson", fmt.Sprintf(subscriptions, "2026-10-06"))
	outcomes, err = w.pipeline(t).Rollup(t.Context(), day, RunOptions{})
	if err != nil || outcomes[0].State != StatePublished || outcomes[0].Reasons[string(usage.OutsideSubscription)] != 1 {
		t.Errorf("%+v, %v: want a second revision with one rejected row", outcomes, err)
	}
}

func TestDeliver_AnEndpointThatFailsHoldsNobodyBack(t *testing.T) {
	w := newTestWorld(t)
	receiver := newTestReceiver(t)
	w.settings.Endpoints = []Endpoint{receiver.endpoint("broken", "/broken"), receiver.endpoint("good", "/good")}
	clock := newTestClock()
	w.options.Clock = clock.clock()
	if _, err := w.billOctober(t); err != nil {
		t.Fatal(err)
	}
	if _, err := w.pipeline(t).Deliver(t.Context()); !errors.Is(err, ErrPending) {
		t.Errorf("error %v, want %v", err, ErrPending)
	}
	if got := receiver.seen("/good"); len(got) != 2 {
		t.Errorf("the good endpoint has %d events, want 2", len(got))
	}
	first := receiver.seen("/broken")
	receiver.mend()
	clock.advance(time.Hour) // the next attempt after two failed ones is 5 minutes later
	if _, err := w.pipeline(t).Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	after := receiver.seen("/broken")
	if len(after) != 2 {
		t.Errorf("the mended endpoint has %d events, want 2", len(after))
	}
	for id, body := range first {
		if after[id] != body {
			t.Errorf("event %s was sent again with another body", id)
		}
	}
	if !maps.Equal(after, receiver.seen("/good")) {
		t.Error("the two endpoints got different ids or bodies")
	}
	requests := receiver.requests()
	if _, err := w.pipeline(t).Deliver(t.Context()); err != nil || receiver.requests() != requests {
		t.Errorf("delivered events were sent again (%v)", err)
	}
}

// Of the days before every period, a year of which carried changes may need, only
// the meters that carry are read; a later run that needs the whole day reads it
// again.
func TestOpenRollups_KeepsOfEarlierDaysWhatIsCarried(t *testing.T) {
	w := newTestWorld(t)
	p := w.pipeline(t)
	if _, err := p.Rollup(t.Context(), []pricing.Date{fifth}, RunOptions{}); err != nil {
		t.Fatal(err)
	}
	r, err := p.publishedRollup(t.Context(), fifth)
	if err != nil {
		t.Fatal(err)
	}
	read := func(before pricing.Date, meters ...string) int {
		t.Helper()
		days, err := p.openRollups(t.Context(), rollupSet{objects: []publish.Object{r.object}}, carried{before, func(id string) bool { return slices.Contains(meters, id) }})
		if err != nil {
			t.Fatal(err)
		}
		defer days.close()
		rows := 0
		for d := days.days[0]; d.window != nil; {
			rows += d.window.Len()
			if err := d.turn(); err != nil {
				t.Fatal(err)
			}
		}
		return rows
	}
	whole := read(fifth)
	if whole == 0 {
		t.Fatal("the day has no usage")
	}
	for _, c := range []struct{ got, want int }{
		{read(fifth + 1), 0}, {read(fifth), whole}, {read(fifth+1, "no such meter"), 0}, {read(fifth - 1), whole},
	} {
		if c.got != c.want {
			t.Errorf("%d rows, want %d", c.got, c.want)
		}
	}
}

// A range of days reads each rollup's file once, however many of them look at it.
func TestOpenRollups_KeepsFilesForTheNextDay(t *testing.T) {
	w := newTestWorld(t)
	days := []pricing.Date{fifth, sixth, sixth + 1}
	if _, err := w.pipeline(t).Rollup(t.Context(), Span{pricing.NewDate(2026, 9, 30), sixth + 2}.Days(), wellAfter); err != nil {
		t.Fatal(err)
	}
	counting := faulty(t, w.out, "")
	w.out = counting
	if _, err := w.pipeline(t).Daily(t.Context(), days, wellAfter); err != nil {
		t.Fatal(err)
	}
	reads := map[string]int{}
	for _, c := range counting.Calls() {
		if c.Op == "read" && strings.HasPrefix(c.Key, "data/rollup/") && strings.Contains(c.Key, "usage_daily") {
			reads[c.Key]++
		}
	}
	if len(reads) < 3 {
		t.Fatalf("the days read %v; want some rollups", reads)
	}
	for key, n := range reads {
		if n > 1 {
			t.Errorf("%s is read %d times", key, n)
		}
	}
}
