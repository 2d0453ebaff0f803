package documents

import (
	"encoding/json"
	"fmt"
	"strconv"

	"daybook/pricing"
	"daybook/pricing/money"
)

// OrbLine is a line of an invoice with its price. The groups of a matrix price are
// one line of Orb's.
type OrbLine struct {
	pricing.Line // the sum of the groups
	Priced       OrbPriced
	Model        pricing.Model
	Groups       []pricing.Line // of a matrix price
	Adjustments  []OrbAdjustment
	TaxAmounts   []OrbTax
}

// OrbTax is what a line owes of one tax.
type OrbTax struct {
	Name   string
	Rate   money.Quantity // per cent
	Amount money.Amount
}

type orbLine struct {
	ID                string          `json:"id"`
	Name              string          `json:"name"`
	Quantity          json.Number     `json:"quantity"`
	Subtotal          string          `json:"subtotal"`
	AdjustedSubtotal  string          `json:"adjusted_subtotal"`
	Adjustments       []OrbAdjustment `json:"adjustments"`
	Amount            string          `json:"amount"`
	CreditsApplied    string          `json:"credits_applied"`
	PartiallyInvoiced string          `json:"partially_invoiced_amount"`
	Start             string          `json:"start_date"`
	End               string          `json:"end_date"`
	Price             json.RawMessage `json:"price"`
	Parts             []orbSubLine    `json:"sub_line_items"`
	Taxes             []orbTaxAmount  `json:"tax_amounts"`
	Filter            *string         `json:"filter"`
	Grouping          *string         `json:"grouping"`
	Customers         []string        `json:"usage_customer_ids"`
}

type orbTaxAmount struct {
	Amount string  `json:"amount"`
	Name   string  `json:"tax_rate_description"`
	Rate   *string `json:"tax_rate_percentage"` // out of 100
}

// orbSubLine is a tier, a cell of a matrix or another part.
type orbSubLine struct {
	Type     string         `json:"type"`
	Name     string         `json:"name"`
	Quantity json.Number    `json:"quantity"`
	Amount   string         `json:"amount"`
	Grouping *orbGrouping   `json:"grouping"`
	Tier     *orbTier       `json:"tier_config,omitempty"`
	Matrix   *orbMatrixPart `json:"matrix_config,omitempty"`
}

type orbGrouping struct {
	Key   string  `json:"key"`
	Value *string `json:"value"`
}

type orbMatrixPart struct {
	Values []*string `json:"dimension_values"`
}

// orbOtherPart is how Orb's published schema spells the type of a part that is
// neither of a tier nor of a matrix, quotes included.
const orbOtherPart = "'null'"

func (l *OrbLine) json(invoice string, digits int32) orbLine {
	money := func(a money.Amount) string { return orbMoney(a, digits) }
	out := orbLine{
		ID: invoice + "-" + strconv.Itoa(l.Number), Name: l.Description, Quantity: orbNumber(l.Quantity),
		Subtotal: money(l.Subtotal), AdjustedSubtotal: money(l.Total), Adjustments: l.Adjustments,
		Amount: money(l.Total.Sub(l.Credits)), CreditsApplied: money(l.Credits), PartiallyInvoiced: orbMoney(amountZero, digits),
		Start: orbTime(l.PeriodStart), End: orbTime(l.PeriodEnd), Price: l.Priced.Price,
		Parts: l.parts(digits), Taxes: make([]orbTaxAmount, len(l.TaxAmounts)), Customers: []string{l.Account},
	}
	if u := l.InUnit; u != nil { // what stands before the conversion is in the pricing unit
		out.Subtotal, out.AdjustedSubtotal, out.CreditsApplied = orbMoney(u.Subtotal, l.Priced.Digits), orbMoney(u.Total, l.Priced.Digits), orbMoney(u.Credits, l.Priced.Digits)
	}
	if out.Adjustments == nil {
		out.Adjustments = []OrbAdjustment{}
	}
	if l.Grouping != "{}" && len(l.Groups) == 0 {
		out.Grouping = optional(l.Grouping)
	}
	for i, t := range l.TaxAmounts {
		rate := t.Rate.String()
		out.Taxes[i] = orbTaxAmount{money(t.Amount), t.Name, &rate}
	}
	return out
}

var amountZero money.Amount

// parts are the cells of a matrix, or the tiers, packages and resources that made
// the subtotal.
func (l *OrbLine) parts(digits int32) []orbSubLine {
	out := []orbSubLine{}
	for _, g := range l.Groups {
		out = append(out, l.cell(g, digits))
	}
	if len(l.Groups) > 0 {
		return out
	}
	for _, p := range l.Parts {
		part := orbSubLine{Type: orbOtherPart, Name: p.Label, Quantity: orbNumber(p.Quantity), Amount: orbMoney(p.Amount, digits)}
		if tier, ok := tierOf(l.Model, p); ok {
			part.Type, part.Tier = "tier", tier
		}
		out = append(out, part)
	}
	return out
}

func (l *OrbLine) cell(g pricing.Line, digits int32) orbSubLine {
	part := orbSubLine{Type: "matrix", Name: g.Description, Quantity: orbNumber(g.Quantity), Amount: orbMoney(g.Subtotal, digits)}
	values, err := group(g.Grouping)
	part.Matrix = &orbMatrixPart{Values: make([]*string, len(l.Priced.By))}
	for i, key := range l.Priced.By {
		if err == nil {
			part.Matrix.Values[i] = textOf(values[key])
		}
	}
	if len(l.Priced.By) > 0 {
		part.Grouping = &orbGrouping{l.Priced.By[0], part.Matrix.Values[0]}
	}
	return part
}

// tierOf finds the tier of a part by its number, with which its label begins.
func tierOf(model pricing.Model, p pricing.Part) (*orbTier, bool) {
	var tiers []pricing.Tier
	switch m := model.(type) {
	case pricing.Graduated:
		tiers = m.Tiers
	case pricing.Volume:
		tiers = m.Tiers
	case pricing.GraduatedPercentage:
		tiers = m.Tiers
	}
	var n int
	if _, err := fmt.Sscanf(p.Label, "tier %d", &n); err != nil || n < 1 || n > len(tiers) || tiers[n-1].Block.Sign() > 0 {
		return nil, false
	}
	out := &orbTier{First: "0", Unit: orbRate(tiers[n-1].Unit)}
	if n > 1 {
		out.First = orbNumber(tiers[n-2].UpTo)
	}
	if !tiers[n-1].Open {
		last := orbNumber(tiers[n-1].UpTo)
		out.Last = &last
	}
	return out, true
}
