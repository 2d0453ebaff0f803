package jobs

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"daybook/pricing"
	"daybook/sinks/publish"
	"daybook/sinks/webhooks"
	"daybook/sources/blob"
)

// ErrPending is returned when events could not be delivered; they are tried
// again by a later deliver, or are dead and can be sent again by hand.
var ErrPending = errors.New("webhooks are pending")

const (
	// endpointsAtOnce is how many endpoints are served side by side, so that one
	// that hangs holds no other one back.
	endpointsAtOnce = 8
	// patience is how long a run waits for an attempt that is due soon: the
	// second one of an event comes 5 s after the first.
	patience = 10 * time.Second
)

// Deliver sends every event of published closings that an endpoint wants and
// that is due: at least once, under one id and with one body, oldest closing
// first and in the order of the manifest. What fails is tried again by later
// runs on the schedule of [webhooks.Pause] and is dead after its last attempt.
// Only closings with something left to deliver are read.
func (p *Pipeline) Deliver(ctx context.Context) ([]Outcome, error) {
	return p.deliver(ctx, p.settings.Endpoints, "")
}

// deliver serves some endpoints. Of the period reopened, whose events a person
// has just made pending, it believes no marker: another runner may have put it
// meanwhile.
func (p *Pipeline) deliver(ctx context.Context, endpoints []Endpoint, reopened string) ([]Outcome, error) {
	if len(endpoints) == 0 {
		return nil, nil
	}
	d, err := p.newDelivery(ctx, reopened)
	if err != nil {
		return nil, err
	}
	var couriers []*courier
	for _, e := range endpoints {
		if c := d.courier(e); len(c.work) > 0 {
			couriers = append(couriers, c)
		}
	}
	if len(couriers) == 0 {
		return nil, nil
	}
	if err := p.probe(ctx); err != nil {
		return nil, err
	}
	d.pass(ctx, couriers)
	d.again(ctx, couriers)
	return d.outcomes(couriers)
}

// again waits for the attempts that are due soon, and makes them.
func (d *delivery) again(ctx context.Context, couriers []*courier) {
	now := d.p.now()
	var soon []*courier
	last := now
	for _, c := range couriers {
		if c.err == nil && c.state.Stopped.IsZero() && c.next.After(now) && c.next.Before(now.Add(patience)) {
			soon, last = append(soon, c), later(last, c.next)
		}
	}
	if len(soon) == 0 || d.p.clock.Sleep(ctx, last.Sub(now)) != nil {
		return
	}
	d.pass(ctx, soon)
}

// pass lets each courier go its round once.
func (d *delivery) pass(ctx context.Context, couriers []*courier) {
	var group errgroup.Group
	group.SetLimit(endpointsAtOnce)
	for _, c := range couriers {
		group.Go(func() error {
			c.err = c.round(ctx)
			return nil
		})
	}
	_ = group.Wait() // a courier keeps its own error
}

// sender makes one attempt to deliver one event, as [webhooks.Sender] does.
type sender interface {
	Send(ctx context.Context, to webhooks.Endpoint, e webhooks.Event) (webhooks.Receipt, error)
}

// delivery is one call of Deliver.
type delivery struct {
	p         *Pipeline
	revisions []publish.Revision // decided, oldest first
	done      map[string]bool    // keys of delivered markers
	reopened  string             // period whose markers are not believed

	mu        sync.Mutex
	manifests map[string]*publish.Manifest // read so far, by period and revision
}

// newDelivery lists what is decided and what is delivered: two lists.
func (p *Pipeline) newDelivery(ctx context.Context, reopened string) (*delivery, error) {
	d := &delivery{
		p: p, reopened: reopened, manifests: map[string]*publish.Manifest{},
	}
	var err error
	if d.revisions, err = p.publisher.Revisions(ctx, string(JobMonthly)); err != nil {
		return nil, err
	}
	if d.done, err = p.delivered(ctx); err != nil {
		return nil, err
	}
	return d, nil
}

// delivered lists the markers of revisions of which nothing is left.
func (p *Pipeline) delivered(ctx context.Context) (map[string]bool, error) {
	done := map[string]bool{}
	for o, err := range p.stores.Out.List(ctx, "delivered/"+blob.EscapeID(string(JobMonthly))+"/", "") {
		if err != nil {
			return nil, fmt.Errorf("list what is delivered: %w", err)
		}
		done[o.Key] = true
	}
	return done, nil
}

// courier returns the one who serves an endpoint, with the revisions that it
// may lack events of.
func (d *delivery) courier(e Endpoint) *courier {
	c := &courier{d: d, to: e, tally: map[publish.Revision]*tally{}}
	for _, r := range d.revisions {
		if e.takes(r.Period) && (r.Period == d.reopened || !d.done[r.DeliveredKey(e.ID)]) {
			c.work = append(c.work, r)
		}
	}
	return c
}

// takes reports whether a closing is one that the endpoint takes: it ends after
// the endpoint's first day.
func (e Endpoint) takes(period string) bool {
	month, err := pricing.ParseMonth(period)
	return err == nil && e.Since < month.Next().First()
}

// manifest reads a manifest once for all endpoints.
func (d *delivery) manifest(ctx context.Context, r publish.Revision) (*publish.Manifest, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := fmt.Sprint(r.Period, " ", r.Number)
	if m := d.manifests[key]; m != nil {
		return m, nil
	}
	m, err := d.p.publisher.Manifest(ctx, r)
	if err != nil {
		return nil, err
	}
	d.manifests[key] = &m
	return &m, nil
}

// tally counts one endpoint's events of one revision.
type tally struct {
	sent, died    int // by this run
	pending, dead int // at its end
}

func (t *tally) add(d Delivery) {
	switch d.State {
	case DeliveryDelivered:
		t.sent++
	case DeliveryDead:
		t.died++
	}
}

// outcomes adds up what the couriers did, by revision in the order of time. Its
// error joins theirs; it is [ErrPending] only when nothing worse happened.
func (d *delivery) outcomes(couriers []*courier) ([]Outcome, error) {
	var out []Outcome
	var failed []error
	for _, r := range d.revisions {
		o := Outcome{Job: string(JobDeliver), Period: r.Period, State: StateAlready, Revision: r.Number}
		served := false
		for _, c := range couriers {
			t := c.tally[r]
			if t == nil {
				continue
			}
			served = true
			o.Sent, o.Pending, o.Dead = o.Sent+t.sent, o.Pending+t.pending, o.Dead+t.dead
		}
		if o.Sent > 0 {
			o.State = StatePublished
		}
		if served {
			out = append(out, o)
		}
	}
	for _, c := range couriers {
		failed = append(failed, c.err)
	}
	if err := errors.Join(failed...); err != nil {
		return out, err
	}
	for _, c := range couriers {
		failed = append(failed, c.verdict())
	}
	return out, errors.Join(failed...)
}

// now is the clock as delivery states hold it.
func (p *Pipeline) now() time.Time { return p.clock.Now().UTC().Truncate(time.Millisecond) }
