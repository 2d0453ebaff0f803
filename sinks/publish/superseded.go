package publish

import (
	"context"
	"slices"
)

// condemn returns the superseded revisions whose data may go. It looks at what is
// needed twice: before it marks, so that nothing is marked in vain, and after, for
// whoever has planned meanwhile.
func (p *Publisher) condemn(ctx context.Context, o CollectOptions) (map[runOf]bool, error) {
	candidates, err := p.supersededRuns(ctx, o)
	if err != nil {
		return nil, err
	}
	if err := p.spareNeeded(ctx, candidates); err != nil || o.DryRun {
		return candidates, err
	}
	for r := range candidates {
		if err := p.Condemn(ctx, r.job, r.period, r.revision); err != nil {
			return nil, err
		}
	}
	return candidates, p.spareNeeded(ctx, candidates)
}

// supersededRuns lists the decided revisions before the Keep latest published
// ones of their period.
func (p *Publisher) supersededRuns(ctx context.Context, o CollectOptions) (map[runOf]bool, error) {
	runs, err := p.Runs(ctx, "", "")
	if err != nil {
		return nil, err
	}
	out := map[runOf]bool{}
	for len(runs) > 0 {
		first := runs[0]
		n := slices.IndexFunc(runs, func(r RunFiles) bool { return r.Job != first.Job || r.Period != first.Period })
		if n < 0 {
			n = len(runs)
		}
		same := runs[:n]
		runs = runs[n:]
		if slices.Contains(o.Issued, first.Job) || n == 1 {
			continue
		}
		left := max(o.Keep, 1)
		for _, r := range slices.Backward(same) {
			switch {
			case !r.Decided:
			case left == 0:
				out[runOf{r.Job, r.Period, r.Revision}] = true
			default:
				m, err := p.ManifestOf(ctx, r.Job, r.Period, r.Revision)
				if err != nil {
					return nil, err
				}
				if m.Verdict == Published {
					left--
				}
			}
		}
	}
	return out, nil
}

// spareNeeded takes those off the candidates that surviving manifests, open plans
// or the tables of the current view name, and those that these name in turn.
func (p *Publisher) spareNeeded(ctx context.Context, candidates map[runOf]bool) error {
	if len(candidates) == 0 {
		return nil
	}
	runs, err := p.Runs(ctx, "", "")
	if err != nil {
		return err
	}
	var names []string
	for _, r := range runs {
		if candidates[runOf{r.Job, r.Period, r.Revision}] {
			continue
		}
		found, err := p.needs(ctx, r)
		if err != nil {
			return err
		}
		names = append(names, found...)
	}
	current, err := p.namedByTables(ctx)
	if err != nil {
		return err
	}
	for names = append(names, current...); len(names) > 0; {
		name := names[len(names)-1]
		names = names[:len(names)-1]
		job, period, revision, ours := MadeBy(name)
		r := runOf{job, period, revision}
		if !ours || !candidates[r] {
			continue
		}
		delete(candidates, r)
		found, err := p.needs(ctx, RunFiles{Job: job, Period: period, Revision: revision, Decided: true})
		if err != nil {
			return err
		}
		names = append(names, found...)
	}
	return nil
}

// needs lists what a revision stands on: by its manifest, or by its plan while it
// is open. One that published nothing stands on nothing.
func (p *Publisher) needs(ctx context.Context, r RunFiles) ([]string, error) {
	if !r.Decided {
		plan, err := p.Plan(ctx, r.Job, r.Period, r.Revision)
		if absent(err) {
			return nil, nil
		}
		return namedBy(Manifest{Inputs: plan.Identity.Inputs}), err
	}
	m, err := p.ManifestOf(ctx, r.Job, r.Period, r.Revision)
	if err != nil || m.Verdict == Abandoned {
		return nil, err
	}
	return namedBy(m), nil
}

// namedByTables lists what the table manifests of the current view name.
func (p *Publisher) namedByTables(ctx context.Context) ([]string, error) {
	var keys []string
	for object, err := range p.store.List(ctx, tablesPrefix, "") {
		if err != nil {
			return nil, err
		}
		table, ok := tableOfManifest(object.Key)
		if !ok {
			continue
		}
		t, err := p.Table(ctx, table)
		if err != nil {
			return nil, err
		}
		for _, o := range t.Objects {
			keys = append(keys, o.Key)
		}
	}
	return keys, nil
}
