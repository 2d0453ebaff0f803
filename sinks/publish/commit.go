package publish

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"daybook/sources/blob"
)

// Commit decides the revision (docs/commit-protocol.md, "A run", step 7). The
// caller fills what it computed: Notify, Inputs (default: the plan's), Objects,
// Totals, Reconciliation, Events, Trace and Chain; the rest is set here. A
// revision equal to the one it would supersede becomes [Unchanged].
//
// It returns the manifest that stands, and adopted when another runner (or an
// earlier run that died) had put it. When the one that stands publishes nothing,
// the error is [ErrAbandoned] or [ErrSealed]. After any other error the verdict
// is unknown: run again, and clean nothing up.
func (r *Run) Commit(ctx context.Context, m Manifest) (final Manifest, adopted bool, err error) {
	fail := func(err error) error {
		return fmt.Errorf("commit %s %s %s: %w", r.Plan.Identity.Job, r.Plan.Identity.Period, revisionSegment(r.Revision), err)
	}
	if m, err = r.complete(m); err != nil {
		return Manifest{}, false, fail(err)
	}
	final, adopted, err = r.publisher.decide(ctx, m)
	switch {
	case err != nil:
		return Manifest{}, false, fail(err)
	case final.Verdict == Abandoned:
		return final, adopted, fail(ErrAbandoned)
	case final.Verdict == Sealed:
		return final, adopted, fail(ErrSealed)
	}
	return final, adopted, nil
}

// decide puts the manifest of a revision, or returns the one that stands there.
func (p *Publisher) decide(ctx context.Context, m Manifest) (final Manifest, adopted bool, err error) {
	body, err := encodeChecked(m)
	if err != nil {
		return Manifest{}, false, fmt.Errorf("encode manifest: %w", err)
	}
	key := manifestKey(m.Job, m.Period, m.Revision)
	unknown := false // a put of ours may have been done
	var lost error
	for range writeTries {
		_, err := p.put(ctx, key, body, blob.Cond{IfAbsent: true})
		if err == nil {
			return m, false, nil
		}
		if ctx.Err() != nil {
			return Manifest{}, false, err
		}
		unknown = unknown || !errors.Is(err, blob.ErrExists)
		found, _, readErr := blob.ReadAll(ctx, p.store, key, fileLimit)
		switch {
		case readErr == nil:
			stands, err := parseManifest(found, m.Job, m.Period, m.Revision)
			if err != nil {
				return Manifest{}, false, fmt.Errorf("read manifest %s: %w", key, err)
			}
			return stands, !unknown || !bytes.Equal(found, body), nil
		case !absent(readErr):
			return Manifest{}, false, errors.Join(err, readErr)
		case !errors.Is(err, blob.ErrTransient) && !errors.Is(err, blob.ErrExists):
			return Manifest{}, false, err
		}
		lost = err
	}
	return Manifest{}, false, lost
}

// complete checks a manifest and sets what the run knows better than its caller.
func (r *Run) complete(m Manifest) (Manifest, error) {
	base := r.verdict(Published)
	if m.Job != "" && m.Job != base.Job || m.Period != "" && m.Period != base.Period {
		return Manifest{}, fmt.Errorf("the manifest is of %s %s", m.Job, m.Period)
	}
	base.Notify, base.Totals, base.Reconciliation, base.Trace, base.Chain = m.Notify, m.Totals, m.Reconciliation, m.Trace, m.Chain
	base.Inputs = sortedInputs(m.Inputs)
	if m.Inputs == nil {
		base.Inputs = sortedInputs(r.Plan.Identity.Inputs)
	}
	base.Objects = sortedObjects(m.Objects)
	base.Events = m.Events // in the order they are to be delivered
	if err := r.check(base); err != nil {
		return Manifest{}, err
	}
	if r.superseded != nil && equalResults(base, *r.superseded) {
		base = unchanged(base, *r.superseded)
	}
	return base, nil
}

func sortedObjects(objects []Object) []Object {
	out := slices.Clone(objects)
	slices.SortFunc(out, func(a, b Object) int {
		return cmp.Or(cmp.Compare(a.Role, b.Role), cmp.Compare(a.Table, b.Table), cmp.Compare(a.Partition, b.Partition), cmp.Compare(a.Key, b.Key))
	})
	return out
}

// check refuses a manifest that names what this run did not store, two objects
// for one place, or events without a body.
func (r *Run) check(m Manifest) error {
	keys, places := map[string]Object{}, map[string]bool{}
	for _, o := range m.Objects {
		if !r.knows(o) {
			return fmt.Errorf("object %s was not stored by this run", o.Key)
		}
		if _, twice := keys[o.Key]; twice {
			return fmt.Errorf("object %s is named twice", o.Key)
		}
		keys[o.Key] = o
		if o.Role != RoleTable {
			continue
		}
		place := partKey(o.Table, o.Partition)
		if places[place] {
			return fmt.Errorf("table %s has two objects for %s", o.Table, o.Partition)
		}
		places[place] = true
	}
	if m.Chain != nil {
		for _, o := range []*Object{m.Chain.Coverage, m.Chain.Issued, m.Chain.Posted} {
			if o != nil && !r.knows(*o) {
				return fmt.Errorf("object %s of the chain was not stored by this run", o.Key)
			}
		}
	}
	return checkEvents(m.Events, keys)
}

func checkEvents(events []Event, objects map[string]Object) error {
	ids := map[string]bool{}
	for _, e := range events {
		pack, ok := objects[e.Pack]
		switch {
		case e.ID == "" || ids[e.ID]:
			return fmt.Errorf("event id %q is empty or used twice", e.ID)
		case !ok || pack.Role != RoleEvents:
			return fmt.Errorf("event %s: the manifest does not name its pack %q", e.ID, e.Pack)
		case e.Offset < 0 || e.Length <= 0 || e.Length > pack.Size-e.Offset:
			return fmt.Errorf("event %s: bytes %d+%d are outside of its pack", e.ID, e.Offset, e.Length)
		}
		ids[e.ID] = true
	}
	return nil
}

// knows reports whether o was put by this run, or belongs to the revision before.
func (r *Run) knows(o Object) bool {
	r.mu.Lock()
	stored, ok := r.stored[o.Key]
	r.mu.Unlock()
	if ok && stored == o {
		return true
	}
	return r.superseded != nil && slices.Contains(r.superseded.Objects, o)
}
