package publish

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"daybook/sources/blob"
)

const (
	// writeTries bounds how often a put-if-absent of a plan or manifest is made
	// again after its answer was lost and nothing stands there.
	writeTries = 4
	// beginTries bounds how many revisions of other engines one Begin abandons.
	beginTries = 16
)

// Run is one revision being computed. Use [Publisher.Begin]. Its methods are
// safe for concurrent use.
type Run struct {
	Plan     Plan // as it stands in the store: its as_of and inputs win
	Revision int

	publisher  *Publisher
	superseded *Manifest // latest published revision before this one

	mu     sync.Mutex
	stored map[string]Object // by key, what Put stored
}

// Begin pins what the next revision computes (docs/commit-protocol.md, "A run",
// step 3). A plan that another runner made is adopted as it is: Run.Plan tells.
// A plan of another engine without a manifest is abandoned, and the revision
// after it begun. It returns [ErrSealed] when the period takes no more.
//
// Whatever has been decided by now, Begin begins the revision after it. A caller
// whose reason to begin is the history that it read uses
// [Publisher.BeginAfter].
func (p *Publisher) Begin(ctx context.Context, id Identity, pins []Pin) (*Run, error) {
	r, err := p.begin(ctx, nil, id, pins)
	return r, beginning(id, err)
}

// BeginAfter is Begin for a caller that read history h and found that a revision
// must be computed. It returns [ErrMovedOn] when a runner has published, or found
// unchanged, another revision since: one who closes a month because it is not
// closed yet must not begin a second revision of it.
func (p *Publisher) BeginAfter(ctx context.Context, h History, id Identity, pins []Pin) (*Run, error) {
	r, err := p.begin(ctx, &h, id, pins)
	return r, beginning(id, err)
}

// beginning says which run could not begin.
func beginning(id Identity, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("begin %s %s: %w", id.Job, id.Period, err)
}

func (p *Publisher) begin(ctx context.Context, seen *History, id Identity, pins []Pin) (*Run, error) {
	if err := id.check(); err != nil {
		return nil, err
	}
	plan := Plan{Format: format, Engine: p.engine, Identity: id.canonical(), Pins: sortedPins(pins)}
	body, err := encodeChecked(plan)
	if err != nil {
		return nil, fmt.Errorf("encode plan: %w", err)
	}
	for range beginTries {
		h, err := p.Decided(ctx, id.Job, id.Period)
		if err != nil {
			return nil, err
		}
		if h.Last != nil && h.Last.Verdict == Sealed {
			return nil, ErrSealed
		}
		if seen != nil && h.movedOn(*seen) {
			return nil, ErrMovedOn
		}
		found, err := p.pin(ctx, plan, body, h.Next)
		if err != nil {
			return nil, err
		}
		r := &Run{Plan: found, Revision: h.Next, publisher: p, superseded: h.Published, stored: map[string]Object{}}
		if found.Engine == p.engine {
			return r, p.unlessCondemned(ctx, r)
		}
		if err := r.Abandon(ctx, fmt.Sprintf("engine %s is gone", found.Engine)); err != nil {
			return nil, err
		}
	}
	return nil, errors.New("programs of different versions keep planning this period; stop all but one of them")
}

// pin puts the plan of a revision, or returns the one that stands there.
func (p *Publisher) pin(ctx context.Context, plan Plan, body []byte, revision int) (Plan, error) {
	job, period := plan.Identity.Job, plan.Identity.Period
	var lost error
	for range writeTries {
		_, err := p.put(ctx, planKey(job, period, revision), body, blob.Cond{IfAbsent: true})
		if err == nil {
			return plan, nil
		}
		if ctx.Err() != nil {
			return Plan{}, err
		}
		found, readErr := p.Plan(ctx, job, period, revision)
		switch {
		case readErr == nil:
			return found, nil
		case !absent(readErr):
			return Plan{}, errors.Join(err, readErr)
		case !errors.Is(err, blob.ErrTransient) && !errors.Is(err, blob.ErrExists):
			return Plan{}, err
		}
		lost = err
	}
	return Plan{}, lost
}

// NewObject is an object to be put.
type NewObject struct {
	Name      string // lower-case letters, digits, "-" and "_"
	Ext       string // "parquet", "ndjson"
	Role      string
	Rows      int64
	Table     string // of RoleTable
	Partition string // of RoleTable: "utc_day=2026-10-01"
	Body      []byte
}

var objectName = regexp.MustCompile(`^[a-z0-9_-]+$`)

func (o NewObject) check() error {
	switch {
	case !objectName.MatchString(o.Name), !objectName.MatchString(o.Ext):
		return fmt.Errorf("name %q and extension %q are not made of a-z, 0-9, - and _", o.Name, o.Ext)
	case o.Role == "":
		return errors.New("it has no role")
	case o.Role != RoleTable && (o.Table != "" || o.Partition != ""):
		return fmt.Errorf("role %s has no table or partition", o.Role)
	case o.Role == RoleTable && (o.Partition == "" || o.Table == "" || strings.Contains(o.Table, "/")):
		return fmt.Errorf("table %q, partition %q cannot be a place of the current view", o.Table, o.Partition)
	case o.Role == RoleTable:
		return blob.ValidKey(partKey(o.Table, o.Partition))
	}
	return nil
}

// Put stores one object of this revision under its hash
// (docs/commit-protocol.md, "A run", step 6). An equal object that stands there
// already is success.
func (r *Run) Put(ctx context.Context, n NewObject) (Object, error) {
	if err := n.check(); err != nil {
		return Object{}, fmt.Errorf("put object %q: %w", n.Name, err)
	}
	sum := digest(n.Body)
	o := Object{
		Key:    dataKey(r.Plan.Identity.Job, r.Plan.Identity.Period, r.Revision, n.Name, sum, n.Ext),
		SHA256: sum, Size: int64(len(n.Body)), Rows: n.Rows, Table: n.Table, Partition: n.Partition, Role: n.Role,
	}
	if err := r.publisher.putContent(ctx, o.Key, n.Body, sum); err != nil {
		return Object{}, fmt.Errorf("put object %q: %w", n.Name, err)
	}
	r.mu.Lock()
	r.stored[o.Key] = o
	r.mu.Unlock()
	return o, nil
}

// Abandon gives the revision up, because its inputs changed under it. A manifest
// that another runner committed meanwhile stands, and that is no error: the
// revision is decided either way.
func (r *Run) Abandon(ctx context.Context, reason string) error {
	m := r.verdict(Abandoned)
	m.Reason = reason
	if _, _, err := r.publisher.decide(ctx, m); err != nil {
		return fmt.Errorf("abandon %s %s %s: %w", m.Job, m.Period, revisionSegment(m.Revision), err)
	}
	return nil
}

// verdict returns the members that every manifest of this revision has.
func (r *Run) verdict(v Verdict) Manifest {
	id := r.Plan.Identity
	m := Manifest{
		Format: format, Job: id.Job, Period: id.Period, Revision: r.Revision, Verdict: v,
		Engine: r.publisher.engine, Plan: id.Digest(), AsOf: id.AsOf,
	}
	if r.superseded != nil {
		m.Supersedes = r.superseded.Revision
	}
	return m
}
