package pricing

import "fmt"

// CheckProrated reports why a metered price cannot be prorated, and what to do
// about it; "" when it can. Tiers are crossed by changes, so a graduated price
// needs each of them, by the day or by the event.
func (p *Price) CheckProrated(m Meter) (reason, remedy string) {
	_, graduated := p.Model.(Graduated)
	switch {
	case !m.Running:
		return "usage counts as it was used; only fixed and resource prices, and levels that are held, are prorated",
			"leave `prorate` out, or give the meter `running: true`"
	case p.Prorate != ProrateTime && p.Prorate != ProrateStartedDays:
		return fmt.Sprintf("`prorate: %s` is not known of levels that are held", p.Prorate), "write `prorate: started_days` or `prorate: time`"
	case !p.heldModel():
		return "a " + modelName(p.Model) + " price cannot be prorated by the time that a level is held", "write `unit`, `graduated` or `volume` with prices of units"
	case p.Pool != PoolSubscription:
		return "a pool cannot be prorated", "leave `pool` or `prorate` out"
	case p.Each.divides():
		return "a level that is held is one for the period", "leave `each` or `prorate` out"
	case graduated && p.Prorate == ProrateTime && !m.PerEvent:
		return "graduated tiers are crossed by single changes, and the meter " + m.ID + " keeps a day's changes together",
			"write `prorate: started_days`, or give a sum `per_event: true`"
	case graduated && (!p.Allowance.IsZero() || p.RoundTo != nil || p.hasUnitsOff()):
		return "the changes of graduated tiers cannot be rounded, and no units taken off them", "leave `round_quantity`, `units_off` and `allowance` out; a free part is a first tier of `unit: 0`"
	}
	return "", ""
}

// heldModel reports whether the model prices units that are held.
func (p *Price) heldModel() bool {
	var tiers []Tier
	switch model := p.Model.(type) {
	case Unit:
		return true
	case Graduated:
		if model.FlatOnZero {
			return false
		}
		tiers = model.Tiers
	case Volume:
		if model.FlatOnZero {
			return false
		}
		tiers = model.Tiers
	default:
		return false
	}
	for _, t := range tiers {
		if t.Block.Sign() > 0 {
			return false
		}
	}
	return true
}

// TakesUnitsOff reports whether units can be taken off what the price charges
// for: not where it looks at single events or changes.
func (p *Price) TakesUnitsOff() bool {
	_, graduated := p.Model.(Graduated)
	pct, ok := p.Model.(Percentage)
	return !(graduated && p.Meter != "" && p.Prorate != "") && !(ok && pct.Singly())
}

func (p *Price) hasUnitsOff() bool {
	for _, a := range p.Adjust {
		if a.Kind == UsageDiscount {
			return true
		}
	}
	return false
}
