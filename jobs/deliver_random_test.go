package jobs

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"sync"
	"testing"
	"time"
)

// outboxStory is one random story of deliverers, persons, a receiver with moods
// and a store that fails.
type outboxStory struct {
	t        *testing.T
	random   *rand.Rand
	w        *testWorld
	receiver *testReceiver
	told     []string        // the steps, to be read when it fails
	repeat   map[string]bool // periods whose resend died: the person repeats it
}

func (s *outboxStory) say(format string, args ...any) {
	s.told = append(s.told, fmt.Sprintf(format, args...))
}

// mood makes the receiver behave in a new way.
func (s *outboxStory) mood() {
	mood := s.random.IntN(7)
	picky := byte('a' + s.random.IntN(20))
	s.say("mood %d", mood)
	s.receiver.mu.Lock()
	s.receiver.retryAfter = ""
	if mood == 3 {
		s.receiver.retryAfter = "3600"
	}
	s.receiver.mu.Unlock()
	statuses := []int{200, 200, 500, 503, 200, 302, 410}
	s.receiver.answers(func(_ string, nth int) int {
		if mood == 4 {
			s.w.clock.advance(20 * time.Second) // slow
		}
		if last := s.receiver.log[len(s.receiver.log)-1].id; mood == 1 && last[len(last)-1] >= picky {
			return http.StatusBadRequest
		}
		return statuses[mood]
	})
}

// faulted runs do over a store that fails at one random call, or at none.
func (s *outboxStory) faulted(what string, do func(*Pipeline) error) (fault bool) {
	inner := s.w.out
	defer func() { s.w.out = inner }()
	script := ""
	if s.random.IntN(3) > 0 {
		how := []string{"stop", "stop-after", "lost", "error transient"}[s.random.IntN(4)]
		script = fmt.Sprintf("any %d %s", 1+s.random.IntN(60), how)
	}
	store := faulty(s.t, inner, script)
	s.w.out = store
	err := do(s.w.pipeline(s.t))
	s.say("%s, %q: %v", what, script, err)
	if store.Injected() == 0 && err != nil && !errors.Is(err, ErrPending) && !errors.Is(err, ErrNoDelivery) {
		s.t.Errorf("%s failed without a fault: %v", what, err)
	}
	return store.Injected() > 0
}

func (s *outboxStory) step() {
	periods := []string{"2026-10", "2026-11"}
	switch s.random.IntN(8) {
	case 0, 1:
		s.mood()
	case 2:
		d := time.Duration(s.random.Int64N(int64(8 * time.Hour)))
		s.say("%s later", d)
		s.w.clock.advance(d)
	case 3:
		period, all := periods[s.random.IntN(2)], s.random.IntN(2) == 0
		if s.faulted("resend "+period, func(p *Pipeline) error {
			_, err := p.Resend(s.t.Context(), DeliveryQuery{Endpoint: "erp", Period: period}, all)
			return err
		}) {
			s.repeat[period] = true
		}
	case 4:
		s.say("two at once")
		var group sync.WaitGroup
		for range 2 {
			p := s.w.pipeline(s.t)
			group.Go(func() { _, _ = p.Deliver(s.t.Context()) })
		}
		group.Wait()
	default:
		s.faulted("deliver", func(p *Pipeline) error {
			_, err := p.Deliver(s.t.Context())
			return err
		})
	}
}

// wantHonest fails when a state says delivered of what was not acknowledged.
func (s *outboxStory) wantHonest() {
	found, err := s.w.pipeline(s.t).Deliveries(s.t.Context(), DeliveryQuery{State: DeliveryDelivered})
	if err != nil {
		s.t.Fatal(err)
	}
	acknowledged := s.receiver.seen("/erp")
	for _, d := range found {
		if _, ok := acknowledged[d.ID]; !ok {
			s.t.Errorf("%s is said to be delivered, and the receiver never took it", d.ID)
		}
	}
}

// end repairs everything: the receiver, and what a person would repeat.
func (s *outboxStory) end() {
	s.receiver.answers(nil)
	if _, err := s.w.pipeline(s.t).TestEndpoint(s.t.Context(), "erp", "evt_test_end"); err != nil {
		s.t.Error(err)
	}
	counts, err := s.w.pipeline(s.t).DeliveryCounts(s.t.Context(), DeliveryQuery{})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, c := range counts {
		if c.Dead > 0 || s.repeat[c.Period] {
			_, err := s.w.pipeline(s.t).Resend(s.t.Context(), DeliveryQuery{Endpoint: "erp", Period: c.Period}, false)
			// The other closing's events may not be due yet.
			if err != nil && !errors.Is(err, ErrNoDelivery) && !errors.Is(err, ErrPending) {
				s.t.Error(err)
			}
		}
	}
	s.w.clock.advance(30 * time.Hour) // longer than the longest pause
	if _, err := s.w.pipeline(s.t).Deliver(s.t.Context()); err != nil {
		s.t.Error(err)
	}
	s.w.wantSettled(s.t, "in the end")
	got, want := s.receiver.requested(s.t, "/erp"), append(s.w.ids(s.t), "evt_test_end")
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(slices.Compact(got), want) {
		s.t.Errorf("the receiver was sent other ids than the manifests name")
	}
}

// A failing seed prints its story; run it alone with -run 'Random/seed_17$'.
func TestOutbox_RandomStoriesEndWithEveryEventDelivered(t *testing.T) {
	seeds := 100
	if testing.Short() {
		seeds = 30
	}
	if os.Getenv("DAYBOOK_CRASH") == "all" {
		seeds = 3000
	}
	for seed := range seeds {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			w, receiver := newEventWorld(t, 24, "/erp")
			w.closeWith(t, "2026-11", "november", 30)
			s := &outboxStory{t: t, random: rand.New(rand.NewPCG(uint64(seed), 1)), w: w, receiver: receiver, repeat: map[string]bool{}}
			for range 14 {
				s.step()
				s.wantHonest()
			}
			s.end()
			if t.Failed() {
				for _, line := range s.told {
					t.Log(line)
				}
			}
		})
		if t.Failed() {
			return
		}
	}
}
