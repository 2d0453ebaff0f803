package jobs

import (
	"context"
	"sync"
	"time"
)

// testClock is a clock that stands still but for those who sleep by it.
type testClock struct {
	mu    sync.Mutex
	at    time.Time
	slept []time.Duration
}

func newTestClock() *testClock { return &testClock{at: wellAfter.Now} }

func (c *testClock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.at }

func (c *testClock) advance(d time.Duration) { c.mu.Lock(); c.at = c.at.Add(d); c.mu.Unlock() }

func (c *testClock) clock() Clock {
	return Clock{Now: c.now, Sleep: func(ctx context.Context, d time.Duration) error {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.at, c.slept = c.at.Add(d), append(c.slept, d)
		return ctx.Err()
	}}
}
