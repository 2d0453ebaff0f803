package main

import (
	"github.com/spf13/cobra"

	"daybook/jobs"
)

func newBackfill(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "backfill",
		Short: "Run a job over a range of periods",
		Long: `Runs a job over a range, both ends included; periods that are up to date are left alone. A rollup
backfill reads the whole range in as few passes as it can. Closings always go in order, and send
no webhooks unless --notify is given (` + "`daybook webhooks resend`" + ` can later).`,
		Example: `  daybook backfill rollup  --from 2026-01-01 --to 2026-10-31
  daybook backfill daily   --from 2026-10-01 --to 2026-10-31
  daybook backfill draft   --from 2026-10    --to 2026-11
  daybook backfill monthly --from 2026-01    --to 2026-10`,
	}
	c.AddCommand(
		newBackfillDays(a, jobs.JobRollup, "Aggregate a range of UTC days"),
		newBackfillDays(a, jobs.JobDaily, "Compute the cumulative costs of a range of local days"),
		newBackfillDraft(a),
		newBackfillMonthly(a),
	)
	return c
}

func newBackfillDays(a *app, job jobs.Job, short string) *cobra.Command {
	var f runFlags
	var from, to string
	c := &cobra.Command{
		Use: string(job), Short: short, Args: cobra.NoArgs,
		Example: "  daybook backfill " + string(job) + " --from 2026-10-01 --to 2026-10-31",
		RunE: func(c *cobra.Command, _ []string) error {
			return a.runDays(c, &f, job, from, to)
		},
	}
	c.Flags().StringVar(&from, "from", "", "first day, YYYY-MM-DD (required)")
	c.Flags().StringVar(&to, "to", "", "last day, YYYY-MM-DD (required)")
	f.add(c, job)
	return c
}

func newBackfillMonthly(a *app) *cobra.Command {
	var f runFlags
	var from, to string
	c := &cobra.Command{
		Use: string(jobs.JobMonthly), Short: "Close a range of months, oldest first", Args: cobra.NoArgs,
		Example: "  daybook backfill monthly --from 2026-01 --to 2026-10",
		RunE: func(c *cobra.Command, _ []string) error {
			f.noNotify = !f.notify
			return a.runMonths(c, &f, from, to)
		},
	}
	c.Flags().StringVar(&from, "from", "", "first month, YYYY-MM (required)")
	c.Flags().StringVar(&to, "to", "", "last month, YYYY-MM (required)")
	c.Flags().BoolVar(&f.notify, "notify", false, "send webhooks for the closings")
	f.add(c, jobs.JobMonthly)
	return c
}
