package api

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sinks/documents"
)

// Labels of accounts that Orb's invoices show; each is a JSON object.
const (
	orbLabelBilling  = "orb.billing_address"
	orbLabelShipping = "orb.shipping_address"
	orbLabelTaxID    = "orb.customer_tax_id"
)

// invoice is an invoice as it is by itself: its customer, and each line with its
// price.
func (o *orbPrices) invoice(i *pricing.Invoice) (*documents.OrbInvoice, error) {
	out := &documents.OrbInvoice{Invoice: *i, Customer: orbCustomerOf(o.reg, i.BillingAccount), Status: "draft"}
	var err error
	if out.Lines, out.Plan, err = o.linesOf(i); err != nil {
		return nil, fmt.Errorf("write invoice %s: %w", i.ID, err)
	}
	return out, nil
}

// OrbIssued writes an invoice, or a note, as its closing issues it: of what comes
// after, such as payments, it knows nothing. Entries are the closing's.
func OrbIssued(reg *pricing.Registry, books []*pricing.Book, entries []pricing.LedgerEntry, i *pricing.Invoice) (json.RawMessage, error) {
	out, err := newOrbPrices(reg, books).invoice(i)
	if err != nil {
		return nil, err
	}
	p := newOrbPaid()
	for _, e := range entries {
		if e.Source == i.ID && e.Ledger == pricing.LedgerBalance {
			p.invoice(i, e)
			break
		}
	}
	p.show(out)
	return out.JSON()
}

func orbCustomerOf(reg *pricing.Registry, id string) documents.OrbCustomer {
	a, _ := reg.Account(id)
	out := documents.OrbCustomer{ID: id, ExternalID: a.ExternalID}
	label(a.Labels, orbLabelBilling, &out.BillingAddress)
	label(a.Labels, orbLabelShipping, &out.Shipping)
	label(a.Labels, orbLabelTaxID, &out.TaxID)
	return out
}

// label reads a label that is a JSON object; what is none is left out.
func label[T any](labels map[string]string, name string, into **T) {
	var out T
	if text := labels[name]; text != "" && json.Unmarshal([]byte(text), &out) == nil {
		*into = &out
	}
}

// heldLine is a line with its price. The groups of a matrix price are one.
type heldLine struct {
	pricing.HeldPrice
	line         *pricing.Line // the sum of the groups
	groups       []pricing.Line
	subscription *pricing.Subscription
	zone         *time.Location
}

// linesOf are the lines of an invoice in Orb's way, and the adjustments of the
// plans that they are of.
func (o *orbPrices) linesOf(i *pricing.Invoice) ([]documents.OrbLine, []documents.OrbPlanAdjustment, error) {
	held := o.hold(i.Lines)
	adjusted := orbAdjustments(held, i.Currency)
	out := make([]documents.OrbLine, len(held))
	for n := range held {
		h := &held[n]
		priced, err := o.held(&h.HeldPrice, h.line.Subscription)
		if err != nil {
			return nil, nil, err
		}
		out[n] = documents.OrbLine{
			Line: *h.line, Priced: priced, Model: h.Price.Model, Groups: h.groups, Adjustments: adjusted[n], TaxAmounts: orbTaxes(h.line, i.Currency),
		}
	}
	return out, orbPlans(held), nil
}

// hold finds the price of each line, as its subscription had it when the line
// ended, and puts the groups of a matrix price together.
func (o *orbPrices) hold(lines []pricing.Line) []heldLine {
	var out []heldLine
	for n := range lines {
		l := lines[n]
		h, s, loc := o.find(l.Account, l.Subscription, l.BookVersion, l.Plan, l.Price, l.PeriodEnd)
		if _, matrix := h.Price.Model.(pricing.Matrix); matrix && l.Grouping != "{}" {
			if last := len(out) - 1; last >= 0 && len(out[last].groups) > 0 && sameCharge(out[last].line, &l) {
				out[last].join(&l)
				continue
			}
			sum := l
			out = append(out, heldLine{h, &sum, []pricing.Line{l}, s, loc})
			continue
		}
		out = append(out, heldLine{h, &l, nil, s, loc})
	}
	return out
}

// sameCharge reports whether two lines are groups of one charge.
func sameCharge(a, b *pricing.Line) bool {
	return a.Account == b.Account && a.Subscription == b.Subscription && a.Plan == b.Plan && a.Price == b.Price && a.BookVersion == b.BookVersion &&
		a.PeriodStart.Equal(b.PeriodStart) && a.PeriodEnd.Equal(b.PeriodEnd) && a.GivenBack == b.GivenBack && a.For == b.For && a.Corrects == b.Corrects
}

// join adds a group to the line of its charge.
func (h *heldLine) join(l *pricing.Line) {
	h.groups = append(h.groups, *l)
	to := h.line
	to.Quantity, to.Free, to.Billed = to.Quantity.Add(l.Quantity), to.Free.Add(l.Free), to.Billed.Add(l.Billed)
	to.ExactSubtotal, to.Subtotal, to.Discount = to.ExactSubtotal.Add(l.ExactSubtotal), to.Subtotal.Add(l.Subtotal), to.Discount.Add(l.Discount)
	to.Total, to.Credits, to.Tax = to.Total.Add(l.Total), to.Credits.Add(l.Credits), to.Tax.Add(l.Tax)
	if to.InUnit != nil && l.InUnit != nil {
		u := *to.InUnit
		u.Subtotal, u.Total, u.Credits = u.Subtotal.Add(l.InUnit.Subtotal), u.Total.Add(l.InUnit.Total), u.Credits.Add(l.InUnit.Credits)
		to.InUnit = &u
	}
}

// orbTaxes shares a line's tax among the taxes that it owes, by their rates.
func orbTaxes(l *pricing.Line, c money.Currency) []documents.OrbTax {
	if len(l.Taxes) == 0 {
		return nil
	}
	rates := make([]money.Amount, len(l.Taxes))
	for i, t := range l.Taxes {
		rates[i] = money.AmountOf(t.Rate.Decimal())
	}
	amounts, err := money.Allocate(l.Tax, rates, c.Digits)
	if err != nil { // all are of 0 %
		amounts = make([]money.Amount, len(rates))
	}
	out := make([]documents.OrbTax, len(l.Taxes))
	for i, t := range l.Taxes {
		out[i] = documents.OrbTax{Name: t.Tax, Rate: t.Rate, Amount: amounts[i]}
	}
	return out
}

// orbPlans are the adjustments of the plans that an invoice has lines of, each over
// the prices on the invoice that it is on.
func orbPlans(held []heldLine) []documents.OrbPlanAdjustment {
	type ofPlan struct {
		version, plan, subscription string
		n                           int
	}
	at := map[ofPlan]int{}
	var out []documents.OrbPlanAdjustment
	for i := range held {
		h := &held[i]
		for n, a := range h.Plan.Adjust {
			if !h.Covers(a) {
				continue
			}
			key := ofPlan{h.Version.ID, h.Plan.ID, h.line.Subscription, n}
			k, again := at[key]
			if !again {
				k = len(out)
				at[key], out = k, append(out, documents.OrbPlanAdjustment{Adjustment: a})
			}
			if id := documents.OrbPriceID(&h.HeldPrice, h.line.Subscription); !slices.Contains(out[k].On, id) {
				out[k].On = append(out[k].On, id)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b documents.OrbPlanAdjustment) int { return cmp.Compare(a.Kind, b.Kind) })
	return out
}
