package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"daybook/pricing"
	"daybook/sources/blob"
	"daybook/sources/usage"
)

// runRollups computes the days in as few passes as their meters allow. Days that
// fail keep no others back.
func (p *Pipeline) runRollups(ctx context.Context, works []*rollupWork, o RunOptions) error {
	var failed []error
	for len(works) > 0 && ctx.Err() == nil {
		var same, rest []*rollupWork
		for _, w := range works {
			if w.samePass(works[0]) {
				same = append(same, w)
			} else {
				rest = append(rest, w)
			}
		}
		failed = append(failed, p.rollupPass(ctx, same, o))
		works = rest
	}
	return errors.Join(append(failed, ctx.Err())...)
}

// samePass reports whether two days can be read together: by the same meters,
// and both to their ends (a day cut by as_of is read alone).
func (w *rollupWork) samePass(first *rollupWork) bool {
	if w == first {
		return true
	}
	a, b := w.run.Plan.Identity, first.run.Plan.Identity
	whole := a.AsOf.Equal(w.day.AddDays(1).UTC()) && b.AsOf.Equal(first.day.AddDays(1).UTC())
	return whole && a.Meters == b.Meters
}

// rollupPass reads the files of the days once and publishes each day. Days whose
// files changed meanwhile, or that another runner gave up, are planned anew, once.
func (p *Pipeline) rollupPass(ctx context.Context, works []*rollupWork, o RunOptions) error {
	request, period := p.rollupRequest(works)
	var total int64
	for _, f := range request.Files {
		total += f.Object.Size
	}
	request.Progress = func(rows, bytes int64) {
		p.progress(Progress{Job: string(JobRollup), Period: period, Rows: rows, Bytes: bytes, TotalBytes: total})
	}
	byDay := map[pricing.Date]*rollupWork{}
	for _, w := range works {
		byDay[w.day] = w
	}
	// Only what is read can have changed: an object of ours that is gone or another
	// is no reason to plan anew, and must not pass for one.
	var unpublished error
	encode := func(d usage.Day) (encodedRollup, error) { return encodeRollup(byDay[d.UTCDay], d) }
	err := usage.RollupPrepared(ctx, p.engine, request, encode, func(e encodedRollup) error {
		unpublished = p.publishRollup(ctx, e)
		return unpublished
	})
	p.progress(Progress{Job: string(JobRollup), Period: period, Bytes: total, TotalBytes: total, Done: true})
	unread := unpublished == nil && (errors.Is(err, blob.ErrChanged) || errors.Is(err, blob.ErrNotFound))
	if unread || contended(err) {
		return p.replan(ctx, works, o, err)
	}
	if err != nil {
		return withRemedy(err, works)
	}
	for _, w := range works {
		if w.outcome.State == "" {
			return fmt.Errorf("the engine gave no rollup of %s", w.day)
		}
	}
	return nil
}

// rollupRequest asks the engine for the days; period says which, for people.
func (p *Pipeline) rollupRequest(works []*rollupWork) (request usage.Request, period string) {
	request = usage.Request{
		Store: p.stores.Usage, Mapping: p.settings.Mapping, Checksums: p.settings.Checksums,
		Attribution: works[0].in.attribution, Workers: p.settings.Workers,
		Memory: p.settings.Memory, Temporary: p.settings.Temporary,
	}
	request.Meters, _ = works[0].in.meters(works[0].day)
	at := map[string]int{} // key -> index in request.Files
	for _, w := range works {
		request.Days = append(request.Days, w.day)
		request.AsOf = max(request.AsOf, w.run.Plan.Identity.AsOf.UnixMicro())
		for _, f := range w.files {
			i, known := at[f.object.Key]
			if !known {
				i, at[f.object.Key] = len(request.Files), len(request.Files)
				request.Files = append(request.Files, usage.File{Object: f.object, Home: f.home, Sums: f.sums})
			}
			request.Files[i].Days = append(request.Files[i].Days, w.day)
		}
	}
	period = works[0].day.String()
	if last := works[len(works)-1].day.String(); last != period {
		period += " to " + last
	}
	return request, period
}

// replan plans the undecided days of a pass anew, by what stands there now, and
// runs them once more. Plans whose files changed are abandoned on the way; the
// others are found and kept.
func (p *Pipeline) replan(ctx context.Context, works []*rollupWork, o RunOptions, cause error) error {
	if o.replanned {
		return fmt.Errorf("usage files keep changing while they are read, or other runners keep deciding these days; run again when they are done: %w", cause)
	}
	o.replanned = true
	list := p.newListing()
	view := &currentTables{p: p}
	var again []*rollupWork
	for _, w := range works {
		if w.outcome.State != "" {
			continue
		}
		next, err := p.planRollup(ctx, list, view, w.in, w.day, o, w.outcome)
		if err != nil {
			w.outcome.files = "" // no mark, as in commit
			return fmt.Errorf("rollup %s: %w", w.day, err)
		}
		if next != nil {
			again = append(again, next)
		}
	}
	return p.runRollups(ctx, again, o)
}

// withRemedy says how to get past a usage file that cannot be read.
func withRemedy(err error, works []*rollupWork) error {
	var fault *usage.FileError
	if !errors.As(err, &fault) {
		return err
	}
	for _, w := range works {
		if slices.ContainsFunc(w.files, func(f usageFile) bool { return f.object.Key == fault.File }) {
			return fmt.Errorf("%w; repair the file and run again, or publish the day without it: `daybook run rollup --day %s --quarantine %s`", err, w.day, fault.File)
		}
	}
	return err
}
