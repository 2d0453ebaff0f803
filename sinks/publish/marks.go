package publish

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"daybook/sources/blob"
)

// A mark says that a period was up to date when its inputs looked in one way. Its
// name is all of it, so that one listing tells of many periods whether anything
// has to be read at all:
//
//	runs/<job>/<period>/uptodate/<last>.<published>.<token>
//
// Last is the last decided revision and published the one that stands. The token
// is the caller's, of everything that a run would look at. A mark is never needed:
// without it the inputs are read and compared. So it may be deleted at any time,
// and is when another takes its place.
const marksName = "uptodate"

// Mark is a mark of one period.
type Mark struct {
	Last, Published int
	Token           string // letters, digits, "-" and "."
}

func (m Mark) name() string { return fmt.Sprintf("%d.%d.%s", m.Last, m.Published, m.Token) }

func parseMark(name string) (Mark, bool) {
	parts := strings.SplitN(name, ".", 3)
	if len(parts) != 3 {
		return Mark{}, false
	}
	last, err := strconv.Atoi(parts[0])
	published, errPublished := strconv.Atoi(parts[1])
	m := Mark{last, published, parts[2]}
	return m, err == nil && errPublished == nil && m.name() == name
}

// Decision is what one listing shows of a period.
type Decision struct {
	Last  int    // the last decided revision; 0 for none
	Marks []Mark // of that revision

	manifest blob.Object
	unsigned int      // manifests without a signature
	stale    []string // keys of its other marks
}

// Marked returns the mark with a token.
func (d Decision) Marked(token string) (Mark, bool) {
	for _, m := range d.Marks {
		if m.Token == token {
			return m, true
		}
	}
	return Mark{}, false
}

// Decisions returns what stands of a job's periods from one to another, both
// included, by period: one listing, which reads nothing.
func (p *Publisher) Decisions(ctx context.Context, job, from, to string) (map[string]Decision, error) {
	of, err := p.DecisionsBetween(ctx, job, from, job, to)
	return of[job], err
}

// DecisionsBetween is Decisions from a period of one job to a period of another
// that comes later by name, by job: of all that is listed in between.
func (p *Publisher) DecisionsBetween(ctx context.Context, first, from, last, to string) (map[string]map[string]Decision, error) {
	out := map[string]map[string]Decision{first: {}, last: {}}
	for o, err := range blob.Between(ctx, p.store, runsPrefix(first, from), runsPrefix(last, to)) {
		if err != nil {
			return nil, fmt.Errorf("list decisions of %s: %w", last, err)
		}
		parts := strings.SplitN(o.Key, "/", 4) // runs/<job>/<period>/<rest>
		if len(parts) < 4 || out[parts[1]] == nil {
			continue
		}
		if period, err := blob.UnescapeID(parts[2]); err == nil {
			out[parts[1]][period] = out[parts[1]][period].with(o, parts[3])
		}
	}
	for job, of := range out {
		for period, d := range of {
			of[period] = p.settled(d, runsPrefix(job, period))
		}
	}
	return out, nil
}

// with adds an object that stands below the period as rest.
func (d Decision) with(o blob.Object, rest string) Decision {
	segment, name, _ := strings.Cut(rest, "/")
	revision, ok := parseRevision(segment)
	if ok && name == manifestName && revision > d.Last {
		d.Last, d.manifest = revision, o
	}
	switch {
	case ok && name == manifestName:
		d.unsigned++
	case ok && name == signatureName && revision == d.Last: // its manifest is listed before it
		d.unsigned--
	}
	if m, ok := parseMark(name); ok && segment == marksName {
		d.Marks = append(d.Marks, m)
	}
	return d
}

// settled keeps the marks of the last revision; none where a signature is missing
// that a run is to make.
func (p *Publisher) settled(d Decision, prefix string) Decision {
	var marks []Mark
	for _, m := range d.Marks {
		if m.Last == d.Last && (p.signing == nil || d.unsigned == 0) {
			marks = append(marks, m)
		}
		d.stale = append(d.stale, prefix+marksName+"/"+m.name())
	}
	d.Marks = marks
	return d
}

// Standing returns the manifest of the last decided revision, by one read.
func (p *Publisher) Standing(ctx context.Context, job, period string, d Decision) (Manifest, error) {
	return p.manifest(ctx, d.manifest, job, period, d.Last)
}

// PutMark stores a mark of a period and deletes those that before, an earlier
// listing, showed.
func (p *Publisher) PutMark(ctx context.Context, job, period string, m Mark, before Decision) error {
	key := runsPrefix(job, period) + marksName + "/" + m.name()
	fail := func(err error) error { return fmt.Errorf("mark %s %s: %w", job, period, err) }
	if _, err := p.put(ctx, key, []byte("up to date\n"), blob.Cond{IfAbsent: true}); err != nil && !errors.Is(err, blob.ErrExists) {
		return fail(err)
	}
	for _, old := range before.stale {
		if old == key {
			continue
		}
		if err := p.store.Delete(ctx, old); err != nil {
			return fail(err)
		}
	}
	return nil
}
