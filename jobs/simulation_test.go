package jobs

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"daybook/pricing"
	"daybook/sources/blob"
)

// story is one simulated history: phases in which inputs are edited and one or
// two processes run at once, step by step, over a store that fails and with
// processes that die; then one clean run, which must set everything right.
//
// What was issued and is owed no more, or more of, stands on notes in thirteen
// stories of sixteen, which the clean run supplements closings by. In the others it
// stands on the next invoice: there the clean run closes one month more. An eighth
// of the stories closes two months, the others one; another eighth has usage that
// may be taken back.
type story struct {
	t        *testing.T
	dice     *rand.Rand
	w        *testWorld
	inner    blob.Store
	store    *watched
	receiver *inbox
	files    versions
	stepper  *stepper
	months   []pricing.Month // that the processes close
	closed   []pricing.Month // that are closed in the end
	days     []pricing.Date  // whose costs are rated

	items      bool        // there is usage that may be taken back
	superseded atomic.Bool // garbage collection may have had what later revisions replaced
	told       []string
}

func newStory(t *testing.T, seed uint64) *story {
	dice := rand.New(rand.NewPCG(seed, 4))
	s := &story{
		t: t, dice: dice, receiver: newInbox(), files: versions{}, months: october.Through(october), days: []pricing.Date{lastOfOctober},
		stepper: &stepper{dice: dice, faults: []int{0, 40, 150, 400}[dice.IntN(4)], stay: []int{0, 60, 95, 99}[dice.IntN(4)]},
	}
	if seed%8 == 0 {
		s.months, s.days = october.Through(november), append(s.days, firstOfNovember)
	}
	s.closed = s.months
	notes := seed%16 != 0 && seed%8 != 1
	if !notes {
		s.closed = october.Through(s.months[len(s.months)-1].Next())
	}
	s.items = seed%8 == 5
	s.w = s.world(notes)
	s.inner = s.w.out
	s.store = watch(s.inner)
	s.files.note(t, s.w.bucket)
	return s
}

// world is what the story begins with.
func (s *story) world(notes bool) *testWorld {
	w := tinyWorldOf(s.t, s.closed[len(s.closed)-1], s.items)
	w.settings.Corrections.Notes = notes
	return w
}

// fresh is a store of its own with the story's inputs as they are now.
func (s *story) fresh() *testWorld {
	w := s.world(s.w.settings.Corrections.Notes)
	w.bucket = s.w.bucket
	return w
}

func (s *story) say(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	s.told = append(s.told, line)
	s.stepper.history = append(s.stepper.history, line)
}

func (s *story) edit() {
	e := edits[s.dice.IntN(len(edits))]
	s.say("edit: %s", e.name)
	e.do(s.t, s.w)
	s.files.note(s.t, s.w.bucket)
}

// process starts one process over the stores, gated by the stepper.
func (s *story) process(id int) (r *steppedRunner, run func() error) {
	r = &steppedRunner{stepper: s.stepper, id: id}
	tasks := s.tasks()
	t := tasks[s.dice.IntN(len(tasks))]
	o := s.w.options
	o.ProbeKey = fmt.Sprintf("probe/%d", id)
	if s.dice.IntN(8) == 0 {
		o.Version = "other"
	}
	gate := func(name string, store blob.Store) blob.Store { return stepped{store, name, r} }
	p := New(Stores{
		Usage: gate("usage/", blob.Under(s.w.bucket, "usage")), Registry: gate("registry/", blob.Under(s.w.bucket, "registry")),
		Book: gate("book/", blob.Under(s.w.bucket, "book")), Out: gate("", s.store),
	}, s.w.settings, o)
	p.sender = steppedSender{s.receiver, r}
	s.say("process %d: %s, version %s", id, t.name, o.Version)
	return r, func() error { return t.run(s.t.Context(), p) }
}

// phase edits the inputs, or not, and lets one or two processes run.
func (s *story) phase(n int) {
	for range s.dice.IntN(3) {
		s.edit()
	}
	if s.dice.IntN(3) == 0 {
		s.w.clock.advance(time.Duration(s.dice.Int64N(int64(8 * time.Hour))))
	}
	edited, at := false, s.dice.IntN(1200)
	s.stepper.between = func() {
		if at--; at == 0 {
			edited = true
			s.edit()
		}
	}
	runners := 1 + s.dice.IntN(2)
	var runs []func()
	for i := range runners {
		r, run := s.process(2*n + i)
		runs = append(runs, func() {
			err := run()
			harmless := err == nil || errors.Is(err, ErrPending) || errors.Is(err, ErrIncomplete) || errors.Is(err, ErrNoInvoice) || errors.Is(err, ErrNoUsageFile)
			if !harmless && !r.harmed && runners == 1 && !edited {
				s.t.Errorf("process %d failed, and nothing was in its way: %v", r.id, err)
			}
		})
	}
	s.stepper.run(runs...)
	for _, what := range s.store.broken {
		s.t.Error(what)
	}
}

