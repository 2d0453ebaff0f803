package documents

import (
	"encoding/json"
	"fmt"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
)

// reader reads the texts of a document back into values. The first fault stays.
type reader struct {
	err error
}

func (r *reader) fail(what, text string, err error) {
	if r.err == nil && err != nil {
		r.err = fmt.Errorf("%s %.80q: %w", what, text, err)
	}
}

func (r *reader) amount(what, text string) money.Amount {
	a, err := money.ParseAmount(text)
	r.fail(what, text, err)
	return a
}

func (r *reader) quantity(what, text string) money.Quantity {
	q, err := money.ParseQuantity(text)
	r.fail(what, text, err)
	return q
}

func (r *reader) instant(what, text string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, text)
	r.fail(what, text, err)
	return t.UTC()
}

func (r *reader) day(what, text string) pricing.Date {
	d, err := pricing.ParseDate(text)
	r.fail(what, text, err)
	return d
}

func (r *reader) month(what, text string) pricing.Month {
	m, err := pricing.ParseMonth(text)
	r.fail(what, text, err)
	return m
}

// grouping is the canonical text of a group.
func (r *reader) grouping(values map[string]any) string {
	body, err := compact(values)
	r.fail("grouping", "", err)
	return string(body)
}

// text is what an optional text holds.
func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// decode reads a document of a schema strictly.
func decode(body []byte, schema string, into any, of func() string) error {
	if err := json.Unmarshal(body, into); err != nil {
		return err
	}
	if of() != schema {
		return fmt.Errorf("its schema is %q, not %q", of(), schema)
	}
	return nil
}

// ReadCostSeries reads what [CostSeries] wrote of one account's rows.
func ReadCostSeries(body []byte) ([]pricing.CostRow, error) {
	var d costsDocument
	if err := decode(body, CostsSchema, &d, func() string { return d.Schema }); err != nil {
		return nil, fmt.Errorf("read cost series: %w", err)
	}
	var rows []pricing.CostRow
	r := &reader{}
	for _, day := range d.Days {
		for _, p := range day.PerPrice {
			rows = append(rows, pricing.CostRow{
				Day: r.day("day", day.Day), TimeframeStart: r.instant("timeframe_start", day.TimeframeStart), TimeframeEnd: r.instant("timeframe_end", day.TimeframeEnd),
				PeriodStart: r.instant("period", p.Period.Start), PeriodEnd: r.instant("period", p.Period.End),
				BillingAccount: text(d.BillingAccountID), Account: p.AccountID, Subscription: text(p.SubscriptionID),
				Plan: p.PlanID, Price: p.PriceID, BookVersion: p.BookVersion, Unit: p.Unit, Grouping: r.grouping(p.Grouping),
				Scope: pricing.Scope(p.Scope), Currency: day.Currency,
				CumulativeQuantity: r.quantity("cumulative_quantity", p.CumulativeQuantity), CumulativeSubtotal: r.amount("cumulative_subtotal", p.CumulativeSubtotal),
				CumulativeTotal: r.amount("cumulative_total", p.CumulativeTotal), Quantity: r.quantity("quantity", p.Quantity),
				Subtotal: r.amount("subtotal", p.Subtotal), Total: r.amount("total", p.Total),
			})
		}
	}
	if r.err != nil {
		return nil, fmt.Errorf("read cost series: %w", r.err)
	}
	return rows, nil
}

// ReadInvoiceLines reads the lines, and the shares in pooled prices, of what
// [Invoice] wrote. A document holds neither the meter and the model of a line nor
// its free and billed quantities: tables do.
func ReadInvoiceLines(body []byte) (id string, lines, shares []pricing.Line, err error) {
	var d invoiceDocument
	if err := decode(body, InvoiceSchema, &d, func() string { return d.Schema }); err != nil {
		return "", nil, nil, fmt.Errorf("read invoice: %w", err)
	}
	r := &reader{}
	for _, l := range d.Lines {
		lines = append(lines, r.line(l))
	}
	for _, l := range d.Shares {
		shares = append(shares, r.line(l))
	}
	if r.err != nil {
		return "", nil, nil, fmt.Errorf("read invoice %s: %w", d.ID, r.err)
	}
	return d.ID, lines, shares, nil
}

func (r *reader) line(l lineItem) pricing.Line {
	out := pricing.Line{
		Number: l.Line, Account: l.AccountID, Subscription: text(l.SubscriptionID), Plan: l.PlanID, Price: l.PriceID, BookVersion: l.BookVersion,
		Description: l.Description, Grouping: r.grouping(l.Grouping), Quantity: r.quantity("quantity", l.Quantity), Unit: l.Unit,
		PeriodStart: r.instant("period", l.Period.Start), PeriodEnd: r.instant("period", l.Period.End), GivenBack: l.GivesBack,
		Subtotal: r.amount("subtotal", l.Subtotal), Discount: r.amount("discount", l.Discount), Total: r.amount("total", l.Total),
		Credits: r.amount("credits", l.Credits), Tax: r.amount("tax", l.Tax), ExactSubtotal: r.amount("exact_subtotal", l.ExactSubtotal),
	}
	if l.UnitPrice != nil {
		out.UnitPrice, out.HasUnitPrice = r.amount("unit_price", *l.UnitPrice), true
	}
	if l.ForClosing != "" {
		out.For = r.month("for_closing", l.ForClosing)
	}
	if l.Corrects != nil {
		out.Corrects = pricing.Corrects{Closing: r.month("corrects", l.Corrects.Closing), Invoice: text(l.Corrects.InvoiceID)}
	}
	if u := l.PricingUnit; u != nil {
		out.InUnit = &pricing.UnitAmounts{
			Name: u.Name, Worth: r.amount("worth", u.Worth), Subtotal: r.amount("subtotal", u.Subtotal), Total: r.amount("total", u.Total), Credits: r.amount("credits", u.Credits),
		}
	}
	for _, p := range l.Parts {
		out.Parts = append(out.Parts, pricing.Part{
			Label: p.Label, Quantity: r.quantity("quantity", p.Quantity), UnitPrice: r.amount("unit_price", p.UnitPrice),
			Flat: r.amount("flat", p.Flat), Amount: r.amount("amount", p.Amount),
		})
	}
	return out
}
