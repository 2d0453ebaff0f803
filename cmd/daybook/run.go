package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"daybook/jobs"
	"daybook/pricing"
)

// runFlags are the flags that every job shares.
type runFlags struct {
	asOf            string
	only            bool
	recompute       bool
	allowIncomplete bool
	noNotify        bool
	notify          bool
	quarantine      []string
	accept          string
}

func (f *runFlags) add(c *cobra.Command, job jobs.Job) {
	flags := c.Flags()
	flags.StringVar(&f.asOf, "as-of", "", "the run's \"now\" (default: the period's due instant)")
	flags.BoolVar(&f.recompute, "recompute", false, "compute even when up to date")
	if job == jobs.JobRollup {
		flags.StringArrayVar(&f.quarantine, "quarantine", nil, "publish the day without this usage file (recorded; repeatable)")
	} else {
		flags.BoolVar(&f.only, "only", false, "do not bring missing rollups up to date first")
	}
	if job == jobs.JobMonthly {
		flags.StringVar(&f.accept, "accept-corrections", "", "let the corrections pass that a run was stopped by: the digest that it printed")
		flags.BoolVar(&f.allowIncomplete, "allow-incomplete", false, "close although usage is known to be missing (recorded with the list)")
	}
}

func (f *runFlags) options() (jobs.RunOptions, error) {
	at, err := parseInstant("as-of", f.asOf)
	return jobs.RunOptions{
		AsOf: at, Now: wallClock().Now(), Only: f.only, Recompute: f.recompute,
		AllowIncomplete: f.allowIncomplete, NoNotify: f.noNotify, Quarantine: f.quarantine, AcceptCorrections: f.accept,
	}, err
}

func newRun(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "run",
		Short: "Run one job for one period",
		Example: `  daybook run rollup  --day 2026-10-05
  daybook run daily   --day 2026-10-05
  daybook run draft   --period 2026-10 --as-of 2026-10-20T00:00:00Z
  daybook run monthly --period 2026-10
  daybook run documents
  daybook run deliver`,
	}
	c.AddCommand(newRunRollup(a), newRunDaily(a), newRunDraft(a), newRunMonthly(a), newRunDocuments(a), newRunDeliver(a))
	return c
}

func newRunRollup(a *app) *cobra.Command {
	return a.dayCommand(jobs.JobRollup, "UTC day", &cobra.Command{
		Use: "rollup", Short: "Aggregate one UTC day of usage events",
		Long: `Reads the usage files that may hold events of a UTC day, checks and de-duplicates every row, and
publishes the tables usage_daily and rejected_usage of that day. A day whose files, meters and
attribution did not change is left alone.`,
		Example: `  daybook run rollup --day 2026-10-05
  daybook run rollup --day 2026-10-05 --quarantine dt=2026-10-05/part-3.parquet`,
	})
}

func newRunDaily(a *app) *cobra.Command {
	return a.dayCommand(jobs.JobDaily, "local day", &cobra.Command{
		Use: "daily", Short: "Compute the cumulative costs of one local day",
		Long: `Rates every account's usage from the start of its billing period to the end of the day, in the
account's own time zone, and publishes the table daily_costs of that day. Missing rollups are made first.`,
		Example: `  daybook run daily --day 2026-10-05
  daybook run daily --day 2026-10-05 --as-of 2026-10-06T12:00:00Z`,
	})
}

// dayCommand makes a command run a job for the day that --day names.
func (a *app) dayCommand(job jobs.Job, what string, c *cobra.Command) *cobra.Command {
	var f runFlags
	var day string
	c.Args = cobra.NoArgs
	c.RunE = func(c *cobra.Command, _ []string) error { return a.runDays(c, &f, job, day, day) }
	c.Flags().StringVar(&day, "day", "", what+", YYYY-MM-DD (required)")
	f.add(c, job)
	return c
}

