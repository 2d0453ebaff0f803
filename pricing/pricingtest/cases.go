package pricingtest

import (
	"math/big"

	"github.com/shopspring/decimal"

	"daybook/pricing"
	"daybook/pricing/money"
)

// Case is one price with one quantity of its meter.
type Case struct {
	Price  *pricing.Price
	Meter  pricing.Meter
	Units  money.Int128   // as rollups keep them: 12 places, or a count
	Scale  money.Fraction // of a fee
	Events int64
	Months int
}

// NewCase throws a case: cheaply, as millions are asked for. Quantities lie on
// bounds and ties more often than chance would have it.
func NewCase(d *Dice) Case {
	c := Case{
		Price: &pricing.Price{ID: "p"}, Events: d.Below(9), Months: int(d.Below(4)), Scale: money.Ratio(d.Below(2678401), 2678400),
		Meter: pricing.Meter{ID: "m", Aggregate: pricing.Sum, DivideBy: money.MustQuantity(Pick(d,
			"1", "1", "1", "1000", "1024", "3600", "60", "7", "0.5", "1000000", "1000000000", "1073741824", "86400"))},
	}
	about := d.size()
	c.Price.Model = d.model(about)
	if d.OneIn(3) {
		c.Price.Allowance = d.quantity(about)
	}
	if d.OneIn(4) {
		mode := Pick(d, money.HalfUp, money.HalfEven, money.Up, money.Down)
		c.Price.RoundTo = &pricing.QuantityRounding{Places: int32(d.Below(6)) - 2, Mode: mode}
	}
	for d.OneIn(3) {
		c.Price.Adjust = append(c.Price.Adjust, d.adjustment(about))
	}
	c.Units = d.units(&c, about)
	return c
}

// Quantity is the case's quantity in the priced unit.
func (c Case) Quantity() money.Fraction {
	places := int32(money.QuantityPlaces)
	if c.Meter.Aggregate == pricing.Count {
		places = 0
	}
	q, _ := c.Units.Quantity(places).Fraction().Quo(c.Meter.DivideBy.Fraction()) // which is above zero
	return q
}

// ExactQuantity is Quantity by the oracle's arithmetic.
func (c Case) ExactQuantity() *big.Rat {
	q := new(big.Rat).SetInt(c.Units.Big())
	if c.Meter.Aggregate != pricing.Count {
		q.Mul(q, unit(money.QuantityPlaces))
	}
	return q.Quo(q, Rat(c.Meter.DivideBy))
}

// size is the order of magnitude of a case's quantities.
func (d *Dice) size() int64 {
	return Pick[int64](d, 1, 10, 100, 100, 1000, 100_000, 10_000_000, 1_000_000_000_000)
}

func (d *Dice) quantity(below int64) money.Quantity {
	return money.QuantityFrom(d.number(below, 4))
}

func (d *Dice) amount(places int64) money.Amount {
	return money.AmountOf(d.number(Pick[int64](d, 2, 100, 10_000), places))
}

// number is a decimal below a bound, whole as often as not.
func (d *Dice) number(below, places int64) decimal.Decimal {
	value := decimal.New(d.Below(below), 0)
	if d.OneIn(2) {
		return value
	}
	n, power := 1+d.Below(places), int64(1)
	for range n {
		power *= 10
	}
	return value.Add(decimal.New(d.Below(power), int32(-n)))
}

// above is a quantity above zero. It is a good part of the size, so that the
// oracle need not count many blocks.
func (d *Dice) above(about int64) money.Quantity {
	return d.quantity(about).Add(money.QuantityOf(max(about/16, 1))).Add(money.QuantityFrom(decimal.New(d.Below(100), -2)))
}

