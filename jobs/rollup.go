package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"daybook/pricing"
	"daybook/sinks/publish"
	"daybook/sources/blob"
)

// rollupWork is one UTC day that has to be computed.
type rollupWork struct {
	day     pricing.Date
	run     *publish.Run
	in      *inputs
	files   []usageFile // to be read
	outcome *Outcome
}

// daysAtOnce bounds the days that are planned before they are read, in one pass.
const daysAtOnce = 31

// Rollup brings the rollups of the UTC days up to date: days whose files,
// meters and attribution are what the last revision took are left alone, the
// others are read in as few passes as can be. The outcomes, in the order of the
// days, are those of the days that are up to date now; the error is about the
// others.
func (p *Pipeline) Rollup(ctx context.Context, days []pricing.Date, o RunOptions) ([]Outcome, error) {
	for _, d := range days {
		if !o.Now.IsZero() && o.Now.Before(d.UTC()) {
			return nil, fmt.Errorf("rollup %s: %w: the day has not begun", d, ErrNotDue)
		}
	}
	in, err := p.loadInputs(ctx)
	if err != nil {
		return nil, err
	}
	return p.rollup(ctx, in, days, o)
}

func (p *Pipeline) rollup(ctx context.Context, in *inputs, days []pricing.Date, o RunOptions) ([]Outcome, error) {
	list := p.newListing()
	if err := list.checkQuarantine(ctx, days, o.Quarantine); err != nil {
		return nil, err
	}
	view := &currentTables{p: p}
	var outcomes []Outcome
	var failed failures
	for chunk := range slices.Chunk(days, daysAtOnce) {
		done, err := p.rollupDays(ctx, list, view, in, chunk, o)
		outcomes = append(outcomes, done...)
		failed.add("rollup", err)
		if stopsRun(err) {
			break
		}
	}
	return outcomes, failed.err()
}

// rollupDays plans a few days and computes those that need it together.
func (p *Pipeline) rollupDays(ctx context.Context, list *listing, view *currentTables, in *inputs, days []pricing.Date, o RunOptions) ([]Outcome, error) {
	outcomes := make([]Outcome, len(days))
	var works []*rollupWork
	var failed failures
	for i, day := range days {
		outcomes[i] = Outcome{Job: string(JobRollup), Period: day.String()}
		w, err := p.planRollup(ctx, list, view, in, day, o, &outcomes[i])
		failed.add(day.String(), err)
		if stopsRun(err) {
			break
		}
		if w != nil {
			works = append(works, w)
		}
	}
	if len(works) > 0 {
		failed.add(works[0].day.String(), p.runRollups(ctx, works, o))
	}
	undecided := func(out Outcome) bool { return out.State == "" }
	return slices.DeleteFunc(outcomes, undecided), failed.err()
}

// stopsRun reports whether err is about the store or the run and not about one
// period, so that trying the others is pointless.
func stopsRun(err error) bool {
	for _, cause := range []error{
		context.Canceled, context.DeadlineExceeded, blob.ErrDenied, blob.ErrNoBucket, blob.ErrTransient, blob.ErrFull, blob.ErrUnsafe,
	} {
		if errors.Is(err, cause) {
			return true
		}
	}
	return false
}
