package pricing

import (
	"fmt"
	"slices"

	"daybook/pricing/money"
)

// Adjustable is one price's charge for one period, before adjustments.
type Adjustable struct {
	Price  *Price
	Charge Charge // from Price.Charge
	// Months counts the whole months from the subscription's start to the start
	// of the charge's period; adjustments with FirstMonths n hold while it is
	// below n.
	Months int
}

// Adjusted is what an Adjustable came to. Its subtotal and the Steps sum to
// Total.
type Adjusted struct {
	Total money.Amount // exact, 20 places
	Steps []AdjustmentStep
	// Together is the same number, above 0, for lines that one amount was
	// spread over: they are rounded together, so that a minimum of 100.00 over
	// three lines is 100.00 on the invoice. 0 is a line by itself.
	Together int

	causes []*Adjustment // of Steps
}

// Cause returns the adjustment that made a step.
func (a *Adjusted) Cause(step int) *Adjustment { return a.causes[step] }

// AdjustmentStep is what one adjustment did to one line; those that changed
// nothing are left out.
type AdjustmentStep struct {
	Kind   AdjustmentKind
	Amount money.Amount // signed: negative lowers the line
}

// Adjust applies the adjustments of the prices themselves and those of their
// plan to the charges of one subscription and period, as
// docs/billing-rules.md, The order of an amount, step 4, says: usage discounts,
// amount discounts, percentages, minimums, maximums; within a kind a price's
// own first, then the plan's in the book's order. The result stands in the
// order of items.
//
// An adjustment that spans lines treats them as one sum. Amounts are
// distributed over the lines above zero in proportion to their totals, the
// remainder to the largest; units of a usage discount in proportion to the
// lines' billable quantities (fees and resources only where On names them); a
// minimum where no line is above zero goes to the line of the price it names in
// To, else evenly. No discount and no maximum
// makes a line negative that was not, and no usage discount raises a line, even
// where fewer units fall in a dearer tier.
//
// Errors: an adjustment that is not sound (a negative discount, more than 100
// per cent, an unknown kind), which book validation keeps out; a usage discount
// of a price that has no quantity; money.ErrOverflow.
func Adjust(items []Adjustable, plan []Adjustment) ([]Adjusted, error) {
	lines := make([]*adjusting, len(items))
	for i, item := range items {
		lines[i] = &adjusting{Adjustable: item, billable: item.Charge.Billable, total: item.Charge.Subtotal}
		for _, a := range item.Price.Adjust {
			if err := a.check(); err != nil {
				return nil, fmt.Errorf("adjust price %s: %w", item.Price.ID, err)
			}
		}
	}
	for _, a := range plan {
		if err := a.check(); err != nil {
			return nil, fmt.Errorf("adjust plan: %w", err)
		}
	}
	for kind := UsageDiscount; kind <= MaximumCharge; kind++ {
		for _, l := range lines {
			if err := applyKind(kind, l.Price.Adjust, []*adjusting{l}, isOwn); err != nil {
				return nil, err
			}
		}
		if err := applyKind(kind, plan, lines, Adjustment.covers); err != nil {
			return nil, err
		}
	}
	return results(lines)
}

// adjusting is a line on its way through the adjustments.
type adjusting struct {
	Adjustable
	billable money.Fraction
	total    money.Amount
	steps    []AdjustmentStep
	by       *Adjustment   // that is being applied
	causes   []*Adjustment // of steps
	tied     *[]*adjusting // the lines that one amount was spread over; nil: none
}

// tie makes lines, and those that they are tied to already, round together.
func tie(lines []*adjusting) {
	all := &[]*adjusting{}
	for _, l := range lines {
		if l.tied == all {
			continue
		}
		joined := []*adjusting{l}
		if l.tied != nil {
			joined = *l.tied
		}
		*all = append(*all, joined...)
		for _, j := range joined {
			j.tied = all
		}
	}
}

// isOwn is for the adjustments of a price itself, which are on nothing else.
func isOwn(Adjustment, *Price) bool { return true }

// covers reports whether a plan's adjustment is on a price. One that names no
// price is on all, but free units of usage are no discount on a fee.
func (a Adjustment) covers(p *Price) bool {
	if len(a.On) > 0 || a.Kind != UsageDiscount {
		return len(a.On) == 0 || slices.Contains(a.On, p.ID)
	}
	switch p.Model.(type) {
	case Fixed, ResourceTime, Term, Bundle:
		return false
	}
	return true
}

