package pricing

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"daybook/pricing/money"
)

// explained returns the steps of one of the item's lines: group number g, which
// is rounded to total, with others where it is not alone.
func (it *item) explained(g int, total money.Amount, digits int32, alone bool) []Step {
	group := it.groups()[g]
	var steps []Step
	if len(it.charge.Groups) > 0 {
		steps = it.groupSteps(g)
	} else {
		steps = it.wholeSteps()
	}
	steps = append(steps, Step{Kind: StepSubtotal, Label: "subtotal", Amount: group.subtotal})
	steps = append(steps, it.adjustmentSteps(group)...)
	steps = append(steps, Step{Kind: StepTotal, Label: "total, exact", Amount: group.total})
	label := roundingLabel(it.version.Conventions.Rounding, digits)
	if !alone {
		label += ", with other lines"
	}
	return append(steps, Step{Kind: StepRound, Label: label, Amount: total})
}

// wholeSteps leads from what was measured to the parts of the price.
func (it *item) wholeSteps() []Step {
	c := &it.charge
	if it.owed != nil {
		return []Step{
			{Kind: StepQuantity, Label: "quantity", Quantity: c.Measured},
			{Kind: StepPart, Label: "owed until " + it.owed.lastDay(), Amount: it.owed.charge.Subtotal},
			{Kind: StepPart, Label: "billed ahead until " + it.billed.lastDay(), Amount: it.billed.charge.Subtotal.Neg()},
		}
	}
	steps := it.measureSteps(func(m Measured) money.Fraction { return m.Quantity })
	if it.price.Meter == "" {
		steps = append(steps, Step{Kind: StepQuantity, Label: "quantity", Quantity: c.Measured})
	}
	if it.price.RoundTo != nil {
		steps = append(steps, it.roundStep(c.Measured))
	}
	if it.price.Meter != "" && !c.allowed.none() {
		steps = append(steps, it.allowanceStep(c.Billable))
	}
	if it.price.Meter == "" && it.price.Resource == "" && c.scale.Cmp(money.Whole(1)) != 0 {
		steps = append(steps, Step{Kind: StepProrate, Label: "part of the period", Quantity: c.scale.Quantity()})
	}
	return append(steps, c.partSteps(it.price.Model.Name())...)
}

// lastDay is the last local day of the item's part.
func (it *item) lastDay() string {
	_, last := it.part.days(it.loc)
	return last.String()
}

// groupSteps does the same for one group of a matrix price.
func (it *item) groupSteps(g int) []Step {
	c, of := &it.charge, &it.charge.Groups[g]
	steps := it.measureSteps(func(m Measured) money.Fraction {
		i := slices.IndexFunc(m.Groups, func(x Group) bool { return slices.Equal(x.Values, of.Values) })
		if i < 0 {
			return money.Fraction{}
		}
		return m.Groups[i].Quantity
	})
	if it.price.RoundTo != nil {
		steps = append(steps, it.roundStep(of.Quantity))
	}
	billable := c.groups[g].Quantity
	if !c.allowed.none() && !c.whole.IsZero() {
		left, _ := c.Billable.Quo(c.whole) // not zero, so the quotient exists
		billable = billable.Mul(left)
		steps = append(steps, it.allowanceStep(billable))
	}
	return append(steps, Step{
		Kind: StepPart, Label: fmt.Sprint("group ", of.Values), Quantity: billable.Quantity(),
		UnitPrice: of.UnitPrice, Amount: of.Subtotal,
	})
}

