package usage

import (
	"fmt"
	"maps"
	"slices"

	"daybook/pricing"
	"daybook/pricing/money"
)

// overflows are the accounts, by number, with a sum or level of more than 38
// digits, and the first row of each, in the order of the output.
type overflows map[uint32]overflow

type overflow struct{ holder, shape uint32 }

// parked reports the accounts that overflowed, sorted.
func (c *closing) parked(overflowed overflows) []pricing.Parked {
	var out []pricing.Parked
	for _, account := range slices.Sorted(maps.Keys(overflowed)) {
		o := overflowed[account]
		meter, who := c.pass.meters[c.shapes[o.shape].meter].ID, c.pass.attribution.holders[o.holder]
		out = append(out, pricing.Parked{
			Account: who.account, Reason: "overflow", Since: c.day.date,
			Detail: fmt.Sprintf("subscription %q: the sum of meter %q on %s needs more than 38 digits; correct the events or let the meter record a larger unit, and run again",
				who.subscription, meter, c.day.date),
		})
	}
	return out
}

// batchWriter writes groups as columns, bucket by bucket, without the parked
// accounts. Its dictionaries hold the values in the order in which the sorted
// rows first use them, so equal rows give equal batches.
type batchWriter struct {
	closing               *closing
	parked                overflows // left out
	overflowed            overflows // found
	buckets               int       // written
	out                   pricing.UsageBatch
	account, subscription dictionary // by number in the attribution
	meter                 dictionary // by number
	shape                 dictionary // by number, of its dimensions
	dimensions            map[string]int32
	counters              bool // there are some
}

func newBatchWriter(c *closing, parked overflows) *batchWriter {
	w := &batchWriter{closing: c, parked: parked, overflowed: overflows{}, dimensions: map[string]int32{}, out: c.pass.spare.get()}
	w.out.UTCDay = c.day.date
	w.counters = slices.ContainsFunc(c.pass.meters, func(m meter) bool { return m.counter })
	w.account = newDictionary(&w.out.Account, len(c.pass.attribution.holders))
	w.subscription = newDictionary(&w.out.Subscription, c.pass.attribution.subscriptions.names.len())
	w.meter = newDictionary(&w.out.Meter, len(c.pass.meters))
	w.shape = newDictionary(&w.out.Dimensions, len(c.shapes))
	return w
}

// write appends a bucket's rows.
func (w *batchWriter) write(g *grouping) {
	w.buckets++
	n := w.out.Len()
	w.extend(n + len(g.order))
	for _, at := range g.order {
		if w.row(n, g, at) {
			n++
		}
	}
	w.extend(n)
}

// row writes a group as row n, unless its account is parked.
func (w *batchWriter) row(n int, g *grouping, at uint32) bool {
	c, x := w.closing, &g.groups[at]
	a := c.pass.attribution
	account := a.accountOf[x.holder]
	if len(w.parked) > 0 {
		if _, is := w.parked[account]; is {
			return false
		}
	}
	var level Total
	if g.levels != nil {
		level = g.levels[at]
	}
	sum, fits := x.sum.fixed()
	held, alsoFits := level.fixed()
	if !fits || !alsoFits {
		if _, known := w.overflowed[account]; !known {
			w.overflowed[account] = overflow{x.holder, x.shape}
		}
	}
	b := &w.out
	who, meter := &a.holders[x.holder], c.forms[x.shape].meter
	w.account.set(n, account, who.account)
	w.subscription.set(n, who.number, who.subscription)
	w.meter.set(n, meter, c.pass.meters[meter].ID)
	w.setDimensions(n, x.shape)
	local, slot := x.unpack(c.day.date)
	if c.forms[x.shape].perEvent {
		slot = x.firstTime
	}
	b.Day[n], b.Slot[n] = int64(local), slot
	b.Sum[n], b.Events[n] = sum, x.events
	b.Min[n], b.Max[n], b.First[n], b.Last[n] = x.min, x.max, x.first, x.last
	b.FirstTime[n], b.LastTime[n] = x.firstTime, x.lastTime
	if c.pass.meters[meter].counter {
		b.LevelSeconds[n], b.Increase[n] = money.Int128{}, held
		return true
	}
	b.LevelSeconds[n] = held
	if w.counters {
		b.Increase[n] = money.Int128{}
	}
	return true
}

// setDimensions sets the dimensions of row n. Shapes of several meters may have
// the same.
func (w *batchWriter) setDimensions(n int, shape uint32) {
	if d := &w.shape; d.numbers[shape] == 0 {
		text := w.closing.shapes[shape].dimensions
		number, known := w.dimensions[text]
		if !known {
			number = d.append(text)
			w.dimensions[text] = number
		}
		d.numbers[shape] = number
	}
	w.out.Dimensions.Index[n] = w.shape.numbers[shape] - 1
}

// extend makes the columns n rows long. Buckets are alike, so those written tell
// how much room all will take.
func (w *batchWriter) extend(n int) {
	room := n * w.closing.pass.buckets / w.buckets
	room += room / 16
	resize(&w.out, n, room)
	if w.counters {
		w.out.Increase = extended(w.out.Increase, n, room)
	}
}

// dictionary fills a column of strings that have numbers elsewhere.
type dictionary struct {
	column  *pricing.Strings
	numbers []int32 // by the string's number elsewhere: its index in the column + 1
}

func newDictionary(column *pricing.Strings, n int) dictionary {
	return dictionary{column, make([]int32, n)}
}

// set sets row n to the string of a number.
func (d *dictionary) set(n int, number uint32, text string) {
	if d.numbers[number] == 0 {
		d.numbers[number] = d.append(text)
	}
	d.column.Index[n] = d.numbers[number] - 1
}

// append adds a string to the column's values and returns its index + 1.
func (d *dictionary) append(text string) int32 {
	d.column.Values = append(d.column.Values, text)
	return int32(len(d.column.Values))
}
