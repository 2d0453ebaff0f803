package pricing

import (
	"fmt"
	"maps"
	"slices"

	"daybook/pricing/money"
)

// UsageSum is a number of usage events and the exact sum of their quantities, in
// the event's own unit.
type UsageSum struct {
	Events   int64
	Quantity money.Quantity
}

// Add returns the sum of both.
func (s UsageSum) Add(o UsageSum) UsageSum {
	return UsageSum{s.Events + o.Events, s.Quantity.Add(o.Quantity)}
}

func (s UsageSum) less(o UsageSum) UsageSum {
	return UsageSum{s.Events - o.Events, s.Quantity.Sub(o.Quantity)}
}

func (s UsageSum) equal(o UsageSum) bool {
	return s.Events == o.Events && s.Quantity.Cmp(o.Quantity) == 0
}

// IsZero reports that there was nothing.
func (s UsageSum) IsZero() bool { return s.equal(UsageSum{}) }

// MeterSum is what rollups hold of one meter.
type MeterSum struct {
	Meter string
	UsageSum
}

// summing adds quantities up in 128 bits as far as they fit: nearly always.
type summing struct {
	events int64
	fits   money.Int128
	more   money.Quantity
}

func (s *summing) add(events int64, sum money.Int128) {
	s.events += events
	both, ok := s.fits.Add(sum)
	if !ok {
		s.more, both = s.more.Add(s.fits.Quantity(money.QuantityPlaces)), sum
	}
	s.fits = both
}

func (s *summing) sum() UsageSum {
	return UsageSum{s.events, s.more.Add(s.fits.Quantity(money.QuantityPlaces))}
}

// Sums returns what the batch holds of each meter that has rows, by id.
func (b *UsageBatch) Sums() []MeterSum {
	sums := make([]summing, len(b.Meter.Values))
	for i, meter := range b.Meter.Index {
		sums[meter].add(b.Events[i], b.Sum[i])
	}
	var out []MeterSum
	for i, id := range b.Meter.Values {
		if sum := sums[i].sum(); !sum.IsZero() {
			out = append(out, MeterSum{id, sum})
		}
	}
	return AddMeterSums(nil, out)
}

// StateSums returns what usage rows hold of each meter, by id.
func StateSums(rows []UsageState) []MeterSum {
	var out []MeterSum
	for _, u := range rows {
		out = append(out, MeterSum{u.Meter, UsageSum{u.Events, u.Sum.Quantity(money.QuantityPlaces)}})
	}
	return AddMeterSums(nil, out)
}

// AddMeterSums adds two lists up by meter, sorted by id.
func AddMeterSums(a, b []MeterSum) []MeterSum {
	of := map[string]UsageSum{}
	for _, s := range slices.Concat(a, b) {
		of[s.Meter] = of[s.Meter].Add(s.UsageSum)
	}
	var out []MeterSum
	for _, id := range slices.Sorted(maps.Keys(of)) {
		out = append(out, MeterSum{id, of[id]})
	}
	return out
}

// CheckMeterSums reports a meter of which two places that must hold the same do not.
func CheckMeterSums(one string, a []MeterSum, other string, b []MeterSum) error {
	a, b = AddMeterSums(nil, a), AddMeterSums(nil, b)
	of := map[string]UsageSum{}
	for _, s := range b {
		of[s.Meter] = s.UsageSum
	}
	for _, s := range a {
		if in := of[s.Meter]; !s.equal(in) {
			return unequal(s.Meter, one, s.UsageSum, other, in)
		}
		delete(of, s.Meter)
	}
	for _, s := range b {
		if left := of[s.Meter]; !left.IsZero() {
			return unequal(s.Meter, one, UsageSum{}, other, left)
		}
	}
	return nil
}

func unequal(meter, one string, a UsageSum, other string, b UsageSum) error {
	return fmt.Errorf("usage of meter %q does not add up: %s %d events of %s, %s %d of %s", meter, one, a.Events, a.Quantity, other, b.Events, b.Quantity)
}