func (d *Dice) model(about int64) pricing.Model {
	switch d.Below(10) {
	case 0:
		return pricing.Unit{Price: d.amount(12)}
	case 1:
		return pricing.Fixed{Price: d.amount(2)}
	case 2:
		return pricing.Package{Size: d.above(about), Price: d.amount(2), Full: d.OneIn(2)}
	case 3:
		return pricing.Dynamic{Multiplier: d.quantity(3)}
	case 4:
		return d.thresholds(about)
	case 5:
		return pricing.GraduatedPercentage{Tiers: d.tiers(about), FlatOnZero: d.OneIn(3)}
	case 6:
		p := pricing.Percentage{Rate: d.quantity(100)}
		if d.OneIn(2) {
			p.PerEvent, p.FreeFees = d.amount(2), d.Below(6)
		}
		return p
	case 7:
		return pricing.Volume{Tiers: d.tiers(about), FlatOnZero: d.OneIn(3)}
	}
	return pricing.Graduated{Tiers: d.tiers(about), FlatOnZero: d.OneIn(3)}
}

func (d *Dice) tiers(about int64) []pricing.Tier {
	tiers, bound := make([]pricing.Tier, 1+d.Below(5)), money.Quantity{}
	for i := range tiers {
		bound = bound.Add(d.quantity(max(about/2, 1))).Add(money.MustQuantity("0.01"))
		tiers[i] = pricing.Tier{UpTo: bound, Unit: d.amount(10), Open: i == len(tiers)-1}
		if d.OneIn(3) {
			tiers[i].Flat = d.amount(2)
		}
		if d.OneIn(5) {
			tiers[i].Block = d.above(about)
		}
	}
	return tiers
}

func (d *Dice) thresholds(about int64) pricing.Threshold {
	steps := make([]pricing.ThresholdStep, 1+d.Below(4))
	var from money.Quantity
	var total money.Amount
	for i := range steps {
		if i > 0 || d.OneIn(2) {
			from = from.Add(d.quantity(about)).Add(money.MustQuantity("0.01"))
		}
		total = total.Add(d.amount(2))
		steps[i] = pricing.ThresholdStep{From: from, Total: total}
	}
	return pricing.Threshold{Steps: steps}
}

func (d *Dice) adjustment(about int64) pricing.Adjustment {
	a := pricing.Adjustment{Kind: pricing.AdjustmentKind(1 + d.Below(int64(pricing.MaximumCharge)))}
	switch a.Kind {
	case pricing.UsageDiscount:
		a.Quantity = d.quantity(about)
	case pricing.PercentDiscount:
		a.Percent = d.quantity(100)
	default:
		a.Amount = d.amount(2)
	}
	if d.OneIn(4) {
		a.FirstMonths = int(1 + d.Below(3))
	}
	return a
}

// units throws a quantity: on a bound of the price, a little beside it, or
// anywhere about the size; now and then zero or below.
func (d *Dice) units(c *Case, about int64) money.Int128 {
	priced := d.quantity(2 * about)
	switch d.Below(4) {
	case 0:
		priced = money.Quantity{}
		for _, t := range tiersOf(c.Price.Model) {
			if d.OneIn(2) {
				priced = t.UpTo
			}
		}
		priced = priced.Add(c.Price.Allowance)
	case 1:
		priced = priced.Add(money.QuantityFrom(decimal.New(d.Below(1_000_000_000), -12)))
	}
	raw := priced.Decimal().Mul(c.Meter.DivideBy.Decimal())
	if d.OneIn(5) {
		raw = raw.Add(decimal.New(d.Below(3)-1, -12))
	}
	if d.OneIn(12) {
		raw = raw.Neg()
	}
	if !ofMoney(c.Price.Model) && d.OneIn(6) {
		c.Meter.Aggregate = pricing.Count
		return money.Int128Of(raw.Abs().IntPart())
	}
	units, _ := money.QuantityFrom(raw).Fixed(money.QuantityPlaces) // the sizes keep it far below 38 digits
	return units
}

func tiersOf(m pricing.Model) []pricing.Tier {
	switch m := m.(type) {
	case pricing.Graduated:
		return m.Tiers
	case pricing.GraduatedPercentage:
		return m.Tiers
	case pricing.Volume:
		return m.Tiers
	}
	return nil
}

func ofMoney(m pricing.Model) bool {
	switch m.(type) {
	case pricing.Percentage, pricing.GraduatedPercentage, pricing.Dynamic:
		return true
	}
	return false
}