// measureSteps tells what each member used, and their sum in the priced unit.
func (it *item) measureSteps(of func(Measured) money.Fraction) []Step {
	var steps []Step
	var sum money.Fraction
	divided := false
	for _, m := range it.measured {
		quantity := of(m.measured)
		sum = sum.Add(quantity)
		divided = divided || m.divide.Cmp(money.QuantityOf(1)) != 0
		steps = append(steps, Step{
			Kind: StepMeasure, Label: m.label,
			Quantity:     quantity.Mul(m.divide.Fraction()).Quantity(),
			Subscription: m.subscription, Meter: m.meter.ID, From: m.over.first, To: m.over.last, Carried: m.over.carry,
			Events: m.events, Rows: m.rows,
		})
	}
	if _, several := it.price.Model.(Bundle); !several && (len(it.measured) > 1 || divided) {
		label := "together"
		if divided {
			label = "divided by " + it.measured[0].divide.String()
		}
		if it.united != nil {
			label, sum = "together, each value once", of(*it.united)
		}
		steps = append(steps, Step{Kind: StepConvert, Label: label, Quantity: sum.Quantity()})
	}
	return steps
}

func roundingLabel(r money.Rounding, places int32) string {
	return fmt.Sprintf("rounded %s to %d places", strings.ReplaceAll(string(cmp.Or(r, money.HalfUp)), "_", " "), places)
}

func (it *item) roundStep(to money.Quantity) Step {
	r := it.price.RoundTo
	if r.Step.Sign() > 0 {
		label := fmt.Sprintf("rounded %s to multiples of %s", strings.ReplaceAll(string(cmp.Or(r.Mode, money.HalfUp)), "_", " "), r.Step)
		return Step{Kind: StepRoundUnit, Label: label, Quantity: to}
	}
	return Step{Kind: StepRoundUnit, Label: roundingLabel(r.Mode, r.Places), Quantity: to}
}

func (it *item) allowanceStep(left money.Fraction) Step {
	return Step{Kind: StepAllowance, Label: "after the allowance of " + it.charge.allowed.text(), Quantity: left.Quantity()}
}

// partSteps lists the charge's parts, which sum to its subtotal. A charge that
// has none is one part.
func (c *Charge) partSteps(model string) []Step {
	if len(c.Parts) == 0 {
		return []Step{{Kind: StepPart, Label: model, Quantity: c.Billable.Quantity(), UnitPrice: c.UnitPrice, Amount: c.Subtotal}}
	}
	var steps []Step
	for _, p := range c.Parts {
		steps = append(steps, Step{Kind: StepPart, Label: p.Label, Quantity: p.Quantity, UnitPrice: p.UnitPrice, Flat: p.Flat, Amount: p.Amount})
	}
	return steps
}

// adjustmentSteps tells what led from a group's subtotal to its total. A group
// of several has its share of what was done to the whole price.
func (it *item) adjustmentSteps(group itemGroup) []Step {
	change := group.total.Sub(group.subtotal)
	switch {
	case it.free:
		return []Step{{Kind: StepAdjust, Label: "the plan is free: no meter of free_below is above its bound", Amount: change}}
	case it.owed != nil && !change.IsZero():
		return []Step{{Kind: StepAdjust, Label: "what adjustments changed of the difference", Amount: change}}
	case it.owed != nil:
		return nil
	case len(it.charge.Groups) > 1 && !change.IsZero():
		return []Step{{Kind: StepAdjust, Label: "the group's share of the price's adjustments", Amount: change}}
	}
	var steps []Step
	for i, s := range it.adjusted.Steps {
		steps = append(steps, Step{Kind: StepAdjust, Label: it.adjusted.causes[i].label(), Amount: s.Amount})
	}
	return steps
}

// label says in words what an adjustment does.
func (a *Adjustment) label() string {
	switch a.Kind {
	case UsageDiscount:
		return a.Quantity.String() + " units off"
	case AmountDiscount:
		return a.Amount.String() + " off"
	case PercentDiscount:
		return a.Percent.String() + " % off"
	case MinimumCharge:
		return "minimum of " + a.Amount.String()
	case MaximumCharge:
		return "maximum of " + a.Amount.String()
	}
	return fmt.Sprintf("adjustment %d", a.Kind)
}
