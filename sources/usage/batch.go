package usage

import (
	"fmt"
	"maps"
	"slices"

	"daybook/pricing"
	"daybook/pricing/money"
)

// overflow is the first row of an account, in the order of the output, whose
// sums do not fit.
type overflow struct{ holder, shape uint32 }

// overflowed finds the accounts with a sum or level of more than 38 digits.
func (c *closing) overflowed(buckets []rollupRows) map[string]overflow {
	out := map[string]overflow{}
	for g := range all(buckets) {
		_, sum := g.sum.fixed()
		_, level := g.level.fixed()
		if sum && level {
			continue
		}
		account := c.pass.attribution.holders[g.holder].account
		if _, known := out[account]; !known {
			out[account] = overflow{g.holder, g.shape}
		}
	}
	return out
}

// parked reports the accounts that overflowed, sorted.
func (c *closing) parked(overflowed map[string]overflow) []pricing.Parked {
	var out []pricing.Parked
	for _, account := range slices.Sorted(maps.Keys(overflowed)) {
		o := overflowed[account]
		meter := c.pass.meters[c.shapes[o.shape].meter].ID
		out = append(out, pricing.Parked{
			Account: account, Reason: "overflow", Since: c.day.date,
			Detail: fmt.Sprintf("subscription %q: the sum of meter %q on %s needs more than 38 digits; correct the events or let the meter record a larger unit, and run again",
				c.pass.attribution.holders[o.holder].subscription, meter, c.day.date),
		})
	}
	return out
}

// batch writes the groups as columns, without the accounts that overflowed.
func (c *closing) batch(buckets []rollupRows, overflowed map[string]overflow) pricing.UsageBatch {
	rows := 0
	for _, b := range buckets {
		rows += len(b.groups)
	}
	w := newBatchWriter(c, rows)
	for g := range all(buckets) {
		if len(overflowed) > 0 {
			if _, parked := overflowed[c.pass.attribution.holders[g.holder].account]; parked {
				continue
			}
		}
		w.add(g)
	}
	return w.out
}

// batchWriter builds a batch row by row. Its dictionaries hold the values in the
// order in which the sorted rows first use them, so equal rows give equal
// batches.
type batchWriter struct {
	closing               *closing
	out                   pricing.UsageBatch
	account, subscription dictionary
	meter, dimensions     dictionary
	dimensionsOf          []int32 // shape -> number of its dimensions + 1
	counters              bool    // there are some
}

func newBatchWriter(c *closing, rows int) *batchWriter {
	w := &batchWriter{closing: c}
	b := &w.out
	b.UTCDay = c.day.date
	for _, column := range []*[]int64{&b.Day, &b.Slot, &b.Events, &b.FirstTime, &b.LastTime} {
		*column = make([]int64, 0, rows)
	}
	for _, column := range []*[]money.Int128{&b.Sum, &b.Min, &b.Max, &b.First, &b.Last, &b.LevelSeconds} {
		*column = make([]money.Int128, 0, rows)
	}
	w.counters = slices.ContainsFunc(c.pass.meters, func(m meter) bool { return m.counter })
	if w.counters {
		b.Increase = make([]money.Int128, 0, rows)
	}
	w.account.of(&b.Account, rows)
	w.subscription.of(&b.Subscription, rows)
	w.meter.of(&b.Meter, rows)
	w.dimensions.of(&b.Dimensions, rows)
	w.dimensionsOf = make([]int32, len(c.shapes))
	return w
}

func (w *batchWriter) add(g *group) {
	b := &w.out
	who, what := w.closing.pass.attribution.holders[g.holder], w.closing.shapes[g.shape]
	w.account.add(who.account)
	w.subscription.add(who.subscription)
	w.meter.add(w.closing.pass.meters[what.meter].ID)
	if w.dimensionsOf[g.shape] == 0 {
		w.dimensionsOf[g.shape] = w.dimensions.number(what.dimensions) + 1
	}
	w.dimensions.append(w.dimensionsOf[g.shape] - 1)
	local, slot := g.unpack(w.closing.day.date)
	if w.closing.pass.meters[what.meter].PerEvent {
		slot = g.firstTime
	}
	b.Day = append(b.Day, int64(local))
	b.Slot = append(b.Slot, slot)
	sum, _ := g.sum.fixed() // overflowed accounts are not here
	level, _ := g.level.fixed()
	var increase money.Int128
	if w.closing.pass.meters[what.meter].counter {
		level, increase = money.Int128{}, level
	}
	b.Sum = append(b.Sum, sum)
	b.LevelSeconds = append(b.LevelSeconds, level)
	if w.counters {
		b.Increase = append(b.Increase, increase)
	}
	b.Events = append(b.Events, g.events)
	b.Min = append(b.Min, g.min)
	b.Max = append(b.Max, g.max)
	b.First = append(b.First, g.first)
	b.Last = append(b.Last, g.last)
	b.FirstTime = append(b.FirstTime, g.firstTime)
	b.LastTime = append(b.LastTime, g.lastTime)
}

// dictionary appends to a column of strings.
type dictionary struct {
	column  *pricing.Strings
	numbers map[string]int32
	last    int32 // sorted rows mostly repeat the value above
}

func (d *dictionary) of(column *pricing.Strings, rows int) {
	column.Index = make([]int32, 0, rows)
	d.column, d.numbers = column, map[string]int32{}
}

func (d *dictionary) add(s string) {
	if len(d.column.Values) == 0 || d.column.Values[d.last] != s {
		d.last = d.number(s)
	}
	d.append(d.last)
}

func (d *dictionary) append(n int32) { d.column.Index = append(d.column.Index, n) }

// number returns the number of a value, a new one at its first use.
func (d *dictionary) number(s string) int32 {
	n, ok := d.numbers[s]
	if !ok {
		n = int32(len(d.column.Values))
		d.numbers[s] = n
		d.column.Values = append(d.column.Values, s)
	}
	return n
}
