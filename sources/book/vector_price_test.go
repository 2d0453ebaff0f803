package book

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

// total prices an amount of usage with the book's one price and its adjustments.
func total(t *testing.T, b *pricing.Book, used money.Quantity, events int64) money.Amount {
	t.Helper()
	q, err := used.Fraction().Quo(b.Versions[0].Meters[0].DivideBy.Fraction())
	if err != nil {
		t.Fatal(err)
	}
	return totalOf(t, b, pricing.Measured{Quantity: q, Events: events})
}

func totalOf(t *testing.T, b *pricing.Book, m pricing.Measured) money.Amount {
	t.Helper()
	p := &b.Versions[0].Plans[0].Prices[0]
	charge, err := p.Charge(m, money.Ratio(1, 1))
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pricing.Adjust([]pricing.Adjustable{{Price: p, Charge: charge}}, b.Versions[0].Plans[0].Adjust)
	if err != nil {
		t.Fatal(err)
	}
	return lines[0].Total
}

func sumOf(t *testing.T, texts ...string) (sum money.Quantity) {
	t.Helper()
	for _, s := range texts {
		if s != "" {
			sum = sum.Add(qty(s))
		}
	}
	return sum
}

// apart returns the quantity of each window or group of a case; of a window's
// several values the greatest, as the meter of those cases has it.
func (v vector) apart(t *testing.T) []pricing.Group {
	t.Helper()
	var out []pricing.Group
	windows, _ := v.Input["windows"].([]any)
	for i, w := range windows {
		values, several := w.([]any)
		if !several {
			values = []any{w}
		}
		var most money.Quantity
		for _, value := range values {
			if q := qty(fmt.Sprint(value)); q.Cmp(most) > 0 {
				most = q
			}
		}
		out = append(out, pricing.Group{Values: []string{fmt.Sprint(i)}, Quantity: most.Fraction()})
	}
	groups, _ := v.Input["groups"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		out = append(out, pricing.Group{Values: []string{name}, Quantity: qty(say(groups, name)).Fraction()})
	}
	return out
}

// outcome is what a case comes to: a total, or for a second bill of a period
// what the whole now costs less what was billed.
func (v vector) outcome(t *testing.T, b *pricing.Book) money.Amount {
	t.Helper()
	if len(b.Versions[0].Meters) == 0 {
		return v.charged(t, b)
	}
	if apart := v.apart(t); len(apart) > 0 {
		m := pricing.Measured{Groups: apart}
		for _, g := range apart {
			m.Quantity = m.Quantity.Add(g.Quantity)
		}
		return totalOf(t, b, m)
	}
	before := sumOf(t, say(v.Input, "already_billed_quantity"), say(v.Input, "already_used"))
	var rows []string
	list, _ := v.Input["rows"].([]any)
	for _, r := range list {
		rows = append(rows, fmt.Sprint(r))
	}
	used := sumOf(t, append(rows, say(v.Input, "quantity"), say(v.Input, "new_quantity"))...)
	if own := say(v.Input, "precise_total_amount_cents"); own != "" {
		used = qty(own)
	}
	now := total(t, b, before.Add(used), int64(len(rows)))
	switch billed := say(v.Input, "already_billed_amount"); {
	case billed != "":
		return now.Sub(amt(billed))
	case strings.HasSuffix(v.Model, "_delta"):
		return now.Sub(total(t, b, before, 0))
	}
	return now
}
