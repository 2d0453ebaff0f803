package usagetest

import (
	"maps"
	"math/big"
	"slices"

	"daybook/pricing"
)

// book lists what happened to the rows of a file, one entry a row and a count
// that it is in, to be added up slowly.
type book []entry

type entry struct {
	count, meter string
	qty          *big.Rat // nil: none
}

func (b *book) enter(count, meter string, qty *big.Rat) {
	*b = append(*b, entry{count, meter, qty})
}

// listed adds the entries up by meter.
func (b book) listed() []meterOutcome {
	meters := map[string]bool{}
	for _, e := range b {
		meters[e.meter] = true
	}
	var out []meterOutcome
	for _, id := range slices.Sorted(maps.Keys(meters)) {
		out = append(out, meterOutcome{
			Meter: id, Read: b.sum(id, "read"), Kept: b.sum(id, "kept"), Duplicate: b.sum(id, "duplicate"),
			Rejected: b.sum(id, "rejected"), Outside: b.sum(id, "outside"), Parked: b.sum(id, "parked"),
		})
	}
	return out
}

func (b book) sum(meter, count string) tally {
	rows, sum := int64(0), new(big.Rat)
	for _, e := range b {
		if e.meter == meter && e.count == count {
			rows++
			if e.qty != nil {
				sum.Add(sum, e.qty)
			}
		}
	}
	return tally{rows, trimmed(sum)}
}

// refused is the meter of a rejected row, "" when it has none that is known, and
// the quantity that the meter would take of it: nil for none.
func (w *world) refused(f, i int) (meter string, qty *big.Rat) {
	r := w.files[f].rows[i]
	if r.meter == nil {
		return "", nil
	}
	m := slices.IndexFunc(w.meters, func(m pricing.Meter) bool { return m.ID == *r.meter })
	if m < 0 {
		return "", nil
	}
	c := candidate{meter: w.meters[m]}
	if verdict, _ := measure(&c, r); verdict != "" {
		return c.meter.ID, nil
	}
	return c.meter.ID, c.qty
}
