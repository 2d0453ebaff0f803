package usagetest

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"sort"
	"time"

	"daybook/pricing"
	"daybook/sources/usage"
)

// states aggregates the kept events and parks the accounts that overflow.
func (w *world) states(o *outcome, kept []candidate, counts []usage.Counts, books []book) {
	groups := map[string][]candidate{}
	for _, c := range kept {
		day, slot := place(c)
		k := fmt.Sprintf("%q %q %q %q %08d %020d", c.entry.Account, c.entry.Subscription, c.meter.ID, c.dimensions, day, slot)
		if c.meter.PerEvent {
			k += c.id
		}
		groups[k] = append(groups[k], c)
	}
	overflowed := map[string]bool{}
	for _, g := range groups {
		if _, ok := state(g); !ok {
			overflowed[g[0].entry.Account] = true
		}
	}
	for _, account := range slices.Sorted(maps.Keys(overflowed)) {
		o.Parked = append(o.Parked, parked{account, "overflow", o.UTCDay})
	}
	for _, g := range groups {
		if overflowed[g[0].entry.Account] {
			for _, c := range g {
				counts[c.file].Parked++
				books[c.file].enter("parked", c.meter.ID, c.qty)
			}
			continue
		}
		s, _ := state(g)
		o.Rows = append(o.Rows, s)
	}
	sort.Slice(o.Rows, func(i, j int) bool { return less(o.Rows[i], o.Rows[j]) })
}

func less(a, b pricing.UsageState) bool {
	for _, p := range [][2]string{
		{a.Account, b.Account}, {a.Subscription, b.Subscription}, {a.Meter, b.Meter}, {a.Dimensions, b.Dimensions},
	} {
		if p[0] != p[1] {
			return p[0] < p[1]
		}
	}
	if a.Day != b.Day || a.Slot != b.Slot {
		return a.Day < b.Day || (a.Day == b.Day && a.Slot < b.Slot)
	}
	return a.First.Cmp(b.First) < 0 // events that are kept as they are
}

// place returns an event's local day and slot.
func place(c candidate) (pricing.Date, int64) {
	loc, err := time.LoadLocation(c.entry.Zone)
	if err != nil {
		panic(err)
	}
	at := time.UnixMicro(c.when).UTC()
	slot := int64(0)
	switch c.meter.Grain {
	case pricing.GrainHour:
		slot = at.Truncate(time.Hour).UnixMicro()
	case pricing.GrainFiveMinutes:
		slot = at.Truncate(5 * time.Minute).UnixMicro()
	}
	if c.meter.PerEvent {
		slot = c.when
	}
	return pricing.DateOf(at.In(loc)), slot
}

// state computes one row of the rollup; ok is false when it does not fit.
func state(g []candidate) (s pricing.UsageState, ok bool) {
	sort.Slice(g, func(i, j int) bool {
		if g[i].when != g[j].when {
			return g[i].when < g[j].when
		}
		return g[j].after(g[i])
	})
	first := g[0] // of equal first times, the greatest hash or place
	for _, c := range g {
		if c.when == first.when {
			first = c
		}
	}
	last := g[len(g)-1]
	sum, level, rise, least, most := new(big.Rat), new(big.Rat), new(big.Rat), first.qty, first.qty
	for i, c := range g {
		sum.Add(sum, c.qty)
		if c.qty.Cmp(least) < 0 {
			least = c.qty
		}
		if c.qty.Cmp(most) > 0 {
			most = c.qty
		}
		if c.meter.Aggregate == pricing.Counter && i+1 < len(g) && g[i+1].when != c.when {
			// From the last of one instant to the last of the next one.
			next := slowLastAt(g, g[i+1].when)
			if next.Cmp(c.qty) < 0 {
				rise.Add(rise, next)
			} else {
				rise.Add(rise, new(big.Rat).Sub(next, c.qty))
			}
		}
		if i+1 == len(g) {
			break
		}
		held := big.NewRat(g[i+1].when-c.when, 1_000_000)
		switch running := c.meter.Running && !c.meter.PerEvent; {
		case running && c.meter.Aggregate == pricing.Sum:
			level.Add(level, held.Mul(held, sum))
			if !fits(sum) {
				return s, false
			}
		case running || c.meter.Aggregate == pricing.TimeAverage:
			level.Add(level, held.Mul(held, c.qty))
		}
	}
	level = roundHalfEven(level, 12)
	if !fits(sum) || !fits(level) || !fits(rise) {
		return s, false
	}
	day, slot := place(first)
	return pricing.UsageState{
		Day: day, Slot: slot, Meter: first.meter.ID, Dimensions: first.dimensions,
		Account: first.entry.Account, Subscription: first.entry.Subscription,
		Sum: fixed12(sum), Events: int64(len(g)), Min: fixed12(least), Max: fixed12(most),
		First: fixed12(first.qty), Last: fixed12(last.qty), FirstTime: first.when, LastTime: last.when,
		LevelSeconds: fixed12(level), Increase: fixed12(rise),
	}, true
}

// slowLastAt is the quantity of the event of an instant that counts: the one of
// the greatest hash. The events are in order.
func slowLastAt(g []candidate, when int64) *big.Rat {
	var out *big.Rat
	for _, c := range g {
		if c.when == when {
			out = c.qty
		}
	}
	return out
}

// trimmed writes v without trailing zeros.
func trimmed(v *big.Rat) string {
	text := v.FloatString(12)
	for text[len(text)-1] == '0' {
		text = text[:len(text)-1]
	}
	if text[len(text)-1] == '.' {
		text = text[:len(text)-1]
	}
	return text
}
