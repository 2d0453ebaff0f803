package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"daybook/pricing"
	"daybook/sinks/publish"
	"daybook/sinks/tables"
)

// rollupSet is the published rollups that a rating job reads.
type rollupSet struct {
	objects     []publish.Object // of table usage_daily, by UTC day
	quarantined []string         // usage files that one of the days was published without
}

const kindRollup = "rollup"

// inputs names the set for a run's identity: content-named keys, so that equal
// rollups are equal inputs whatever revision published them first.
func (s rollupSet) inputs() []publish.Input {
	out := make([]publish.Input, 0, len(s.objects))
	for _, o := range s.objects {
		out = append(out, publish.Input{Kind: kindRollup, Key: o.Key, Size: o.Size, SHA256: o.SHA256})
	}
	return out
}

// rollupsFrom is the set that a found plan pinned.
func rollupsFrom(inputs []publish.Input) rollupSet {
	var s rollupSet
	for _, i := range inputs {
		if i.Kind == kindRollup {
			s.objects = append(s.objects, publish.Object{Key: i.Key, Size: i.Size, SHA256: i.SHA256})
		}
	}
	return s
}

// freshRollups brings the rollups of rating windows up to date, each day once
// for all windows of one call.
type freshRollups struct {
	p    *Pipeline
	in   *inputs
	o    RunOptions
	list *listing
	days map[pricing.Date]dayRollup
}

// dayRollup is one day's published rollup.
type dayRollup struct {
	object      publish.Object
	quarantined []string
}

func (p *Pipeline) newFreshRollups(in *inputs, o RunOptions) *freshRollups {
	return &freshRollups{p: p, in: in, o: o, list: p.newListing(), days: map[pricing.Date]dayRollup{}}
}

// of returns the rollups of a window and the outcomes of those that were
// computed for it (none with RunOptions.Only). Days that have not begun at
// as_of have none. Days long before the start, read only for levels to carry
// over, count where usage files exist. Rollups are cut at as_of only when the
// rated period has not ended by then: otherwise no event of the period lies
// after it, and a rollup of the whole day serves every period.
func (f *freshRollups) of(ctx context.Context, window Span, asOf, ended time.Time) (rollupSet, []Outcome, error) {
	days, err := f.wanted(ctx, window, asOf)
	if err != nil {
		return rollupSet{}, nil, err
	}
	cut := asOf.Before(ended)
	if cut {
		clear(f.days)
	}
	missing := slices.DeleteFunc(slices.Clone(days), func(d pricing.Date) bool { _, have := f.days[d]; return have })
	var computed []Outcome
	if !f.o.Only {
		o := f.o
		o.AsOf, o.Recompute = time.Time{}, false
		if cut {
			o.AsOf = asOf
		}
		outcomes, err := f.p.rollup(ctx, f.in, missing, o)
		for _, out := range outcomes {
			if out.Fresh() {
				computed = append(computed, out)
			}
		}
		if err != nil {
			return rollupSet{}, computed, err
		}
	}
	for _, d := range missing {
		if f.days[d], err = f.p.publishedRollup(ctx, d); err != nil {
			return rollupSet{}, computed, err
		}
	}
	var set rollupSet
	for _, d := range days {
		set.objects = append(set.objects, f.days[d].object)
		set.quarantined = append(set.quarantined, f.days[d].quarantined...)
	}
	if cut {
		clear(f.days)
	}
	return set, computed, nil
}

// prepare brings the rollups of all the days' windows up to date together, so
// that usage is read in as few passes as can be. A day cut by as_of has rollups
// of its own and is left to itself.
func (f *freshRollups) prepare(ctx context.Context, due []dueDay) ([]Outcome, error) {
	var all Span
	var at time.Time
	for _, d := range due {
		if d.asOf.Before(d.ended) {
			continue
		}
		if at.IsZero() {
			all = d.window
		}
		all = Span{min(all.From, d.window.From), max(all.To, d.window.To)}
		if d.asOf.After(at) {
			at = d.asOf
		}
	}
	if at.IsZero() {
		return nil, nil
	}
	_, computed, err := f.of(ctx, all, at, at)
	return computed, err
}

// wanted lists the days of a window that have a rollup.
func (f *freshRollups) wanted(ctx context.Context, window Span, asOf time.Time) ([]pricing.Date, error) {
	var days []pricing.Date
	for _, d := range window.begun(asOf) {
		if d < f.p.settings.Start.AddDays(-1) {
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

func (p *Pipeline) publishedRollup(ctx context.Context, d pricing.Date) (dayRollup, error) {
	history, err := p.publisher.Decided(ctx, string(JobRollup), d.String())
	if err != nil {
		return dayRollup{}, err
	}
	if history.Published == nil {
		return dayRollup{}, fmt.Errorf("the rollup of %s is missing; run `daybook run rollup --day %s`, or leave out --only", d, d)
	}
	i := slices.IndexFunc(history.Published.Objects, func(o publish.Object) bool { return o.Table == "usage_daily" })
	if i < 0 {
		return dayRollup{}, fmt.Errorf("rollup %s r%06d has no table usage_daily", d, history.Published.Revision)
	}
	var rec rollupReconciliation
	if err := json.Unmarshal(history.Last.Reconciliation, &rec); err != nil {
		return dayRollup{}, fmt.Errorf("read reconciliation of rollup %s: %w", d, err)
	}
	return dayRollup{history.Published.Objects[i], rec.Quarantined}, nil
}

// readRollups decodes the set. Decoded partitions are kept for the next day of
// a range, which reads nearly the same ones.
func (p *Pipeline) readRollups(ctx context.Context, set rollupSet) ([]*pricing.UsageBatch, error) {
	kept := map[string]*pricing.UsageBatch{}
	batches := make([]*pricing.UsageBatch, 0, len(set.objects))
	for _, object := range set.objects {
		batch := p.decoded[object.SHA256]
		if batch == nil {
			body, err := p.publisher.ReadObject(ctx, object)
			if err != nil {
				return nil, err
			}
			if batch, err = tables.DecodeUsageDaily(object.Key, body); err != nil {
				return nil, err
			}
		}
		kept[object.SHA256] = batch
		batches = append(batches, batch)
	}
	p.decoded = kept
	return batches, nil
}

func (p *Pipeline) workers() int {
	if p.settings.Workers > 0 {
		return p.settings.Workers
	}
	return runtime.GOMAXPROCS(0)
}

// incomplete says why a closing refuses quarantined days.
func incomplete(files []string) error {
	return fmt.Errorf("%w: rollups of this month were published without %s; repair the file and run its day again, or close without it by --allow-incomplete",
		ErrIncomplete, strings.Join(files, ", "))
}
