package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"daybook/jobs"
	"daybook/pricing"
	"daybook/pricing/money"
)

// print shows a trial for people.
func (r *trialResult) print(w io.Writer) {
	t := r.trial
	fmt.Fprintf(w, "Plan %s of %s, closing %s, in %s\n", t.sub.Plan, t.bookFile.Name, t.month, r.currency)
	if r.invoice == nil {
		fmt.Fprintln(w, "\nNothing is billed: no billing period of the plan ends in this month, or it costs nothing.")
	} else {
		for _, l := range r.invoice.Lines {
			printSteps(w, l, r.invoice.Invoice.Currency)
		}
		printSums(w, &r.invoice.Invoice)
	}
	if given := int64(len(t.usage)); r.events != given {
		fmt.Fprintf(w, "\nOf %s given, %d are priced: the others are of no price of the plan, or of another period.\n", counted(int(given), "usage event"), r.events)
	}
	if t.series {
		fmt.Fprintln(w)
		printCosts(w, r.series, false)
	}
}

// printExplained shows a published invoice, or a line of it, for people.
func printExplained(w io.Writer, e *jobs.Explained) {
	i := &e.Invoice
	fmt.Fprintf(w, "Invoice %s of account %s, closing %s r%06d, as of %s\n", i.Number, i.BillingAccount, e.Closing, e.Revision, e.AsOf.UTC().Format(time.RFC3339))
	for _, l := range e.Lines {
		printSteps(w, l, i.Currency)
		printUse(w, l.Rollups)
	}
	if len(e.Lines) == len(i.Lines) {
		printSums(w, i)
	}
	fmt.Fprintln(w, "\nRated again from the copies that the closing kept, with the same result:")
	for _, in := range e.Inputs {
		fmt.Fprintf(w, "  %-8s  %s  %.12s…\n", in.Kind, cut(in.Key, 60), in.SHA256)
	}
}

// Widths of the table of steps, which fits 100 columns.
const (
	stepWidth     = 46
	quantityWidth = 28
	amountWidth   = 20
)

// printSteps shows one line of an invoice, a step a row.
func printSteps(w io.Writer, e jobs.ExplainedLine, c money.Currency) {
	l := &e.Line
	what := l.Description
	if g := group(l.Grouping); g != "" {
		what += " " + g
	}
	fmt.Fprintf(w, "\nLine %d: %s (%s)\n", l.Number, cut(what, 50), l.Model)
	owner := "account " + l.Account
	if l.Subscription != "" {
		owner = "subscription " + l.Subscription
	}
	fmt.Fprintf(w, "  %s, plan %s, price %s, book %s\n", cut(owner, 40), cut(l.Plan, 20), cut(l.Price, 20), l.BookVersion)
	fmt.Fprintf(w, "  %s to %s UTC\n", l.PeriodStart.UTC().Format(shownTime), l.PeriodEnd.UTC().Format(shownTime))
	for _, s := range e.Steps {
		quantity, amount := stepFigures(s, l, c)
		row := fmt.Sprintf("  %-*s %-*s %*s", stepWidth, cut(stepLabel(s), stepWidth), quantityWidth, cut(quantity, quantityWidth), amountWidth, amount)
		if amount == "" { // a quantity alone has the room of both
			row = fmt.Sprintf("  %-*s %s", stepWidth, cut(stepLabel(s), stepWidth), cut(quantity, quantityWidth+1+amountWidth))
		}
		fmt.Fprintln(w, strings.TrimRight(row, " "))
	}
}

const shownTime = "2006-01-02 15:04"

func stepLabel(s pricing.Step) string {
	if s.Kind == pricing.StepMeasure && s.Subscription != "" {
		return fmt.Sprintf("%s, %s", s.Label, s.Subscription)
	}
	return s.Label
}

// stepFigures writes a step's numbers: exact, but for what has more places than
// a terminal is wide.
func stepFigures(s pricing.Step, l *pricing.Line, c money.Currency) (quantity, amount string) {
	switch s.Kind {
	case pricing.StepMeasure:
		if group(l.Grouping) != "" { // the count is not kept by group
			return shortened(s.Quantity.String()), ""
		}
		return fmt.Sprintf("%s in %s", shortened(s.Quantity.String()), counted(int(s.Events), "event")), ""
	case pricing.StepPart:
		if s.UnitPrice.IsZero() && s.Flat.Cmp(s.Amount) == 0 && !s.Flat.IsZero() {
			return "flat", shortened(s.Amount.String())
		}
		if s.Quantity.IsZero() && s.UnitPrice.IsZero() && s.Flat.IsZero() {
			return "", shortened(s.Amount.String())
		}
		quantity = fmt.Sprintf("%s x %s", shortened(s.Quantity.String()), shortened(s.UnitPrice.String()))
		if !s.Flat.IsZero() {
			quantity += " + " + shortened(s.Flat.String())
		}
		return quantity, shortened(s.Amount.String())
	case pricing.StepRound:
		if l.InUnit != nil {
			return "", shortened(s.Amount.String()) + " " + l.InUnit.Name
		}
		return "", places(s.Amount, c.Digits) + " " + c.Code
	case pricing.StepWorth:
		return "", places(s.Amount, c.Digits) + " " + c.Code
	case pricing.StepSubtotal, pricing.StepAdjust, pricing.StepTotal, pricing.StepCredit, pricing.StepTax:
		return "", shortened(s.Amount.String())
	case pricing.StepProrate:
		return shortened(s.Quantity.String()), ""
	}
	return strings.TrimSpace(shortened(s.Quantity.String()) + " " + l.Unit), ""
}

func printSums(w io.Writer, i *pricing.Invoice) {
	fmt.Fprintf(w, "\nSubtotal %s, discount %s, total %s\n", amount(i.Subtotal, i.Currency), amount(i.Discount, i.Currency), amount(i.Total, i.Currency))
	balance := ""
	if !i.BalanceApplied.IsZero() {
		balance = fmt.Sprintf("balance applied %s, ", amount(i.BalanceApplied, i.Currency))
	}
	fmt.Fprintf(w, "Credits %s, tax %s, %samount due %s %s\n", amount(i.Credits, i.Currency), amount(i.Tax, i.Currency), balance, i.Currency.Code, amount(i.AmountDue, i.Currency))
}

// printUse shows where a line's usage stands, and what it was read from.
func printUse(w io.Writer, rollups []jobs.RollupUse) {
	if len(rollups) == 0 {
		return
	}
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	defer t.Flush()
	fmt.Fprintln(t, "  USAGE OF (UTC)\tROWS\tEVENTS\tREAD FROM\tROWS OF THAT DAY\t")
	for _, r := range rollups {
		if len(r.Files) == 0 {
			fmt.Fprintf(t, "  %s\t%d\t%d\t\t\t\n", r.UTCDay, r.Rows, r.Events)
		}
		day, rows, events := r.UTCDay.String(), fmt.Sprint(r.Rows), fmt.Sprint(r.Events)
		for _, f := range r.Files {
			fmt.Fprintf(t, "  %s\t%s\t%s\t%s\t%d kept of %d\t\n", day, rows, events, cut(f.Key, 40), f.Counts.Kept, f.Counts.Read)
			day, rows, events = "", "", ""
		}
	}
}
