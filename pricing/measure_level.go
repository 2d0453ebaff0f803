package pricing

import (
	"fmt"
	"math/big"

	"github.com/shopspring/decimal"

	"daybook/pricing/money"
)

// measureLevel returns a time-weighted average: the level's integral over the
// span, divided by the length of the whole billing period. So a period that is
// half over shows half of a steady level, and a subscription for half a month
// pays for half. A level holds until the next event and is carried in from the
// days before; it is 0 before the first one known and outside the subscription
// (docs/billing-rules.md, Meters and aggregations).
func (m Meter) measureLevel(rows []UsageState, s span, by []string) (Measured, error) {
	areas := grouping[big.Int]{by: by}
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[n].Dimensions == rows[0].Dimensions {
			n++
		}
		if used := area(rows[:n], s); used != nil {
			total, err := areas.at(rows[0].Dimensions)
			if err != nil {
				return Measured{}, fmt.Errorf("measure meter %s: %w", m.ID, err)
			}
			total.Add(total, used)
		}
		rows = rows[n:]
	}
	seconds := money.Ratio(1, s.whole.Microseconds())
	return measured(m, areas.sorted(), func(sum *big.Int) money.Fraction {
		return money.QuantityFrom(decimal.NewFromBigInt(sum, -money.QuantityPlaces)).Fraction().Mul(seconds)
	})
}

// area integrates one level over the span, in quantity × microseconds at 12
// places; nil when it was never known. Rows are in order of time.
func area(rows []UsageState, s span) *big.Int {
	var sum *big.Int
	var level money.Int128
	var product, duration big.Int
	at, end := s.part.Start.UnixMicro(), s.part.End.UnixMicro()
	add := func(quantity money.Int128, times int64) {
		if quantity != (money.Int128{}) {
			sum.Add(sum, product.Mul(quantity.Big(), duration.SetInt64(times)))
		}
	}
	hold := func(until int64) {
		if until = min(until, end); sum != nil && until > at {
			add(level, until-at)
			at = until
		}
	}
	for i := range rows {
		u := &rows[i]
		if u.Day < s.carry || u.Day > s.last || u.FirstTime >= end {
			continue
		}
		if sum == nil {
			sum = new(big.Int)
		}
		if u.Day >= s.first {
			hold(u.FirstTime)
			// What lies between a state's first and last event is integrated
			// already, in seconds.
			add(u.LevelSeconds, 1_000_000)
			at = max(at, u.LastTime)
		}
		level = u.Last
	}
	hold(end)
	return sum
}
