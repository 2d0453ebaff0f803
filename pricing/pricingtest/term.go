package pricingtest

import (
	"math/big"
	"time"

	"daybook/pricing"
)

// TermPrice states docs/billing-rules.md, Price models, Terms, for a resource in
// UTC: it walks day by day to the same day of the month so many months later, or
// to the last one that there is.
func TermPrice(t pricing.Term, r pricing.Resource) *big.Rat {
	seconds, percent := new(big.Rat), new(big.Rat)
	for _, d := range t.Discounts {
		if length := int64(termDays(r.Created, d.Months)) * 86400; d.Name == r.SKU {
			seconds, percent = big.NewRat(length, 1), Rat(d.Percent)
		} else if held := r.Deleted.Sub(r.Created); r.SKU == "" && time.Duration(length)*time.Second <= held {
			percent = Rat(d.Percent)
		}
	}
	if r.SKU == "" {
		seconds = big.NewRat(int64(r.Deleted.Sub(r.Created)), int64(time.Second))
	}
	sum := new(big.Rat).Quo(Rat(r.Quantity), Rat(t.DivideBy))
	sum.Mul(sum, seconds).Quo(sum, big.NewRat(t.PerSeconds, 1)).Mul(sum, Rat(t.Unit))
	kept := new(big.Rat).Sub(big.NewRat(100, 1), percent)
	return sum.Mul(sum, kept).Quo(sum, big.NewRat(100, 1))
}

// termDays counts days from a day: in the month that is so many later, it stops
// at the same number or at the month's end.
func termDays(from time.Time, months int) int {
	for days := 0; ; days++ {
		day := from.AddDate(0, 0, days)
		passed := (day.Year()-from.Year())*12 + int(day.Month()) - int(from.Month())
		if passed == months && (day.Day() == from.Day() || day.AddDate(0, 0, 1).Day() == 1 && day.Day() < from.Day()) {
			return days
		}
	}
}
