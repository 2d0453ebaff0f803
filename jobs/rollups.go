package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"daybook/pricing"
	"daybook/sinks/publish"
)

// rollupSet is the published rollups that a rating job reads.
type rollupSet struct {
	objects     []publish.Object // of table usage_daily, by UTC day
	quarantined []string         // usage files that one of the days was published without
	parked      []pricing.Parked // accounts that one of the days could not aggregate
	read        int64            // usage rows that the days read

	sums [][]pricing.MeterSum // by object: what its manifest says that it holds
}

const kindRollup = "rollup"

// add adds the next day's rollup.
func (s *rollupSet) add(d dayRollup) {
	s.objects, s.sums = append(s.objects, d.object), append(s.sums, d.sums())
	s.quarantined = append(s.quarantined, d.quarantined...)
	s.parked = append(s.parked, d.parked...)
	s.read += d.read
}

// done is the set once all its days have been added.
func (s rollupSet) done() rollupSet {
	slices.Sort(s.quarantined)
	s.quarantined = slices.Compact(s.quarantined) // a file may have left out two days
	return s
}

// inputs names the set for a run's identity: content-named keys, so that equal
// rollups are equal inputs whatever revision published them first.
func (s rollupSet) inputs() []publish.Input {
	out := make([]publish.Input, 0, len(s.objects))
	for _, o := range s.objects {
		out = append(out, publish.Input{Kind: kindRollup, Key: o.Key, Size: o.Size, SHA256: o.SHA256})
	}
	return out
}

// freshRollups brings the rollups of rating windows up to date, each day once
// for all windows of one call.
type freshRollups struct {
	p      *Pipeline
	in     *inputs
	o      RunOptions
	list   *listing
	days   map[pricing.Date]dayRollup
	failed map[pricing.Date]error
}

// dayRollup is one day's published rollup.
type dayRollup struct {
	object      publish.Object
	quarantined []string
	parked      []pricing.Parked
	read        int64
	meters      []FileMeter
	view        rollupView
}

// sums is what the manifest says that the rollup holds.
func (r dayRollup) sums() []pricing.MeterSum {
	var out []pricing.MeterSum
	for _, m := range r.meters {
		kept := pricing.UsageSum{Events: m.Kept.Rows - m.Overflow.Rows, Quantity: m.Kept.Quantity.Sub(m.Overflow.Quantity)}
		out = append(out, pricing.MeterSum{Meter: m.Meter, UsageSum: kept})
	}
	return out
}

func (p *Pipeline) newFreshRollups(in *inputs, o RunOptions) *freshRollups {
	return &freshRollups{
		p: p, in: in, o: o, list: p.newListing(),
		days: map[pricing.Date]dayRollup{}, failed: map[pricing.Date]error{},
	}
}

// of returns the rollups of a window and the outcomes of those that were
// computed for it, or stand although usage is gone (none with RunOptions.Only). Rollups are of whole days: rating
// begins when its period has ended everywhere, so no as_of cuts into it. It
// fails when one of the days does, always with the same error for one cause.
func (f *freshRollups) of(ctx context.Context, window Span) (rollupSet, []Outcome, error) {
	days, err := f.wanted(ctx, window)
	if err != nil {
		return rollupSet{}, nil, err
	}
	computed := f.bring(ctx, days)
	var set rollupSet
	for _, d := range days {
		if err := f.failed[d]; err != nil {
			return rollupSet{}, computed, err
		}
		set.add(f.days[d])
	}
	return set.done(), computed, nil
}

// prepare brings the rollups of several windows up to date together, so that
// usage is read in as few passes as can be. What fails shows where it is needed.
func (f *freshRollups) prepare(ctx context.Context, windows []Span) ([]Outcome, error) {
	if len(windows) == 0 {
		return nil, nil
	}
	all := windows[0]
	for _, w := range windows[1:] {
		all = Span{min(all.From, w.From), max(all.To, w.To)}
	}
	days, err := f.wanted(ctx, all)
	if err != nil {
		return nil, err
	}
	return f.bring(ctx, days), nil
}

