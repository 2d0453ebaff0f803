package main

import (
	"github.com/spf13/cobra"

	"daybook/jobs"
)

const draftLong = `Does what the month's closing would, by what is known at --as-of, and publishes what each invoice or
note would be as a document under current/documents/drafts/, with "status": "draft". Nothing is issued:
drafts have no number and send no webhooks, enter nothing in the books, and may be made again as often
as you like. Corrections of earlier months are on them, and credits and balances are as the last closing
before the month left them; when a closing is due in between, that one's charges are not. Usage counts
by the UTC days that are over. Only the paying accounts of which something changed since the draft
before are rated again. Missing rollups are made first. Where the closing will wait for
--accept-corrections, the draft says so.`

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
	c.Flags().Lookup("as-of").Usage = "the instant by which it is made (default: when its closing is due; while the month is open, required)"
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
