package jobs

import (
	"context"
	"encoding/json"
	"fmt"

	"daybook/sinks/documents"
	"daybook/sinks/publish"
	"daybook/sinks/webhooks"
)

// Resend makes events of one closing pending again at one endpoint, at once and
// with all their attempts, resumes the endpoint and delivers what is due to it.
// It takes the dead and the pending ones, and the skipped ones that the endpoint
// wants: those of a closing that was made without notifying, and of types that it
// did not want then. With all it takes also the delivered ones, and of a query for
// one event that one in any state.
func (p *Pipeline) Resend(ctx context.Context, q DeliveryQuery, all bool) ([]Outcome, error) {
	endpoints, err := p.endpointsOf(q)
	if err != nil {
		return nil, err
	}
	if len(endpoints) != 1 || q.Endpoint == "" || q.Period == "" {
		return nil, fmt.Errorf("%w: name one endpoint and one period", ErrNoDelivery)
	}
	if e := endpoints[0]; !e.takes(q.Period) {
		return nil, fmt.Errorf("%w: endpoint %s takes closings that end after %s, and %s does not; move its `since`", ErrNoDelivery, e.ID, e.Since, q.Period)
	}
	if err := p.probe(ctx); err != nil {
		return nil, err
	}
	chosen := 0
	err = p.eachOutbox(ctx, q, func(e Endpoint, m *publish.Manifest, shards []*shard) error {
		n, err := p.reopen(ctx, e, m, shards, func(event publish.Event, d Delivery) bool {
			switch {
			case !e.takesFormat(event.Format):
				return false
			case q.Event != "":
				return d.ID == q.Event
			case d.State == DeliveryDelivered:
				return all
			case d.State == DeliverySkipped:
				return e.Wants(event.Type)
			}
			return true
		})
		chosen += n
		return err
	})
	if err != nil {
		return nil, err
	}
	if chosen == 0 {
		return nil, fmt.Errorf("%w: nothing of %s is left to send to %s; --all sends again what was delivered", ErrNoDelivery, q.Period, q.Endpoint)
	}
	state, err := p.endpointState(ctx, q.Endpoint)
	if err != nil {
		return nil, err
	}
	if _, err := p.changeEndpoint(ctx, state, resumed); err != nil {
		return nil, err
	}
	return p.deliver(ctx, endpoints, q.Period)
}

// reopen makes chosen events of one revision pending and takes its marker away,
// in this order: see [courier.settle].
func (p *Pipeline) reopen(ctx context.Context, e Endpoint, m *publish.Manifest, shards []*shard, chosen func(publish.Event, Delivery) bool) (int, error) {
	n := 0
	for _, s := range shards {
		var changes []change
		for _, event := range s.events {
			if d := s.delivery(event); chosen(event, d) {
				changes = append(changes, change{before: d, after: Delivery{ID: d.ID, State: DeliveryPending, At: d.At}, force: true})
			}
		}
		if len(changes) == 0 {
			continue
		}
		if err := p.keepShard(ctx, s, changes); err != nil {
			return n, err
		}
		n += len(changes)
	}
	if n == 0 {
		return 0, nil
	}
	return n, p.stores.Out.Delete(ctx, publish.DeliveredKey(m.Job, m.Period, m.Revision, e.ID))
}

// TypeTest is the type of the event that [Pipeline.TestEndpoint] sends.
const TypeTest = "webhook.test"

// TestEndpoint sends one event of type [TypeTest], Orb's resource_event.test or an
// empty aggregate of ComputeStacks', to an endpoint, under an id that the caller makes. An endpoint that acknowledges it is resumed if it was
// stopped or paused.
func (p *Pipeline) TestEndpoint(ctx context.Context, endpoint, id string) (webhooks.Receipt, error) {
	endpoints, err := p.endpointsOf(DeliveryQuery{Endpoint: endpoint})
	if err != nil {
		return webhooks.Receipt{}, err
	}
	event, err := p.testEvent(endpoints[0], id)
	if err != nil {
		return webhooks.Receipt{}, fmt.Errorf("write test event: %w", err)
	}
	receipt, err := p.sender.Send(ctx, endpoints[0].Endpoint, event)
	if err != nil {
		return receipt, err
	}
	state, err := p.endpointState(ctx, endpoint)
	if err != nil || resumed(state) == state {
		return receipt, err
	}
	if err := p.probe(ctx); err != nil {
		return receipt, err
	}
	_, err = p.changeEndpoint(ctx, state, resumed)
	return receipt, err
}

// testEvent is a test event in the shape that the endpoint takes.
func (p *Pipeline) testEvent(to Endpoint, id string) (webhooks.Event, error) {
	if to.takesFormat(formatOrb) {
		body, err := documents.OrbEvent(id, documents.OrbTypeTest, p.now(), nil)
		return webhooks.Event{ID: id, Type: documents.OrbTypeTest, Body: body}, err
	}
	if to.takesFormat(formatComputeStacks) {
		return webhooks.Event{ID: id, Type: TypeTest, Body: []byte("[]")}, nil // nothing is reported
	}
	body, err := json.Marshal(struct {
		Type string `json:"type"`
		ID   string `json:"id"`
	}{TypeTest, id})
	return webhooks.Event{ID: id, Type: TypeTest, Body: body}, err
}