// bring makes the days that are not known yet known: up to date, or failed.
func (f *freshRollups) bring(ctx context.Context, days []pricing.Date) []Outcome {
	missing := slices.DeleteFunc(slices.Clone(days), func(d pricing.Date) bool {
		_, have := f.days[d]
		return have || f.failed[d] != nil
	})
	if len(missing) == 0 {
		return nil
	}
	if f.o.Only {
		for _, d := range missing {
			r, err := f.p.publishedRollup(ctx, d)
			f.note(d, r, err)
		}
		return nil
	}
	o := f.o
	o.AsOf, o.Recompute = time.Time{}, false
	outcomes, err := f.p.rollup(ctx, f.in, f.list, missing, o)
	stands, files := map[string]*publish.Manifest{}, map[string]string{}
	var computed []Outcome
	for _, out := range outcomes {
		stands[out.Period], files[out.Period] = out.stands, out.files
		if out.Fresh() || out.VanishedUsage != nil {
			computed = append(computed, out)
		}
	}
	for _, d := range missing {
		m := stands[d.String()]
		if m == nil {
			f.failed[d] = err
			continue
		}
		r, err := rollupOf(m)
		r.view = rollupView{files[d.String()], m.Revision}
		f.note(d, r, err)
	}
	return computed
}

// view is what was seen of a day's rollup when it was found up to date.
func (f *freshRollups) view(ctx context.Context, d pricing.Date) (rollupView, error) {
	if r, ok := f.days[d]; ok {
		return r.view, nil
	}
	files, err := f.list.token(ctx, d) // not wanted, as it has none
	return rollupView{files: files}, err
}

// note keeps what became of a day.
func (f *freshRollups) note(d pricing.Date, r dayRollup, err error) {
	if err != nil {
		f.failed[d] = err
		return
	}
	f.days[d] = r
}

// wanted lists the days of a window that have a rollup. Days long before the
// start, read only for levels to carry over, count where usage files exist.
func (f *freshRollups) wanted(ctx context.Context, window Span) ([]pricing.Date, error) {
	if err := f.list.prepare(ctx, window); err != nil {
		return nil, err
	}
	var days []pricing.Date
	for _, d := range window.Days() {
		if f.p.early(d) {
			files, err := f.list.day(ctx, d)
			if err != nil {
				return nil, err
			}
			if len(files) == 0 {
				continue
			}
		}
		days = append(days, d)
	}
	return days, nil
}

// early reports whether a day is long before the start.
func (p *Pipeline) early(d pricing.Date) bool { return d < p.settings.Start.AddDays(-1) }

// publishedRollup returns a day's rollup as it stands, which may be out of date
// but must be of the whole day.
func (p *Pipeline) publishedRollup(ctx context.Context, d pricing.Date) (dayRollup, error) {
	history, err := p.publisher.Decided(ctx, string(JobRollup), d.String())
	if err != nil {
		return dayRollup{}, err
	}
	m := standing(history)
	switch {
	case m == nil:
		return dayRollup{}, fmt.Errorf("the rollup of %s is missing; run `daybook run rollup --day %s`, or leave out --only", d, d)
	case m.AsOf.Before(d.AddDays(1).UTC()):
		return dayRollup{}, fmt.Errorf("the rollup of %s was cut at %s; run `daybook run rollup --day %s` for the whole day, or leave out --only",
			d, m.AsOf.Format(time.RFC3339), d)
	}
	return rollupOf(m)
}

// rollupOf reads what rating takes from a rollup's manifest.
func rollupOf(m *publish.Manifest) (dayRollup, error) {
	i := slices.IndexFunc(m.Objects, func(o publish.Object) bool { return o.Table == "usage_daily" })
	if i < 0 {
		return dayRollup{}, fmt.Errorf("rollup %s r%06d has no table usage_daily; run it again with --recompute", m.Period, m.Revision)
	}
	var rec rollupReconciliation
	if err := json.Unmarshal(m.Reconciliation, &rec); err != nil {
		return dayRollup{}, fmt.Errorf("read reconciliation of rollup %s: %w", m.Period, err)
	}
	return dayRollup{object: m.Objects[i], quarantined: rec.Quarantined, parked: rec.Parked, read: rec.Counts.Read, meters: rec.Meters}, nil
}
