package jobs

import (
	"context"
	"errors"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sinks/api"
	"daybook/sources/blob"
)

// factsOf are the facts of a world, as a server would see them.
func (w *testWorld) factsOf(t *testing.T, s *Published) api.Facts {
	t.Helper()
	f, err := s.Current(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestPublished_ShowsWhatTheRunsPublished(t *testing.T) {
	w := newTestWorld(t)
	p := w.pipeline(t)
	source := p.Published(0)
	if _, err := source.Current(t.Context()); !errors.Is(err, api.ErrNothingPublished) {
		t.Fatalf("nothing is published, and the error is %v", err)
	}
	if _, err := w.billOctober(t); err != nil {
		t.Fatal(err)
	}
	f := w.factsOf(t, source)
	sixth := pricing.NewDate(2026, 10, 6)
	if !f.AsOf().Equal(sixth.AddDays(1).UTC()) || !cmp.Equal(f.Days(), []pricing.Date{sixth}) || !cmp.Equal(f.Closings(), []pricing.Month{october}) {
		t.Errorf("as of %s, days %v, closings %v", f.AsOf(), f.Days(), f.Closings())
	}
	for _, account := range []string{"acme", "beta"} {
		costs, err := f.Costs(t.Context(), account, october.First(), october.Next().First())
		if err != nil {
			t.Fatal(err)
		}
		want, err := p.Costs(t.Context(), account, []pricing.Date{sixth})
		if err != nil || len(want) == 0 {
			t.Fatal(want, err)
		}
		if diff := cmp.Diff(want, costs, sameNumbers); diff != "" {
			t.Errorf("costs of %s: %s", account, diff)
		}
		issued, err := f.Invoices(t.Context(), october, account)
		if err != nil {
			t.Fatal(err)
		}
		tables, err := p.Invoices(t.Context(), october, account)
		if err != nil || len(issued) != 1 || len(tables) != 1 {
			t.Fatal(issued, tables, err)
		}
		if issued[0].Number != tables[0].Number || issued[0].Total.String() != tables[0].Total.String() || len(issued[0].Lines) != len(tables[0].Lines) {
			t.Errorf("issued to %s: %+v, want %+v", account, issued[0], tables[0])
		}
	}
	// 10 GB on the 5th and 30 on the 6th.
	usage, err := f.Usage(t.Context(), "acme", october.First(), sixth)
	ten, _ := money.MustQuantity("10").Fixed(money.QuantityPlaces)
	if err != nil || len(usage) != 2 || usage[0].Sum != ten {
		t.Errorf("usage %+v, %v", usage, err)
	}
	if only, err := f.Usage(t.Context(), "acme", sixth, sixth); err != nil || len(only) != 1 || only[0].Day != sixth {
		t.Errorf("usage of the 6th %+v, %v", only, err)
	}
	if other, err := f.Costs(t.Context(), "nobody", october.First(), sixth); err != nil || len(other) != 0 {
		t.Errorf("costs of nobody: %v, %v", other, err)
	}
	balances, err := f.Balances(t.Context(), "beta")
	if err != nil || len(balances) == 0 || balances[0].BillingAccount != "beta" {
		t.Errorf("balances %v, %v", balances, err)
	}
	entries, err := f.Ledger(t.Context(), "beta")
	if err != nil || len(entries) == 0 {
		t.Errorf("ledger %v, %v", entries, err)
	}
}

// A draft of the open month is what the draft job would make at that instant, and
// the registry's later changes are not seen before a run has taken them.
func TestPublished_IsOfTheStateThatIsPublished(t *testing.T) {
	w := newTestWorld(t)
	p := w.pipeline(t)
	if _, err := p.Daily(t.Context(), []pricing.Date{pricing.NewDate(2026, 10, 6)}, wellAfter); err != nil {
		t.Fatal(err)
	}
	source := p.Published(0)
	f := w.factsOf(t, source)
	draft, err := f.Draft(t.Context(), october, "acme")
	if err != nil || len(draft) != 1 {
		t.Fatalf("%v, %v", draft, err)
	}
	made, err := w.draftOctober(t, RunOptions{AsOf: f.AsOf(), Now: f.AsOf()})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := draft[0].Total.String(), made.Invoices[0].Total.String(); got != want || draft[0].Status != "draft" {
		t.Errorf("the draft is %s, the draft job's %s", got, want)
	}
	forecast, err := f.Forecast(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	want, _, err := p.Forecast(t.Context(), "acme", pricing.NewDate(2026, 10, 6))
	if err != nil || len(want) == 0 {
		t.Fatal(want, err)
	}
	if diff := cmp.Diff(want, forecast, sameNumbers); diff != "" {
		t.Error(diff)
	}
	if again := w.factsOf(t, source); again != f {
		t.Error("the facts of an equal state are made anew")
	}

	w.put(t, "registry/accounts.ndjson", `{"id":"acme","kind":"organization","name":"Acme Renamed","bills":true,"currency":"CHF"}`+"\n"+
		`{"id":"beta","kind":"organization","name":"Beta","bills":true,"currency":"CHF"}`+"\n")
	if a, _ := w.factsOf(t, source).Registry().Account("acme"); a.Name != "Acme" {
		t.Errorf("the registry's change is seen before any run took it: %q", a.Name)
	}
	if _, err := p.Daily(t.Context(), []pricing.Date{pricing.NewDate(2026, 10, 6)}, wellAfter); err != nil {
		t.Fatal(err)
	}
	next := w.factsOf(t, source)
	if a, _ := next.Registry().Account("acme"); a.Name != "Acme Renamed" || next.State() == f.State() {
		t.Errorf("after the run the name is %q, state %s", a.Name, next.State())
	}
}

// While the store is away, what is known is shown; it is looked at no more often
// than asked for.
func TestPublished_LivesThroughAStoreThatIsAway(t *testing.T) {
	w := newTestWorld(t)
	if _, err := w.billOctober(t); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)
	store := &awayStore{Store: w.out}
	w.out, w.options.Clock = store, Clock{Now: func() time.Time { return now }}
	source := w.pipeline(t).Published(10 * time.Second)
	f := w.factsOf(t, source)
	store.away = true
	if again := w.factsOf(t, source); again != f || store.refused != 0 {
		t.Errorf("the store was looked at %d times within 10 s", store.refused)
	}
	now = now.Add(time.Minute)
	if again := w.factsOf(t, source); again != f || store.refused == 0 {
		t.Errorf("the facts are lost with the store, or nobody looked (%d)", store.refused)
	}
	refused := store.refused
	if again := w.factsOf(t, source); again != f || store.refused != refused {
		t.Errorf("the next request waited for a store that is known to be away")
	}
	fresh := w.pipeline(t).Published(0)
	if _, err := fresh.Current(t.Context()); !errors.Is(err, errAway) {
		t.Errorf("a server that knows nothing yet says %v", err)
	}
}

// What is asked for while somebody looks is seen by the next look, which does not
// wait for its time.
func TestPublished_LooksAgainAfterARequest(t *testing.T) {
	w := readingsWorld(t)
	day := pricing.NewDate(2026, 10, 6)
	w.costs(t, day)
	now := time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)
	w.options.Clock = Clock{Now: func() time.Time { return now }}
	store := &awayStore{Store: w.out}
	w.out = store
	source := w.pipeline(t).Published(time.Hour)
	before := w.factsOf(t, source)
	now = now.Add(2 * time.Hour)
	store.listed = func() {
		store.listed = nil
		v := fiveMinutes(t, "2026-10-06T08:05:00Z")
		if err := source.VoidUsage(t.Context(), v, "read twice"); err != nil {
			t.Error(err)
		}
	}
	w.factsOf(t, source) // the request is put after it has listed the requests
	if store.listed != nil {
		t.Fatal("nobody listed the requests")
	}
	if after := w.factsOf(t, source); after.State() == before.State() {
		t.Error("what was asked for during a look is not seen after it")
	}
}

var errAway = errors.New("the store is away")

// awayStore refuses listings while it is away.
type awayStore struct {
	blob.Store
	away    bool
	refused int
	read    int    // requests
	listed  func() // once the last requests have been listed
}

func (s *awayStore) List(ctx context.Context, prefix, after string) iter.Seq2[blob.Object, error] {
	if !s.away {
		return func(yield func(blob.Object, error) bool) {
			s.Store.List(ctx, prefix, after)(yield)
			if s.listed != nil && strings.HasPrefix(prefix, "requests/"+string(JobMonthly)) {
				s.listed()
			}
		}
	}
	s.refused++
	return func(yield func(blob.Object, error) bool) { yield(blob.Object{}, errAway) }
}

// sameNumbers takes numbers of one value for equal, however they are written.
var sameNumbers = cmp.Options{
	cmp.Comparer(func(a, b money.Amount) bool { return a.Cmp(b) == 0 }),
	cmp.Comparer(func(a, b money.Quantity) bool { return a.Cmp(b) == 0 }),
}

// What was asked for before is read once, and not again for each state after it.
func TestPublished_ReadsARequestOnce(t *testing.T) {
	w := readingsWorld(t)
	w.costs(t, pricing.NewDate(2026, 10, 6))
	store := &awayStore{Store: w.out}
	w.out = store
	source := w.pipeline(t).Published(0)
	states := map[string]bool{}
	for _, from := range []string{"2026-10-06T08:00:00Z", "2026-10-06T08:05:00Z", "2026-10-06T08:10:00Z"} {
		w.void(t, from)
		states[w.factsOf(t, source).State()] = true
	}
	if len(states) != 3 || store.read != 3 {
		t.Errorf("three requests and %d states took %d reads of requests, want 3", len(states), store.read)
	}
}

func (s *awayStore) ReadAt(ctx context.Context, o blob.Object, p []byte, off int64) error {
	if strings.HasPrefix(o.Key, "requests/") {
		s.read++
	}
	return s.Store.ReadAt(ctx, o, p, off)
}