// applyKind applies those of the adjustments that are of one kind to those of
// the lines that they cover.
func applyKind(kind AdjustmentKind, adjustments []Adjustment, lines []*adjusting, covers func(Adjustment, *Price) bool) error {
	for i, a := range adjustments {
		if a.Kind != kind {
			continue
		}
		on := make([]*adjusting, 0, len(lines))
		for _, l := range lines {
			if covers(a, l.Price) && (a.FirstMonths == 0 || l.Months < a.FirstMonths) {
				l.by = &adjustments[i]
				on = append(on, l)
			}
		}
		if len(on) == 0 {
			continue
		}
		if err := a.apply(on); err != nil {
			return err
		}
	}
	return nil
}

// apply changes the lines that the adjustment is on.
func (a Adjustment) apply(on []*adjusting) error {
	steps := countSteps(on)
	if err := a.change(on); err != nil {
		return err
	}
	if len(on) > 1 && a.Kind != UsageDiscount && a.Kind != PercentDiscount && countSteps(on) > steps {
		tie(on)
	}
	return nil
}

func countSteps(lines []*adjusting) int {
	n := 0
	for _, l := range lines {
		n += len(l.steps)
	}
	return n
}

func (a Adjustment) change(on []*adjusting) error {
	amount := a.Amount.Round(money.SeriesPlaces, money.HalfEven)
	switch a.Kind {
	case UsageDiscount:
		return discountUnits(on, a.Quantity.Fraction())
	case AmountDiscount:
		takeOff(on, a.Kind, amount)
	case PercentDiscount:
		for _, l := range on {
			part := l.total.Fraction().Mul(a.Percent.Fraction()).Mul(money.Ratio(1, 100))
			l.change(a.Kind, part.Amount().Neg())
		}
	case MinimumCharge:
		if short := amount.Sub(sumOf(on)); short.Sign() > 0 {
			return raise(on, a, short)
		}
	case MaximumCharge:
		if over := sumOf(on).Sub(amount); over.Sign() > 0 {
			takeOff(on, a.Kind, over)
		}
	}
	return nil
}

// check refuses what would turn a discount into a surcharge or a debt.
func (a Adjustment) check() error {
	switch {
	case a.Kind < UsageDiscount || a.Kind > MaximumCharge:
		return fmt.Errorf("unknown kind of adjustment %d", a.Kind)
	case a.Kind == UsageDiscount && a.Quantity.Sign() < 0:
		return fmt.Errorf("usage discount of %s units: want 0 or more", a.Quantity)
	case a.Kind == PercentDiscount && (a.Percent.Sign() < 0 || a.Percent.Cmp(money.QuantityOf(100)) > 0):
		return fmt.Errorf("discount of %s per cent: want 0 to 100", a.Percent)
	case a.Kind > PercentDiscount || a.Kind == AmountDiscount:
		if a.Amount.Sign() < 0 {
			return fmt.Errorf("adjustment to the amount %s: want 0 or more", a.Amount)
		}
	}
	return nil
}

func (l *adjusting) change(kind AdjustmentKind, by money.Amount) {
	if by.IsZero() {
		return
	}
	l.total = l.total.Add(by)
	l.steps, l.causes = append(l.steps, AdjustmentStep{kind, by}), append(l.causes, l.by)
}

func sumOf(lines []*adjusting) money.Amount {
	var sum money.Amount
	for _, l := range lines {
		sum = sum.Add(l.total)
	}
	return sum
}

func results(lines []*adjusting) ([]Adjusted, error) {
	out := make([]Adjusted, len(lines))
	numbers := map[*[]*adjusting]int{nil: 0}
	for i, l := range lines {
		if _, known := numbers[l.tied]; !known {
			numbers[l.tied] = len(numbers)
		}
		if err := l.total.Check(); err != nil {
			return nil, fmt.Errorf("adjust price %s: %w", l.Price.ID, err)
		}
		out[i] = Adjusted{Total: l.total, Steps: l.steps, Together: numbers[l.tied], causes: l.causes}
	}
	return out, nil
}
