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
func (c *closing) overflowed(buckets [][]group) map[string]overflow {
	out := map[string]overflow{}
	for _, groups := range buckets {
		for i := range groups {
			g := &groups[i]
			_, sum := g.sum.fixed()
			_, level := g.level.fixed()
			account := c.pass.attribution.holders[g.holder].account
			if _, known := out[account]; !known && !(sum && level) {
				out[account] = overflow{g.holder, g.shape}
			}
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
func (c *closing) batch(buckets [][]group, overflowed map[string]overflow) pricing.UsageBatch {
	rows := 0
	for _, groups := range buckets {
		rows += len(groups)
	}
	w := newBatchWriter(c, rows)
	for _, groups := range buckets {
		for i := range groups {
			if _, parked := overflowed[c.pass.attribution.holders[groups[i].holder].account]; !parked {
				w.add(&groups[i])
			}
		}
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
	w.account.of(&b.Account, rows)
	w.subscription.of(&b.Subscription, rows)
	w.meter.of(&b.Meter, rows)
	w.dimensions.of(&b.Dimensions, rows)
	return w
}

func (w *batchWriter) add(g *group) {
	b := &w.out
	who, what := w.closing.pass.attribution.holders[g.holder], w.closing.shapes[g.shape]
	w.account.add(who.account)
	w.subscription.add(who.subscription)
	w.meter.add(w.closing.pass.meters[what.meter].ID)
	w.dimensions.add(what.dimensions)
	local, slot := g.unpack(w.closing.day.date)
	b.Day = append(b.Day, int64(local))
	b.Slot = append(b.Slot, slot)
	sum, _ := g.sum.fixed() // overflowed accounts are not here
	level, _ := g.level.fixed()
	b.Sum = append(b.Sum, sum)
	b.LevelSeconds = append(b.LevelSeconds, level)
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
		n, ok := d.numbers[s]
		if !ok {
			n = int32(len(d.column.Values))
			d.numbers[s] = n
			d.column.Values = append(d.column.Values, s)
		}
		d.last = n
	}
	d.column.Index = append(d.column.Index, d.last)
}
