package jobs

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/sources/blob"
	"daybook/sources/blob/dir"
	"daybook/sources/usage"
)

// counting counts the calls to a store as one is billed for them: a listing is a
// call for each page of 1,000 objects that it looked at.
type counting struct {
	blob.Store
	calls, listed, writes *atomic.Int64
	log                   func(string)
}

func (c counting) count(what string, n *atomic.Int64) {
	n.Add(1)
	if c.log != nil {
		c.log(what)
	}
}

func (c counting) Stat(ctx context.Context, key string) (blob.Object, error) {
	c.count("stat "+key, c.calls)
	return c.Store.Stat(ctx, key)
}

func (c counting) ReadAt(ctx context.Context, o blob.Object, p []byte, off int64) error {
	c.count("read "+o.Key, c.calls)
	return c.Store.ReadAt(ctx, o, p, off)
}

func (c counting) List(ctx context.Context, prefix, after string) iter.Seq2[blob.Object, error] {
	return func(yield func(blob.Object, error) bool) {
		c.count("list "+prefix+" after "+after, c.calls)
		n := 0
		for o, err := range c.Store.List(ctx, prefix, after) {
			if n++; n%1000 == 1 && n > 1 {
				c.count("next page of "+prefix, c.calls)
			}
			c.listed.Add(1)
			if !yield(o, err) {
				return
			}
		}
	}
}

func (c counting) Put(ctx context.Context, key string, body []byte, cond blob.Cond) (blob.Object, error) {
	c.count("put "+key, c.writes)
	return c.Store.Put(ctx, key, body, cond)
}

func (c counting) Delete(ctx context.Context, key string) error {
	c.count("delete "+key, c.writes)
	return c.Store.Delete(ctx, key)
}

// counted makes all stores of a world count together.
func (w *testWorld) counted(t *testing.T) counting {
	c := counting{calls: &atomic.Int64{}, listed: &atomic.Int64{}, writes: &atomic.Int64{}, log: func(call string) { t.Log(call) }}
	bucket, out := c, c
	bucket.Store, out.Store = w.bucket, w.out
	w.bucket, w.out = bucket, out
	return c
}

