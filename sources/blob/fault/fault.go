package fault

import (
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"sync"

	"daybook/sources/blob"
)

// Options says how a store fails. The zero value only counts.
type Options struct {
	// Script holds the rules, in the language of the package comment.
	Script string
	// Stop is called by the faults stop and stop-after. It should not return,
	// as os.Exit does not. When it is nil or returns, the call and all later
	// ones fail with [blob.ErrTransient] and without effect.
	Stop func()
}

// Call is one call that was made.
type Call struct {
	Op    string // stat, read, list, put or delete
	Key   string // or the prefix of a list
	Fault string // the fault injected; empty for none
}

// String renders "put runs/a.json" or "put runs/a.json: lost".
func (c Call) String() string {
	if c.Fault == "" {
		return c.Op + " " + c.Key
	}
	return c.Op + " " + c.Key + ": " + c.Fault
}

// Store fails the calls of another store. Use [New].
type Store struct {
	inner blob.Store
	stop  func()

	mu      sync.Mutex
	rules   []*rule
	calls   []Call
	stopped bool
}

var _ blob.Store = (*Store)(nil)

// New returns s with the faults of opts. It returns an error when the script
// cannot be read.
func New(s blob.Store, opts Options) (*Store, error) {
	rules, err := parse(opts.Script)
	if err != nil {
		return nil, err
	}
	return &Store{inner: s, rules: rules, stop: opts.Stop}, nil
}

// Calls returns every call made so far, in the order they began.
func (s *Store) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// Count returns how many calls of one operation were made, or of all for "any".
func (s *Store) Count(op string) int {
	n := 0
	for _, c := range s.Calls() {
		if op == "any" || op == c.Op {
			n++
		}
	}
	return n
}

// Injected returns how many calls met a fault. A sweep that moves one fault
// from call 1 onwards ends with the run in which this is 0.
func (s *Store) Injected() int {
	n := 0
	for _, c := range s.Calls() {
		if c.Fault != "" {
			n++
		}
	}
	return n
}

// URL implements [blob.Store].
func (s *Store) URL() string { return s.inner.URL() }

// Stat implements [blob.Store].
func (s *Store) Stat(ctx context.Context, key string) (o blob.Object, err error) {
	err = s.call(ctx, "stat", key, func(string) error {
		o, err = s.inner.Stat(ctx, key)
		return err
	})
	return kept(o, err), err
}

// ReadAt implements [blob.Store].
func (s *Store) ReadAt(ctx context.Context, o blob.Object, p []byte, off int64) error {
	return s.call(ctx, "read", o.Key, func(fault string) error {
		switch fault {
		case "short":
			if err := s.inner.ReadAt(ctx, o, p[:len(p)/2], off); err != nil {
				return err
			}
			return blob.Fail("read", o.Key, s.URL(), io.ErrUnexpectedEOF)
		case "corrupt":
			err := s.inner.ReadAt(ctx, o, p, off)
			flip(p)
			return err
		default:
			return s.inner.ReadAt(ctx, o, p, off)
		}
	})
}

// List implements [blob.Store]. A list is one call, however many objects it
// yields.
func (s *Store) List(ctx context.Context, prefix, after string) iter.Seq2[blob.Object, error] {
	return func(yield func(blob.Object, error) bool) {
		ended := false
		err := s.call(ctx, "list", prefix, func(fault string) error {
			for o, err := range s.inner.List(ctx, prefix, after) {
				ended = !yield(o, err) || err != nil
				if ended || fault == "lost" || fault == "short" {
					return nil
				}
			}
			return nil
		})
		if err != nil && !ended {
			yield(blob.Object{}, err)
		}
	}
}

// Put implements [blob.Store].
func (s *Store) Put(ctx context.Context, key string, body []byte, c blob.Cond) (o blob.Object, err error) {
	err = s.call(ctx, "put", key, func(fault string) error {
		if fault == "corrupt" {
			body = slices.Clone(body)
			flip(body)
		}
		o, err = s.inner.Put(ctx, key, body, c)
		return err
	})
	return kept(o, err), err
}

// Delete implements [blob.Store].
func (s *Store) Delete(ctx context.Context, key string) error {
	return s.call(ctx, "delete", key, func(string) error { return s.inner.Delete(ctx, key) })
}

// call makes one call with the fault that the script has for it. It hands do
// the fault, of which do sees to short and corrupt.
func (s *Store) call(ctx context.Context, op, key string, do func(fault string) error) error {
	r := s.next(op, key)
	switch r.fault {
	case "error":
		return s.fail(op, key, r.err)
	case "hang":
		<-ctx.Done()
		return s.fail(op, key, ctx.Err())
	case "stop":
		return s.die(op, key)
	}
	err := do(r.fault)
	switch {
	case r.fault == "stop-after":
		return s.die(op, key)
	case err == nil && (r.fault == "lost" || r.fault == "short"):
		return s.fail(op, key, blob.ErrTransient)
	}
	return err
}

// next counts a call and returns the rule that decides it.
func (s *Store) next(op, key string) rule {
	s.mu.Lock()
	defer s.mu.Unlock()
	decided := rule{}
	if s.stopped {
		decided = rule{fault: "error", err: blob.ErrTransient}
	}
	// Every rule counts every call, whichever decides it.
	for _, r := range s.rules {
		if r.fits(op, key) && decided.fault == "" {
			decided = *r
		}
	}
	s.calls = append(s.calls, Call{Op: op, Key: key, Fault: decided.fault})
	return decided
}

// die ends the program, or at least this store.
func (s *Store) die(op, key string) error {
	s.mu.Lock()
	s.stopped = true
	s.mu.Unlock()
	if s.stop != nil {
		s.stop()
	}
	return s.fail(op, key, blob.ErrTransient)
}

func (s *Store) fail(op, key string, err error) error {
	return blob.Fail(op, key, s.URL(), fmt.Errorf("%w (injected)", err))
}

// kept returns o unless the call failed: a lost answer holds no object.
func kept(o blob.Object, err error) blob.Object {
	if err != nil {
		return blob.Object{}
	}
	return o
}

// flip changes one bit in the middle of p.
func flip(p []byte) {
	if len(p) > 0 {
		p[len(p)/2] ^= 1
	}
}
