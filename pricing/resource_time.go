package pricing

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"daybook/pricing/money"
)

// ResourceTime prices quantity × unit price × the time a resource existed.
// With PerSeconds zero it is the part of the billing period; otherwise the number of
// Per units (an hour, a day), at most CapSeconds in a period where they are set.
type ResourceTime struct {
	PriceBy    string // "" : Unit prices every resource; "sku": Prices by SKU
	Unit       money.Amount
	Prices     []SKUPrice // sorted by SKU
	PerSeconds int64      // 0: the billing period
	CapSeconds int64      // 0: none
	OwnLines   bool       // each resource is an invoice line of its own
}

// SKUPrice is the price of one kind of resource.
type SKUPrice struct {
	SKU   string
	Price money.Amount
}

// Name implements Model.
func (ResourceTime) Name() string { return "resource" }

// MissingSKUError says that a resource is of a kind for which a price lists no
// SKU.
type MissingSKUError struct{ Price, SKU, Resource string }

// Error implements error; it names the resource and the remedy.
func (e *MissingSKUError) Error() string {
	return fmt.Sprintf("price %s lists no SKU %.60q, which resource %.60q is: add it to the price book or correct the resource", e.Price, e.SKU, e.Resource)
}

// priceOf returns the price of one unit of a SKU.
func (t ResourceTime) priceOf(sku string) (money.Amount, bool) {
	if t.PriceBy == "" {
		return t.Unit, true
	}
	i, ok := slices.BinarySearchFunc(t.Prices, sku, func(p SKUPrice, sku string) int { return strings.Compare(p.SKU, sku) })
	if !ok {
		return money.Amount{}, false
	}
	return t.Prices[i].Price, true
}

// time returns for how many units of time a resource is charged within part:
// of the billing period by its conventions, or of PerSeconds, at most
// CapSeconds of them in the whole period. A period in parts is charged as often
// as one in one piece: each part takes what is new since the period began.
func (t ResourceTime) time(r *Resource, p proration, part Period) money.Fraction {
	held := Period{Start: r.Created, End: r.Deleted}
	if t.PerSeconds <= 0 {
		return p.existence(held, part)
	}
	held = p.whole.Cut(held)
	charged := func(until time.Time) int64 {
		length := int64(held.Upto(until).Length())
		if t.CapSeconds > 0 {
			length = min(length, t.CapSeconds*int64(time.Second))
		}
		return length
	}
	return money.Ratio(charged(part.End)-charged(part.Start), t.PerSeconds).Mul(money.Ratio(1, int64(time.Second)))
}

// chargeResources prices the time that resources existed: quantity × price ×
// time, divided once, with one part for each resource that existed in part. The
// charge's quantity is the sum of quantity × time.
//
// Errors: *MissingSKUError; money.ErrOverflow.
func (p *Price) chargeResources(resources []*Resource, over proration, part Period) (Charge, error) {
	model, ok := p.Model.(ResourceTime)
	if !ok {
		return Charge{}, fmt.Errorf("charge price %s: model %s prices no resources", p.ID, modelName(p.Model))
	}
	var quantity, sum money.Fraction
	var parts []Part
	var exact []money.Fraction
	var of []*Resource
	for _, r := range resources {
		units := p.RoundTo.round(model.time(r, over, part)).Mul(r.Quantity.Fraction())
		if units.IsZero() {
			continue
		}
		price, ok := model.priceOf(r.SKU)
		if !ok {
			return Charge{}, &MissingSKUError{Price: p.ID, SKU: r.SKU, Resource: r.ID}
		}
		amount := p.RoundAmount.round(units.Mul(price.Fraction()))
		quantity, sum = quantity.Add(units), sum.Add(amount)
		parts = append(parts, Part{Label: r.ID, Quantity: units.Quantity(), UnitPrice: price})
		exact, of = append(exact, amount), append(of, r)
	}
	c := Charge{Measured: quantity.Quantity(), Billable: quantity, Subtotal: sum.Amount(), Parts: parts, of: of, over: part}
	if model.PriceBy == "" {
		c.UnitPrice, c.HasUnitPrice = model.Unit, true
	}
	for i, amount := range settle(exact, c.Subtotal) {
		c.Parts[i].Amount = amount
	}
	for _, err := range []error{c.Measured.Check(), c.Subtotal.Check(), c.checkShares()} {
		if err != nil {
			return Charge{}, fmt.Errorf("charge price %s: %w", p.ID, err)
		}
	}
	return c, nil
}
