package pricing

import (
	"cmp"
	"errors"
	"fmt"
)

func checkBook(b *Book) error {
	if len(b.Versions) == 0 {
		return errors.New("it has no version")
	}
	for i := range b.Versions {
		v := &b.Versions[i]
		if i > 0 && v.Effective <= b.Versions[i-1].Effective {
			return fmt.Errorf("version %s takes effect on %s, not after the one before it", v.ID, v.Effective)
		}
		for _, m := range v.Meters {
			if err := m.Check(); err != nil {
				return fmt.Errorf("version %s, %w", v.ID, err)
			}
			if m.DivideBy.IsZero() {
				return fmt.Errorf("version %s, meter %s: divide_by is zero", v.ID, m.ID)
			}
		}
		for j := range v.Plans {
			if err := checkPlan(v, &v.Plans[j]); err != nil {
				return fmt.Errorf("version %s, plan %s: %w", v.ID, v.Plans[j].ID, err)
			}
		}
	}
	return nil
}

// countsDays reports whether a price is prorated by days, or not at all, which
// is all that months of 30/360 know.
func (v *Version) countsDays(p *Price) bool {
	by := cmp.Or(p.Prorate, v.Conventions.Proration)
	if t, timed := p.Model.(ResourceTime); timed && t.PerSeconds > 0 || p.Meter != "" || p.Once {
		return true
	}
	return v.Conventions.Month != Month30Of360 || by == ProrateDays || by == ProrateStartedDays || by == ProrateNone
}

func checkPlan(v *Version, p *Plan) error {
	if err := p.Cycle.check(); err != nil {
		return err
	}
	if err := p.checkPhases(); err != nil {
		return err
	}
	for _, bound := range p.FreeBelow {
		if _, ok := v.MeterOf(bound.Meter); !ok {
			return fmt.Errorf("free_below names meter %q, which the version does not have", bound.Meter)
		}
	}
	for i := range p.Prices {
		if wrong := p.Prices[i].check(v); wrong != "" {
			return fmt.Errorf("price %s: %s", p.Prices[i].ID, wrong)
		}
	}
	return nil
}

// check says what is wrong with a price in its version, "" for nothing: first
// what its model asks for, then what any price does.
func (p *Price) check(v *Version) string {
	m, known := v.MeterOf(p.Meter)
	if p.Meter != "" && !known {
		return fmt.Sprintf("meter %q is not in the version", p.Meter)
	}
	return cmp.Or(p.checkModel(v, m), p.checkDue(v))
}

// checkModel says what a price's model and the ways to measure for it lack.
func (p *Price) checkModel(v *Version, m Meter) string {
	_, fixed := p.Model.(Fixed)
	_, timed := p.Model.(ResourceTime)
	term, sold := p.Model.(Term)
	if fixed != (p.Meter == "" && p.Resource == "") || (timed || sold) != (p.Resource != "") {
		return fmt.Sprintf("model %s does not fit what it prices", modelName(p.Model))
	}
	if p.apart() {
		if err := p.checkEach(m); err != nil {
			return err.Error()
		}
	}
	if wrong := p.checkIncluded(); wrong != "" {
		return wrong
	}
	for _, err := range []error{p.checkHours(m), p.checkCommitment(m), p.checkBurst(m), p.checkBundle(v)} {
		if err != nil {
			return err.Error()
		}
	}
	switch {
	case ofAmounts(p.Model) && (m.Aggregate != Sum || m.Running):
		return fmt.Sprintf("model %s prices a sum of amounts, but meter %s is a %s", modelName(p.Model), m.ID, m.Aggregate)
	case sold && (term.DivideBy.IsZero() || term.PerSeconds <= 0):
		return "a term has no unit or no time"
	case p.Meter != "" && p.Prorate != "":
		if reason, _ := p.CheckProrated(m); reason != "" {
			return reason
		}
	}
	return p.CheckSingly(m)
}

// checkDue says what is wrong with how a price is pooled, prorated and billed.
func (p *Price) checkDue(v *Version) string {
	_, fixed := p.Model.(Fixed)
	switch {
	case p.Meter == "" && p.Pool != PoolSubscription:
		return "only metered prices can be pooled"
	case !fixed && p.Due == InAdvance:
		return "only fixed fees can be due in advance"
	case !fixed && (p.Once || p.ownCycle()):
		return "only fixed fees have a cycle of their own"
	case p.Once && (p.ownCycle() || p.Due != InAdvance):
		return "a fee that is owed once is due in advance and has no cycle"
	case !v.countsDays(p):
		return "months of 30/360 have days and no hours: prorate it by days"
	}
	if p.ownCycle() {
		if err := p.Cycle.check(); err != nil {
			return err.Error()
		}
	}
	return ""
}

// ofAmounts reports whether a model prices money that events name, which only a
// sum keeps.
func ofAmounts(m Model) bool {
	switch m := m.(type) {
	case Percentage, GraduatedPercentage, Dynamic:
		return true
	case Committed:
		return ofAmounts(m.Of)
	}
	return false
}
