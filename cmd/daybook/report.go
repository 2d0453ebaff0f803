package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"daybook/jobs"
	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sinks/documents"
	"daybook/sources/usage"
)

// report prints what runs did and turns it into the exit code. Results go to
// standard output even when a later period failed.
func (a *app) report(c *cobra.Command, outcomes []jobs.Outcome, err error) error {
	if a.json() {
		if outcomes == nil {
			outcomes = []jobs.Outcome{}
		}
		if printErr := printJSON(c.OutOrStdout(), outcomes); printErr != nil {
			return printErr
		}
	} else if len(outcomes) > 0 || err == nil {
		printOutcomes(c.OutOrStdout(), outcomes)
	}
	if err != nil {
		return err
	}
	return outcomeExit(outcomes)
}

func printOutcomes(w io.Writer, outcomes []jobs.Outcome) {
	if len(outcomes) == 0 {
		fmt.Fprintln(w, "nothing to do")
		return
	}
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "JOB\tPERIOD\tRESULT\tDETAILS")
	for _, o := range gathered(outcomes) {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", o.Job, o.Period, result(o), details(o))
	}
	t.Flush()
	for _, o := range outcomes {
		printInvoices(w, o.Invoices)
		printCorrections(w, o.Corrections)
		if o.Fresh() {
			printParked(w, o.Parked)
			printVanishedRows(w, o.Vanished)
		}
		printMissing(w, o)
	}
	printReasons(w, outcomes)
	printVanished(w, outcomes)
}

// printReasons says why the rows were rejected that these runs rejected.
func printReasons(w io.Writer, outcomes []jobs.Outcome) {
	reasons := map[string]int64{}
	for _, o := range outcomes {
		if o.Fresh() {
			for reason, n := range o.Reasons {
				reasons[reason] += n
			}
		}
	}
	if len(reasons) == 0 {
		return
	}
	fmt.Fprintln(w, "\nRejected rows, listed in the table rejected_usage:")
	for _, reason := range sortedKeys(reasons) {
		fmt.Fprintf(w, "  %-24s %d\n", reason, reasons[reason])
	}
}

// gathered puts a long row of rollups of days on end with one result together,
// as people want to read it; -o json has them one by one.
func gathered(outcomes []jobs.Outcome) []jobs.Outcome {
	var out []jobs.Outcome
	for len(outcomes) > 0 {
		first := outcomes[0]
		n := 1
		for n < len(outcomes) && gathers(first, outcomes[n]) && isDayAfter(outcomes[n].Period, outcomes[n-1].Period) {
			n++
		}
		if n > 3 {
			if first.Counts != nil {
				sum := usage.Counts{}
				for _, o := range outcomes[:n] {
					sum = sum.Add(*o.Counts)
				}
				first.Counts = &sum
			}
			first.Period += " … " + outcomes[n-1].Period
			out = append(out, first)
		} else {
			out = append(out, outcomes[:n]...)
		}
		outcomes = outcomes[n:]
	}
	return out
}

// gathers reports whether two outcomes say the same but for counts of rows.
func gathers(a, b jobs.Outcome) bool {
	plain := func(o jobs.Outcome) bool { return o.Totals == nil && o.VanishedUsage == nil }
	return plain(a) && plain(b) && a.Job == b.Job && (a.Counts == nil) == (b.Counts == nil) && result(a) == result(b)
}

// isDayAfter reports whether two periods are days, one right after the other.
func isDayAfter(period, before string) bool {
	d, err := pricing.ParseDate(period)
	b, errBefore := pricing.ParseDate(before)
	return err == nil && errBefore == nil && d == b.AddDays(1)
}

// result says how a run ended, for people.
func result(o jobs.Outcome) string {
	if o.Pending > 0 {
		return "webhooks pending"
	}
	switch o.State {
	case jobs.StatePublished:
		if o.Job == string(jobs.JobDeliver) {
			return "delivered"
		}
		return fmt.Sprintf("published r%d", o.Revision)
	case jobs.StateUnchanged:
		return "computed, unchanged"
	case jobs.StateAdopted:
		return fmt.Sprintf("adopted r%d", o.Revision)
	case jobs.StateAlready:
		return "nothing to do"
	case jobs.StateIncomplete:
		return "not closed"
	case jobs.StateStopped:
		return "not closed"
	}
	return string(o.State)
}

