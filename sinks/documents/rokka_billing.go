package documents

import (
	"errors"
	"fmt"
	"strings"

	"daybook/pricing"
	"daybook/pricing/money"
)

// RokkaMonth is what one month cost a master organization, as rokka's API shows it
// (rokka.io GET /billing/$org, Response shape).
type RokkaMonth struct {
	Month         pricing.Month
	Organizations []RokkaOrganization // in the order of the answer
	Combined      *RokkaBill          // priced on what all used together; nil: left out
	Forecast      *RokkaBill          // of the same at the month's end; nil: left out
}

// RokkaOrganization is what one organization's usage costs by itself.
type RokkaOrganization struct {
	Name string
	Bill RokkaBill
}

// RokkaBill is what was charged, in any order.
type RokkaBill []RokkaCharge

// RokkaCharge is one price's charge.
type RokkaCharge struct {
	Category   string // the key in the answer: the price's id
	Unit       string
	Quantity   money.Quantity
	UnitPrice  money.Amount // where it has no parts; zero where no one price held
	Total      money.Amount // in the currency's minor unit, after discounts, before taxes
	Parts      []pricing.Part
	Correction bool // of what was issued before: its parts are no tiers
}

// RokkaCharged is a line of an invoice as a charge.
func RokkaCharged(l pricing.Line) RokkaCharge {
	return RokkaCharge{l.Price, l.Unit, l.Quantity, l.UnitPrice, l.Total, l.Parts, l.Corrects != pricing.Corrects{}}
}

// RokkaForeseen is what a price is expected to cost as a charge, rounded once to
// the currency's digits as its invoice line will be.
func RokkaForeseen(r pricing.ForecastRow, digits int32, rounding money.Rounding) RokkaCharge {
	return RokkaCharge{Category: r.Price, Unit: r.Unit, Quantity: r.ForecastQuantity, Total: r.ForecastTotal.Round(digits, rounding), Parts: r.Parts}
}

// RokkaBilling writes the answer of rokka's GET /billing/$org: months in the order
// given below the master organization. Amounts are in currency, whose code is part
// of their keys, as in price_in_chf.
//
// Both published generations of fields stand on every tier and total, so that
// amount_in_gb is units_consumed and price_per_gb is price_per_unit. The API's
// dashboard prints keys in their order: tiers ascend, total is last. A price whose
// id is taken by a key of the answer, one with two units in a month, or two
// organizations of one name are an error.
func RokkaBilling(master string, months []RokkaMonth, currency money.Currency) ([]byte, error) {
	w := rokkaWriter{currency, "price_in_" + strings.ToLower(currency.Code)}
	var out object
	for _, m := range months {
		month, err := w.month(m)
		if err != nil {
			return nil, fmt.Errorf("write billing of %s in %s: %w", master, m.Month, err)
		}
		out = append(out, member{m.Month.String(), month})
	}
	return compact(object{{master, out}})
}

// rokkaWriter writes amounts of one currency.
type rokkaWriter struct {
	currency money.Currency
	price    string // the key of amounts
}

func (w rokkaWriter) month(m RokkaMonth) (object, error) {
	var organizations object
	named := map[string]bool{}
	for _, o := range m.Organizations {
		bill, err := w.bill(o.Bill)
		if err == nil && named[o.Name] {
			err = errors.New("two accounts are called that: give each a name of its own")
		}
		if err != nil {
			return nil, fmt.Errorf("organization %s: %w", o.Name, err)
		}
		named[o.Name] = true
		organizations = append(organizations, member{o.Name, bill})
	}
	out := object{{"organizations", organizations}}
	for _, part := range []struct {
		key  string
		bill *RokkaBill
	}{{"combined", m.Combined}, {"combined_forecast", m.Forecast}} {
		if part.bill == nil {
			continue
		}
		bill, err := w.bill(*part.bill)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", part.key, err)
		}
		out = append(out, member{part.key, bill})
	}
	return out, nil
}

// bill writes the categories by key, and what they cost together.
func (w rokkaWriter) bill(charges RokkaBill) (object, error) {
	categories, err := w.categories(charges)
	if err != nil {
		return nil, err
	}
	var out object
	var sum money.Amount
	for _, c := range categories {
		sum = sum.Add(c.total)
		out = append(out, member{c.key, w.category(c)})
	}
	return append(out, member{"total", object{{w.price, number(sum.Decimal())}}}), nil
}

func (w rokkaWriter) category(c *rokkaCategory) object {
	var out object
	for i, t := range c.tiers {
		key := fmt.Sprintf("tier%d", i+1)
		if t.correction {
			key = "correction"
		}
		out = append(out, member{key, object{
			{"range", object{{"from", number(t.from.Decimal())}, {"to", number(t.to.Decimal())}}},
			{"unit", c.unit},
			{"price_per_unit", number(t.unitPrice.Decimal())},
			{"units_consumed", number(t.quantity.Decimal())},
			{"price_per_gb", number(t.unitPrice.Decimal())},
			{"amount_in_gb", number(t.quantity.Decimal())},
			{w.price, number(t.total.Decimal())},
		}})
	}
	return append(out, member{"total", object{
		{"units_consumed", number(c.quantity.Decimal())},
		{"unit", c.unit},
		{"amount_in_gb", number(c.quantity.Decimal())},
		{w.price, number(c.total.Decimal())},
	}})
}
