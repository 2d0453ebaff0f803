package documents

import (
	"cmp"
	"encoding/json"

	"github.com/shopspring/decimal"

	"daybook/pricing"
	"daybook/pricing/money"
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
	Trial      *json.Number `json:"trial_percentage_discount,omitempty"`
	Prices     []string     `json:"applies_to_price_ids"`
	Filters    []orbFilter  `json:"filters"`
	Reason     *string      `json:"reason"`
}

// orbTrial is the discount of a phase in which nothing is owed.
func orbTrial(on []string) *orbDiscount {
	all := json.Number("1")
	return &orbDiscount{Type: "trial", Trial: &all, Prices: on, Filters: filtersOf(on)}
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

// OrbAdjustmentsOf says what each adjustment did to a line, in the order in which
// they did. The amounts are rounded to the currency and sum to what the line's total
// is more than its subtotal; what rounding leaves goes to the largest.
func OrbAdjustmentsOf(h *pricing.HeldPrice, s *pricing.Subscription, l *pricing.Line, adjusted *pricing.Adjusted, digits int32) []OrbAdjustment {
	out := make([]OrbAdjustment, len(adjusted.Steps))
	amounts := make([]money.Amount, len(adjusted.Steps))
	left, largest := l.Total.Sub(l.Subtotal), 0
	for i, step := range adjusted.Steps {
		amounts[i] = step.Amount.Round(digits, money.HalfEven)
		left = left.Sub(amounts[i])
		if step.Amount.Decimal().Abs().GreaterThan(adjusted.Steps[largest].Amount.Decimal().Abs()) {
			largest = i
		}
	}
	for i := range out {
		if i == largest {
			amounts[i] = amounts[i].Add(left)
		}
		out[i] = orbAdjustmentOf(h, s, adjusted.Cause(i), amounts[i], digits)
	}
	return out
}

// OrbDifference says that a line's total is not its subtotal, by the adjustment of
// the book that may have made it so; where there is none, as an amount discount or a
// minimum of the line's total.
func OrbDifference(h *pricing.HeldPrice, s *pricing.Subscription, l *pricing.Line, digits int32) []OrbAdjustment {
	amount := l.Total.Sub(l.Subtotal)
	by := &pricing.Adjustment{Kind: pricing.AmountDiscount, Amount: l.Discount, On: []string{h.Price.ID}}
	if amount.Sign() > 0 {
		by = &pricing.Adjustment{Kind: pricing.MinimumCharge, Amount: l.Total, On: []string{h.Price.ID}}
	}
	var candidates []*pricing.Adjustment
	for i := range h.Price.Adjust {
		candidates = append(candidates, &h.Price.Adjust[i])
	}
	for i := range h.Plan.Adjust {
		if h.Covers(h.Plan.Adjust[i]) {
			candidates = append(candidates, &h.Plan.Adjust[i])
		}
	}
	for _, a := range candidates {
		if raises := a.Kind == pricing.MinimumCharge; raises == (amount.Sign() > 0) {
			by = a
			break
		}
	}
	return []OrbAdjustment{orbAdjustmentOf(h, s, by, amount, digits)}
}

// orbAdjustmentOf writes an adjustment of a price, or of its plan, with what it
// changed one line by.
func orbAdjustmentOf(h *pricing.HeldPrice, s *pricing.Subscription, a *pricing.Adjustment, amount money.Amount, digits int32) OrbAdjustment {
	on, ofPlan := pricesOf(h, s, a)
	out := OrbAdjustment{Amount: orbMoney(amount, digits), Prices: on, Filters: filtersOf(on), InvoiceLevel: ofPlan}
	money := orbMoney(a.Amount, digits)
	switch a.Kind {
	case pricing.UsageDiscount:
		n := orbNumber(a.Quantity)
		out.Type, out.UsageDiscount = "usage_discount", &n
	case pricing.AmountDiscount:
		out.Type, out.AmountOff = "amount_discount", &money
	case pricing.PercentDiscount:
		n := orbFraction(a)
		out.Type, out.PercentOff = "percentage_discount", &n
	case pricing.MinimumCharge:
		item := cmp.Or(a.To, h.Price.ID)
		out.Type, out.Minimum, out.ItemID = "minimum", &money, &item
	case pricing.MaximumCharge:
		out.Type, out.Maximum = "maximum", &money
	}
	out.ID = h.Version.ID + ":" + h.Plan.ID
	if !ofPlan {
		out.ID += ":" + h.Price.ID
	}
	out.ID += ":" + out.Type
	return out
}

// pricesOf are the prices that an adjustment is on: one of the plan those that it
// covers, one of a price that alone.
func pricesOf(h *pricing.HeldPrice, s *pricing.Subscription, a *pricing.Adjustment) (ids []string, ofPlan bool) {
	subscription := ""
	if s != nil {
		subscription = s.ID
	}
	for i := range h.Plan.Adjust {
		ofPlan = ofPlan || a == &h.Plan.Adjust[i]
	}
	for i := range h.Plan.Prices {
		one := *h
		one.Price, one.Own = h.Plan.Prices[i], false
		if s != nil {
			_, one.Own = s.PriceOverrides[one.Price.ID]
		}
		if one.Price.ID == h.Price.ID || ofPlan && one.Covers(*a) {
			ids = append(ids, OrbPriceID(&one, subscription))
		}
	}
	return ids, ofPlan
}
