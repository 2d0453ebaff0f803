package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing/synctest"

	"daybook/sinks/webhooks"
	"daybook/sources/blob"
)

// fate is what becomes of one call of a runner.
type fate string

const (
	fine      fate = ""
	refused   fate = "refused"    // fails without effect
	lost      fate = "lost"       // has its effect, and its answer is lost
	diesHere  fate = "dies"       // the process is killed before the call
	diesAfter fate = "dies after" // and after its effect
)

// stepper lets the calls of several runners happen one at a time, in an order
// and with fates that its dice decide. It must be used inside a synctest bubble,
// which tells when every goroutine of every runner waits for its turn.
type stepper struct {
	dice    *rand.Rand
	faults  int // one call in so many; 0 for none
	stay    int // of 100: that the same runner goes on
	between func()
	history []string

	mu      sync.Mutex
	waiting []*call
	last    int
}

// call is a call that waits for its turn.
type call struct {
	runner  *steppedRunner
	op, key string
	turn    chan fate
}

// steppedRunner is one process of a story.
type steppedRunner struct {
	stepper *stepper
	id      int
	harmed  bool // one of its calls did not go well

	mu   sync.Mutex
	dead bool
}

func (r *steppedRunner) died() bool { r.mu.Lock(); defer r.mu.Unlock(); return r.dead }

// await blocks until it is the call's turn. The calls of a dead process fail at
// once and do nothing.
func (r *steppedRunner) await(op, key string) fate {
	if r.died() {
		return refused
	}
	c := &call{runner: r, op: op, key: key, turn: make(chan fate, 1)}
	r.stepper.mu.Lock()
	r.stepper.waiting = append(r.stepper.waiting, c)
	r.stepper.mu.Unlock()
	return <-c.turn
}

// run starts the runners and steps them to their ends.
func (s *stepper) run(runs ...func()) {
	var group sync.WaitGroup
	for _, run := range runs {
		group.Go(run)
	}
	for {
		synctest.Wait()
		c := s.choose()
		if c == nil {
			break
		}
		f := s.fate(c)
		s.history = append(s.history, fmt.Sprintf("%d %s %s %s", c.runner.id, c.op, c.key, f))
		if f != fine {
			c.runner.harmed = true
		}
		if f == diesHere || f == diesAfter {
			c.runner.mu.Lock()
			c.runner.dead = true
			c.runner.mu.Unlock()
		}
		c.turn <- f
		if s.between != nil {
			synctest.Wait()
			s.between()
		}
	}
	group.Wait()
}

// choose takes the next call out of those that wait.
func (s *stepper) choose() *call {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.waiting) == 0 {
		return nil
	}
	// Goroutines arrive in any order; equal calls of one runner are alike.
	slices.SortFunc(s.waiting, func(a, b *call) int {
		return cmp.Or(cmp.Compare(a.runner.id, b.runner.id), cmp.Compare(a.op, b.op), cmp.Compare(a.key, b.key))
	})
	from := s.waiting
	if s.dice.IntN(100) < s.stay {
		same := slices.DeleteFunc(slices.Clone(s.waiting), func(c *call) bool { return c.runner.id != s.last })
		if len(same) > 0 {
			from = same
		}
	}
	c := from[s.dice.IntN(len(from))]
	s.waiting = slices.DeleteFunc(s.waiting, func(o *call) bool { return o == c })
	s.last = c.runner.id
	return c
}

func (s *stepper) fate(c *call) fate {
	if c.runner.died() {
		return refused
	}
	if s.faults == 0 || s.dice.IntN(s.faults) > 0 {
		return fine
	}
	return []fate{refused, lost, lost, diesHere, diesAfter}[s.dice.IntN(5)]
}

// stepped is a store whose calls wait for their turn.
type stepped struct {
	blob.Store
	name   string
	runner *steppedRunner
}

var errInjected = fmt.Errorf("%w (injected)", blob.ErrTransient)

// call makes one call with the fate that it meets.
func (s stepped) call(op, key string, do func() error) error {
	switch f := s.runner.await(op, s.name+key); f {
	case refused, diesHere:
		return blob.Fail(op, key, s.URL(), errInjected)
	default:
		if err := do(); err != nil || f == fine {
			return err
		}
		return blob.Fail(op, key, s.URL(), errInjected)
	}
}

func (s stepped) Stat(ctx context.Context, key string) (o blob.Object, err error) {
	err = s.call("stat", key, func() error {
		o, err = s.Store.Stat(ctx, key)
		return err
	})
	return o, err
}

func (s stepped) ReadAt(ctx context.Context, o blob.Object, p []byte, off int64) error {
	return s.call("read", o.Key, func() error { return s.Store.ReadAt(ctx, o, p, off) })
}

func (s stepped) List(ctx context.Context, prefix, after string) iter.Seq2[blob.Object, error] {
	return func(yield func(blob.Object, error) bool) {
		var all []blob.Object
		err := s.call("list", prefix, func() error {
			for o, err := range s.Store.List(ctx, prefix, after) {
				if err != nil {
					return err
				}
				all = append(all, o)
			}
			return nil
		})
		if err != nil {
			all = all[:min(len(all), 1)] // it broke off after the first
		}
		for _, o := range all {
			if !yield(o, nil) {
				return
			}
		}
		if err != nil {
			yield(blob.Object{}, err)
		}
	}
}

func (s stepped) Put(ctx context.Context, key string, body []byte, c blob.Cond) (o blob.Object, err error) {
	err = s.call("put", key, func() error {
		o, err = s.Store.Put(ctx, key, body, c)
		return err
	})
	return o, err
}

func (s stepped) Delete(ctx context.Context, key string) error {
	return s.call("delete", key, func() error { return s.Store.Delete(ctx, key) })
}

// steppedSender is a receiver whose answers are the dice's: what is lost has
// arrived, and only its answer is gone.
type steppedSender struct {
	*inbox
	runner *steppedRunner
}

func (s steppedSender) Send(ctx context.Context, _ webhooks.Endpoint, e webhooks.Event) (webhooks.Receipt, error) {
	f := s.runner.await("send", e.ID)
	if f == fine && s.runner.stepper.faults > 0 && s.runner.stepper.dice.IntN(3) == 0 {
		s.arrive(e, false)
		return webhooks.Receipt{Status: http.StatusInternalServerError}, fmt.Errorf("%w: status 500", webhooks.ErrUndelivered)
	}
	switch f {
	case refused, diesHere:
		return webhooks.Receipt{}, fmt.Errorf("%w: no answer", webhooks.ErrUndelivered)
	case lost, diesAfter:
		s.arrive(e, true)
		return webhooks.Receipt{}, errors.Join(webhooks.ErrUndelivered, ctx.Err())
	}
	s.arrive(e, true)
	return webhooks.Receipt{Status: http.StatusOK}, nil
}
