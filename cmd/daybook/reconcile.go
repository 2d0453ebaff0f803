package main

import (
	"cmp"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"daybook/jobs"
	"daybook/pricing"
)

func newReconcile(a *app) *cobra.Command {
	var period string
	c := &cobra.Command{
		Use: "reconcile", Short: "Show where the usage of a closed month went", Args: cobra.NoArgs,
		Long: `Follows the usage of a closed month by meter, in rows and exact quantities: what was read from the usage
files, what was dropped on the way and why, what was billed, and what the invoice lines charge for. Each
figure was counted where it was decided and stands in a manifest; that they add up is checked again.
The table reconciliation has the same, and by usage file (docs/reconciliation.md).`,
		Example: `  daybook reconcile --period 2026-10
  daybook reconcile --period 2026-10 -o json`,
		RunE: func(c *cobra.Command, _ []string) error {
			if period == "" {
				return usageErrorf("no month given; write --period YYYY-MM, for example --period 2026-10")
			}
			m, err := pricing.ParseMonth(period)
			if err != nil {
				return usageErrorf("--period: %w", err)
			}
			p, err := a.reader(c)
			if err != nil {
				return err
			}
			account, err := p.Reconcile(c.Context(), m)
			if err != nil {
				return err
			}
			if a.json() {
				return printJSON(c.OutOrStdout(), account)
			}
			printAccount(c.OutOrStdout(), account)
			return nil
		},
	}
	c.Flags().StringVar(&period, "period", "", "month, YYYY-MM (required)")
	return c
}

func printAccount(w io.Writer, a jobs.MonthAccount) {
	fmt.Fprintf(w, "Closing %s r%d: %s, UTC days %s to %s\n", a.Period, a.Revision, counted(a.Files, "usage file"), a.From, a.To)
	if len(a.Left) > 0 {
		fmt.Fprintf(w, "without %s (quarantined)\n", counted(len(a.Left), "usage file"))
	}
	rated := map[string]jobs.RatedMeter{}
	for _, m := range a.Rating {
		rated[m.Meter] = m
	}
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', tabwriter.AlignRight)
	for _, u := range a.Usage {
		name := "meter " + cut(u.Meter, 40)
		if u.Meter == "" {
			name = "no known meter, or not looked at"
		}
		fmt.Fprintf(t, "\n%s\tROWS\tQUANTITY\t\n", padded(name))
		printUsage(t, u, rated[u.Meter])
	}
	t.Flush()
	printCharged(w, a.Prices)
	if a.Parked > 0 {
		fmt.Fprintf(w, "\n%s parked; the table parked_accounts says why\n", counted(a.Parked, "account"))
	}
	printMissing(w, jobs.Outcome{Period: a.Period, Missing: a.Missing})
}

// padded fills a label up on the right: the table's cells are aligned there.
func padded(label string) string { return fmt.Sprintf("%-47s", label) }

// printUsage writes one meter's account as a sum that goes down: what leaves it on
// the way has a minus, and what joins it a plus.
func printUsage(t io.Writer, u jobs.FileMeter, r jobs.RatedMeter) {
	line := func(sign, label string, s jobs.RowSum) {
		if !s.IsZero() || sign == "=" {
			if sign == "-" {
				s = jobs.RowSum{Rows: -s.Rows, Quantity: s.Quantity.Neg()}
			}
			fmt.Fprintf(t, "%s\t%d\t%s\t\n", padded(fmt.Sprintf("  %1s %s", cmp.Or(sign, " "), label)), s.Rows, s.Quantity)
		}
	}
	line("", "read from the usage files", u.Read)
	line("-", "duplicate", u.Duplicate)
	line("-", "rejected (rejected_usage says why)", u.Rejected)
	line("-", "outside: not of a day that the file is for", u.Outside)
	line("=", "kept", u.Kept)
	if u.Kept.IsZero() && r.Late.IsZero() {
		return
	}
	line("-", "sums that overflow: account parked", u.Overflow)
	line("-", "of parked accounts", r.Parked)
	line("-", "of other billing periods", r.Elsewhere)
	line("+", "late: of months that are issued", r.Late)
	line("=", "rated by this closing", r.Kept)
	line("-", "late: on corrections", r.Late)
	line("-", "no price of the plan is for it", r.Unpriced)
	line("=", "billed", r.Billed)
}

// printCharged lists what the invoice lines charge for.
func printCharged(w io.Writer, prices []jobs.ChargedPrice) {
	if len(prices) == 0 {
		return
	}
	fmt.Fprintln(w, "\nInvoice lines, in the prices' units (measured = free + charged):")
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "METER\tPLAN\tPRICE\tLINES\tMEASURED\tFREE\tCHARGED\tUNIT")
	for _, c := range prices {
		fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%s\t%s\t%s\t%s\n", cut(cmp.Or(c.Meter, "-"), 14), cut(c.Plan, 12), cut(c.Price, 14), c.Measured.Rows,
			shortened(c.Measured.Quantity.String()), shortened(c.Free.Quantity.String()), shortened(c.Charged.Quantity.String()), cmp.Or(cut(c.Unit, 8), "-"))
	}
	t.Flush()
}
