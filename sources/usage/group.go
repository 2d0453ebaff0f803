package usage

import (
	"math/bits"

	"daybook/pricing"
	"daybook/pricing/money"
)

// groupKey is a row of the rollup in numbers.
type groupKey struct {
	holder uint32
	shape  uint32
	when   uint32 // local day − UTC day + 1, then the slot's 5-minute index + 1; ascending with both
}

// when packs a local day and a slot of the UTC day. Zones reach 14 hours either
// way, so a local day is at most one off.
func when(local, utc pricing.Date, slot int64) uint32 {
	return uint32(local-utc+1)<<16 | uint32(slot)
}

// unpack returns the local day and the slot's start, 0 for none.
func (k groupKey) unpack(utc pricing.Date) (local pricing.Date, slot int64) {
	local = utc + pricing.Date(k.when>>16) - 1
	if n := int64(k.when & 0xFFFF); n > 0 {
		slot = int64(utc)*microsPerDay + (n-1)*fiveMinutes
	}
	return local, slot
}

// hash spreads keys over a table: its high bits depend on all of the key.
func (k groupKey) hash() uint64 {
	return (uint64(k.holder)<<32|uint64(k.shape))*0x9E3779B97F4A7C15 ^ uint64(k.when)*0xD6E8FEB86659FD93
}

// group accumulates the events of one row of the rollup. Every part of it is
// independent of the order of the events.
type group struct {
	groupKey
	events              int64
	sum                 Total
	firstTime, lastTime int64
	min, max            money.Int128
	first, last         money.Int128
	firstID, lastID     eventID
}

// add accumulates an event at t, Unix microseconds. Ties of time go to the greater event-id hash
// (docs/billing-rules.md, Meters and aggregations).
func (g *group) add(e *event, t int64) {
	g.events++
	g.sum.gain(e.qty)
	if g.events == 1 {
		g.min, g.max = e.qty, e.qty
		g.first, g.firstTime, g.firstID = e.qty, t, e.id
		g.last, g.lastTime, g.lastID = e.qty, t, e.id
		return
	}
	g.min = lesser(e.qty, g.min)
	g.max = larger(e.qty, g.max)
	if t < g.firstTime || (t == g.firstTime && greater(e.id, g.firstID)) {
		g.first, g.firstTime, g.firstID = e.qty, t, e.id
	}
	if t > g.lastTime || (t == g.lastTime && greater(e.id, g.lastID)) {
		g.last, g.lastTime, g.lastID = e.qty, t, e.id
	}
}

// lesser returns the lesser of two numbers, without a jump that no processor could
// foresee.
func lesser(a, b money.Int128) money.Int128 {
	mask := below(a, b)
	return money.Int128{Lo: b.Lo ^ (a.Lo^b.Lo)&mask, Hi: b.Hi ^ (a.Hi^b.Hi)&int64(mask)}
}

// larger is lesser the other way round.
func larger(a, b money.Int128) money.Int128 {
	mask := below(b, a)
	return money.Int128{Lo: b.Lo ^ (a.Lo^b.Lo)&mask, Hi: b.Hi ^ (a.Hi^b.Hi)&int64(mask)}
}

// below returns all ones if a < b, else zero.
func below(a, b money.Int128) uint64 {
	const sign = 1 << 63
	_, borrow := bits.Sub64(a.Lo, b.Lo, 0)
	_, borrow = bits.Sub64(uint64(a.Hi)^sign, uint64(b.Hi)^sign, borrow)
	return -borrow
}
