package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"daybook/pricing"
	"daybook/sinks/api"
	"daybook/sinks/publish"
	"daybook/sources/blob"
)

// pagesPeriod is the period of every run of documents: they show what is published
// now, so that their revisions follow each other and no older one comes after a
// newer one.
const pagesPeriod = "current"

// kindRun is an input that is a decided revision: "daily/2026-10-05/3".
const kindRun = "run"

const (
	parameterSystems = "systems"
	parameterSince   = "since"
)

// Documents publishes the pages of the configured systems, as `daybook serve`
// would answer them, so that the bucket itself or any web server can: what has
// changed since the last time, under current/documents/<system>/. It is a function
// of the runs that stand, which its plan names. Nothing is configured: nothing is
// done.
func (p *Pipeline) Documents(ctx context.Context, o RunOptions) ([]Outcome, error) {
	if len(p.systems) == 0 {
		return nil, nil
	}
	var out Outcome
	err := untilDecided(func() (err error) {
		out, err = p.publishPages(ctx, o)
		return err
	})
	switch {
	case errors.Is(err, api.ErrNothingPublished):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("documents: %w", err)
	}
	return []Outcome{out}, nil
}

func (p *Pipeline) publishPages(ctx context.Context, o RunOptions) (Outcome, error) {
	out := Outcome{Job: string(JobDocuments), Period: pagesPeriod}
	source := p.Published(0)
	if _, err := source.Current(ctx); err != nil {
		return out, err
	}
	f := source.facts
	history, err := p.publisher.Decided(ctx, out.Job, out.Period)
	if err != nil {
		return out, err
	}
	issuer, err := json.Marshal(f.issuer) // drafts show it
	if err != nil {
		return out, fmt.Errorf("describe issuer: %w", err)
	}
	id := publish.Identity{Job: out.Job, Period: out.Period, AsOf: f.asOf, Inputs: f.runs(), Parameters: map[string]string{parameterIssuer: string(issuer)}}
	for _, s := range p.systems {
		id.Parameters[parameterSystems] = strings.TrimSpace(id.Parameters[parameterSystems] + " " + s.Name)
	}
	out.AsOf = f.asOf
	if stands := standing(history); stands != nil && !o.Recompute {
		before, err := p.publisher.Plan(ctx, out.Job, out.Period, stands.Revision)
		if err != nil {
			return out, err
		}
		if samePages(before.Identity, id) {
			out.State, out.Revision = StateAlready, history.Published.Revision
			return out, p.catchUp(ctx, *history.Published)
		}
		id.Parameters[parameterSince] = changedSince(before.Identity, id, f)
	}
	if err := p.probe(ctx); err != nil {
		return out, err
	}
	run, err := p.begin(ctx, history, id)
	if err != nil {
		return out, err
	}
	m, err := p.pageObjects(ctx, run, f)
	if err != nil {
		return out, err
	}
	return out, p.commit(ctx, run, m, &out)
}

// runs names the revisions that the facts are of, and the requests that they heed.
func (f *facts) runs() []publish.Input {
	out := slices.Clone(f.asked)
	for job, periods := range f.last {
		for period, last := range periods {
			out = append(out, publish.Input{Kind: kindRun, Key: fmt.Sprintf("%s/%s/%d", job, period, last)})
		}
	}
	slices.SortFunc(out, func(a, b publish.Input) int { return strings.Compare(a.Key, b.Key) })
	return out
}

// samePages reports whether two identities show the same, whatever they left out
// because it stood already.
func samePages(a, b publish.Identity) bool {
	a.Parameters, b.Parameters = maps.Clone(a.Parameters), maps.Clone(b.Parameters)
	delete(a.Parameters, parameterSince)
	delete(b.Parameters, parameterSince)
	return a.Digest() == b.Digest()
}

// changedSince is the first closing that the last pages do not show as it is: that
// after the newest where none has changed, and "" for all where other systems are
// asked for.
func changedSince(before, now publish.Identity, f *facts) string {
	if before.Parameters[parameterSystems] != now.Parameters[parameterSystems] {
		return ""
	}
	shown := map[string]bool{}
	for _, i := range before.Inputs {
		shown[i.Key] = true
	}
	since := pricing.MonthOf(f.days[len(f.days)-1]).Next()
	for _, m := range slices.Backward(f.closings) {
		if !shown[fmt.Sprintf("%s/%s/%d", JobMonthly, m, f.last[JobMonthly][m.String()])] {
			since = m
		}
	}
	return since.String()
}

// pageObjects makes the pages of a run's plan.
func (p *Pipeline) pageObjects(ctx context.Context, run *publish.Run, f *facts) (publish.Manifest, error) {
	id := run.Plan.Identity
	m := publish.Manifest{Job: id.Job, Period: id.Period, Inputs: id.Inputs}
	var since pricing.Month
	if text := id.Parameters[parameterSince]; text != "" {
		var err error
		if since, err = pricing.ParseMonth(text); err != nil {
			return m, err
		}
	}
	pack := run.NewPack()
	for _, name := range strings.Fields(id.Parameters[parameterSystems]) {
		known := slices.Concat(p.systems, api.Systems()) // a plan may name one that is configured no more
		n := slices.IndexFunc(known, func(s api.System) bool { return s.Name == name })
		if n < 0 {
			return m, fmt.Errorf("this version knows no system %q", name)
		}
		system := known[n]
		if system.Pages == nil {
			continue
		}
		for page, err := range system.Pages(ctx, f, since) {
			if err != nil {
				return m, fmt.Errorf("%s: %w", name, err)
			}
			path := name + "/" + blob.EscapeID(page.Account) + "/" + page.Path + ".json"
			if err := pack.Document(ctx, path, page.Body); err != nil {
				return m, err
			}
		}
	}
	return m, closePack(ctx, pack, &m)
}

// replayPages makes the pages of a revision again from the runs that its plan
// names.
func (c *runCheck) replayPages(ctx context.Context, run *publish.Run) (publish.Manifest, error) {
	last := map[Job]map[string]int{JobRollup: {}, JobDaily: {}, JobMonthly: {}}
	var asked []publish.Input
	for _, i := range run.Plan.Identity.Inputs {
		if i.Kind == publish.KindRequest {
			asked = append(asked, i)
			continue
		}
		parts := strings.Split(i.Key, "/")
		if i.Kind != kindRun || len(parts) != 3 || last[Job(parts[0])] == nil {
			return publish.Manifest{}, fmt.Errorf("input %s %s is no run", i.Kind, i.Key)
		}
		revision, err := strconv.Atoi(parts[2])
		if err != nil {
			return publish.Manifest{}, fmt.Errorf("input %s %s is no run", i.Kind, i.Key)
		}
		last[Job(parts[0])][parts[1]] = revision
	}
	f, err := c.p.factsOf(ctx, "", last, asked, nil)
	if err != nil {
		return publish.Manifest{}, err
	}
	if f == nil {
		return publish.Manifest{}, api.ErrNothingPublished
	}
	f.issuer = Issuer{}
	if err := json.Unmarshal([]byte(run.Plan.Identity.Parameters[parameterIssuer]), &f.issuer); err != nil {
		return publish.Manifest{}, fmt.Errorf("read the plan's issuer: %w", err)
	}
	return c.p.pageObjects(ctx, run, f)
}
