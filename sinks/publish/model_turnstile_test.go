package publish

import (
	"context"
	"iter"
	"sync"

	"daybook/sources/blob"
)

// A replay ties the models to the code: it takes a random way through a model
// and makes the same calls of this package over a memory store, one store call at
// a time. Every runner must ask for the call that the model makes next, and the
// end must be the model's.

// turnstile is one runner's store. Calls that are steps of a model wait until
// they are let through with a fate; all others pass.
type turnstile struct {
	blob.Store
	steps func(op, key string) bool

	mu      sync.Mutex
	dead    bool
	waiting string // the call that waits, "" for none
	pass    chan uint8
}

func newTurnstile(s blob.Store, steps func(op, key string) bool) *turnstile {
	return &turnstile{Store: s, steps: steps, pass: make(chan uint8)}
}

// asks returns the call that waits.
func (s *turnstile) asks() string { s.mu.Lock(); defer s.mu.Unlock(); return s.waiting }

func (s *turnstile) say(call string) (dead bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = call
	return s.dead
}

// die makes the call that waits, and all later ones, fail without effect.
func (s *turnstile) die() {
	s.mu.Lock()
	s.dead = true
	waits := s.waiting != ""
	s.mu.Unlock()
	if waits {
		s.pass <- stepFailed
	}
}

func (s *turnstile) call(op, key string, do func() error) error {
	fate := stepFine
	switch {
	case s.say(""):
		fate = stepFailed
	case s.steps(op, key):
		s.say(op + " " + key)
		fate = <-s.pass
		s.say("")
	}
	if fate != stepFailed {
		if err := do(); err != nil || fate == stepFine {
			return err
		}
	}
	return blob.Fail(op, key, s.URL(), blob.ErrTransient)
}

func (s *turnstile) Stat(ctx context.Context, key string) (o blob.Object, err error) {
	err = s.call("stat", key, func() error {
		o, err = s.Store.Stat(ctx, key)
		return err
	})
	return o, err
}

func (s *turnstile) List(ctx context.Context, prefix, after string) iter.Seq2[blob.Object, error] {
	return func(yield func(blob.Object, error) bool) {
		var seq iter.Seq2[blob.Object, error]
		var all []blob.Object
		err := s.call("list", prefix, func() error {
			seq = s.Store.List(ctx, prefix, after)
			for o, err := range seq {
				if err != nil {
					return err
				}
				all = append(all, o)
			}
			return nil
		})
		if err != nil {
			yield(blob.Object{}, err)
			return
		}
		for _, o := range all {
			if !yield(o, nil) {
				return
			}
		}
	}
}

func (s *turnstile) Put(ctx context.Context, key string, body []byte, c blob.Cond) (o blob.Object, err error) {
	err = s.call("put", key, func() error {
		o, err = s.Store.Put(ctx, key, body, c)
		return err
	})
	return o, err
}