// end runs everything once, alone and without faults, and checks the promises.
func (s *story) end() {
	if _, seen := ended.LoadOrStore(s.state(), true); seen {
		return
	}
	w, t := s.w, s.t
	w.out = s.inner
	w.clock.advance(30 * time.Hour) // longer than the longest pause
	w.clean(t, s.receiver, s.closed, s.days)
	if s.dice.IntN(4) == 0 {
		before := contents(t, s.inner)
		w.clean(t, s.receiver, s.closed, s.days)
		wantSame(t, "a run with nothing to do", contents(t, s.inner), before)
	}
	all := decided(t, s.inner)
	latest := latestOf(t, all)
	if s.superseded.Load() {
		wantIntact(t, s.inner, slices.Collect(maps.Values(latest)))
	} else {
		wantIntact(t, s.inner, all)
	}
	if s.dice.IntN(16) == 0 {
		w.wantSound(t, "verify", VerifyOptions{})
	}
	wantCurrent(t, s.inner, latest)
	w.wantGapless(t, all)
	s.receiver.wantDelivered(t, all)
	s.wantUndisturbed(latest)
	s.wantOwed(latest)
}

// simulate tells the story of one seed and returns its history.
func simulate(t *testing.T, seed uint64) []string {
	var s *story
	defer func() {
		if !t.Failed() {
			return
		}
		steps := s.stepper.history
		t.Logf("the story:\n%s", strings.Join(s.told, "\n"))
		t.Logf("its last steps:\n%s", strings.Join(steps[max(0, len(steps)-60):], "\n"))
		t.Logf("replay: DAYBOOK_SEED=%d go test ./jobs -run Simulation_Stories -v", seed)
	}()
	synctest.Test(t, func(t *testing.T) {
		s = newStory(t, seed)
		for n := range 1 + s.dice.IntN(3) {
			s.phase(n)
		}
		s.end()
	})
	return s.stepper.history
}

// seeds are the stories to tell: 20,000 in `make crash`; the one that DAYBOOK_SEED
// asks for, or those of "0-2000", without the last.
func seeds(t *testing.T) (from, to uint64) {
	if text := os.Getenv("DAYBOOK_SEED"); text != "" {
		first, end, many := strings.Cut(text, "-")
		from, err := strconv.ParseUint(first, 10, 64)
		to = from + 1
		if many {
			var bad error
			to, bad = strconv.ParseUint(end, 10, 64)
			err = errors.Join(err, bad)
		}
		if err != nil {
			t.Fatal(err)
		}
		return from, to
	}
	switch {
	case os.Getenv("DAYBOOK_CRASH") == "all":
		return 0, 20_000
	case testing.Short():
		return 0, 20
	}
	return 0, 100
}

func TestSimulation_StoriesEndAsUndisturbedRuns(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(800))
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(2 << 30)) // or thousands of stories take all there is
	for withItems := range tinyBases {                        // made outside of every bubble
		tinyWorldOf(t, october, withItems)
	}
	from, to := seeds(t)
	const lanes = 2
	var next atomic.Uint64
	next.Store(from)
	t.Run("lanes", func(t *testing.T) {
		for lane := range lanes {
			t.Run(fmt.Sprint(lane), func(t *testing.T) {
				t.Parallel()
				for seed := next.Add(1) - 1; seed < to; seed = next.Add(1) - 1 {
					simulate(t, seed)
				}
			})
		}
	})
}

func TestSimulation_OneSeedIsOneHistory(t *testing.T) {
	for withItems := range tinyBases {
		tinyWorldOf(t, october, withItems)
	}
	for seed := range uint64(12) {
		first, again := simulate(t, seed), simulate(t, seed)
		if !slices.Equal(first, again) {
			for i := range min(len(first), len(again)) {
				if first[i] != again[i] {
					t.Fatalf("seed %d: step %d is %q and then %q", seed, i, first[i], again[i])
				}
			}
			t.Fatalf("seed %d: %d steps and then %d", seed, len(first), len(again))
		}
	}
}
