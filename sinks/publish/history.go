package publish

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"daybook/sources/blob"
)

const (
	// fileLimit bounds the plans, manifests and indexes that are read, in bytes.
	fileLimit = 512 << 20
	// listTries bounds how often a listing that shows a hole is made again.
	listTries = 3
)

// History is what has been decided about one (job, period).
type History struct {
	Next       int       // the first revision without a manifest, from 1
	Last       *Manifest // of the last decided revision; nil for none
	Published  *Manifest // of the latest published revision; nil for none
	PlanAtNext bool      // a runner has begun revision Next

	last blob.Object // the manifest file of Last
}

// movedOn reports whether more than abandoned revisions came after before was
// read.
func (h History) movedOn(before History) bool {
	if h.Next <= before.Next {
		return false
	}
	published := func(h History) int {
		if h.Published == nil {
			return 0
		}
		return h.Published.Revision
	}
	return published(h) != published(before) || h.Last.Verdict != Abandoned
}

// Decided returns the history of one (job, period) at the time of its listing:
// one list and at most two reads.
func (p *Publisher) Decided(ctx context.Context, job, period string) (History, error) {
	return p.decidedSince(ctx, job, period, History{})
}

// decidedSince is Decided for a caller that has read the history before: while the
// last revision is the one that it knows, nothing is read but the listing.
func (p *Publisher) decidedSince(ctx context.Context, job, period string, known History) (History, error) {
	h, err := p.decided(ctx, job, period, known)
	if err != nil {
		return History{}, fmt.Errorf("read history of %s %s: %w", job, period, err)
	}
	return h, nil
}

func (p *Publisher) decided(ctx context.Context, job, period string, known History) (History, error) {
	look, err := p.look(ctx, job, period)
	if err != nil {
		return History{}, err
	}
	h := look.history
	if k := known.last; h.Next > 1 && k.Key == h.last.Key && k.ETag == h.last.ETag && k.Size == h.last.Size {
		h.Last, h.Published = known.Last, known.Published
		return h, nil
	}
	return p.read(ctx, look)
}

// Look is what one listing shows of a period, of which nothing has been read.
type Look struct {
	Decision

	job, period string
	history     History
	standing    revisionSet
}

// Look lists what stands of one (job, period).
func (p *Publisher) Look(ctx context.Context, job, period string) (Look, error) {
	look, err := p.look(ctx, job, period)
	if err != nil {
		err = fmt.Errorf("read history of %s %s: %w", job, period, err)
	}
	return look, err
}

// Read is Decided at the time of a look: at most two reads.
func (p *Publisher) Read(ctx context.Context, look Look) (History, error) {
	h, err := p.read(ctx, look)
	if err != nil {
		return History{}, fmt.Errorf("read history of %s %s: %w", look.job, look.period, err)
	}
	return h, nil
}

func (p *Publisher) read(ctx context.Context, look Look) (History, error) {
	if look.history.Next == 1 {
		return look.history, nil
	}
	return p.lastOf(ctx, look.job, look.period, look.history, look.standing)
}

func (p *Publisher) look(ctx context.Context, job, period string) (Look, error) {
	var hole error
	for range listTries {
		standing, err := p.revisions(ctx, job, period)
		if err != nil {
			return Look{}, err
		}
		h := History{Next: 1}
		for standing.manifests[h.Next] != nil {
			h.Next++
		}
		h.PlanAtNext = standing.plans[h.Next]
		if h.Next <= standing.last {
			// A listing of several pages may miss a manifest that came while
			// it went on; a hole that stays is damage.
			hole = fmt.Errorf("%w: %s has a manifest but %s has none; restore it, plans and manifests are never deleted",
				ErrDamaged, revisionSegment(standing.last), revisionSegment(h.Next))
			continue
		}
		if h.Next > 1 {
			h.last = *standing.manifests[h.Next-1]
		}
		return Look{p.settled(standing.decision, runsPrefix(job, period)), job, period, h, standing}, nil
	}
	return Look{}, hole
}

