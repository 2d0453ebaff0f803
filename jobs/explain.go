package jobs

import (
	"context"
	"fmt"
	"slices"
	"sync"
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
	batches, err := p.readRollups(ctx, rollupsWithin(days, everyDay), carried{}) // whole: lines name any of their rows
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

// issuedBy returns the revision that issued an invoice: the first one whose table
// has it, for a supplement's table holds the invoices before it too.
func (p *Pipeline) issuedBy(ctx context.Context, m *publish.Manifest, id string) (*publish.Manifest, error) {
	for m.Supersedes > 0 {
		before, err := p.publisher.ManifestOf(ctx, m.Job, m.Period, m.Supersedes)
		if err != nil {
			return nil, err
		}
		invoices, err := p.readInvoices(ctx, &before)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(invoices, func(i pricing.Invoice) bool { return i.ID == id }) {
			break
		}
		m = &before
	}
	return m, nil
}

// rateAgain rates a closing, or a supplement of one, from its plan and inputs and
// returns one invoice of it with what the tracer was told. Corrections, which no
// rating tells of, are told by what was owed and what had been issued.
func (p *Pipeline) rateAgain(ctx context.Context, m *publish.Manifest, in *inputs, days []pinnedDay, published *pricing.Invoice) (*closingWork, *pricing.Invoice, []pricing.Explanation, error) {
	w, err := p.workOf(ctx, m, in, days)
	if err != nil {
		return nil, nil, nil, err
	}
	tales := toldLines{}
	var mu sync.Mutex
	w.tracer = func(m pricing.Month, e pricing.Explanation) {
		// However the closing named the invoice in the end, it was rated as the first
		// one of its month.
		if e.Own || e.Invoice != pricing.InvoiceID(w.issuer.Name, published.BillingAccount, published.Currency.Code, pricing.KindInvoice, m, 1) {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		key := toldKey{m, e.Line.Key()}
		tales[key] = append(tales[key], e)
	}
	c, err := p.rateClosing(ctx, w)
	if err != nil {
		return nil, nil, nil, err
	}
	i := slices.IndexFunc(c.invoices, func(i pricing.Invoice) bool { return i.ID == published.ID })
	if i < 0 {
		return w, nil, nil, nil
	}
	invoice := &c.invoices[i]
	lines := make([]pricing.Explanation, len(invoice.Lines))
	for n, l := range invoice.Lines {
		lines[n] = tales.of(w.month, l)
	}
	return w, invoice, lines, nil
}

// toldKey names a charge of a month.
type toldKey struct {
	month pricing.Month
	key   pricing.LineKey
}

// toldLines is what the tracer has told of each charge, in order.
type toldLines map[toldKey][]pricing.Explanation

// of returns the explanation of a settled line of a closing. A correction is told
// by what was owed and what had been issued: the line that it corrects has its own
// explanation.
func (t toldLines) of(closing pricing.Month, l pricing.Line) pricing.Explanation {
	if l.For != (pricing.Month{}) {
		closing = l.For
	}
	if l.Corrects != (pricing.Corrects{}) {
		e := pricing.Explanation{Line: l}
		for _, part := range l.Parts {
			e.Steps = append(e.Steps, pricing.Step{Kind: pricing.StepPart, Label: part.Label, Quantity: part.Quantity, UnitPrice: part.UnitPrice, Flat: part.Flat, Amount: part.Amount})
		}
		e.Steps = append(e.Steps, pricing.Step{Kind: pricing.StepTotal, Amount: l.Total.Add(l.ContainedTax)})
		return e.Settled(l)
	}
	key := toldKey{closing, l.Key()}
	if len(t[key]) == 0 {
		return pricing.Explanation{Line: l}
	}
	e := t[key][0]
	t[key] = t[key][1:]
	return e.Settled(l) // with credits and taxes
}

// workOf puts together what a closing's plan was computed from.
func (p *Pipeline) workOf(ctx context.Context, m *publish.Manifest, in *inputs, days []pinnedDay) (*closingWork, error) {
	plan, err := p.publisher.Plan(ctx, m.Job, m.Period, m.Revision)
	if err != nil {
		return nil, err
	}
	month, err := pricing.ParseMonth(m.Period)
	if err != nil {
		return nil, err
	}
	parameters := plan.Identity.Parameters
	before, err := p.predecessorOf(ctx, parameters[parameterPredecessor])
	if err != nil {
		return nil, err
	}
	stands, err := p.predecessorOf(ctx, parameters[parameterSupplements])
	if err != nil {
		return nil, err
	}
	settings, err := parseCorrections(parameters[parameterCorrections])
	if err != nil {
		return nil, err
	}
	var asked []publish.PlacedRequest
	for _, i := range plan.Identity.Inputs {
		if i.Kind == publish.KindRequest {
			r, err := p.publisher.ReadRequest(ctx, i)
			if err != nil {
				return nil, err
			}
			asked = append(asked, r)
		}
	}
	w, err := p.newClosingWork(ctx, in, month, before, stands, settings, asked)
	if err != nil {
		return nil, err
	}
	if err := w.take(plan.Identity); err != nil {
		return nil, err
	}
	if stands == nil {
		w.rollups = rollupsWithin(days, w.span)
	} else {
		w.parkedOnly = !w.notes
	}
	first := settings.earliest(w.start, month)
	for month := first; month.Before(w.month); month = month.Next() {
		history, err := p.publisher.Decided(ctx, m.Job, month.String())
		if err != nil {
			return nil, err
		}
		if history.Published == nil {
			return nil, fmt.Errorf("closing %s, which %s stands on, is gone; restore its manifests", month, w.month)
		}
		l := look{month: month, manifest: history.Published}
		if w.parkedOnly {
			then, err := p.readIssuedMonth(ctx, &l, w.since)
			if err != nil {
				return nil, err
			}
			if len(then.parked) == 0 {
				continue
			}
		}
		w.looks = append(w.looks, l)
	}
	if stands != nil {
		w.looks = append(w.looks, look{month: month, manifest: stands, own: true})
	}
	for i := range w.looks {
		l := &w.looks[i]
		l.rollups = rollupsWithin(days, closingSpan(w.rater, l.month, in))
		if l.asOf, err = p.issuedAt(ctx, l.manifest); err != nil {
			return nil, err
		}
	}
	return w, nil
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