// onDisk makes a world of folders.
func (w *testWorld) onDisk(t *testing.T) {
	t.Helper()
	bucket, err := dir.New(t.TempDir(), dir.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	out, err := dir.New(t.TempDir(), dir.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	for o, err := range w.bucket.List(t.Context(), "", "") {
		if err != nil {
			t.Fatal(err)
		}
		body, err := blob.Read(t.Context(), w.bucket, o)
		if err == nil {
			_, err = bucket.Put(t.Context(), o.Key, body, blob.Cond{})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	w.bucket, w.out = bucket, out
}

// copies puts so many copies of a usage file beside it.
func (w *testWorld) copies(t *testing.T, key string, n int) {
	t.Helper()
	body, _, err := blob.ReadAll(t.Context(), w.bucket, "usage/"+key, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		w.put(t, fmt.Sprintf("usage/%s-%04d.parquet", strings.TrimSuffix(key, ".parquet"), i), string(body))
	}
}

// closeOctober closes the first month of the world, as a run that is due does.
func closeOctober(t *testing.T) func(*Pipeline) ([]Outcome, error) {
	return func(p *Pipeline) ([]Outcome, error) {
		return p.Monthly(t.Context(), []pricing.Month{october}, wellAfter)
	}
}

// draftOf makes a month's draft.
func draftOf(t *testing.T, m pricing.Month, o RunOptions) func(*Pipeline) ([]Outcome, error) {
	return func(p *Pipeline) ([]Outcome, error) { return p.Draft(t.Context(), []pricing.Month{m}, o) }
}

var noonOfThe6th = time.Date(2026, 10, 6, 12, 0, 0, 0, time.UTC)

var endOfOctober = pricing.NewDate(2026, 10, 31)

// Issue 4: an up-to-date period's re-run makes at most 5 store calls plus one page
// per 1,000 inputs, and no write, however many days a range has.
func TestRun_UpToDateIsSeenFromListings(t *testing.T) {
	octoberDays := Span{october.First(), endOfOctober}
	for _, c := range []struct {
		name  string
		files int // of each day, beside the world's
		disk  bool
		run   func(*Pipeline) ([]Outcome, error)
		pages int64 // of 1,000 usage files
		days  int

		sealed bool // the next month is closed too
		world  func(t *testing.T) *testWorld
	}{
		{name: "rollup of a day", run: func(p *Pipeline) ([]Outcome, error) { return p.Rollup(t.Context(), []pricing.Date{fifth}, wellAfter) }, pages: 1, days: 1},
		{name: "rollup of a day in folders", disk: true, run: func(p *Pipeline) ([]Outcome, error) { return p.Rollup(t.Context(), []pricing.Date{fifth}, wellAfter) }, pages: 1, days: 1},
		{name: "rollups of a month", run: func(p *Pipeline) ([]Outcome, error) { return p.Rollup(t.Context(), octoberDays.Days(), wellAfter) }, pages: 1, days: 31},
		{name: "costs of a day", run: func(p *Pipeline) ([]Outcome, error) { return p.Daily(t.Context(), []pricing.Date{sixth}, wellAfter) }, pages: 1, days: 1},
		{name: "costs of a day in folders", disk: true, run: func(p *Pipeline) ([]Outcome, error) { return p.Daily(t.Context(), []pricing.Date{sixth}, wellAfter) }, pages: 1, days: 1},
		{name: "costs of a month", run: func(p *Pipeline) ([]Outcome, error) { return p.Daily(t.Context(), octoberDays.Days(), wellAfter) }, pages: 1, days: 31},
		{name: "closing", run: closeOctober(t), days: 1},
		{name: "closing in folders", disk: true, run: closeOctober(t), days: 1},
		{name: "closing with a parked account", world: unplanned, run: closeOctober(t), pages: 1, days: 1},
		{name: "closing with a parked account in folders", world: unplanned, disk: true, run: closeOctober(t), pages: 1, days: 1},
		{name: "closing with a parked account that is sealed", world: unplanned, sealed: true, run: closeOctober(t), days: 1},
		{name: "closing that is noted", world: noted, run: closeOctober(t), pages: 1, days: 1},
		{name: "closing after others that is noted", world: closedBefore(noted), run: closeNovember(t), pages: 1, days: 1},
		{name: "closing after others with a parked account", world: closedBefore(unplanned), run: closeNovember(t), pages: 1, days: 1},
		{name: "closing of 2,500 files that is noted", world: noted, files: 2499, run: closeOctober(t), pages: 3, days: 1},
		{name: "closing that is sealed", sealed: true, run: closeOctober(t), days: 1},
		{name: "draft", run: draftOf(t, october, wellAfter), pages: 1, days: 1},
		{name: "draft in folders", disk: true, run: draftOf(t, october, wellAfter), pages: 1, days: 1},
		{name: "draft of an open month", run: draftOf(t, october, RunOptions{Now: noonOfThe6th, AsOf: noonOfThe6th}), pages: 1, days: 1},
		{name: "draft after closings", world: closedBefore(unplanned), run: draftOf(t, october.Next(), closingOptions), pages: 1, days: 1},
		{name: "draft after closings that are noted", world: closedBefore(noted), run: draftOf(t, october.Next(), closingOptions), pages: 1, days: 1},
		{name: "draft of 2,500 files", files: 2499, run: draftOf(t, october, wellAfter), pages: 3, days: 1},
		{name: "rollup of 2,500 files", files: 2499, run: func(p *Pipeline) ([]Outcome, error) { return p.Rollup(t.Context(), []pricing.Date{fifth}, wellAfter) }, pages: 3, days: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.world == nil {
				c.world = newTestWorld
			}
			w := c.world(t)
			w.copies(t, "dt=2026-10-05/a.parquet", c.files)
			if c.disk {
				w.onDisk(t)
			}
			if outcomes, err := c.run(w.pipeline(t)); err != nil || outcomes[len(outcomes)-1].State != StatePublished {
				t.Fatalf("%v, %v: want it published", outcomes, err)
			}
			if c.sealed {
				if _, err := w.pipeline(t).Monthly(t.Context(), []pricing.Month{october.Next()}, RunOptions{Now: october.Next().Next().First().AddDays(9).UTC(), AllowIncomplete: true}); err != nil {
					t.Fatal(err)
				}
			}
			count := w.counted(t)
			outcomes, err := c.run(w.pipeline(t))
			if err != nil || len(outcomes) != c.days {
				t.Fatalf("%d outcomes, %v: want %d", len(outcomes), err, c.days)
			}
			for _, o := range outcomes {
				if o.State != StateAlready || o.Revision != 1 {
					t.Errorf("%s is %s r%d, want it up to date as r1", o.Period, o.State, o.Revision)
				}
			}
			if n := count.calls.Load(); n > 5+c.pages || count.writes.Load() > 0 {
				t.Errorf("%d calls and %d writes, want at most %d and none", n, count.writes.Load(), 5+c.pages)
			}
		})
	}
}

// noted is a world whose corrections are notes, which need not wait.
func noted(t *testing.T) *testWorld {
	w := newTestWorld(t)
	w.settings.Corrections.Notes = true
	return w
}

// closedBefore closes October in a world.
func closedBefore(world func(*testing.T) *testWorld) func(*testing.T) *testWorld {
	return func(t *testing.T) *testWorld {
		w := world(t)
		w.closeUntil(t, october)
		return w
	}
}

func closeNovember(t *testing.T) func(*Pipeline) ([]Outcome, error) {
	return func(p *Pipeline) ([]Outcome, error) {
		return p.Monthly(t.Context(), []pricing.Month{october.Next()}, closingOptions)
	}
}

// A closing that is marked sees whatever a supplement would be made of, and is
// marked anew.
func TestRun_ChangesAreSeenByAClosingThatIsMarked(t *testing.T) {
	for name, change := range map[string]func(w *testWorld){
		"usage": func(w *testWorld) {
			w.usage(t, "dt=2026-10-07/late.parquet", usageRow{"e9", "2026-10-07T08:00:00Z", "sub-a", 6})
		},
		"registry": func(w *testWorld) {
			w.put(t, "registry/subscriptions.ndjson", strings.Replace(testSubscriptions, `"start":"2026-10-01"`, `"start":"2026-10-01","end":"2026-10-20"`, 1))
		},
		"book": func(w *testWorld) {
			w.put(t, "book/shop.yaml", strings.Replace(testBook, "unit: 0.50", "unit: 0.75", 1))
		},
		"void": func(w *testWorld) {
			if _, err := w.pipeline(t).Void(t.Context(), "2026-000001", 1, "a gift", ""); err != nil {
				t.Fatal(err)
			}
		},
		"withdrawn file": func(w *testWorld) {
			if _, err := w.pipeline(t).WithdrawFile(t.Context(), "dt=2026-10-06/a.parquet", "written twice", ""); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := noted(t)
			run := closeOctober(t)
			if _, err := run(w.pipeline(t)); err != nil {
				t.Fatal(err)
			}
			change(w)
			outcomes, err := run(w.pipeline(t))
			if last := outcomes[len(outcomes)-1]; err != nil || last.State != StatePublished || last.Revision != 2 || len(last.Invoices) == 0 {
				t.Fatalf("%+v, %v: want a note as r2", last, err)
			}
			count := w.counted(t)
			outcomes, err = run(w.pipeline(t))
			if err != nil || len(outcomes) != 1 || outcomes[0].State != StateAlready || outcomes[0].Revision != 2 || count.writes.Load() > 0 || count.calls.Load() > 6 {
				t.Errorf("again: %+v, %v, %d calls and %d writes; want r2 up to date", outcomes, err, count.calls.Load(), count.writes.Load())
			}
		})
	}
}

// So does a draft, also of the closings that it goes on from and of its instant.
func TestRun_ChangesAreSeenByADraftThatIsMarked(t *testing.T) {
	november := october.Next()
	for name, change := range map[string]func(w *testWorld, o *RunOptions){
		"usage": func(w *testWorld, _ *RunOptions) {
			w.usage(t, "dt=2026-11-07/late.parquet", usageRow{"e9", "2026-11-07T08:00:00Z", "sub-a", 6})
		},
		"usage of a closed month": func(w *testWorld, _ *RunOptions) {
			w.usage(t, "dt=2026-10-07/late.parquet", usageRow{"e9", "2026-10-07T08:00:00Z", "sub-a", 6})
		},
		"registry": func(w *testWorld, _ *RunOptions) {
			w.put(t, "registry/subscriptions.ndjson", strings.Replace(testSubscriptions, `"start":"2026-10-01"`, `"start":"2026-10-01","end":"2026-11-20"`, 1))
		},
		"book": func(w *testWorld, _ *RunOptions) {
			w.put(t, "book/shop.yaml", strings.Replace(testBook, "fixed: 10.00", "fixed: 11.00", 1))
		},
		"void":    func(w *testWorld, _ *RunOptions) { w.voidLine(t, "2026-000001", 1) },
		"instant": func(_ *testWorld, o *RunOptions) { o.AsOf = time.Date(2026, 12, 5, 0, 0, 0, 0, time.UTC) },
		"grace":   func(w *testWorld, _ *RunOptions) { w.settings.ClosingGrace = 90 * time.Hour },
		"issuer":  func(w *testWorld, _ *RunOptions) { w.settings.Issuer.Name = "Acme" },
		"mode":    func(w *testWorld, _ *RunOptions) { w.settings.Corrections.Notes = false },
		"nothing": func(*testWorld, *RunOptions) {},
		"withdraw": func(w *testWorld, _ *RunOptions) {
			if _, err := w.pipeline(t).WithdrawFile(t.Context(), "dt=2026-10-06/a.parquet", "written twice", ""); err != nil {
				t.Fatal(err)
			}
		},
		"supplement": func(w *testWorld, _ *RunOptions) { // and the inputs as they were
			w.put(t, "book/shop.yaml", strings.Replace(testBook, "fixed: 10.00", "fixed: 12.00", 1))
			w.closeUntil(t, october)
			w.put(t, "book/shop.yaml", testBook)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, o := closedBefore(noted)(t), closingOptions
			w.bucket = contentTags{w.bucket}
			run := func() Outcome {
				t.Helper()
				outcomes, err := draftOf(t, november, o)(w.pipeline(t))
				if err != nil {
					t.Fatal(err)
				}
				return outcomes[len(outcomes)-1]
			}
			run()
			change(w, &o)
			want := StatePublished
			switch name {
			case "nothing":
				want = StateAlready
			case "mode":
				want = StateUnchanged // there is nothing to correct
			}
			if out := run(); out.State != want {
				t.Errorf("%s, want %s", out.State, want)
			}
			count := w.counted(t)
			if out := run(); out.State != StateAlready || count.writes.Load() > 0 || count.calls.Load() > 6 {
				t.Errorf("again: %s, %d calls and %d writes; want it up to date", out.State, count.calls.Load(), count.writes.Load())
			}
		})
	}
}

// Whatever a rollup or a day looks at must be in its token: a change that is not
// seen would never be billed.
func TestRun_ChangesOfEveryInputAreSeen(t *testing.T) {
	later := wellAfter
	for _, c := range []struct {
		name   string
		change func(w *testWorld)
		want   [2]State // of the rollup of the 5th, and the costs of the 6th
	}{
		{"usage file", func(w *testWorld) {
			w.usage(t, "dt=2026-10-05/late.parquet", usageRow{"late", "2026-10-05T10:00:00Z", "sub-a", 1})
		}, [2]State{StatePublished, StatePublished}},
		{"usage file replaced", func(w *testWorld) {
			w.usage(t, "dt=2026-10-05/a.parquet", usageRow{"e1", "2026-10-05T08:00:00Z", "sub-a", 11}, usageRow{"e2", "2026-10-05T09:00:00Z", "sub-b", 4})
		}, [2]State{StatePublished, StatePublished}},
		{"registry", func(w *testWorld) {
			w.put(t, "registry/subscriptions.ndjson", `{"id":"sub-a","account":"acme","plan":"standard","start":"2026-10-01","end":"2026-10-20"}
{"id":"sub-b","account":"beta","plan":"standard","start":"2026-10-01"}
`)
		}, [2]State{StateUnchanged, StatePublished}},
		{"book", func(w *testWorld) {
			w.put(t, "book/later.yaml", "book: shop\ncurrency: CHF\neffective: 2026-10-06\nmeters: {traffic: {aggregate: sum, unit: GB}}\nplans: {standard: {prices: {traffic: {meter: traffic, unit: 1}}}}\n")
		}, [2]State{StateAlready, StatePublished}},
		{"rollup by somebody else", func(w *testWorld) {
			w.usage(t, "dt=2026-10-04/late.parquet", usageRow{"late", "2026-10-04T10:00:00Z", "sub-a", 1})
			if _, err := w.pipeline(t).Rollup(t.Context(), []pricing.Date{fifth.AddDays(-1)}, later); err != nil {
				t.Fatal(err)
			}
		}, [2]State{StateAlready, StatePublished}},
		{"mapping", func(w *testWorld) { w.settings.Mapping.Time = usage.Source{Column: "time"} }, [2]State{StateUnchanged, StateAlready}},
		{"start", func(w *testWorld) { w.settings.Start = w.settings.Start.AddDays(-1) }, [2]State{StateAlready, StateAlready}},
		{"grace", func(w *testWorld) { w.settings.DailyGrace = time.Hour }, [2]State{StateAlready, StateUnchanged}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newTestWorld(t)
			run := func() (states [2]State) {
				t.Helper()
				rollup, err := w.pipeline(t).Rollup(t.Context(), []pricing.Date{fifth}, later)
				if err != nil {
					t.Fatal(err)
				}
				daily, err := w.pipeline(t).Daily(t.Context(), []pricing.Date{sixth}, later)
				if err != nil {
					t.Fatal(err)
				}
				return [2]State{rollup[0].State, daily[len(daily)-1].State}
			}
			run()
			c.change(w)
			if got := run(); got != c.want {
				t.Errorf("rollup and daily are %v, want %v", got, c.want)
			}
			count := w.counted(t)
			if got := run(); got != [2]State{StateAlready, StateAlready} || count.writes.Load() > 0 {
				t.Errorf("after it rollup and daily are %v with %d writes, want both up to date without", got, count.writes.Load())
			}
		})
	}
}

