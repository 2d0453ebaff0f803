package main

import (
	"errors"
	"strconv"

	"github.com/spf13/cobra"

	"daybook/jobs"
)

func newExplain(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "explain INVOICE [LINE]", Short: "Show how an invoice line came about, down to its usage files",
		Annotations: map[string]string{takesArguments: "yes"},
		Long: `Shows how a published invoice, or one line of it, came about: what was measured, tiers, adjustments,
rounding, total; then the rollups that the usage stands in and the files that they were read from, with
their counts of rows. INVOICE is a number or an id.

The month is rated again from what its manifest names: the kept copies of price book and registry, and the
rollups by their digests. If that gives any other figure than was published, nothing is explained and the
difference is an error.`,
		Example: `  daybook explain ACME-2026-000001
  daybook explain ACME-2026-000001 3
  daybook explain inv_afkq7xv2b3c4d5e6f7g2h3i4j5 1 -o json`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 || len(args) > 2 {
				return usageErrorf("write an invoice's number or id, and perhaps a line: `daybook explain ACME-2026-000001 3`; `daybook invoices` lists them")
			}
			line := 0
			if len(args) == 2 {
				n, err := strconv.Atoi(args[1])
				if err != nil || n < 1 {
					return usageErrorf("line %q: write a line's number, 1 or more", args[1])
				}
				line = n
			}
			p, err := a.reader(c)
			if err != nil {
				return err
			}
			explained, err := p.Explain(c.Context(), args[0], line)
			if errors.Is(err, jobs.ErrNoInvoice) {
				return usageError{err}
			}
			if err != nil {
				return err
			}
			if a.json() {
				return printJSON(c.OutOrStdout(), explainDocument(explained))
			}
			printExplained(c.OutOrStdout(), explained)
			return nil
		},
	}
}
