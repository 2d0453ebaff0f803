package jobs

import (
	"context"
	"fmt"
	"slices"
	"time"

	"daybook/pricing"
	"daybook/sinks/publish"
	"daybook/sources/usage"
)

// Explained is a published invoice and how each of its lines came about, down to
// the rollups and usage files that it was computed from.
type Explained struct {
	Invoice  pricing.Invoice // as published, with its lines
	Closing  pricing.Month
	Revision int
	AsOf     time.Time
	Engine   string          // the version that closed the month
	Inputs   []publish.Input // the price book and the registry that the closing read
	Lines    []ExplainedLine
}

// ExplainedLine is one line of it.
type ExplainedLine struct {
	pricing.Explanation
	Rollups []RollupUse // the days on which the line has usage, by UTC day
}

// RollupUse is what a line takes from the rollup of one UTC day, and what that
// was read from.
type RollupUse struct {
	UTCDay       pricing.Date
	Object       publish.Object
	Rows, Events int64 // of the line's meters and subscriptions, on its days
	Files        []FileUse
}

// FileUse is one usage file of a rollup. Its counts are of all its rows on that
// UTC day, whosever they are.
type FileUse struct {
	publish.Input
	Counts usage.Counts
}

// Explain says how a published invoice came about, which it names by its number
// or its id; line 0 is all of its lines. The month is rated again from what its
// manifest names (the kept copies of book and registry, and the rollups) with a
// tracer, and nothing is explained where that gives anything but what was
// published.
func (p *Pipeline) Explain(ctx context.Context, invoice string, line int) (*Explained, error) {
	m, published, err := p.findInvoice(ctx, invoice)
	if err != nil {
		return nil, err
	}
	if line < 0 || line > len(published.Lines) {
		return nil, fmt.Errorf("%w line %d: %s has the lines 1 to %d", ErrNoInvoice, line, published.Number, len(published.Lines))
	}
	defer p.forgetRollups()
	in, days, err := p.pinnedInputs(ctx, m)
	if err != nil {
		return nil, fmt.Errorf("explain invoice %s: %w", invoice, err)
	}
	_, recomputed, told, err := p.rateAgain(ctx, m, in, days, published)
	if err != nil {
		return nil, fmt.Errorf("explain invoice %s: %w", invoice, err)
	}
	if what := differs(published, recomputed); what != "" {
		return nil, fmt.Errorf("explain invoice %s: from its own inputs this program computes otherwise: %s; the month was closed by version %s, explain it with that one", invoice, what, m.Engine)
	}
	out := &Explained{Invoice: *published, Revision: m.Revision, AsOf: m.AsOf, Engine: m.Engine, Inputs: in.files()}
	if out.Closing, err = pricing.ParseMonth(m.Period); err != nil {
		return nil, err
	}
	batches, err := p.wholeRollups(ctx, rollupsWithin(days, everyDay)) // lines name any of their rows
	if err != nil {
		return nil, err
	}
	for _, e := range told {
		if e.Own || line != 0 && e.Line.Number != line {
			continue
		}
		out.Lines = append(out.Lines, ExplainedLine{Explanation: e, Rollups: rollupsOf(e, days, batches)})
	}
	return out, nil
}

// findInvoice looks through the closings, latest first.
func (p *Pipeline) findInvoice(ctx context.Context, name string) (*publish.Manifest, *pricing.Invoice, error) {
	periods, err := p.publisher.Periods(ctx, string(JobMonthly))
	if err != nil {
		return nil, nil, err
	}
	for _, period := range slices.Backward(periods) {
		history, err := p.publisher.Decided(ctx, string(JobMonthly), period)
		if err != nil {
			return nil, nil, err
		}
		if history.Published == nil {
			continue
		}
		invoices, err := p.readInvoices(ctx, history.Published)
		if err != nil {
			return nil, nil, err
		}
		for i := range invoices {
			if invoices[i].Number == name || invoices[i].ID == name {
				by, err := p.issuedBy(ctx, history.Published, invoices[i].ID)
				return by, &invoices[i], err
			}
		}
	}
	return nil, nil, fmt.Errorf("%w %q in %s; `daybook invoices --period YYYY-MM` lists the numbers", ErrNoInvoice, name, counted(len(periods), "closed month", "closed months"))
}

// differs says in which figure two invoices differ first; "" where in none.
func differs(published, recomputed *pricing.Invoice) string {
	if recomputed == nil {
		return "it has no such invoice"
	}
	type figure struct{ what, published, recomputed string }
	a, b := published, recomputed
	figures := []figure{
		{"its number", a.Number, b.Number},
		{"its number of lines", fmt.Sprint(len(a.Lines)), fmt.Sprint(len(b.Lines))},
		{"its subtotal", a.Subtotal.String(), b.Subtotal.String()},
		{"its total", a.Total.String(), b.Total.String()},
		{"its credits", a.Credits.String(), b.Credits.String()},
		{"its tax", a.Tax.String(), b.Tax.String()},
		{"its balance applied", a.BalanceApplied.String(), b.BalanceApplied.String()},
		{"its amount due", a.AmountDue.String(), b.AmountDue.String()},
	}
	for i := 0; i < len(a.Lines) && i < len(b.Lines); i++ {
		x, y := describeLine(&a.Lines[i]), describeLine(&b.Lines[i])
		for n := range x {
			figures = append(figures, figure{fmt.Sprintf("line %d's %s", i+1, x[n][0]), x[n][1], y[n][1]})
		}
	}
	for _, f := range figures {
		if f.published != f.recomputed {
			return fmt.Sprintf("%s is %q, published was %q", f.what, f.recomputed, f.published)
		}
	}
	return ""
}

func describeLine(l *pricing.Line) [][2]string {
	unitPrice := "" // of lines that have one: only those are published with it
	if l.HasUnitPrice {
		unitPrice = l.UnitPrice.String()
	}
	return [][2]string{
		{"account", l.Account},
		{"subscription", l.Subscription},
		{"plan", l.Plan},
		{"price", l.Price},
		{"book version", l.BookVersion},
		{"grouping", l.Grouping},
		{"quantity", l.Quantity.String()},
		{"unit price", unitPrice},
		{"start", l.PeriodStart.UTC().Format(time.RFC3339)},
		{"end", l.PeriodEnd.UTC().Format(time.RFC3339)},
		{"exact subtotal", l.ExactSubtotal.String()},
		{"subtotal", l.Subtotal.String()},
		{"discount", l.Discount.String()},
		{"total", l.Total.String()},
		{"credits", l.Credits.String()},
		{"tax", l.Tax.String()},
	}
}
