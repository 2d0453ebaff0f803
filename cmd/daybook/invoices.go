package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"daybook/pricing"
	"daybook/sinks/documents"
)

func newInvoices(a *app) *cobra.Command {
	var account, period string
	c := &cobra.Command{
		Use: "invoices", Short: "Show the invoices of a closed month", Args: cobra.NoArgs,
		Long: `Reads the published tables of a closing and shows its invoices; with --account also their lines. The
same invoices as documents lie under current/documents/invoices in the output store.`,
		Example: `  daybook invoices --period 2026-10
  daybook invoices --period 2026-10 --account acme -o json`,
		RunE: func(c *cobra.Command, _ []string) error {
			if period == "" {
				return usageErrorf("no period given; see --help for examples")
			}
			m, err := pricing.ParseMonth(period)
			if err != nil {
				return usageError{err}
			}
			p, _, err := a.pipeline(c)
			if err != nil {
				return err
			}
			invoices, err := p.Invoices(c.Context(), m, account)
			if err != nil {
				return err
			}
			if a.json() {
				return printInvoiceDocuments(c.OutOrStdout(), invoices)
			}
			if len(invoices) == 0 {
				fmt.Fprintln(c.OutOrStdout(), "no invoices")
				return nil
			}
			printInvoices(c.OutOrStdout(), invoices)
			if account != "" {
				for _, i := range invoices {
					printLines(c.OutOrStdout(), i)
				}
			}
			return nil
		},
	}
	c.Flags().StringVar(&account, "account", "", "paying account: show its lines too")
	c.Flags().StringVar(&period, "period", "", "month, YYYY-MM (required)")
	return c
}

// printInvoiceDocuments writes one document a line.
func printInvoiceDocuments(w io.Writer, invoices []pricing.Invoice) error {
	for _, i := range invoices {
		body, err := documents.Invoice(i, documents.Parties{})
		if err != nil {
			return err
		}
		if _, err := w.Write(append(body, '\n')); err != nil {
			return err
		}
	}
	return nil
}

func printLines(w io.Writer, i pricing.Invoice) {
	fmt.Fprintf(w, "\n%s, issued %s, due %s\n", i.Number, i.IssuedAt.Format(time.DateOnly), i.DueAt.Format(time.DateOnly))
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "LINE\tACCOUNT\tWHAT\tFROM\tTO\tQUANTITY\tTOTAL")
	for _, l := range i.Lines {
		what := l.Description
		if g := group(l.Grouping); g != "" {
			what += " " + g
		}
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s %s\t%s\n", l.Number, l.Account, cut(what, 34),
			l.PeriodStart.Format("01-02"), l.PeriodEnd.Format("01-02"), l.Quantity.Round(3, "half_even"), l.Unit, l.Total)
	}
	t.Flush()
}

// cut shortens text to n characters for a table.
func cut(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}