func details(o jobs.Outcome) string {
	var parts []string
	if c := o.Counts; c != nil {
		parts = append(parts, rowCounts(*c))
	}
	if len(o.Invoices) > 0 {
		parts = append(parts, counted(len(o.Invoices), "invoice"))
	}
	for _, key := range sortedKeys(o.Totals) {
		if code, kind, _ := strings.Cut(key, " "); kind != "cumulative" && kind != "due" {
			parts = append(parts, fmt.Sprintf("%s %s", code, shortened(o.Totals[key])))
		}
	}
	if len(o.Parked) > 0 {
		parts = append(parts, counted(len(o.Parked), "account")+" parked")
	}
	parts = append(parts, incrementalDetails(o)...)
	parts = append(parts, correctionDetails(o)...)
	switch n := len(o.Missing); {
	case o.State == jobs.StateIncomplete:
		parts = append(parts, fmt.Sprintf("usage is missing: %s", counted(n, "finding")))
	case n > 0:
		parts = append(parts, fmt.Sprintf("closed without: %s", counted(n, "finding")))
	}
	if o.Sent > 0 || o.Pending > 0 {
		parts = append(parts, fmt.Sprintf("%d sent, %d pending", o.Sent, o.Pending))
	}
	if o.Dead > 0 {
		parts = append(parts, fmt.Sprintf("%d dead; see `daybook webhooks list`", o.Dead))
	}
	if o.State == jobs.StateAlready && o.Job == string(jobs.JobMonthly) {
		parts = append(parts, "issued, see `daybook invoices`")
	}
	return strings.Join(parts, "; ")
}

// rowCounts says where the rows that were read went, without what is zero.
func rowCounts(c usage.Counts) string {
	text := fmt.Sprintf("%d rows read: %d kept", c.Read, c.Kept)
	for _, went := range []struct {
		rows int64
		to   string
	}{{c.Duplicate, "duplicate"}, {c.Rejected, "rejected"}, {c.Outside, "outside"}} {
		if went.rows > 0 {
			text += fmt.Sprintf(", %d %s", went.rows, went.to)
		}
	}
	return text
}

// counted writes "1 invoice" and "2 invoices".
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// printNone says that there is nothing to show, and of whom.
func printNone(w io.Writer, what, account string) {
	if account == "" {
		fmt.Fprintln(w, "no "+what)
		return
	}
	fmt.Fprintf(w, "no %s of account %q; without --account all are shown\n", what, account)
}

// shortened cuts an exact series amount to six places for a terminal; the
// tables and -o json have all of them.
func shortened(amount string) string {
	whole, frac, ok := strings.Cut(amount, ".")
	if !ok || len(frac) <= 6 {
		return amount
	}
	return whole + "." + frac[:6] + "…"
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func printInvoices(w io.Writer, invoices []pricing.Invoice) {
	if len(invoices) == 0 {
		return
	}
	settled := slices.ContainsFunc(invoices, func(i pricing.Invoice) bool { return i.AmountDue.Cmp(i.Total) != 0 || !i.Tax.IsZero() })
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w)
	fmt.Fprint(t, "ACCOUNT\tNUMBER\tLINES\tSUBTOTAL\tDISCOUNT\t")
	if settled {
		fmt.Fprint(t, "CREDITS\tTAX\tBALANCE\t")
	}
	fmt.Fprintln(t, "DUE\t")
	for _, i := range invoices {
		fmt.Fprintf(t, "%s\t%s\t%d\t", i.BillingAccount, i.Number, len(i.Lines))
		columns := []money.Amount{i.Subtotal, i.Discount, i.AmountDue}
		if settled {
			columns = []money.Amount{i.Subtotal, i.Discount, i.Credits, i.Tax, i.BalanceApplied, i.AmountDue}
		}
		for _, a := range columns {
			fmt.Fprintf(t, "%s\t", documents.FormatMoney(a, i.Currency))
		}
		fmt.Fprintln(t)
	}
	t.Flush()
}

func printParked(w io.Writer, parked []pricing.Parked) {
	for n, p := range parked {
		if n == 20 {
			fmt.Fprintf(w, "… and %d more; see the table parked_accounts\n", len(parked)-n)
			return
		}
		fmt.Fprintf(w, "parked %s (%s): %s\n", p.Account, p.Reason, p.Detail)
	}
}