func newRunMonthly(a *app) *cobra.Command {
	var f runFlags
	var period string
	c := &cobra.Command{
		Use: "monthly", Short: "Close a month: issue its invoices, once", Args: cobra.NoArgs,
		Long: `Bills every billing period that ended in the month, one invoice per billing account and currency,
publishes invoices, lines, documents and webhook events, and delivers what webhooks are due. An issued
invoice is final. What came to light since about earlier months (late usage, a corrected price or
subscription) is corrected on the same invoices, or by notes (closing.corrections). Run again, a month
whose parked accounts have been mended bills them by a supplement, until the next month is closed; else
there is nothing to do. Months are closed in order. Missing rollups are made first.

Corrections above closing.corrections_max stop it with their list, and it exits with 7:
--accept-corrections lets exactly those pass. Where usage is known to be missing (closing.expect of the
configuration, quarantined files, no usage at all) it lists what, closes nothing and exits with 7, unless
--allow-incomplete. Exit code 5 when it closed a month and webhooks are pending; ` + "`run deliver`" + `
tries them again.`,
		Example: `  daybook run monthly --period 2026-10
  daybook run monthly --period 2026-10 --as-of 2026-11-03T00:00:00Z
  daybook run monthly --period 2026-10 --allow-incomplete
  daybook run monthly --period 2026-11 --accept-corrections 5f1c09a7e2b4d386`,
		RunE: func(c *cobra.Command, _ []string) error {
			return a.runMonths(c, &f, period, period)
		},
	}
	c.Flags().StringVar(&period, "period", "", "month, YYYY-MM (required)")
	c.Flags().BoolVar(&f.noNotify, "no-notify", false, "send no webhooks for it; daybook webhooks resend can later")
	f.add(c, jobs.JobMonthly)
	return c
}

func newRunDocuments(a *app) *cobra.Command {
	var recompute bool
	c := &cobra.Command{
		Use: "documents", Short: "Publish the billing documents of other systems", Args: cobra.NoArgs,
		Long: `Writes what ` + "`daybook serve`" + ` answers to requests without parameters as files under
current/documents/<system>/<account>/, for the systems that the configuration lists under documents
(docs/apis.md).
It shows what is published, and is done by itself after daily and monthly runs; what stands is left alone.`,
		Example: "  daybook run documents --config daybook.yaml",
		RunE: func(c *cobra.Command, _ []string) error {
			p, cfg, err := a.pipeline(c)
			if err != nil {
				return err
			}
			if len(cfg.systems) == 0 {
				return usageErrorf("%s lists no systems under documents; write for example documents: [orb]", cfg.path)
			}
			outcomes, err := p.Documents(c.Context(), jobs.RunOptions{Recompute: recompute})
			return a.report(c, outcomes, err)
		},
	}
	c.Flags().BoolVar(&recompute, "recompute", false, "write every document, also of closings that stand")
	return c
}

func newRunDeliver(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "deliver", Short: "Send the webhooks that are not acknowledged yet", Args: cobra.NoArgs,
		Long: `Sends every event of published closings to the configured endpoints that have not acknowledged it:
at least once, always under one id and with the same body. What fails is tried again by later runs,
about 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h after the attempt before, and is dead after
that: kept, and sent again by ` + "`daybook webhooks resend`" + `. Exit code 5 when some are still pending, due or
not, and in the run that gives one up.`,
		Example: "  daybook run deliver --config daybook.yaml",
		RunE: func(c *cobra.Command, _ []string) error {
			p, _, err := a.pipeline(c)
			if err != nil {
				return err
			}
			outcomes, err := p.Deliver(c.Context())
			return a.report(c, outcomes, err)
		},
	}
}

