package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"daybook/sinks/publish"
	"daybook/sinks/webhooks"
)

const (
	// unkept is how many attempts may be made before their outcome is stored: what
	// a crash can make a receiver see again.
	unkept = 16
	// unkeptFor bounds the same by time, for receivers that are slow.
	unkeptFor = 10 * time.Second
	// roundFor bounds one round of one endpoint, so that a slow receiver does not
	// keep a scheduler from its other jobs; the rest is for the next run.
	roundFor = 4 * time.Minute
)

// courier brings one endpoint what it lacks. A round goes through its revisions
// from the oldest, and through the events in the order of the manifest. An event
// that fails waits for its next attempt and holds no other one back; an endpoint
// where [failuresInARow] fail is left alone for a while, as one that asks for it
// is, and one that answers 410 until a person resumes it.
type courier struct {
	d    *delivery
	to   Endpoint
	work []publish.Revision

	state  EndpointState
	failed int       // events in a row
	until  time.Time // end of the round

	tally   map[publish.Revision]*tally
	next    time.Time // the earliest later attempt
	failure error     // the last one of an event
	err     error     // that broke the round off
}

// round makes the attempts that are due. Its error is of the stores, never of
// the receiver.
func (c *courier) round(ctx context.Context) error {
	var err error
	if c.state, err = c.d.p.endpointState(ctx, c.to.ID); err != nil {
		return c.name(err)
	}
	c.failed, c.next = 0, time.Time{}
	c.until = c.d.p.now().Add(roundFor)
	var failed []error
	for _, r := range c.work {
		if err := c.revision(ctx, r); err != nil {
			failed = append(failed, c.name(fmt.Errorf("%s r%d: %w", r.Period, r.Number, err)))
			if stopsRun(err) || ctx.Err() != nil {
				break
			}
		}
	}
	return errors.Join(failed...)
}

func (c *courier) name(err error) error { return fmt.Errorf("endpoint %s: %w", c.to.ID, err) }

// revision delivers one revision's events and marks it when nothing is left.
func (c *courier) revision(ctx context.Context, r publish.Revision) error {
	m, err := c.d.manifest(ctx, r)
	if err != nil {
		return err
	}
	shards, err := c.d.p.outbox(ctx, m, c.to)
	if err != nil {
		return err
	}
	t := c.tally[r]
	if t == nil {
		t = &tally{}
		if len(shards) > 0 {
			c.tally[r] = t
		}
	}
	t.pending, t.dead = 0, 0
	for _, s := range shards {
		err := c.shard(ctx, m, s, t)
		c.count(s, t)
		if err != nil {
			return err
		}
	}
	return c.settle(ctx, r, shards, t)
}

// count adds a shard's events to a tally.
func (c *courier) count(s *shard, t *tally) {
	now := c.d.p.now()
	for _, e := range s.events {
		switch d := s.delivery(e); d.State {
		case DeliveryPending:
			t.pending++
			if at := later(later(d.Next, c.state.NotBefore), now); c.next.IsZero() || at.Before(c.next) {
				c.next = at
			}
		case DeliveryDead:
			t.dead++
		}
	}
}

// resting reports whether nothing may be sent to the endpoint now.
func (c *courier) resting(now time.Time) bool {
	return !c.state.Stopped.IsZero() || now.Before(c.state.NotBefore) || now.After(c.until)
}

// shard makes the due attempts of one shard and stores how they went.
func (c *courier) shard(ctx context.Context, m *publish.Manifest, s *shard, t *tally) error {
	var changes []change
	kept := c.d.p.now()
	keep := func() error {
		if len(changes) == 0 {
			return nil
		}
		err := c.d.p.keepShard(ctx, s, changes)
		changes, kept = nil, c.d.p.now()
		return err
	}
	for _, event := range s.events {
		d, now := s.delivery(event), c.d.p.now()
		if ctx.Err() != nil || c.resting(now) {
			break
		}
		if d.State != DeliveryPending || now.Before(d.Next) {
			continue
		}
		after, err := c.attempt(ctx, m, event, d)
		if !after.equal(d) {
			changes = append(changes, change{before: d, after: after})
			t.add(after)
		}
		if err != nil {
			return errors.Join(err, keep())
		}
		if len(changes) == unkept || c.d.p.now().Sub(kept) > unkeptFor {
			if err := keep(); err != nil {
				return err
			}
		}
	}
	return errors.Join(keep(), ctx.Err())
}

// attempt sends one event once and returns where it stands then, as before when
// nothing is known of it. Its error is of the stores, never of the receiver.
func (c *courier) attempt(ctx context.Context, m *publish.Manifest, event publish.Event, d Delivery) (Delivery, error) {
	body, err := c.d.p.publisher.EventBody(ctx, *m, event)
	if err != nil {
		return d, err
	}
	receipt, failure := c.d.p.sender.Send(ctx, c.to.Endpoint, webhooks.Event{ID: event.ID, Type: event.Type, Body: body})
	if failure != nil && (ctx.Err() != nil || !errors.Is(failure, webhooks.ErrUndelivered)) {
		return d, failure
	}
	now := c.d.p.now()
	after := Delivery{ID: d.ID, State: DeliveryDelivered, Attempts: d.Attempts, Status: receipt.Status, At: now}
	if failure == nil {
		c.failed = 0
		c.state, err = c.d.p.changeEndpoint(ctx, c.state, answering)
		return after, err
	}
	c.failure = failure
	after.Attempts, after.Failure = after.Attempts+1, reason(failure)
	wait, more := c.to.Pause(after.Attempts, c.to.ID+" "+d.ID)
	after.State = DeliveryDead
	if more {
		after.State, after.Next = DeliveryPending, now.Add(max(wait, receipt.RetryAfter)).Truncate(time.Millisecond)
	}
	return after, c.fails(ctx, now, failure, receipt)
}

// fails keeps what a failure says of the endpoint as a whole.
func (c *courier) fails(ctx context.Context, now time.Time, failure error, receipt webhooks.Receipt) (err error) {
	c.failed++
	switch {
	case errors.Is(failure, webhooks.ErrGone):
		c.state, err = c.d.p.changeEndpoint(ctx, c.state, stopped(now))
	case receipt.RetryAfter > 0:
		c.state, err = c.d.p.changeEndpoint(ctx, c.state, asked(now, receipt.RetryAfter))
	case c.failed >= failuresInARow:
		c.state, err = c.d.p.changeEndpoint(ctx, c.state, paused(now))
	}
	return err
}
