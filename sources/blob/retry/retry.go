// Package retry is a [blob.Store] that asks another one again when it is
// temporarily unavailable.
//
// It retries [blob.ErrTransient] and nothing else. A put whose answer was lost
// may have been done, so when its repetition finds the condition broken, retry
// reads back what stands there: the same bytes are its own success
// (docs/commit-protocol.md, "A run", steps 6 and 7). What is still transient
// after the last attempt stays so, and after a put it stays unknown.
package retry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"daybook/sources/blob"
)

// Options adjusts a store. The zero value makes five attempts, the pauses
// between them 0.1, 0.2, 0.4 and 0.8 seconds.
type Options struct {
	// Attempts is the number of calls in all; 0 means five.
	Attempts int
	// Backoff returns the pause before attempt n, n = 1 being the first
	// repetition.
	Backoff func(n int) time.Duration
	// Sleep waits for d or until ctx ends, and then returns its error.
	Sleep func(ctx context.Context, d time.Duration) error
}

const (
	defaultAttempts = 5
	firstPause      = 100 * time.Millisecond
	longestPause    = 5 * time.Second
)

// Store retries the calls of another store. Use [New].
type Store struct {
	inner blob.Store
	opts  Options
}

var _ blob.Store = (*Store)(nil)

// New returns s with retries.
func New(s blob.Store, opts Options) *Store {
	if opts.Attempts <= 0 {
		opts.Attempts = defaultAttempts
	}
	if opts.Backoff == nil {
		opts.Backoff = backoff
	}
	if opts.Sleep == nil {
		opts.Sleep = sleep
	}
	return &Store{inner: s, opts: opts}
}

// URL implements [blob.Store].
func (s *Store) URL() string { return s.inner.URL() }

// Stat implements [blob.Store].
func (s *Store) Stat(ctx context.Context, key string) (o blob.Object, err error) {
	err = s.again(ctx, "stat", key, func(int) error {
		o, err = s.inner.Stat(ctx, key)
		return err
	})
	return o, err
}

// ReadAt implements [blob.Store]. An end within o.Size is a broken answer,
// since a version never shrinks, and is asked again too.
func (s *Store) ReadAt(ctx context.Context, o blob.Object, p []byte, off int64) error {
	return s.again(ctx, "read", o.Key, func(int) error {
		err := s.inner.ReadAt(ctx, o, p, off)
		if errors.Is(err, io.ErrUnexpectedEOF) && off <= o.Size-int64(len(p)) {
			err = fmt.Errorf("%w: answer is short: %v", blob.ErrTransient, err)
			return blob.Fail("read", o.Key, s.URL(), err)
		}
		return err
	})
}

// List implements [blob.Store]. A listing that broke goes on after the last
// object it gave, with all its attempts again.
func (s *Store) List(ctx context.Context, prefix, after string) iter.Seq2[blob.Object, error] {
	return func(yield func(blob.Object, error) bool) {
		last := after
		for failures := 0; ; {
			var broke error
			for o, err := range s.inner.List(ctx, prefix, last) {
				if err != nil {
					broke = err
					break
				}
				if !yield(o, nil) {
					return
				}
				last, failures = o.Key, 0
			}
			if broke == nil {
				return
			}
			failures++
			if err := s.pause(ctx, "list", prefix, failures, broke); err != nil {
				yield(blob.Object{}, err)
				return
			}
		}
	}
}

// Put implements [blob.Store].
func (s *Store) Put(ctx context.Context, key string, body []byte, c blob.Cond) (o blob.Object, err error) {
	err = s.again(ctx, "put", key, func(attempt int) error {
		o, err = s.inner.Put(ctx, key, body, c)
		lost := errors.Is(err, blob.ErrExists) || errors.Is(err, blob.ErrChanged)
		if attempt > 0 && lost {
			// An earlier attempt ended unknown: perhaps it is what we lost to.
			o, err = s.own(ctx, key, body, err)
		}
		return err
	})
	return o, err
}

// own returns the object under key when it holds body, and otherwise the loss.
func (s *Store) own(ctx context.Context, key string, body []byte, loss error) (blob.Object, error) {
	got, o, err := blob.ReadAll(ctx, s, key, int64(len(body)))
	switch {
	case err == nil && bytes.Equal(got, body):
		return o, nil
	case err == nil, errors.Is(err, blob.ErrTooLarge), errors.Is(err, blob.ErrNotFound), errors.Is(err, blob.ErrChanged):
		return blob.Object{}, loss
	default:
		return blob.Object{}, err
	}
}

// Delete implements [blob.Store].
func (s *Store) Delete(ctx context.Context, key string) error {
	return s.again(ctx, "delete", key, func(int) error { return s.inner.Delete(ctx, key) })
}

// again calls do, with attempts counted from 0, until it gives anything but a
// transient error.
func (s *Store) again(ctx context.Context, op, key string, do func(attempt int) error) error {
	for attempt := 0; ; attempt++ {
		err := do(attempt)
		if err == nil {
			return nil
		}
		if err := s.pause(ctx, op, key, attempt+1, err); err != nil {
			return err
		}
	}
}

// pause waits after the failures-th failure in a row, and returns nil when the
// call is to be made again.
func (s *Store) pause(ctx context.Context, op, key string, failures int, err error) error {
	if !errors.Is(err, blob.ErrTransient) || failures >= s.opts.Attempts {
		return err
	}
	if stop := s.opts.Sleep(ctx, s.opts.Backoff(failures)); stop != nil {
		return errors.Join(blob.Fail(op, key, s.URL(), stop), err)
	}
	if stop := ctx.Err(); stop != nil {
		return errors.Join(blob.Fail(op, key, s.URL(), stop), err)
	}
	return nil
}

func backoff(n int) time.Duration {
	pause := firstPause
	for range n - 1 {
		pause = min(2*pause, longestPause)
	}
	return pause
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