// runDays runs a daily or rollup job over a range of days, both ends included.
func (a *app) runDays(c *cobra.Command, f *runFlags, job jobs.Job, from, to string) error {
	first, last, err := parseRange(c, from, to, pricing.ParseDate)
	if err != nil {
		return err
	}
	if last < first {
		return usageErrorf("the range ends on %s, before it begins on %s", last, first)
	}
	o, err := f.options()
	if err != nil {
		return err
	}
	p, _, err := a.pipeline(c)
	if err != nil {
		return err
	}
	days := jobs.Span{From: first, To: last}.Days()
	var outcomes []jobs.Outcome
	if job == jobs.JobRollup {
		outcomes, err = p.Rollup(c.Context(), days, o)
	} else {
		outcomes, err = p.Daily(c.Context(), days, o)
		outcomes, err = withDocuments(c, p, outcomes, err)
	}
	return a.report(c, outcomes, err)
}

// withDocuments publishes the documents of other systems, where they are
// configured, once a job has made something that they show.
func withDocuments(c *cobra.Command, p *jobs.Pipeline, outcomes []jobs.Outcome, err error) ([]jobs.Outcome, error) {
	if !slices.ContainsFunc(outcomes, jobs.Outcome.Fresh) {
		return outcomes, err
	}
	pages, errPages := p.Documents(c.Context(), jobs.RunOptions{})
	return append(outcomes, pages...), errors.Join(err, errPages)
}

// runDrafts makes the drafts of a range of months, both ends included.
func (a *app) runDrafts(c *cobra.Command, f *runFlags, from, to string) error {
	first, last, err := parseMonths(c, from, to)
	if err != nil {
		return err
	}
	o, err := f.options()
	if err != nil {
		return err
	}
	p, _, err := a.pipeline(c)
	if err != nil {
		return err
	}
	outcomes, err := p.Draft(c.Context(), first.Through(last), o)
	return a.report(c, outcomes, err)
}

// parseMonths reads both ends of a range of months, in order.
func parseMonths(c *cobra.Command, from, to string) (first, last pricing.Month, err error) {
	first, last, err = parseRange(c, from, to, pricing.ParseMonth)
	if err == nil && last.Before(first) {
		err = usageErrorf("the range ends in %s, before it begins in %s", last, first)
	}
	return first, last, err
}

// runMonths closes a range of months in order, both ends included.
func (a *app) runMonths(c *cobra.Command, f *runFlags, from, to string) error {
	first, last, err := parseMonths(c, from, to)
	if err != nil {
		return err
	}
	o, err := f.options()
	if err != nil {
		return err
	}
	p, _, err := a.pipeline(c)
	if err != nil {
		return err
	}
	outcomes, err := p.Monthly(c.Context(), first.Through(last), o)
	outcomes, err = withDocuments(c, p, outcomes, err)
	if err != nil || o.NoNotify || !slices.ContainsFunc(outcomes, isFreshClosing) {
		return a.report(c, outcomes, err)
	}
	delivered, err := p.Deliver(c.Context())
	outcomes = append(outcomes, delivered...)
	err = a.report(c, outcomes, err)
	if rejected := outcomeExit(outcomes); rejected != nil && errors.Is(err, jobs.ErrPending) {
		fmt.Fprintln(c.ErrOrStderr(), "daybook:", err)
		return rejected // 4 comes before 5
	}
	return err
}

// isFreshClosing reports whether this run closed a month, and so has webhooks to
// deliver.
func isFreshClosing(o jobs.Outcome) bool { return o.Fresh() && o.Job == string(jobs.JobMonthly) }

// parseRange reads both ends of a range of days or months. It names the flags
// of the command that are missing or mistaken.
func parseRange[T any](c *cobra.Command, from, to string, parse func(string) (T, error)) (first, last T, err error) {
	begin, end := "from", "to"
	for _, one := range []string{"day", "period"} { // one flag says both ends
		if c.Flags().Lookup(one) != nil {
			begin, end = one, one
		}
	}
	for _, given := range []struct {
		flag, text string
		to         *T
	}{{begin, from, &first}, {end, to, &last}} {
		if given.text == "" {
			return first, last, usageErrorf("no --%s given; `%s --help` has examples", given.flag, c.CommandPath())
		}
		if *given.to, err = parse(given.text); err != nil {
			return first, last, usageErrorf("--%s: %w", given.flag, err)
		}
	}
	return first, last, nil
}
