package documents

import (
	"strconv"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
)

// AkkerisNumber is the number of an invoice in Akkeris' API (Akkeris platform
// /account/invoices, Shape): the milliseconds from 1970 to the start of its
// period, as text.
func AkkerisNumber(period pricing.Period) string {
	return strconv.FormatInt(period.Start.UnixMilli(), 10)
}

// AkkerisState is the state of an invoice and the text that stands beside it in
// Akkeris' API (Akkeris platform /account/invoices, Semantics): 1 and "Paid" for
// a period that has ended, 2 and "Pending" for one that is open or to come. It
// says nothing about payments.
func AkkerisState(period pricing.Period, now time.Time) (state int, status string) {
	if now.Before(period.End) {
		return 2, "Pending"
	}
	return 1, "Paid"
}

// AkkerisDynoHours is what Akkeris' API calls weighted_dyno_hours (Akkeris
// platform /account/invoices, Semantics): the units of all dynos, closed ones
// included, times 24 hours for each day of the month up to that of periodEnd,
// the day in UTC on which the period ends or, while it is open, the present one.
// It is weighted by nothing: a dyno of one hour counts in full.
func AkkerisDynoHours(units money.Quantity, periodEnd time.Time) money.Quantity {
	return units.Fraction().Mul(money.Whole(24 * int64(periodEnd.UTC().Day()))).Quantity()
}
