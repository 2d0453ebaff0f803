package pricingtest

import (
	"math/big"
	"time"

	"daybook/pricing"
)

// Poll is one look at what a customer uses, for the oracle of burst: quantity in
// the priced unit, of which Covered is paid for.
type Poll struct {
	At                         time.Time
	Seconds, Quantity, Covered *big.Rat
}

// Burst states docs/billing-rules.md, Price models, Burst, poll by poll, for polls of
// intervals of their own: excess × seconds ÷ time × the price of the level, which
// it finds by looking at all changes and all prices.
func Burst(b pricing.Burst, polls []Poll) *big.Rat {
	sum := new(big.Rat)
	for _, p := range polls {
		excess := larger(new(big.Rat).Sub(p.Quantity, p.Covered), new(big.Rat))
		excess.Mul(excess, p.Seconds)
		excess.Quo(excess, big.NewRat(b.PerSeconds, 1))
		sum.Add(sum, excess.Mul(excess, burstPrice(b, levelOf(b, p.At, polls))))
	}
	return sum
}

// levelOf finds the level of an interval: of the last change up to its start, or
// of what was used five minutes earlier.
func levelOf(b pricing.Burst, at time.Time, polls []Poll) int64 {
	start := at.Unix() / 300 * 300
	level := b.Levels[0].Level
	for _, c := range b.Schedule {
		if c.From.Unix() <= start {
			level = c.Level
		}
	}
	before := new(big.Rat)
	for _, p := range polls {
		if p.At.Unix()/300*300 == start-300 {
			before.Add(before, p.Quantity)
		}
	}
	for _, u := range b.UsageLevels {
		if Rat(u.From).Cmp(before) <= 0 {
			level = u.Level
		}
	}
	return level
}

// burstPrice is the price of the highest listed level that is not above level.
func burstPrice(b pricing.Burst, level int64) *big.Rat {
	price := new(big.Rat)
	for _, p := range b.Levels {
		if p.Level <= level {
			price = Rat(p.Unit)
		}
	}
	return price
}
