package jobs

import (
	"context"
	"fmt"
	"slices"
	"time"

	"daybook/sinks/publish"
)

// VerdictPlanned is what Runs calls a revision that has a plan and no manifest: a
// run of it is going on, or died, and the next one goes on from there.
const VerdictPlanned publish.Verdict = "planned"

// RunSummary is what has been decided about one revision.
type RunSummary struct {
	Job        string            `json:"job"`
	Period     string            `json:"period"`
	Revision   int               `json:"revision"`
	Verdict    publish.Verdict   `json:"verdict"`
	Engine     string            `json:"engine"`
	AsOf       time.Time         `json:"as_of,omitzero"`
	Supersedes int               `json:"supersedes,omitempty"`
	Rows       int64             `json:"rows"` // of the job's main table: usage_daily, daily_costs, invoices
	Totals     map[string]string `json:"totals,omitempty"`
	Reason     string            `json:"reason,omitempty"`
	Signed     bool              `json:"signed"`
	Collected  bool              `json:"collected"` // its data may be gone, by `gc --superseded`

	Manifest *publish.Manifest `json:"manifest,omitempty"` // with detail
	Plan     *publish.Identity `json:"plan,omitempty"`     // with detail
}

// Runs lists the revisions of a job ("" for every one) whose periods lie in a
// range of days or months, oldest first; with detail each with its manifest and
// what its plan says. It only reads.
func (p *Pipeline) Runs(ctx context.Context, job, from, to string, detail bool) ([]RunSummary, error) {
	files, err := p.publisher.Runs(ctx, job, "")
	if err != nil {
		return nil, err
	}
	var out []RunSummary
	for _, f := range files {
		if !within(f.Period, from, to) {
			continue
		}
		s, err := p.summary(ctx, f, detail)
		if err != nil {
			return out, fmt.Errorf("read run %s %s r%06d: %w", f.Job, f.Period, f.Revision, err)
		}
		out = append(out, s)
	}
	return out, nil
}

func (p *Pipeline) summary(ctx context.Context, f publish.RunFiles, detail bool) (RunSummary, error) {
	s := RunSummary{Job: f.Job, Period: f.Period, Revision: f.Revision, Verdict: VerdictPlanned, Signed: f.Signed, Collected: f.Condemned}
	if f.Planned && (detail || !f.Decided) {
		plan, err := p.publisher.Plan(ctx, f.Job, f.Period, f.Revision)
		if err != nil {
			return s, err
		}
		s.Engine, s.AsOf = plan.Engine, plan.Identity.AsOf
		if detail {
			s.Plan = &plan.Identity
		}
	}
	if !f.Decided {
		return s, nil
	}
	m, err := p.publisher.ManifestOf(ctx, f.Job, f.Period, f.Revision)
	if err != nil {
		return s, err
	}
	s.Verdict, s.Engine, s.AsOf, s.Supersedes, s.Totals, s.Reason = m.Verdict, m.Engine, m.AsOf, m.Supersedes, m.Totals, m.Reason
	for _, o := range m.Objects {
		if slices.Contains([]string{"usage_daily", "daily_costs", "invoices"}, o.Table) {
			s.Rows += o.Rows
		}
	}
	if detail {
		s.Manifest = &m
	}
	return s, nil
}
