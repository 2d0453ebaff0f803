package jobs

import (
	"context"
	"errors"
	"slices"

	"daybook/pricing"
	"daybook/sinks/publish"
	"daybook/sinks/tables"
	"daybook/sources/blob"
)

// TreeCounts says how many billing trees a run rated, and of how many it took the
// result from the revision that stood because nothing of them had changed.
type TreeCounts struct {
	Rated  int `json:"rated"`
	Copied int `json:"copied"`
}

func (c *TreeCounts) add(copied bool) {
	if copied {
		c.Copied++
	} else {
		c.Rated++
	}
}

// dayBefore is what the day's standing revision says of each tree; nil is that of
// a day to be rated whole.
type dayBefore struct {
	traces map[string]treeTrace
	costs  map[string][]pricing.CostRow // by billing account
}

// of returns the result of a tree that need not be rated again.
func (b *dayBefore) of(now treeTrace) (pricing.DailyResult, bool) {
	if b == nil {
		return pricing.DailyResult{}, false
	}
	had, ok := b.traces[now.BillingAccount]
	if !ok || !had.equal(now) {
		return pricing.DailyResult{}, false
	}
	return pricing.DailyResult{Rows: b.costs[now.BillingAccount], Meters: fromRatedMeters(had.Meters)}, true
}

// standingDay reads what stands of a day. It is nil where there is nothing to go
// by: no revision, one of another engine, which may have rated otherwise, or one
// whose objects are gone or damaged.
func (p *Pipeline) standingDay(ctx context.Context, m *publish.Manifest) (*dayBefore, error) {
	trace, ok := traceObject(m)
	if !ok || m.Engine != p.version {
		return nil, nil
	}
	body, err := p.publisher.ReadObject(ctx, trace)
	if err != nil {
		return nil, unlessLost(err)
	}
	out := &dayBefore{costs: map[string][]pricing.CostRow{}}
	if out.traces, err = decodeTreeTraces(body); err != nil {
		return nil, err
	}
	body, key, err := p.tableBody(ctx, m, "daily_costs")
	if err != nil {
		return nil, unlessLost(err)
	}
	rows, err := tables.DecodeDailyCosts(key, body)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		out.costs[r.BillingAccount] = append(out.costs[r.BillingAccount], r)
	}
	return out, nil
}

// unlessLost is nil for what no retry brings back: whatever it was is made again.
func unlessLost(err error) error {
	if errors.Is(err, blob.ErrNotFound) || errors.Is(err, publish.ErrDamaged) {
		return nil
	}
	return err
}

// traceObject returns the object of role trace that a manifest names.
func traceObject(m *publish.Manifest) (publish.Object, bool) {
	if m == nil {
		return publish.Object{}, false
	}
	i := slices.IndexFunc(m.Objects, func(o publish.Object) bool { return o.Role == publish.RoleTrace })
	if i < 0 {
		return publish.Object{}, false
	}
	return m.Objects[i], true
}

// putTreeTraces stores the traces of a rating and names them in the manifest.
func putTreeTraces(ctx context.Context, run *publish.Run, m *publish.Manifest, traces []treeTrace) error {
	body, err := encodeTreeTraces(traces)
	if err != nil {
		return err
	}
	object, err := run.Put(ctx, publish.NewObject{Name: "trace", Ext: "ndjson", Role: publish.RoleTrace, Rows: int64(len(traces)), Body: body})
	if err == nil {
		m.Objects, m.Trace = append(m.Objects, object), object.SHA256
	}
	return err
}
