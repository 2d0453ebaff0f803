package documents

import (
	"encoding/json"

	"github.com/shopspring/decimal"

	"daybook/pricing"
)

// orbFilter says which prices an adjustment is on.
type orbFilter struct {
	Field    string   `json:"field"`
	Operator string   `json:"operator"`
	Values   []string `json:"values"`
}

func filtersOf(prices []string) []orbFilter {
	return []orbFilter{{"price_id", "includes", prices}}
}

type orbMinimum struct {
	Prices  []string    `json:"applies_to_price_ids"`
	Filters []orbFilter `json:"filters"`
	Amount  string      `json:"minimum_amount"`
}

type orbMaximum struct {
	Prices  []string    `json:"applies_to_price_ids"`
	Filters []orbFilter `json:"filters"`
	Amount  string      `json:"maximum_amount"`
}

// orbDiscount is one of Orb's discounts; each has the figure of its type alone.
type orbDiscount struct {
	Type       string       `json:"discount_type"`
	Usage      *json.Number `json:"usage_discount,omitempty"`
	Amount     *string      `json:"amount_discount,omitempty"`
	Percentage *json.Number `json:"percentage_discount,omitempty"` // of one: 0.1 is ten per cent
	Prices     []string     `json:"applies_to_price_ids"`
	Filters    []orbFilter  `json:"filters"`
	Reason     *string      `json:"reason"`
}

func orbDiscountOf(a *pricing.Adjustment, on []string, digits int32) *orbDiscount {
	out := &orbDiscount{Prices: on, Filters: filtersOf(on)}
	switch a.Kind {
	case pricing.UsageDiscount:
		n := orbNumber(a.Quantity)
		out.Type, out.Usage = "usage", &n
	case pricing.AmountDiscount:
		text := orbMoney(a.Amount, digits)
		out.Type, out.Amount = "amount", &text
	default:
		n := orbFraction(a)
		out.Type, out.Percentage = "percentage", &n
	}
	return out
}

// orbFraction is a percentage as a part of one.
func orbFraction(a *pricing.Adjustment) json.Number {
	return json.Number(a.Percent.Decimal().Mul(decimal.New(1, -2)).String())
}

// OrbAdjustment is what one adjustment did to a line.
type OrbAdjustment struct {
	ID            string       `json:"id"`
	Type          string       `json:"adjustment_type"`
	Amount        string       `json:"amount"` // signed: what it changed the line by
	Prices        []string     `json:"applies_to_price_ids"`
	Filters       []orbFilter  `json:"filters"`
	InvoiceLevel  bool         `json:"is_invoice_level"`
	ItemID        *string      `json:"item_id,omitempty"` // of a minimum
	UsageDiscount *json.Number `json:"usage_discount,omitempty"`
	AmountOff     *string      `json:"amount_discount,omitempty"`
	PercentOff    *json.Number `json:"percentage_discount,omitempty"`
	Minimum       *string      `json:"minimum_amount,omitempty"`
	Maximum       *string      `json:"maximum_amount,omitempty"`
	Reason        *string      `json:"reason"`
	Replaces      *string      `json:"replaces_adjustment_id"`
}
