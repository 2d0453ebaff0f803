package pricing

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"daybook/pricing/money"
)

// Phase is a stretch of a subscription's life, from its start or from the end of
// the phase before, in which a plan has other terms (docs/billing-rules.md,
// Phases).
type Phase struct {
	Name         string
	Months, Days int // how long it is; both 0: for good
	Free         bool
	PercentOff   money.Quantity
	Prices       map[string]money.Amount // of a unit, a fee or a resource, by price id
	Position     Position
}

// endless reports whether no phase follows.
func (p *Phase) endless() bool { return p.Months == 0 && p.Days == 0 }

// phases returns the plan as each of its phases has it, and as it is after them.
// A plan without phases has none.
func (p *Plan) phases() []*Plan {
	if len(p.Phases) == 0 {
		return nil
	}
	var out []*Plan
	for i := range p.Phases {
		out = append(out, p.inPhase(i))
	}
	after := *p
	after.phase = len(p.Phases)
	return append(out, &after)
}

func (p *Plan) inPhase(i int) *Plan {
	phase := &p.Phases[i]
	out := *p
	out.phase, out.phaseName, out.free = i, phase.Name, phase.Free
	out.Prices = make([]Price, len(p.Prices))
	for j := range p.Prices {
		out.Prices[j] = p.Prices[j]
		if amount, ok := phase.Prices[p.Prices[j].ID]; ok {
			out.Prices[j].Model, _ = withAmount(p.Prices[j].Model, amount) // checkPlan has asked
		}
	}
	if phase.PercentOff.Sign() > 0 {
		out.Adjust = append(out.Adjust[:len(p.Adjust):len(p.Adjust)], Adjustment{Kind: PercentDiscount, Percent: phase.PercentOff})
	}
	return &out
}

// checkPhases refuses phases that cannot be told apart or priced.
func (p *Plan) checkPhases() error {
	for i := range p.Phases {
		phase := &p.Phases[i]
		switch {
		case phase.Months < 0 || phase.Days < 0 || phase.endless() && i < len(p.Phases)-1:
			return fmt.Errorf("phase %q has no length, and is not the last", phase.Name)
		case phase.PercentOff.Sign() < 0 || phase.PercentOff.Cmp(money.QuantityOf(100)) > 0:
			return fmt.Errorf("phase %q takes off %s per cent: want 0 to 100", phase.Name, phase.PercentOff)
		}
		for _, id := range slices.Sorted(maps.Keys(phase.Prices)) {
			amount, found := phase.Prices[id], false
			for j := range p.Prices {
				if p.Prices[j].ID == id {
					_, found = withAmount(p.Prices[j].Model, amount)
				}
			}
			if !found {
				return fmt.Errorf("phase %q has an amount for price %q, which has none or is not there", phase.Name, id)
			}
		}
	}
	for i := range p.Prices {
		if len(p.Phases) > 0 && p.Prices[i].Pool != PoolSubscription {
			return fmt.Errorf("price %s: a plan with phases has no pool, whose members would be in different ones", p.Prices[i].ID)
		}
	}
	return nil
}

// withAmount is a model with another amount for its unit; ok is false where it
// has none.
func withAmount(m Model, amount money.Amount) (out Model, ok bool) {
	switch model := m.(type) {
	case Unit:
		return Unit{Price: amount}, true
	case Fixed:
		return Fixed{Price: amount}, true
	case Committed:
		if _, ok := model.Of.(Unit); ok {
			model.Of = Unit{Price: amount}
			return model, true
		}
	case Term:
		model.Unit = amount
		return model, true
	case ResourceTime:
		if model.PriceBy == "" {
			model.Unit = amount
			return model, true
		}
	}
	return m, false
}

// HasOneAmount reports whether a model has one amount, for which a phase or a
// subscription can have another.
func HasOneAmount(m Model) bool {
	_, ok := withAmount(m, money.Amount{})
	return ok
}

// phaseStarts returns the local midnights on which the plan's phases begin for a
// subscription: its start, and for each length the day that it leads to, months
// before days. The last is followed by none.
func (p *Plan) phaseStarts(start time.Time, loc *time.Location) []time.Time {
	out := []time.Time{start}
	first := LocalDay(start, loc)
	months, days := 0, 0
	for i := range p.Phases {
		if p.Phases[i].endless() {
			break
		}
		months, days = months+p.Phases[i].Months, days+p.Phases[i].Days
		out = append(out, addMonths(first, months).AddDays(days).In(loc).UTC())
	}
	return out
}

// addMonths returns the day so many months later, or its month's last.
func addMonths(d Date, months int) Date {
	year, month, day := d.UTC().Date()
	_, _, last := NewDate(year, month+time.Month(months)+1, 0).UTC().Date()
	return NewDate(year, month+time.Month(months), min(day, last))
}

// inPhases cuts a stage where the plan's phases change.
func (r *Rater) inPhases(s stage, sub *Subscription, loc *time.Location) []stage {
	phases := r.phases[s.plan]
	if len(phases) == 0 {
		return []stage{s}
	}
	starts := s.plan.phaseStarts(sub.Start, loc)
	var out []stage
	for i, start := range starts {
		part := s
		part.plan = phases[i]
		over := Period{Start: start}
		if i+1 < len(starts) {
			over.End = starts[i+1]
		}
		if part.held = s.held.Cut(over); !part.held.Empty() {
			out = append(out, part)
		}
	}
	return out
}
