package jobs

import (
	"errors"
	"fmt"

	"daybook/pricing"
	"daybook/pricing/money"
)

// issuedLine is a net line as the chain carries it: its key, what later
// corrections of it say, and the amounts that they are measured from.
type issuedLine struct {
	Key          pricing.LineKey `json:"key"`
	Corrects     string          `json:"corrects_invoice,omitempty"`
	First        bool            `json:"first_billing,omitempty"`
	BookVersion  string          `json:"book_version"`
	Description  string          `json:"description"`
	Model        string          `json:"model,omitempty"`
	Quantity     string          `json:"quantity"`
	Free         string          `json:"free"`
	Billed       string          `json:"billed"`
	Meter        string          `json:"meter,omitempty"`
	UnitPrice    string          `json:"unit_price,omitempty"`
	Subtotal     string          `json:"subtotal"`
	Discount     string          `json:"discount"`
	Total        string          `json:"total"`
	Exact        string          `json:"exact_subtotal"`
	ContainedTax string          `json:"contained_tax"`
	Unit         *issuedUnit     `json:"in_unit,omitempty"`
	Taxes        []issuedLineTax `json:"taxes,omitempty"`
}

type issuedUnit struct {
	Name     string `json:"name"`
	Worth    string `json:"worth"`
	Subtotal string `json:"subtotal"`
	Total    string `json:"total"`
}

type issuedLineTax struct {
	Tax          string `json:"tax"`
	Jurisdiction string `json:"jurisdiction"`
	Rate         string `json:"rate"` // per cent
	Inclusive    bool   `json:"inclusive,omitempty"`
}

func issuedLineOf(l *pricing.Line) issuedLine {
	out := issuedLine{
		Key: l.Key(), Corrects: l.Corrects.Invoice, First: l.Corrects == pricing.Corrects{},
		BookVersion: l.BookVersion, Description: l.Description, Model: l.Model,
		Meter: l.Meter, Quantity: l.Quantity.String(), Free: l.Free.String(), Billed: l.Billed.String(), Subtotal: l.Subtotal.String(), Discount: l.Discount.String(), Total: l.Total.String(),
		Exact: l.ExactSubtotal.String(), ContainedTax: l.ContainedTax.String(),
	}
	if l.HasUnitPrice {
		out.UnitPrice = l.UnitPrice.String()
	}
	if u := l.InUnit; u != nil {
		out.Unit = &issuedUnit{u.Name, u.Worth.String(), u.Subtotal.String(), u.Total.String()}
	}
	for _, t := range l.Taxes {
		out.Taxes = append(out.Taxes, issuedLineTax{t.Tax, t.Jurisdiction, t.Rate.String(), t.Inclusive})
	}
	return out
}

// line is what the chain carries, as a line for a closing.
func (i *issuedLine) line(closing pricing.Month) (pricing.Line, error) {
	k := i.Key
	out := pricing.Line{
		Account: k.Account, Subscription: k.Subscription, Plan: k.Plan, Price: k.Price, Grouping: k.Grouping,
		PeriodStart: k.Start, PeriodEnd: k.End, Unit: k.Unit, GivenBack: k.GivenBack,
		BookVersion: i.BookVersion, Description: i.Description, Model: i.Model, For: closing,
	}
	if !i.First {
		out.Corrects = pricing.Corrects{Closing: closing, Invoice: i.Corrects}
	}
	var errs []error
	amount := func(text string) money.Amount {
		a, err := money.ParseAmount(text)
		errs = append(errs, err)
		return a
	}
	quantity := func(text string) money.Quantity {
		q, err := money.ParseQuantity(text)
		errs = append(errs, err)
		return q
	}
	out.Quantity, out.Subtotal, out.Discount, out.Total = quantity(i.Quantity), amount(i.Subtotal), amount(i.Discount), amount(i.Total)
	out.Meter, out.Free, out.Billed = i.Meter, quantity(i.Free), quantity(i.Billed)
	out.ExactSubtotal, out.ContainedTax = amount(i.Exact), amount(i.ContainedTax)
	if i.UnitPrice != "" {
		out.UnitPrice, out.HasUnitPrice = amount(i.UnitPrice), true
	}
	if u := i.Unit; u != nil {
		out.InUnit = &pricing.UnitAmounts{Name: u.Name, Worth: amount(u.Worth), Subtotal: amount(u.Subtotal), Total: amount(u.Total)}
	}
	for _, t := range i.Taxes {
		out.Taxes = append(out.Taxes, pricing.LineTax{Tax: t.Tax, Jurisdiction: t.Jurisdiction, Rate: quantity(t.Rate), Inclusive: t.Inclusive})
	}
	if err := errors.Join(errs...); err != nil {
		return pricing.Line{}, fmt.Errorf("line of price %q: %w", k.Price, err)
	}
	return out, nil
}
