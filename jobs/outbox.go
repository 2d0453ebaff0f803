package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"daybook/sinks/publish"
	"daybook/sources/blob"
)

// DeliveryState is where one event stands with one endpoint.
type DeliveryState string

// The states of an event. Skipped is one that the endpoint does not get: it does
// not want the type or takes another shape, or the closing was made without
// notifying.
const (
	DeliveryPending   DeliveryState = "pending"
	DeliveryDelivered DeliveryState = "delivered"
	DeliveryDead      DeliveryState = "dead"
	DeliverySkipped   DeliveryState = "skipped"
)

// Delivery is what one endpoint's outbox knows of one event. What is not there
// has not been tried.
type Delivery struct {
	ID       string        `json:"id"`
	State    DeliveryState `json:"state"`
	Attempts int           `json:"attempts"`          // that failed since it was made or sent again
	Status   int           `json:"status,omitempty"`  // HTTP status of the last answer; 0: none
	Failure  string        `json:"failure,omitempty"` // of the last attempt; no URL and no part of an answer
	At       time.Time     `json:"at,omitzero"`       // of the last attempt
	Next     time.Time     `json:"next,omitzero"`     // no attempt before it
}

func (d Delivery) equal(to Delivery) bool {
	return d.ID == to.ID && d.State == to.State && d.Attempts == to.Attempts && d.At.Equal(to.At) && d.Next.Equal(to.Next)
}

const (
	// shardEvents is how many events of a manifest share one state object.
	shardEvents = 250
	// outboxLimit bounds one state object, in bytes: 1 KB an event.
	outboxLimit = shardEvents << 10
	// outboxFormat is the version of state objects written here.
	outboxFormat = 1
	// outboxTries bounds how often a lost race for one state object is run again.
	outboxTries = 20
)

// outboxFile is a state object: the deliveries that were tried, in the order of
// the manifest's events.
type outboxFile struct {
	Format int        `json:"format"`
	Events []Delivery `json:"events"`
}

// shard is the outbox of a run of a manifest's events at one endpoint
// (docs/commit-protocol.md, Keys).
type shard struct {
	key    string
	etag   string // "" while there is no object
	events []publish.Event
	known  map[string]Delivery
	start  func(publish.Event) DeliveryState // of an event that is not known
}

// shards cuts a manifest's events into the outbox of one endpoint, without
// reading their state. Only a published revision has any.
func shards(m *publish.Manifest, e Endpoint) []*shard {
	if m.Verdict != publish.Published {
		return nil
	}
	start := func(event publish.Event) DeliveryState {
		if !m.Notify || !e.Wants(event.Type) || !e.takesFormat(event.Format) {
			return DeliverySkipped
		}
		return DeliveryPending
	}
	prefix := publish.OutboxPrefix(m.Job, m.Period, m.Revision, e.ID)
	var out []*shard
	for events := range slices.Chunk(m.Events, shardEvents) {
		key := fmt.Sprintf("%s%04d.json", prefix, len(out)+1)
		out = append(out, &shard{key: key, events: events, known: map[string]Delivery{}, start: start})
	}
	return out
}

// outbox returns the state of one manifest's events at one endpoint: one list,
// and a read for each shard that has any.
func (p *Pipeline) outbox(ctx context.Context, m *publish.Manifest, e Endpoint) ([]*shard, error) {
	all := shards(m, e)
	prefix := publish.OutboxPrefix(m.Job, m.Period, m.Revision, e.ID)
	for o, err := range p.stores.Out.List(ctx, prefix, "") {
		if err != nil {
			return nil, fmt.Errorf("list delivery states: %w", err)
		}
		name, _ := strings.CutSuffix(strings.TrimPrefix(o.Key, prefix), ".json")
		n, err := strconv.Atoi(name)
		if err != nil || n < 1 || n > len(all) || all[n-1].key != o.Key {
			continue // not ours
		}
		if err := p.readShard(ctx, all[n-1]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// readShard reads the state that stands now.
func (p *Pipeline) readShard(ctx context.Context, s *shard) error {
	body, object, err := blob.ReadAll(ctx, p.stores.Out, s.key, outboxLimit)
	if errors.Is(err, blob.ErrNotFound) {
		s.etag, s.known = "", map[string]Delivery{}
		return nil
	}
	if err != nil {
		return fmt.Errorf("read delivery state: %w", err)
	}
	var file outboxFile
	if err := json.Unmarshal(body, &file); err != nil || file.Format != outboxFormat {
		return fmt.Errorf("read delivery state %s: it is damaged or of another version (%v); delete it to send its events again", s.key, err)
	}
	s.etag, s.known = object.ETag, map[string]Delivery{}
	for _, d := range file.Events {
		s.known[d.ID] = d
	}
	return nil
}

// delivery returns where an event stands.
func (s *shard) delivery(e publish.Event) Delivery {
	if d, ok := s.known[e.ID]; ok {
		return d
	}
	return Delivery{ID: e.ID, State: s.start(e)}
}

// change is what one attempt, or a person, made of a delivery.
type change struct {
	before, after Delivery
	force         bool // a person's word, which holds against any state
}

// apply returns what a change makes of the state that stands, which another
// runner may have moved meanwhile: an acknowledgement always counts, a failure
// only where nobody else has moved on.
func (c change) apply(stands Delivery) Delivery {
	switch {
	case c.force, stands.equal(c.before):
		return c.after
	case stands.State != DeliveryDelivered && c.after.State == DeliveryDelivered:
		return c.after
	}
	return stands
}

// keepShard stores changes of one shard under If-Match, on top of what stands
// there by then; the shard then holds the result. It starts no write once ctx
// has ended: what is not kept is sent again under the same id.
func (p *Pipeline) keepShard(ctx context.Context, s *shard, changes []change) error {
	var last error
	for range outboxTries {
		if err := ctx.Err(); err != nil {
			return err
		}
		body, err := s.with(changes)
		if err != nil {
			return err
		}
		o, err := p.stores.Out.Put(ctx, s.key, body, blob.Cond{IfAbsent: s.etag == "", IfMatch: s.etag})
		if err == nil {
			s.etag = o.ETag
			return nil
		}
		if !lostRace(err) {
			return fmt.Errorf("keep delivery state: %w", err)
		}
		last = err
		if err := p.readShard(ctx, s); err != nil {
			return err
		}
	}
	return fmt.Errorf("keep delivery state: other runners were faster %d times: %w", outboxTries, last)
}

// with applies changes to what the shard holds and returns its object.
func (s *shard) with(changes []change) ([]byte, error) {
	for _, c := range changes {
		stands, ok := s.known[c.before.ID]
		if !ok {
			stands = Delivery{ID: c.before.ID, State: c.before.State}
		}
		s.known[c.before.ID] = c.apply(stands)
	}
	file := outboxFile{Format: outboxFormat, Events: []Delivery{}}
	for _, e := range s.events {
		if d, ok := s.known[e.ID]; ok {
			file.Events = append(file.Events, d)
		}
	}
	body, err := json.Marshal(file)
	if err != nil {
		return nil, fmt.Errorf("write delivery state: %w", err)
	}
	return append(body, '\n'), nil
}

// lostRace reports whether a conditional put found another version.
func lostRace(err error) bool {
	return errors.Is(err, blob.ErrExists) || errors.Is(err, blob.ErrChanged) || errors.Is(err, blob.ErrNotFound)
}
