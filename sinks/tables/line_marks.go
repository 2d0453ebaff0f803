package tables

import (
	"encoding/json"
	"fmt"

	"daybook/pricing"
	"daybook/pricing/money"
)

// Kinds of line.
const (
	charge   = "charge"
	giveBack = "give_back"
)

func kindOf(l *pricing.Line) string {
	if l.GivenBack {
		return giveBack
	}
	return charge
}

// monthText is "" for the zero month, which is null.
func monthText(m pricing.Month) string {
	if m == (pricing.Month{}) {
		return ""
	}
	return m.String()
}

func monthOf(text string) (pricing.Month, error) {
	if text == "" {
		return pricing.Month{}, nil
	}
	return pricing.ParseMonth(text)
}

// lineTax is a tax of a line as its column has it.
type lineTax struct {
	TaxID        string `json:"tax_id"`
	Jurisdiction string `json:"jurisdiction"`
	Rate         string `json:"rate"` // per cent
	Inclusive    bool   `json:"inclusive"`
}

// taxesText is "" for no taxes, which is null. Marshal escapes what is not UTF-8.
func taxesText(taxes []pricing.LineTax) string {
	if len(taxes) == 0 {
		return ""
	}
	body, _ := json.Marshal(filled(len(taxes), func(i int) lineTax {
		t := taxes[i]
		return lineTax{t.Tax, t.Jurisdiction, t.Rate.String(), t.Inclusive}
	}))
	return string(body)
}

func taxesFrom(text string) ([]pricing.LineTax, error) {
	if text == "" {
		return nil, nil
	}
	var rows []lineTax
	if err := json.Unmarshal([]byte(text), &rows); err != nil {
		return nil, err
	}
	out := make([]pricing.LineTax, len(rows))
	for i, r := range rows {
		rate, err := money.ParseQuantity(r.Rate)
		if err != nil {
			return nil, err
		}
		out[i] = pricing.LineTax{Tax: r.TaxID, Jurisdiction: r.Jurisdiction, Rate: rate, Inclusive: r.Inclusive}
	}
	return out, nil
}

// pricingUnits adds the columns of lines that were priced in a unit of their book.
func (s *sheet) pricingUnits(lines []*pricing.Line) {
	has := func(i int) bool { return lines[i].InUnit != nil }
	s.text("pricing_unit", func(i int) string {
		if !has(i) {
			return ""
		}
		return lines[i].InUnit.Name
	})
	s.optionalAmounts("pricing_unit_worth", has, func(i int) money.Amount { return lines[i].InUnit.Worth })
	s.optionalAmounts("pricing_unit_subtotal", has, func(i int) money.Amount { return lines[i].InUnit.Subtotal })
	s.optionalAmounts("pricing_unit_total", has, func(i int) money.Amount { return lines[i].InUnit.Total })
}

// lineMark is what a line says beside its amounts.
type lineMark struct {
	taxes    []pricing.LineTax
	unit     *pricing.UnitAmounts
	of       pricing.Month
	corrects pricing.Corrects
}

func (f *frame) lineMarks() ([]lineMark, error) {
	corrects, err := f.corrects()
	if err != nil {
		return nil, err
	}
	taxes, of, unit := f.text("taxes"), f.text("for_closing"), f.text("pricing_unit")
	worth, subtotal, total := f.amount("pricing_unit_worth"), f.amount("pricing_unit_subtotal"), f.amount("pricing_unit_total")
	known := map[string][]pricing.LineTax{}
	out := make([]lineMark, f.rows)
	for i := range out {
		m := &out[i]
		m.corrects = corrects[i]
		if m.of, err = monthOf(of(i)); err != nil {
			return nil, fmt.Errorf("decode %s: row %d, for_closing: %w", f.table.Name, i, err)
		}
		parsed, seen := known[taxes(i)]
		if !seen {
			if parsed, err = taxesFrom(taxes(i)); err != nil {
				return nil, fmt.Errorf("decode %s: row %d, taxes: %w", f.table.Name, i, err)
			}
			known[taxes(i)] = parsed
		}
		m.taxes = parsed
		if unit(i) != "" {
			m.unit = &pricing.UnitAmounts{Name: unit(i), Worth: worth(i), Subtotal: subtotal(i), Total: total(i)}
		}
	}
	return out, nil
}

// corrects reads what the rows of a table correct.
func (f *frame) corrects() ([]pricing.Corrects, error) {
	closing, invoice := f.text("corrects_closing"), f.text("corrects_invoice_id")
	out := make([]pricing.Corrects, f.rows)
	for i := range out {
		m, err := monthOf(closing(i))
		if err != nil {
			return nil, fmt.Errorf("decode %s: row %d, corrects_closing: %w", f.table.Name, i, err)
		}
		out[i] = pricing.Corrects{Closing: m, Invoice: invoice(i)}
	}
	return out, nil
}
