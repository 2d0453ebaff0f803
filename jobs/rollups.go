package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
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

// rollupsOf brings the rollups of a window up to date (unless o.Only) and
// returns them with the outcomes of those that were computed. Days that have
// not begun at as_of have none. Days long before the start, read only for
// levels to carry over, count where usage files exist. Rollups are cut at as_of
// only when the rated period has not ended by then: otherwise no event of the
// period lies after it, and a rollup of the whole day serves every period.
func (p *Pipeline) rollupsOf(ctx context.Context, in *inputs, window Span, asOf, ended time.Time, o RunOptions) (rollupSet, []Outcome, error) {
	list := p.newListing()
	var days []pricing.Date
	for _, d := range window.clip(window.From, asOf) {
		if d < p.settings.Start.AddDays(-1) {
			files, err := list.day(ctx, d)
			if err != nil {
				return rollupSet{}, nil, err
			}
			if len(files) == 0 {
				continue
			}
		}
		days = append(days, d)
	}
	var computed []Outcome
	if !o.Only {
		only := o
		only.AsOf, only.Recompute = time.Time{}, false
		if asOf.Before(ended) {
			only.AsOf = asOf
		}
		outcomes, err := p.rollup(ctx, in, days, only)
		for _, out := range outcomes {
			if out.Fresh() {
				computed = append(computed, out)
			}
		}
		if err != nil {
			return rollupSet{}, computed, err
		}
	}
	set, err := p.publishedRollups(ctx, days)
	return set, computed, err
}

func (p *Pipeline) publishedRollups(ctx context.Context, days []pricing.Date) (rollupSet, error) {
	var set rollupSet
	for _, d := range days {
		history, err := p.publisher.Decided(ctx, string(JobRollup), d.String())
		if err != nil {
			return set, err
		}
		if history.Published == nil {
			return set, fmt.Errorf("the rollup of %s is missing; run `daybook run rollup --day %s`, or leave out --only", d, d)
		}
		for _, object := range history.Published.Objects {
			if object.Table == "usage_daily" {
				set.objects = append(set.objects, object)
			}
		}
		var rec rollupReconciliation
		if err := json.Unmarshal(history.Published.Reconciliation, &rec); err != nil {
			return set, fmt.Errorf("read reconciliation of rollup %s: %w", d, err)
		}
		set.quarantined = append(set.quarantined, rec.Quarantined...)
	}
	return set, nil
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
