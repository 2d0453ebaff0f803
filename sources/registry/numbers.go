package registry

import (
	"encoding/json"

	"daybook/pricing"
	"daybook/pricing/money"
)

// numbers is how many of a fixed fee a subscription has: from its start, and
// from later days on, which are moments (docs/formats.md, Registry).
type numbers struct {
	first money.Quantity
	later []pricing.QuantityChange
}

const remedyOfNumbers = `write a number, or [{"quantity": 3}, {"from": "2026-10-15", "quantity": 5}]`

// quantities reads an object of numbers by price.
func (c cell) quantities() (first map[string]money.Quantity, later map[string][]pricing.QuantityChange, f *fault) {
	all, f := nested(c, cell.numbers)
	for price, n := range all {
		if first == nil {
			first = make(map[string]money.Quantity, len(all))
		}
		if first[price] = n.first; n.later == nil {
			continue
		}
		if later == nil {
			later = map[string][]pricing.QuantityChange{}
		}
		later[price] = n.later
	}
	return first, later, f
}

// numbers reads a number, or a list of them with the day from which each holds.
func (c cell) numbers() (numbers, *fault) {
	if c.kind != listing {
		q, f := c.quantity()
		return numbers{first: q}, f
	}
	var items []json.RawMessage
	if err := json.Unmarshal([]byte(c.text), &items); err != nil || len(items) == 0 {
		return numbers{}, &fault{"is a list of nothing", remedyOfNumbers}
	}
	var out numbers
	for i, item := range items {
		next, dated, f := changeOf(cellOfJSON(string(item)))
		switch {
		case f != nil:
			return numbers{}, f
		case i == 0 && dated:
			return numbers{}, &fault{"does not say the number at the start", "leave `from` out of the first: it holds from the subscription's start"}
		case i > 0 && !dated:
			return numbers{}, &fault{"has a later number without `from`", remedyOfNumbers}
		case i == 0:
			out.first = next.Quantity
		default:
			out.later = append(out.later, next)
		}
	}
	return out, nil
}

// changeOf reads {"from": …, "quantity": …}.
func changeOf(c cell) (out pricing.QuantityChange, dated bool, f *fault) {
	if c.kind != object {
		return pricing.QuantityChange{}, false, &fault{"is a list of " + c.shown(), remedyOfNumbers}
	}
	members, f := c.members()
	counted := false
	for _, m := range members {
		switch {
		case f != nil:
		case m.name == "quantity":
			counted = true
			out.Quantity, f = m.cell.quantity()
		case m.name == "from":
			dated = true
			out.From, f = m.cell.moment()
		default:
			f = &fault{"has the unknown name " + wordCell(m.name).shown(), "write `from` and `quantity`"}
		}
	}
	if f == nil && !counted {
		f = &fault{"has an entry without `quantity`", remedyOfNumbers}
	}
	return out, dated, f
}
