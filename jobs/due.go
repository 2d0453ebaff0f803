package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"daybook/pricing"
)

// recheckDays is how far back a scheduled rollup looks for files that arrived
// late: two closings and a little more.
const recheckDays = 70

// RunDue runs everything of one job that is due at now and not yet done. What
// is due comes from what is undecided in the store, never from the clock that
// woke it.
func (p *Pipeline) RunDue(ctx context.Context, job Job, now time.Time) ([]Outcome, error) {
	o := RunOptions{Now: now}
	today := pricing.DateOf(now.UTC())
	switch job {
	case JobRollup:
		first := max(p.settings.Start, today.AddDays(-recheckDays))
		return p.Rollup(ctx, Span{first, today.AddDays(-1)}.Days(), o)
	case JobDaily:
		return p.withDocuments(ctx, o, func() ([]Outcome, error) { return p.dailyDue(ctx, today, o) })
	case JobMonthly:
		return p.withDocuments(ctx, o, func() ([]Outcome, error) { return p.monthlyDue(ctx, o) })
	case JobDeliver:
		return p.Deliver(ctx)
	}
	return nil, fmt.Errorf("unknown job %q", job)
}

// withDocuments publishes the pages of what a job has made, also of what it made
// before it failed.
func (p *Pipeline) withDocuments(ctx context.Context, o RunOptions, job func() ([]Outcome, error)) ([]Outcome, error) {
	outcomes, err := job()
	pages, errPages := p.Documents(ctx, RunOptions{Now: o.Now})
	return append(outcomes, pages...), errors.Join(err, errPages)
}

// dailyDue rates the days of the open month and the one before, as far as they
// have ended in every zone.
func (p *Pipeline) dailyDue(ctx context.Context, today pricing.Date, o RunOptions) ([]Outcome, error) {
	first := max(p.settings.Start, pricing.MonthOf(today).Previous().First())
	outcomes, err := p.Daily(ctx, Span{first, today}.Days(), o)
	if errors.Is(err, ErrNotDue) {
		err = nil // of the days that are, none failed
	}
	return outcomes, err
}

// monthlyDue closes every month that is due, oldest first. The chain tells where
// it stands: before the last month that was begun all are closed.
func (p *Pipeline) monthlyDue(ctx context.Context, o RunOptions) ([]Outcome, error) {
	begun, err := p.publisher.Periods(ctx, string(JobMonthly))
	if err != nil {
		return nil, err
	}
	m := pricing.MonthOf(p.settings.Start)
	if len(begun) > 0 {
		last, err := pricing.ParseMonth(begun[len(begun)-1])
		if err != nil {
			return nil, fmt.Errorf("read the chain of closings: %w", err)
		}
		if m.Before(last) {
			m = last
		}
	}
	var outcomes []Outcome
	for ; ; m = m.Next() {
		done, err := p.Monthly(ctx, []pricing.Month{m}, o)
		if errors.Is(err, ErrNotDue) {
			return outcomes, nil
		}
		outcomes = append(outcomes, done...)
		if err != nil {
			return outcomes, err
		}
	}
}
