package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Schedule says when each job is woken. Cron only wakes: what is due comes from
// what is undecided in the store, so a missed, doubled or early wake-up does no
// harm (commit-protocol: cron may miss or double a run).
type Schedule struct {
	entries []scheduleEntry
}

type scheduleEntry struct {
	job  Job
	spec string
	cron cron.Schedule
}

// Job names one of the jobs.
type Job string

// The jobs, in the order in which each feeds the next.
const (
	JobRollup  Job = "rollup"
	JobDaily   Job = "daily"
	JobDraft   Job = "draft" // on request only
	JobMonthly Job = "monthly"
	JobDeliver Job = "deliver"

	JobDocuments Job = "documents" // with daily and monthly, where it is configured
)

var defaultSchedule = map[string]string{
	string(JobRollup): "15 2 * * *", string(JobDaily): "25 * * * *",
	string(JobMonthly): "35 * * * *", string(JobDeliver): "*/5 * * * *",
}

// ParseSchedule reads standard five-field cron specs by job; absent jobs keep
// their defaults and "off" disables one. Times are UTC.
func ParseSchedule(specs map[string]string) (Schedule, error) {
	for job := range specs {
		if _, known := defaultSchedule[job]; !known {
			return Schedule{}, fmt.Errorf("unknown job %q: the jobs are rollup, daily, monthly and deliver", job)
		}
	}
	var s Schedule
	for _, job := range []Job{JobRollup, JobDaily, JobMonthly, JobDeliver} {
		spec, given := specs[string(job)]
		if !given {
			spec = defaultSchedule[string(job)]
		}
		if spec == "off" {
			continue
		}
		parsed, err := parseCron(spec)
		if err != nil {
			return Schedule{}, fmt.Errorf("%s: %w", job, err)
		}
		s.entries = append(s.entries, scheduleEntry{job, spec, parsed})
	}
	return s, nil
}

// parseCron guards the parser: a spec with a zone of its own can panic it, and
// one that never fires (31 February) would wait for ever.
func parseCron(spec string) (cron.Schedule, error) {
	if strings.Contains(spec, "=") || strings.HasPrefix(spec, "@") {
		return nil, fmt.Errorf("%q: write five fields, minute hour day month weekday; times are UTC", spec)
	}
	parsed, err := cron.ParseStandard(spec)
	if err != nil {
		return nil, fmt.Errorf("%q: %w; write five fields such as \"15 2 * * *\"", spec, err)
	}
	if parsed.Next(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return nil, fmt.Errorf("%q never happens", spec)
	}
	return parsed, nil
}

// next returns the earliest wake-up after t and the jobs it wakes.
func (s Schedule) next(t time.Time) (time.Time, []Job) {
	at := time.Time{}
	var due []Job
	for _, e := range s.entries {
		switch n := e.cron.Next(t.UTC()); {
		case at.IsZero() || n.Before(at):
			at, due = n, []Job{e.job}
		case n.Equal(at):
			due = append(due, e.job)
		}
	}
	return at, due
}

// WakeUp says when a job wakes next.
type WakeUp struct {
	Job  Job       `json:"job"`
	Cron string    `json:"cron"`
	Next time.Time `json:"next"`
}

// String is the wake-up in one line, for people.
func (w WakeUp) String() string {
	return fmt.Sprintf("%-8s %-14s next %s", w.Job, w.Cron, w.Next.Format(time.RFC3339))
}

// WakeUps lists each job's spec and its next wake-up after t.
func (s Schedule) WakeUps(t time.Time) []WakeUp {
	list := make([]WakeUp, 0, len(s.entries))
	for _, e := range s.entries {
		list = append(list, WakeUp{e.job, e.spec, e.cron.Next(t.UTC())})
	}
	return list
}

// Clock is the time as the scheduler sees it.
type Clock struct {
	Now   func() time.Time
	Sleep func(context.Context, time.Duration) error
}

// Serve wakes the jobs by the schedule until the context ends. At start it runs
// everything once, so that a restart catches up. A job's failure is logged and
// tried again at its next wake-up.
func (p *Pipeline) Serve(ctx context.Context, s Schedule) error {
	if len(s.entries) == 0 {
		return errors.New("serve schedule: every job is off")
	}
	all := make([]Job, 0, len(s.entries))
	for _, e := range s.entries {
		all = append(all, e.job)
	}
	for due := all; ; {
		p.wake(ctx, due, p.clock.Now())
		now := p.clock.Now()
		var at time.Time
		at, due = s.next(now)
		if err := p.clock.Sleep(ctx, at.Sub(now)); err != nil {
			return nil
		}
	}
}

// wake runs the given jobs, which stand in feeding order as in the schedule, over
// all that is due at now.
func (p *Pipeline) wake(ctx context.Context, due []Job, now time.Time) {
	for _, job := range due {
		if ctx.Err() != nil {
			return
		}
		outcomes, err := p.RunDue(ctx, job, now)
		for _, o := range outcomes {
			if o.State != StateAlready && o.State != StateIncomplete {
				p.log.Info("job done", "job", o.Job, "period", o.Period, "state", string(o.State), "revision", o.Revision)
			}
		}
		switch {
		case err == nil || ctx.Err() != nil:
		case errors.Is(err, ErrIncomplete):
			p.log.Warn("a month waits for its usage; it is tried again at the next wake-up", "job", string(job), slog.Any("error", err))
		case errors.Is(err, ErrPending):
			p.log.Warn("webhooks are not all delivered", slog.Any("error", err))
		default:
			p.log.Error("job failed; it is tried again at its next wake-up", "job", string(job), slog.Any("error", err))
		}
	}
}
