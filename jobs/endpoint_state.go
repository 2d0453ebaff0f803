package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"daybook/sinks/webhooks"
	"daybook/sources/blob"
)

// EndpointState is what is known of an endpoint as a whole, across closings
// (docs/commit-protocol.md, Keys: endpoints/<endpoint>.json).
type EndpointState struct {
	Stopped   time.Time `json:"stopped,omitzero"`    // it answered 410 then, and nothing is sent until a person resumes it
	Failing   int       `json:"failing,omitempty"`   // passes in a row that were broken off
	NotBefore time.Time `json:"not_before,omitzero"` // nothing is sent before it

	id, etag string
}

const (
	endpointLimit = 4 << 10 // bytes of an endpoint's state
	// failuresInARow is how many events may fail one after the other before an
	// endpoint is left alone for a while: it is down, not picky.
	failuresInARow = 5
	// longestPause bounds how long an endpoint that fails is left alone, unless
	// it asks for more.
	longestPause = 2 * time.Hour
)

func endpointKey(id string) string { return "endpoints/" + blob.EscapeID(id) + ".json" }

// endpointState reads the state of an endpoint; none is an endpoint without
// history.
func (p *Pipeline) endpointState(ctx context.Context, id string) (EndpointState, error) {
	s := EndpointState{id: id}
	key := endpointKey(id)
	body, object, err := blob.ReadAll(ctx, p.stores.Out, key, endpointLimit)
	if errors.Is(err, blob.ErrNotFound) {
		return s, nil
	}
	if err != nil {
		return s, fmt.Errorf("read endpoint state: %w", err)
	}
	if err := json.Unmarshal(body, &s); err != nil {
		return s, fmt.Errorf("read endpoint state %s: %w; delete it to begin anew", key, err)
	}
	s.etag = object.ETag
	return s, nil
}

// changeEndpoint stores what change makes of an endpoint's state, under If-Match,
// on top of what stands there by then. A change of nothing writes nothing.
func (p *Pipeline) changeEndpoint(ctx context.Context, s EndpointState, change func(EndpointState) EndpointState) (EndpointState, error) {
	for range outboxTries {
		if err := ctx.Err(); err != nil {
			return s, err
		}
		next := change(s)
		if next == s {
			return s, nil
		}
		body, err := json.Marshal(next)
		if err != nil {
			return s, fmt.Errorf("write endpoint state: %w", err)
		}
		o, err := p.stores.Out.Put(ctx, endpointKey(s.id), append(body, '\n'), blob.Cond{IfAbsent: s.etag == "", IfMatch: s.etag})
		if err == nil {
			next.etag = o.ETag
			return next, nil
		}
		if !lostRace(err) {
			return s, fmt.Errorf("keep endpoint state: %w", err)
		}
		if s, err = p.endpointState(ctx, s.id); err != nil {
			return s, err
		}
	}
	return s, fmt.Errorf("keep endpoint state %s: other runners were faster %d times", endpointKey(s.id), outboxTries)
}

// stopped is the state of an endpoint that answered 410.
func stopped(now time.Time) func(EndpointState) EndpointState {
	return func(s EndpointState) EndpointState {
		if s.Stopped.IsZero() {
			s.Stopped = now
		}
		return s
	}
}

// paused is the state of an endpoint that failed too often in a row: it is left
// alone by the schedule of attempts, at most [longestPause].
func paused(now time.Time) func(EndpointState) EndpointState {
	return func(s EndpointState) EndpointState {
		s.Failing++
		wait, more := webhooks.Pause(s.Failing, s.id)
		if !more {
			wait = longestPause
		}
		s.NotBefore = later(s.NotBefore, now.Add(min(wait, longestPause)).Truncate(time.Millisecond))
		return s
	}
}

// asked is the state of an endpoint whose answer asked for a pause.
func asked(now time.Time, wait time.Duration) func(EndpointState) EndpointState {
	return func(s EndpointState) EndpointState {
		s.NotBefore = later(s.NotBefore, now.Add(wait))
		return s
	}
}

// answering is the state of an endpoint that acknowledged an event.
func answering(s EndpointState) EndpointState {
	s.Failing, s.NotBefore = 0, time.Time{}
	return s
}

// resumed is the state of an endpoint that a person has mended.
func resumed(s EndpointState) EndpointState {
	s.Stopped = time.Time{}
	return answering(s)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