// lastOf reads the manifests that h names.
func (p *Publisher) lastOf(ctx context.Context, job, period string, h History, standing revisionSet) (History, error) {
	last, err := p.manifest(ctx, h.last, job, period, h.Next-1)
	if err != nil {
		return History{}, err
	}
	h.Last = &last
	switch {
	case last.Verdict == Published:
		h.Published = &last
	case last.Supersedes > 0 && last.Supersedes < last.Revision:
		m, err := p.manifest(ctx, *standing.manifests[last.Supersedes], job, period, last.Supersedes)
		if err != nil {
			return History{}, err
		}
		if m.Verdict != Published {
			return History{}, fmt.Errorf("%w: %s is said to be published and is %s", ErrDamaged, revisionSegment(m.Revision), m.Verdict)
		}
		h.Published = &m
	}
	return h, nil
}

// revisionSet is what a listing shows of one (job, period).
type revisionSet struct {
	manifests map[int]*blob.Object
	plans     map[int]bool
	last      int // the highest revision with a manifest
	decision  Decision
}

func (p *Publisher) revisions(ctx context.Context, job, period string) (revisionSet, error) {
	set := revisionSet{manifests: map[int]*blob.Object{}, plans: map[int]bool{}}
	prefix := runsPrefix(job, period)
	for o, err := range p.store.List(ctx, prefix, "") {
		if err != nil {
			return revisionSet{}, err
		}
		rest := strings.TrimPrefix(o.Key, prefix)
		set.decision = set.decision.with(o, rest)
		segment, name, _ := strings.Cut(rest, "/")
		revision, ok := parseRevision(segment)
		switch {
		case !ok: // not ours
		case name == planName:
			set.plans[revision] = true
		case name == manifestName:
			set.manifests[revision] = &o
			set.last = max(set.last, revision)
		}
	}
	return set, nil
}

// manifest reads a manifest that a listing showed.
func (p *Publisher) manifest(ctx context.Context, o blob.Object, job, period string, revision int) (Manifest, error) {
	if o.Size > fileLimit {
		return Manifest{}, fmt.Errorf("read manifest %s: %w", o.Key, blob.ErrTooLarge)
	}
	body, err := blob.Read(ctx, p.store, o)
	if err != nil {
		return Manifest{}, fmt.Errorf("read manifest: %w", err)
	}
	m, err := parseManifest(body, job, period, revision)
	if err != nil {
		return Manifest{}, fmt.Errorf("read manifest %s: %w", o.Key, err)
	}
	return m, nil
}

// Plan returns the plan of one revision. A revision that a seal took may have
// none: [blob.ErrNotFound].
func (p *Publisher) Plan(ctx context.Context, job, period string, revision int) (Plan, error) {
	key := planKey(job, period, revision)
	body, _, err := blob.ReadAll(ctx, p.store, key, fileLimit)
	if err != nil {
		return Plan{}, fmt.Errorf("read plan: %w", err)
	}
	plan, err := parsePlan(body, job, period)
	if err != nil {
		return Plan{}, fmt.Errorf("read plan %s: %w", key, err)
	}
	return plan, nil
}

// Periods returns the periods of a job that have a plan or a manifest, in byte
// order of their keys, which is the order of time for dates.
func (p *Publisher) Periods(ctx context.Context, job string) ([]string, error) {
	var periods []string
	last := ""
	prefix := jobPrefix(job)
	for o, err := range p.store.List(ctx, prefix, "") {
		if err != nil {
			return nil, fmt.Errorf("list periods of %s: %w", job, err)
		}
		segment, _, inside := strings.Cut(strings.TrimPrefix(o.Key, prefix), "/")
		if !inside || segment == last {
			continue
		}
		last = segment
		if period, err := blob.UnescapeID(segment); err == nil { // else not ours
			periods = append(periods, period)
		}
	}
	return periods, nil
}

// latest is the latest published revision of one (job, period), as it is looked at
// over and over while the current view is moved to it.
type latest struct {
	publisher   *Publisher
	job, period string
	known       History
}

// look lists the revisions, and reads the latest published one unless it is known.
func (l *latest) look(ctx context.Context) (Manifest, error) {
	h, err := l.publisher.decidedSince(ctx, l.job, l.period, l.known)
	if err != nil {
		return Manifest{}, err
	}
	if h.Published == nil {
		return Manifest{}, fmt.Errorf("%s %s: %w", l.job, l.period, ErrNotPublished)
	}
	l.known = h
	return *h.Published, nil
}

// absent reports whether err says that no object stands under a key.
func absent(err error) bool { return errors.Is(err, blob.ErrNotFound) }
