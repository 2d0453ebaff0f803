package pricing

import (
	"time"

	"daybook/pricing/money"
)

// item is one price's charge for one segment, or for a pool.
type item struct {
	price                 *Price // with the subscription's overrides
	order                 int    // in the plan
	scope                 Scope
	account, subscription string // subscription is "" for a pool
	version               *Version
	plan                  *Plan
	unit                  string
	loc                   *time.Location
	part, whole           Period
	nth                   int       // of a fee whose quantity changes, from 0
	givenBack             bool      // what was billed ahead and is not owed
	resource              *Resource // of a line of its own
	from                  time.Time // of what is given back: since when it was billed
	due                   time.Time // when it is billed
	first                 time.Time // of a fee in advance: when its first part is billed; zero elsewhere
	months                int       // since the subscription's start
	segment               *segment  // what plan adjustments are shared by time over; nil: share says it
	share                 money.Fraction
	charge                Charge
	total                 money.Amount   // after adjustments, exact
	totals                []money.Amount // of charge.Groups
	bundle                *bundle        // nil: it is rounded by itself
	free                  bool           // the plan's cliff makes it cost nothing
	adjusted              Adjusted       // how total came about
	nominal               Period         // the billing period as the cycle has it
	measured              []measurement  // while somebody traces
	united                *Measured      // of a pool of unique values: what its members used together
	owed, billed          *item          // of one that is given back: what it is the difference of
	settled               bool           // total has the adjustments already
}

// bundle marks the items that one amount was spread over, which are rounded
// together.
type bundle struct{ number int }

// advance reports whether the item is a fee that is billed when its period starts.
func (it *item) advance() bool { return it.price.Due == InAdvance }

// closing returns the month whose closing bills the item: that in which it is
// due, where the first instant of a month belongs to the month before
// (docs/billing-rules.md, Periods and closings).
func (it *item) closing() Month { return it.closingOf(it.due) }

func (it *item) closingOf(due time.Time) Month { return MonthOf(LocalDay(due.Add(-1), it.loc)) }

// summedIn returns the closing whose sum the item is part of. The parts of a fee
// in advance whose number changes are one sum with its first: what they owe
// together is known when the period has ended, and given back or charged then.
func (it *item) summedIn() Month {
	if it.first.IsZero() {
		return it.closing()
	}
	return it.closingOf(it.first)
}

// unitOf names what a price's quantity counts.
func unitOf(v *Version, p *Price) string {
	if p.Unit != "" {
		return p.Unit
	}
	if _, ok := p.Model.(Bundle); ok {
		return "" // its meters have one each
	}
	if m, ok := v.MeterOf(p.Meter); ok {
		return m.Unit
	}
	if t, ok := p.Model.(ResourceTime); ok {
		switch t.PerSeconds {
		case 3600:
			return "hour"
		case 86400:
			return "day"
		}
	}
	return ""
}

// itemGroup is one group of an item, or all of it when it has none.
type itemGroup struct {
	grouping        string // canonical JSON
	quantity        money.Quantity
	unitPrice       money.Amount
	hasUnitPrice    bool
	subtotal, total money.Amount // exact
	parts           []Part
}

// groups returns what the item lists: its groups, which sum to it, or itself.
func (it *item) groups() []itemGroup {
	c := &it.charge
	if len(c.Groups) == 0 {
		return []itemGroup{{it.grouping(), c.Measured, c.UnitPrice, c.HasUnitPrice, c.Subtotal, it.total, c.Parts}}
	}
	by := it.price.Model.(Matrix).By // only matrix prices have groups
	out := make([]itemGroup, len(c.Groups))
	for i, g := range c.Groups {
		out[i] = itemGroup{groupText(by, g.Values), g.Quantity, g.UnitPrice, true, g.Subtotal, it.totals[i], nil}
	}
	return out
}
