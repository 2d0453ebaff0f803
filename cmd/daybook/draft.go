package main

import (
	"github.com/spf13/cobra"

	"daybook/jobs"
)

const draftLong = `Rates the month as its closing would, by what is known at --as-of, and publishes what each invoice
would be as a document under current/documents/drafts/. Nothing is issued: drafts have no number and
send no webhooks, enter nothing in the books, and may be made again as often as you like. Usage counts
by the UTC days that are over. Credits and balances are those that the closing before left; none are
carried over while that month is open. Missing rollups are made first.`

func newRunDraft(a *app) *cobra.Command {
	var f runFlags
	var period string
	c := &cobra.Command{
		Use: "draft", Short: "Show what a month's invoices would be", Args: cobra.NoArgs,
		Long: draftLong,
		Example: `  daybook run draft --period 2026-10
  daybook run draft --period 2026-10 --as-of 2026-10-20T00:00:00Z`,
		RunE: func(c *cobra.Command, _ []string) error { return a.runDrafts(c, &f, period, period) },
	}
	c.Flags().StringVar(&period, "period", "", "month, YYYY-MM (required)")
	f.add(c, jobs.JobDraft)
	c.Flags().Lookup("as-of").Usage = "the instant by which it is made (default: the month's end; before it, required)"
	return c
}

func newBackfillDraft(a *app) *cobra.Command {
	var f runFlags
	var from, to string
	c := &cobra.Command{
		Use: "draft", Short: "Show what the invoices of a range of months would be", Args: cobra.NoArgs,
		Long:    draftLong,
		Example: "  daybook backfill draft --from 2026-01 --to 2026-10",
		RunE:    func(c *cobra.Command, _ []string) error { return a.runDrafts(c, &f, from, to) },
	}
	c.Flags().StringVar(&from, "from", "", "first month, YYYY-MM (required)")
	c.Flags().StringVar(&to, "to", "", "last month, YYYY-MM (required)")
	f.add(c, jobs.JobDraft)
	return c
}
