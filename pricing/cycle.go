package pricing

import (
	"fmt"
	"slices"
)

// check refuses cycles that no calendar has.
func (c Cycle) check() error {
	switch {
	case c.Days < 0 || c.Days > 366 || c.Days > 0 && c.Months != 0:
		return fmt.Errorf("a cycle of %d days: want 1 to 366, and no months beside them", c.Days)
	case c.Days == 0 && (c.Months < 1 || 12%c.Months != 0):
		return fmt.Errorf("a cycle of %d months: want 1, 3, 6 or 12", c.Months)
	}
	return nil
}

// ownCycle reports whether a fee has other periods than its plan.
func (p *Price) ownCycle() bool { return p.Cycle != Cycle{} }

// cycleOf is how often a price of the plan bills.
func (p *Plan) cycleOf(price *Price) Cycle {
	if price.ownCycle() {
		return price.Cycle
	}
	return p.Cycle
}

// ownCycles returns the cycles that fees have beside their plan's, in any
// version, by plan and in the book's order.
func (b *Book) ownCycles() map[string][]Cycle {
	out := map[string][]Cycle{}
	for _, v := range b.Versions {
		for _, p := range v.Plans {
			for i := range p.Prices {
				if c := p.Prices[i].Cycle; p.Prices[i].ownCycle() && !slices.Contains(out[p.ID], c) {
					out[p.ID] = append(out[p.ID], c)
				}
			}
		}
	}
	return out
}

// bills reports whether the segment's periods are those of a price.
func (s *segment) bills(p *Price) bool { return p.Cycle == s.own }

// isOwn reports whether the segment is for fees with a cycle of their own.
func (s *segment) isOwn() bool { return s.own != Cycle{} }

// owesOnce reports whether the segment is the one in which a fee that is owed once
// is due: the one in which the subscription begins.
func (s *segment) owesOnce() bool { return s.part.Start.Equal(s.sub.Start) }

// everyPeriod reports whether a price is owed in each period of its plan. Others
// are in no sum with those that are: an amount over several prices of a plan is
// for each of its periods.
func (p *Price) everyPeriod() bool { return !p.Once && !p.ownCycle() }