// Inputs that come back as they were, after a revision without them, must not be
// taken for the first revision's, whose mark has the same token: nor where the
// process that published what came in between died before it moved the view.
func TestRun_InputsThatReturnAreSeen(t *testing.T) {
	november := october.Next()
	for name, c := range map[string]struct {
		view string // what shows the job's result
		run  func(*Pipeline) ([]Outcome, error)
	}{
		"rollup":  {"current/tables/usage_daily/", func(p *Pipeline) ([]Outcome, error) { return p.Rollup(t.Context(), []pricing.Date{sixth}, wellAfter) }},
		"daily":   {"current/tables/daily_costs/", func(p *Pipeline) ([]Outcome, error) { return p.Daily(t.Context(), []pricing.Date{sixth}, wellAfter) }},
		"closing": {"current/tables/invoices/", closeOctober(t)},
		"draft":   {"current/documents/drafts/", draftOf(t, november, closingOptions)},
	} {
		for _, dies := range []bool{false, true} {
			t.Run(fmt.Sprint(name, " dies ", dies), func(t *testing.T) {
				w := noted(t)
				w.bucket = contentTags{w.bucket}
				if name == "draft" {
					w.closeUntil(t, october)
				}
				run := func(want State, revision int) {
					t.Helper()
					outcomes, err := c.run(w.pipeline(t))
					if err != nil {
						t.Fatal(err)
					}
					if last := outcomes[len(outcomes)-1]; last.State != want || last.Revision != revision {
						t.Fatalf("%s r%d, want %s r%d", last.State, last.Revision, want, revision)
					}
				}
				reading := func(gigabytes int64) {
					w.usage(t, "dt=2026-10-06/a.parquet", usageRow{"e3", "2026-10-06T08:00:00Z", "sub-a", gigabytes})
				}
				run(StatePublished, 1)
				run(StateAlready, 1)
				reading(31)
				if dies {
					out := w.out
					w.out = faulty(t, out, "put * of "+c.view+" error transient")
					if _, err := c.run(w.pipeline(t)); err == nil {
						t.Fatal("the run met no fault")
					}
					w.out = out
				} else {
					run(StatePublished, 2)
				}
				reading(30)
				run(StatePublished, 3)
				run(StateAlready, 3)
				wantCurrent(t, w.out, latestOf(t, decided(t, w.out)))
			})
		}
	}
}

// contentTags has ETags like S3: equal bytes have the same one.
type contentTags struct{ blob.Store }

func (c contentTags) tagged(ctx context.Context, o blob.Object) (blob.Object, error) {
	body, err := blob.Read(ctx, c.Store, o)
	o.ETag = digest(body)
	return o, err
}

func (c contentTags) Stat(ctx context.Context, key string) (blob.Object, error) {
	o, err := c.Store.Stat(ctx, key)
	if err != nil {
		return o, err
	}
	return c.tagged(ctx, o)
}

func (c contentTags) ReadAt(ctx context.Context, o blob.Object, p []byte, off int64) error {
	inner, err := c.Store.Stat(ctx, o.Key)
	if err != nil {
		return err
	}
	return c.Store.ReadAt(ctx, inner, p, off)
}

func (c contentTags) List(ctx context.Context, prefix, after string) iter.Seq2[blob.Object, error] {
	return func(yield func(blob.Object, error) bool) {
		for o, err := range c.Store.List(ctx, prefix, after) {
			if err == nil {
				o, err = c.tagged(ctx, o)
			}
			if !yield(o, err) {
				return
			}
		}
	}
}
