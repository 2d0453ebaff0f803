package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"daybook/pricing"
	"daybook/sinks/publish"
)

// planRollup decides whether a day needs computing and pins its inputs if so;
// nil work means that it is up to date.
func (p *Pipeline) planRollup(ctx context.Context, list *listing, view *currentTables, in *inputs, day pricing.Date, o RunOptions, out *Outcome) (w *rollupWork, err error) {
	err = untilDecided(func() error {
		w, err = p.tryPlanRollup(ctx, list, view, in, day, o, out)
		return err
	})
	return w, err
}

func (p *Pipeline) tryPlanRollup(ctx context.Context, list *listing, view *currentTables, in *inputs, day pricing.Date, o RunOptions, out *Outcome) (*rollupWork, error) {
	files, err := list.day(ctx, day)
	if err != nil {
		return nil, err
	}
	if out.files, err = list.token(ctx, day); err != nil {
		return nil, err
	}
	history, last, err := p.lastRollup(ctx, day)
	if err != nil {
		return nil, err
	}
	requests := withdrawals(in.requests)
	withdrawn, files := withdrawnFrom(files, last, requests)
	changes := compareFiles(files, last, withdrawn)
	if len(changes.gone) > 0 && !changes.replaced() {
		if changes.new+changes.changed > 0 || !last.Identity.AsOf.Equal(rollupAsOf(day, o)) {
			return nil, vanishedError(day, changes.gone)
		}
		out.VanishedUsage = changes.gone
		return nil, p.rollupStands(ctx, history, view, out)
	}
	identity, pins, err := p.rollupIdentity(in, day, files, leftOut(last, files, o), o)
	if err != nil {
		return nil, err
	}
	if len(withdrawn) > 0 {
		identity.Parameters[parameterWithdrawn] = strings.Join(withdrawn, "\n")
		for _, key := range withdrawn {
			identity.Inputs = append(identity.Inputs, requests[key]...)
		}
	}
	if last != nil && !o.Recompute {
		current, err := p.rollupCurrent(ctx, standing(history), last, identity, pins, in)
		if err != nil {
			return nil, err
		}
		if current {
			return nil, p.rollupStands(ctx, history, view, out)
		}
	}
	if err := p.probe(ctx); err != nil {
		return nil, err
	}
	if err := p.keep(ctx, in); err != nil {
		return nil, err
	}
	run, err := p.beginRollup(ctx, history, identity, pins)
	if err != nil {
		return nil, err
	}
	out.AsOf = identity.AsOf
	without := quarantined(identity)
	read := slices.DeleteFunc(slices.Clone(files), func(f usageFile) bool { return slices.Contains(without, f.object.Key) })
	return &rollupWork{day, run, in, read, out}, nil
}

// rollupStands describes a day that stands as it is, and makes it visible where the
// run that published it died before.
func (p *Pipeline) rollupStands(ctx context.Context, history publish.History, view *currentTables, out *Outcome) error {
	stands := standing(history)
	out.State, out.Revision, out.AsOf = StateAlready, history.Published.Revision, history.Published.AsOf
	if stands != history.Last || out.VanishedUsage != nil {
		out.files = "" // not to be marked: the next run looks again
	}
	if err := describeRollup(stands, out); err != nil {
		return err
	}
	if err := view.catchUp(ctx, *history.Published); err != nil {
		return err
	}
	out.stands = stands
	return nil
}

// lastRollup returns a day's history and the plan of the revision that stands,
// nil when there is none.
func (p *Pipeline) lastRollup(ctx context.Context, day pricing.Date) (publish.History, *publish.Plan, error) {
	h, err := p.publisher.Decided(ctx, string(JobRollup), day.String())
	if err != nil {
		return h, nil, err
	}
	stands := standing(h)
	if stands == nil {
		return h, nil, nil
	}
	plan, err := p.publisher.Plan(ctx, stands.Job, stands.Period, stands.Revision)
	return h, &plan, err
}

// rollupAsOf is where a day's usage is cut: an as_of after the day's end changes
// nothing and so is the day's end.
func rollupAsOf(day pricing.Date, o RunOptions) time.Time {
	at := day.AddDays(1).UTC()
	if !o.AsOf.IsZero() && o.AsOf.Before(at) {
		return o.AsOf.UTC()
	}
	return at
}

// rollupIdentity is what a day's rollup is a function of.
func (p *Pipeline) rollupIdentity(in *inputs, day pricing.Date, files []usageFile, without []string, o RunOptions) (publish.Identity, []publish.Pin, error) {
	_, meters := in.meters(day)
	mapping, err := json.Marshal(p.settings.Mapping)
	if err != nil {
		return publish.Identity{}, nil, fmt.Errorf("describe mapping: %w", err)
	}
	identity := publish.Identity{
		Job: string(JobRollup), Period: day.String(), AsOf: rollupAsOf(day, o),
		Parameters:  map[string]string{"mapping": string(mapping)},
		Meters:      meters,
		Attribution: in.attributionDigest,
		Inputs:      in.files(),
	}
	if len(without) > 0 {
		identity.Parameters[parameterQuarantine] = strings.Join(without, "\n")
	}
	pins := make([]publish.Pin, 0, len(files))
	for _, f := range files {
		if !slices.Contains(without, f.object.Key) {
			if f.unreadable != nil {
				return publish.Identity{}, nil, f.unreadable
			}
			identity.Inputs = append(identity.Inputs, publish.Input{Kind: "usage", Key: f.object.Key, Size: f.object.Size})
		}
		pins = append(pins, publish.Pin{Key: f.object.Key, ETag: f.object.ETag, Size: f.object.Size})
	}
	return identity, pins, nil
}

// rollupCurrent reports whether the revision that stands took the same files,
// meters, mapping and, by its trace, the same attribution.
func (p *Pipeline) rollupCurrent(ctx context.Context, stands *publish.Manifest, plan *publish.Plan, want publish.Identity, pins []publish.Pin, in *inputs) (bool, error) {
	had := plan.Identity
	if had.Meters != want.Meters || !had.AsOf.Equal(want.AsOf) || had.Parameters["mapping"] != want.Parameters["mapping"] ||
		had.Parameters[parameterQuarantine] != want.Parameters[parameterQuarantine] || had.Parameters[parameterWithdrawn] != want.Parameters[parameterWithdrawn] || !plan.Matches(pins) {
		return false, nil
	}
	if had.Attribution == want.Attribution {
		return true, nil
	}
	trace, ok := traceObject(stands)
	if !ok {
		return false, nil
	}
	old, err := p.publisher.ReadObject(ctx, trace)
	if err != nil {
		return false, err
	}
	return traceHolds(old, in.attribution)
}
