package jobs

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"daybook/pricing"
	"daybook/sinks/publish"
)

// pinnedDay is one rollup of a closing and the account that it gives of its files.
type pinnedDay struct {
	day    pricing.Date
	object publish.Object
	rollup dayRollup
	files  []FileUse
}

// pinnedInputs reads what a closing's manifest names: book and registry from
// their kept copies, and its rollups with their manifests, by UTC day.
func (p *Pipeline) pinnedInputs(ctx context.Context, m *publish.Manifest) (*inputs, []pinnedDay, error) {
	var files []pinnedFile
	var days []pinnedDay
	var asked []publish.PlacedRequest
	for _, i := range m.Inputs {
		switch i.Kind {
		case publish.KindRequest:
			r, err := p.publisher.ReadRequest(ctx, i)
			if err != nil {
				return nil, nil, err
			}
			asked = append(asked, r)
		case kindBook, kindRegistry:
			body, err := p.publisher.ReadInput(ctx, i)
			if err != nil {
				return nil, nil, err
			}
			files = append(files, pinnedFile{i.Kind, i.Key, body})
		case kindRollup:
			day, err := p.pinnedRollup(ctx, i)
			if err != nil {
				return nil, nil, err
			}
			days = append(days, day)
		}
	}
	slices.SortFunc(days, func(a, b pinnedDay) int { return cmp.Compare(a.day, b.day) })
	in, err := parseInputs(files)
	if err != nil {
		return nil, nil, err
	}
	return in, days, in.takeBack(asked)
}

// everyDay is all UTC days.
var everyDay = Span{pricing.Date(math.MinInt32), pricing.Date(math.MaxInt32)}

// rollupsWithin is the rollups of a span of UTC days, as a rating job reads them.
func rollupsWithin(days []pinnedDay, span Span) rollupSet {
	var set rollupSet
	for _, d := range days {
		if span.From <= d.day && d.day <= span.To {
			set.add(d.rollup)
		}
	}
	return set.done()
}

// pinnedRollup reads the manifest of the revision that made a rollup.
func (p *Pipeline) pinnedRollup(ctx context.Context, i publish.Input) (pinnedDay, error) {
	job, period, revision, ok := publish.MadeBy(i.Key)
	if !ok {
		return pinnedDay{}, fmt.Errorf("rollup %s is not named as one; restore the closing's manifest", i.Key)
	}
	m, err := p.publisher.ManifestOf(ctx, job, period, revision)
	if err != nil {
		return pinnedDay{}, err
	}
	rollup, err := rollupOf(&m)
	if err != nil {
		return pinnedDay{}, err
	}
	if rollup.object.SHA256 != i.SHA256 {
		return pinnedDay{}, fmt.Errorf("%w: the manifest of rollup %s r%06d names another object than %s", publish.ErrDamaged, period, revision, i.Key)
	}
	out := pinnedDay{object: rollup.object, rollup: rollup}
	if out.day, err = pricing.ParseDate(period); err != nil {
		return pinnedDay{}, err
	}
	var rec rollupReconciliation
	if err := json.Unmarshal(m.Reconciliation, &rec); err != nil {
		return pinnedDay{}, fmt.Errorf("read reconciliation of rollup %s: %w", period, err)
	}
	for _, f := range rec.Files {
		use := FileUse{Input: publish.Input{Kind: "usage", Key: f.File}, Counts: f.Counts}
		if n := slices.IndexFunc(m.Inputs, func(i publish.Input) bool { return i.Kind == "usage" && i.Key == f.File }); n >= 0 {
			use.Input = m.Inputs[n]
		}
		out.files = append(out.files, use)
	}
	slices.SortFunc(out.files, func(a, b FileUse) int { return strings.Compare(a.Key, b.Key) })
	return out, nil
}

// rollupsOf lists the days whose rollups hold rows that a line was measured by.
func rollupsOf(e pricing.Explanation, days []pinnedDay, batches []*pricing.UsageBatch) []RollupUse {
	var out []RollupUse
	for d, batch := range batches {
		use := RollupUse{UTCDay: days[d].day, Object: days[d].object, Files: days[d].files}
		for i := range batch.Len() {
			if measuredBy(e.Steps, batch, i) {
				use.Rows++
				use.Events += batch.Events[i]
			}
		}
		if use.Rows > 0 {
			out = append(out, use)
		}
	}
	return out
}

func measuredBy(steps []pricing.Step, b *pricing.UsageBatch, row int) bool {
	day := pricing.Date(b.Day[row])
	return slices.ContainsFunc(steps, func(s pricing.Step) bool {
		return s.Kind == pricing.StepMeasure && s.Carried <= day && day <= s.To &&
			s.Subscription == b.Subscription.At(row) && s.Meter == b.Meter.At(row)
	})
}
