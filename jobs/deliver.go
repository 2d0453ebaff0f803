package jobs

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"daybook/pricing"
	"daybook/sinks/publish"
	"daybook/sinks/webhooks"
	"daybook/sources/blob"
)

// ErrPending is returned when events could not be delivered; they are tried
// again by the next deliver.
var ErrPending = errors.New("webhooks are pending")

// Deliver sends every event of published closings that an endpoint wants and
// has not acknowledged yet: at least once, under one id and with one body, in
// their order. An endpoint that fails holds no other one back, and one that
// answers 410 gets nothing more of that closing. Only closings with something
// left to deliver are read.
func (p *Pipeline) Deliver(ctx context.Context) ([]Outcome, error) {
	if len(p.settings.Endpoints) == 0 {
		return nil, nil
	}
	periods, err := p.publisher.Periods(ctx, string(JobMonthly))
	if err != nil {
		return nil, err
	}
	done, err := p.delivered(ctx)
	if err != nil {
		return nil, err
	}
	d := &delivery{p: p, sender: webhooks.New(webhooks.Options{Now: p.clock.Now, Sleep: p.clock.Sleep}), stopped: map[string]bool{}}
	var outcomes []Outcome
	var failed []error
	for _, period := range periods {
		var to []Endpoint
		for _, e := range p.settings.Endpoints {
			if e.wants(period) && !done[period+" "+e.ID] {
				to = append(to, e)
			}
		}
		if len(to) == 0 {
			continue
		}
		out, err := d.closing(ctx, period, to)
		failed = append(failed, err)
		if out.State != "" {
			outcomes = append(outcomes, out)
		}
		if stopsRun(err) {
			break
		}
	}
	return outcomes, errors.Join(failed...)
}

// delivered lists "period endpoint" of every closing that an endpoint has all
// events of. A closing has one published revision, so which one is no matter.
func (p *Pipeline) delivered(ctx context.Context) (map[string]bool, error) {
	done := map[string]bool{}
	for o, err := range p.stores.Out.List(ctx, "delivered/"+string(JobMonthly)+"/", "") {
		if err != nil {
			return nil, fmt.Errorf("list what is delivered: %w", err)
		}
		parts := strings.Split(o.Key, "/") // delivered, job, period, revision, endpoint
		if len(parts) != 5 {
			continue
		}
		period, periodErr := blob.UnescapeID(parts[2])
		endpoint, endpointErr := blob.UnescapeID(parts[4])
		if periodErr == nil && endpointErr == nil {
			done[period+" "+endpoint] = true
		}
	}
	return done, nil
}

// wants reports whether a closing is one that the endpoint takes: it ends after
// the endpoint's first day.
func (e Endpoint) wants(period string) bool {
	month, err := pricing.ParseMonth(period)
	return err == nil && e.Since < month.Next().First()
}

// delivery is one call of Deliver.
type delivery struct {
	p       *Pipeline
	sender  *webhooks.Sender
	stopped map[string]bool // endpoints that answered 410 or failed, by id
}

// closing delivers one closing's events to the endpoints that lack some.
func (d *delivery) closing(ctx context.Context, period string, to []Endpoint) (Outcome, error) {
	history, err := d.p.publisher.Decided(ctx, string(JobMonthly), period)
	if err != nil || history.Published == nil {
		return Outcome{}, err
	}
	m := history.Published
	out := Outcome{Job: string(JobDeliver), Period: period, State: StateAlready, Revision: m.Revision}
	var failed []error
	for _, e := range to {
		if err := d.send(ctx, e, m, &out); err != nil {
			failed = append(failed, fmt.Errorf("endpoint %s, %s: %w", e.ID, period, err))
		}
	}
	if out.Sent > 0 {
		out.State = StatePublished
	}
	return out, errors.Join(failed...)
}

// send sends one closing's events to one endpoint, from where an earlier run
// stopped, and marks it delivered when all of them were acknowledged.
func (d *delivery) send(ctx context.Context, e Endpoint, m *publish.Manifest, out *Outcome) error {
	key := publish.DeliveredKey(m.Job, m.Period, m.Revision, e.ID)
	at, err := d.p.outboxAt(ctx, key)
	if err != nil {
		return err
	}
	at.Next = min(max(at.Next, 0), len(m.Events))
	if at.Gone {
		out.Pending += wanted(e, m.Events[at.Next:])
		return fmt.Errorf("%w: %w; once it is repaired delete %s", ErrPending, webhooks.ErrGone, at.key)
	}
	if d.stopped[e.ID] {
		out.Pending += wanted(e, m.Events[at.Next:])
		return fmt.Errorf("%w: an earlier closing comes first", ErrPending)
	}
	if err := d.p.probe(ctx); err != nil {
		return err
	}
	from := at.Next
	sent, err := d.sendFrom(ctx, e, m, &at)
	out.Sent += sent
	if err == nil {
		return d.p.markDelivered(ctx, key)
	}
	d.stopped[e.ID], at.Gone = errors.Is(err, ErrPending), errors.Is(err, webhooks.ErrGone)
	out.Pending += wanted(e, m.Events[at.Next:])
	if at.Next > from || at.Gone {
		err = errors.Join(err, d.p.keepOutbox(ctx, at))
	}
	return err
}

// sendFrom sends the wanted events from at.Next on and moves it past each one
// that was acknowledged.
func (d *delivery) sendFrom(ctx context.Context, e Endpoint, m *publish.Manifest, at *outbox) (sent int, err error) {
	for ; at.Next < len(m.Events); at.Next++ {
		event := m.Events[at.Next]
		if !e.Wants(event.Type) {
			continue
		}
		body, err := d.p.publisher.EventBody(ctx, *m, event)
		if err != nil {
			return sent, err
		}
		if _, err := d.sender.Deliver(ctx, e.Endpoint, webhooks.Event{ID: event.ID, Type: event.Type, Body: body}); err != nil {
			return sent, fmt.Errorf("%w: %w", ErrPending, err)
		}
		sent++
	}
	return sent, ctx.Err()
}

// wanted counts the events that an endpoint takes.
func wanted(e Endpoint, events []publish.Event) int {
	n := 0
	for _, event := range events {
		if e.Wants(event.Type) {
			n++
		}
	}
	return n
}
