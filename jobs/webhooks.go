package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"daybook/sinks/publish"
)

// ErrNoDelivery is returned when a person asks for a delivery that does not
// exist: the question is mistaken, not the store.
var ErrNoDelivery = errors.New("no such delivery")

// DeliveryQuery says which deliveries a person means. Empty fields mean all.
type DeliveryQuery struct {
	Endpoint string
	Period   string // "2026-10"
	Event    string // id
	State    DeliveryState
}

// EndpointDelivery is one event of a closing at one endpoint.
type EndpointDelivery struct {
	Endpoint string `json:"endpoint"`
	Period   string `json:"period"`
	Revision int    `json:"revision"`
	Type     string `json:"type"`
	Subject  string `json:"subject"`
	Delivery
	Body json.RawMessage `json:"body,omitempty"` // where one event was asked for
}

// Deliveries returns where the events of published closings stand with the
// endpoints that take them, by endpoint, closing and the order of the manifest.
// A query for one event adds its body.
func (p *Pipeline) Deliveries(ctx context.Context, q DeliveryQuery) ([]EndpointDelivery, error) {
	var out []EndpointDelivery
	err := p.eachOutbox(ctx, q, func(e Endpoint, m *publish.Manifest, shards []*shard) error {
		for _, s := range shards {
			for _, event := range s.events {
				d := EndpointDelivery{Endpoint: e.ID, Period: m.Period, Revision: m.Revision, Type: event.Type, Subject: event.Subject, Delivery: s.delivery(event)}
				if q.Event != "" && q.Event != d.ID || q.State != "" && q.State != d.State {
					continue
				}
				if q.Event != "" {
					body, err := p.publisher.EventBody(ctx, *m, event)
					if err != nil {
						return err
					}
					d.Body = body
				}
				out = append(out, d)
			}
		}
		return nil
	})
	return out, err
}

// DeliveryCount sums up one closing at one endpoint.
type DeliveryCount struct {
	Endpoint  string    `json:"endpoint"`
	Period    string    `json:"period"`
	Revision  int       `json:"revision"`
	Events    int       `json:"events"` // those of the closing
	Delivered int       `json:"delivered"`
	Pending   int       `json:"pending"`
	Dead      int       `json:"dead"`
	Skipped   int       `json:"skipped"`               // not for this endpoint, or made without notifying
	Next      time.Time `json:"next_attempt,omitzero"` // of the earliest pending one that has failed
	Stopped   time.Time `json:"stopped,omitzero"`      // the endpoint answered 410 then
	Failure   string    `json:"last_failure,omitempty"`
}

// DeliveryCounts returns a count for each closing that each endpoint takes.
func (p *Pipeline) DeliveryCounts(ctx context.Context, q DeliveryQuery) ([]DeliveryCount, error) {
	var out []DeliveryCount
	states := map[string]EndpointState{}
	err := p.eachOutbox(ctx, q, func(e Endpoint, m *publish.Manifest, shards []*shard) error {
		state, ok := states[e.ID]
		if !ok {
			var err error
			if state, err = p.endpointState(ctx, e.ID); err != nil {
				return err
			}
			states[e.ID] = state
		}
		c := DeliveryCount{Endpoint: e.ID, Period: m.Period, Revision: m.Revision, Events: len(m.Events), Stopped: state.Stopped}
		var last time.Time
		for _, s := range shards {
			for _, event := range s.events {
				d := s.delivery(event)
				c.add(d, state)
				if d.Failure != "" && d.At.After(last) {
					last, c.Failure = d.At, d.Failure
				}
			}
		}
		out = append(out, c)
		return nil
	})
	return out, err
}

func (c *DeliveryCount) add(d Delivery, state EndpointState) {
	switch d.State {
	case DeliveryDelivered:
		c.Delivered++
	case DeliveryDead:
		c.Dead++
	case DeliverySkipped:
		c.Skipped++
	case DeliveryPending:
		c.Pending++
		if at := later(d.Next, state.NotBefore); !at.IsZero() && (c.Next.IsZero() || at.Before(c.Next)) {
			c.Next = at
		}
	}
}

// eachOutbox hands do each published closing with events that an endpoint of the
// query takes, endpoints in the order of the configuration.
func (p *Pipeline) eachOutbox(ctx context.Context, q DeliveryQuery, do func(Endpoint, *publish.Manifest, []*shard) error) error {
	endpoints, err := p.endpointsOf(q)
	if err != nil {
		return err
	}
	revisions, err := p.publisher.Revisions(ctx, string(JobMonthly))
	if err != nil {
		return err
	}
	done, err := p.delivered(ctx)
	if err != nil {
		return err
	}
	manifests := make([]*publish.Manifest, len(revisions))
	for _, e := range endpoints {
		for i, r := range revisions {
			if q.Period != "" && q.Period != r.Period || !e.takes(r.Period) {
				continue
			}
			if manifests[i] == nil {
				m, err := p.publisher.Manifest(ctx, r)
				if err != nil {
					return err
				}
				manifests[i] = &m
			}
			shards, err := p.outbox(ctx, manifests[i], e)
			if err != nil {
				return err
			}
			if len(shards) == 0 {
				continue
			}
			if done[r.DeliveredKey(e.ID)] {
				skipUnknown(shards)
			}
			if err := do(e, manifests[i], shards); err != nil {
				return err
			}
		}
	}
	return nil
}

// skipUnknown says of a revision that is marked: what was not tried is not sent,
// even where the endpoint has come to want it since.
func skipUnknown(shards []*shard) {
	for _, s := range shards {
		s.start = func(publish.Event) DeliveryState { return DeliverySkipped }
	}
}

// endpointsOf returns the endpoints of a query.
func (p *Pipeline) endpointsOf(q DeliveryQuery) ([]Endpoint, error) {
	if q.Endpoint == "" {
		return p.settings.Endpoints, nil
	}
	for _, e := range p.settings.Endpoints {
		if e.ID == q.Endpoint {
			return []Endpoint{e}, nil
		}
	}
	remedy := "it has none; add one under `webhooks`"
	if len(p.settings.Endpoints) > 0 {
		ids := make([]string, 0, len(p.settings.Endpoints))
		for _, e := range p.settings.Endpoints {
			ids = append(ids, e.ID)
		}
		remedy = "it has " + strings.Join(ids, ", ")
	}
	return nil, fmt.Errorf("%w: the configuration has no webhook endpoint %q; %s", ErrNoDelivery, q.Endpoint, remedy)
}
