package publish

import (
	"context"
	"fmt"

	"daybook/sources/blob"
)

// CollectOptions say what garbage collection may take.
type CollectOptions struct {
	DryRun bool // delete and mark nothing

	// Superseded takes the data of published revisions that later ones took the
	// place of as well, but for the Keep latest published ones of each period
	// (at least 1) and whatever a surviving manifest, an open plan or the current
	// view names.
	Superseded bool
	Keep       int
	// Issued are the jobs whose revisions are never superseded: closings.
	Issued []string
}

// Garbage is one object that was, or with DryRun would be, deleted.
type Garbage struct {
	Key  string `json:"key"`
	Size int64  `json:"size"` // bytes
	Why  string `json:"why"`  // WhyUnnamed or WhySuperseded
}

// Why an object is garbage.
const (
	WhyUnnamed    = "unnamed"    // its revision is decided, and the manifest does not name it
	WhySuperseded = "superseded" // a later revision took the place of its own
)

// Collect deletes objects that nothing stands on, and nothing else: no plan, no
// manifest, no input copy, nothing under current/.
//
// An object of a decided revision that the revision's own manifest does not name
// is never needed: its manifest is final, and every other place that may name it
// took the name from there. That needs no clock and no lock, whoever runs beside
// it. Superseded data needs the marks of condemn.go.
//
// It returns what it deleted so far with any error.
func (p *Publisher) Collect(ctx context.Context, o CollectOptions) ([]Garbage, error) {
	gone, err := p.collect(ctx, o)
	if err != nil {
		return gone, fmt.Errorf("collect garbage: %w", err)
	}
	return gone, nil
}

func (p *Publisher) collect(ctx context.Context, o CollectOptions) ([]Garbage, error) {
	superseded := map[runOf]bool{}
	if o.Superseded {
		var err error
		if superseded, err = p.condemn(ctx, o); err != nil {
			return nil, err
		}
	}
	runs, err := p.Runs(ctx, "", "")
	if err != nil {
		return nil, err
	}
	decided := map[runOf]bool{}
	for _, r := range runs {
		decided[runOf{r.Job, r.Period, r.Revision}] = r.Decided
	}
	var gone []Garbage
	names := &namesOf{p: p}
	for object, err := range p.store.List(ctx, "data/", "") {
		if err != nil {
			return gone, err
		}
		job, period, revision, ours := MadeBy(object.Key)
		r := runOf{job, period, revision}
		if !ours || !decided[r] {
			continue
		}
		why := ""
		if superseded[r] {
			why = WhySuperseded
		} else if named, err := names.has(ctx, r, object.Key); err != nil {
			return gone, err
		} else if !named {
			why = WhyUnnamed
		}
		if why == "" {
			continue
		}
		if !o.DryRun {
			if err := p.delete(ctx, object.Key); err != nil {
				return gone, err
			}
		}
		gone = append(gone, Garbage{object.Key, object.Size, why})
	}
	return gone, nil
}

func (p *Publisher) delete(ctx context.Context, key string) error {
	if err := ctx.Err(); err != nil {
		return blob.Fail("delete", key, p.store.URL(), err)
	}
	return p.store.Delete(ctx, key)
}

// namesOf remembers what the manifest of the last revision asked for names: a
// listing has the objects of a revision together.
type namesOf struct {
	p     *Publisher
	run   runOf
	names map[string]bool
}

func (n *namesOf) has(ctx context.Context, r runOf, key string) (bool, error) {
	if n.names == nil || n.run != r {
		m, err := n.p.ManifestOf(ctx, r.job, r.period, r.revision)
		if err != nil {
			return false, err
		}
		n.run, n.names = r, map[string]bool{}
		for _, name := range namedBy(m) {
			n.names[name] = true
		}
	}
	return n.names[key], nil
}

// namedBy lists the keys that a manifest names: its objects, those of its chain,
// its events' packs and its inputs.
func namedBy(m Manifest) []string {
	var keys []string
	for _, o := range m.Objects {
		keys = append(keys, o.Key)
	}
	if m.Chain != nil {
		for _, o := range []*Object{m.Chain.Coverage, m.Chain.Issued, m.Chain.Posted} {
			if o != nil {
				keys = append(keys, o.Key)
			}
		}
	}
	for _, e := range m.Events {
		keys = append(keys, e.Pack)
	}
	for _, i := range m.Inputs {
		keys = append(keys, i.Key)
	}
	return keys
}
