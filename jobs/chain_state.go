package jobs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"daybook/pricing"
	"daybook/sinks/publish"
)

// chainState is up to when a closing's chain has billed each price, and by which
// billing anchors.
type chainState struct {
	billed  pricing.Coverage
	anchors []pricing.HeldAnchor
}

// coverageEntry is one line of a chain's object "coverage": a price that is
// billed from an instant through another, or an anchor that holds.
type coverageEntry struct {
	Account      string              `json:"account,omitempty"`
	Subscription string              `json:"subscription,omitempty"`
	Plan         string              `json:"plan,omitempty"`
	Price        string              `json:"price,omitempty"`
	From         time.Time           `json:"from,omitzero"`
	Through      time.Time           `json:"through,omitzero"`
	Anchor       *pricing.HeldAnchor `json:"anchor,omitempty"`
}

// encode writes the entries as NDJSON, in order.
func (s chainState) encode() (body []byte, rows int, err error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	for _, a := range s.anchors {
		err = errors.Join(err, enc.Encode(coverageEntry{Anchor: &a}))
	}
	if err != nil {
		return nil, 0, fmt.Errorf("write what is billed: %w", err)
	}
	covered := s.billed.Rows()
	body = slices.Grow(out.Bytes(), len(covered)*coverageLineSize)
	for _, c := range covered {
		if body, err = appendCoverage(body, c, s.billed[c]); err != nil {
			return nil, 0, fmt.Errorf("write what is billed: %w", err)
		}
	}
	return body, len(s.anchors) + len(covered), nil
}

// chainState reads what a closing left; nil is of the first.
func (p *Pipeline) chainState(ctx context.Context, m *publish.Manifest) (chainState, error) {
	out := chainState{billed: pricing.Coverage{}}
	if m == nil || m.Chain == nil || m.Chain.Coverage == nil {
		return out, nil
	}
	body, err := p.publisher.ReadObject(ctx, *m.Chain.Coverage)
	if err != nil {
		return out, fmt.Errorf("read what closings have billed: %w", err)
	}
	for dec := json.NewDecoder(bytes.NewReader(body)); ; {
		var e coverageEntry
		if err := dec.Decode(&e); errors.Is(err, io.EOF) {
			return out, nil
		} else if err != nil {
			return out, fmt.Errorf("read what closings have billed: %w", err)
		}
		if e.Anchor != nil {
			out.anchors = append(out.anchors, *e.Anchor)
			continue
		}
		out.billed[pricing.Covered{Account: e.Account, Subscription: e.Subscription, Plan: e.Plan, Price: e.Price}] = pricing.Period{Start: e.From, End: e.Through}
	}
}
