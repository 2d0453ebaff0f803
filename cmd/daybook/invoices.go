package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sinks/documents"
)

func newInvoices(a *app) *cobra.Command {
	var account, period string
	c := &cobra.Command{
		Use: "invoices", Short: "Show the invoices of a closed month", Args: cobra.NoArgs,
		Long: `Reads the published tables of a closing and shows its invoices; with --account also their lines, and
how credits, taxes and the account's balance make what is due. The same invoices as documents lie under
current/documents/invoices in the output store.`,
		Example: `  daybook invoices --period 2026-10
  daybook invoices --period 2026-10 --account acme -o json`,
		RunE: func(c *cobra.Command, _ []string) error {
			if period == "" {
				return usageErrorf("no month given; write --period YYYY-MM, for example --period 2026-10")
			}
			m, err := pricing.ParseMonth(period)
			if err != nil {
				return usageError{err}
			}
			p, err := a.reader(c)
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
				printNone(c.OutOrStdout(), "invoices", account)
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

// printInvoiceDocuments writes an array of documents, each on a line of its own.
func printInvoiceDocuments(w io.Writer, invoices []pricing.Invoice) error {
	bodies := make([][]byte, len(invoices))
	for n, i := range invoices {
		body, err := documents.Invoice(i, documents.Parties{})
		if err != nil {
			return err
		}
		bodies[n] = body
	}
	_, err := fmt.Fprintf(w, "[%s]\n", bytes.Join(bodies, []byte(",\n")))
	return err
}

func printLines(w io.Writer, i pricing.Invoice) {
	fmt.Fprintf(w, "\n%s, issued %s, due %s\n", i.Number, i.IssuedAt.Format(time.DateOnly), i.DueAt.Format(time.DateOnly))
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "#\tACCOUNT\tWHAT\tFROM (UTC)\tTO (UTC)\tQUANTITY\tTOTAL")
	for _, l := range i.Lines {
		what := l.Description
		if g := group(l.Grouping); g != "" {
			what += " " + g
		}
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s %s\t%s\n", l.Number, l.Account, cut(what, 32),
			boundary(l.PeriodStart), boundary(l.PeriodEnd), l.Quantity.Round(3, "half_even"), l.Unit, amount(l.Total, i.Currency))
	}
	t.Flush()
	printSettlement(w, i)
}

// printSettlement says how an invoice's total becomes what is due, where it is
// not the same.
func printSettlement(w io.Writer, i pricing.Invoice) {
	if i.AmountDue.Cmp(i.Total) == 0 && i.Tax.IsZero() {
		return
	}
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintf(t, "\ntotal\t%s\n", documents.FormatMoney(i.Total, i.Currency))
	if !i.Credits.IsZero() {
		fmt.Fprintf(t, "credits\t%s\n", documents.FormatMoney(i.Credits.Neg(), i.Currency))
	}
	for _, x := range i.Taxes {
		fmt.Fprintf(t, "tax %s, %s %% of %s\t%s\n", x.Jurisdiction, x.Rate, amount(x.Taxable, i.Currency), documents.FormatMoney(x.Amount, i.Currency))
	}
	if !i.BalanceApplied.IsZero() {
		fmt.Fprintf(t, "balance\t%s\n", documents.FormatMoney(i.BalanceApplied.Neg(), i.Currency))
	}
	fmt.Fprintf(t, "due\t%s\n", documents.FormatMoney(i.AmountDue, i.Currency))
	t.Flush()
}

// boundary writes the first moment of a period, or the first after it. It has
// its time of day because a local midnight is seldom one of UTC.
func boundary(at time.Time) string { return at.UTC().Format("01-02 15:04") }

// amount writes money with the places of its currency.
func amount(a money.Amount, c money.Currency) string {
	return strings.Replace(documents.FormatMoney(a, c), c.Code+" ", "", 1)
}

// cut shortens text to n characters for a table.
func cut(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}
