package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"daybook/pricing"
	"daybook/sinks/publish"
	"daybook/sinks/webhooks"
	"daybook/sources/blob"
)

// ErrPending is returned when events could not be delivered; they are tried
// again by the next deliver.
var ErrPending = errors.New("webhooks are pending")

// Deliver sends every event of published closings that an endpoint wants and
// has not acknowledged yet: at least once, under one id and with one body. An
// endpoint that fails holds no other one back.
func (p *Pipeline) Deliver(ctx context.Context) ([]Outcome, error) {
	if len(p.settings.Endpoints) == 0 {
		return nil, nil
	}
	periods, err := p.publisher.Periods(ctx, string(JobMonthly))
	if err != nil {
		return nil, err
	}
	var outcomes []Outcome
	var failed []error
	for _, period := range periods {
		history, err := p.publisher.Decided(ctx, string(JobMonthly), period)
		if err != nil {
			return outcomes, err
		}
		if history.Published == nil || len(history.Published.Events) == 0 {
			continue
		}
		out := Outcome{Job: string(JobDeliver), Period: period, State: StateAlready, Revision: history.Published.Revision}
		for _, e := range p.settings.Endpoints {
			if err := p.deliverTo(ctx, e, history.Published, &out); err != nil {
				failed = append(failed, fmt.Errorf("endpoint %s, %s: %w", e.ID, period, err))
			}
		}
		outcomes = append(outcomes, out)
	}
	return outcomes, errors.Join(failed...)
}

// deliverTo sends one revision's events to one endpoint and marks it delivered
// when all of them were acknowledged.
func (p *Pipeline) deliverTo(ctx context.Context, e Endpoint, m *publish.Manifest, out *Outcome) error {
	month, err := pricing.ParseMonth(m.Period)
	if err != nil {
		return err
	}
	if month.Next().First() <= e.Since {
		return nil
	}
	marker := publish.DeliveredKey(m.Job, m.Period, m.Revision, e.ID)
	if _, err := p.stores.Out.Stat(ctx, marker); err == nil {
		return nil
	} else if !errors.Is(err, blob.ErrNotFound) {
		return err
	}
	if err := p.probe(ctx); err != nil {
		return err
	}
	sender := webhooks.New(webhooks.Options{Now: p.clock.Now, Sleep: p.clock.Sleep})
	for i, event := range m.Events {
		if len(e.Events) > 0 && !slices.Contains(e.Events, event.Type) {
			continue
		}
		body, err := p.publisher.EventBody(ctx, *m, event)
		if err != nil {
			return err
		}
		if _, err := sender.Deliver(ctx, e.Endpoint, webhooks.Event{ID: event.ID, Type: event.Type, Body: body}); err != nil {
			out.Pending += len(m.Events) - i
			return fmt.Errorf("%w: %w", ErrPending, err)
		}
		out.Sent++
	}
	out.State = StatePublished
	_, err = p.stores.Out.Put(ctx, marker, []byte("{}\n"), blob.Cond{IfAbsent: true})
	if errors.Is(err, blob.ErrExists) {
		return nil
	}
	return err
}
