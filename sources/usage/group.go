package usage

import (
	"cmp"

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
		slot = int64(utc)*microsPerDay + (n-1)*slotMicros[pricing.GrainFiveMinutes]
	}
	return local, slot
}

// hash spreads keys over a table (the finalizer of splitmix64).
func (k groupKey) hash() uint64 {
	h := uint64(k.holder)<<32 | uint64(k.shape)
	h ^= uint64(k.when) * 0x9E3779B97F4A7C15
	h = (h ^ h>>30) * 0xBF58476D1CE4E5B9
	h = (h ^ h>>27) * 0x94D049BB133111EB
	return h ^ h>>31
}

// group accumulates the events of one row of the rollup. Every part of it is
// independent of the order of the events.
type group struct {
	groupKey
	events              int64
	sum                 Total
	level               Total // of level meters the integral, of counters the increase
	min, max            money.Int128
	first, last         money.Int128
	firstTime, lastTime int64
	firstID, lastID     eventID
}

// add accumulates one event. Ties of time go to the greater event-id hash
// (docs/billing-rules.md, Meters and aggregations).
func (g *group) add(e *event) {
	g.events++
	g.sum = g.sum.Add(e.qty)
	if g.events == 1 {
		g.min, g.max = e.qty, e.qty
		g.first, g.firstTime, g.firstID = e.qty, e.time, e.id
		g.last, g.lastTime, g.lastID = e.qty, e.time, e.id
		return
	}
	if e.qty.Cmp(g.min) < 0 {
		g.min = e.qty
	}
	if e.qty.Cmp(g.max) > 0 {
		g.max = e.qty
	}
	if e.time < g.firstTime || (e.time == g.firstTime && greater(e.id, g.firstID)) {
		g.first, g.firstTime, g.firstID = e.qty, e.time, e.id
	}
	if e.time > g.lastTime || (e.time == g.lastTime && greater(e.id, g.lastID)) {
		g.last, g.lastTime, g.lastID = e.qty, e.time, e.id
	}
}

// hold adds a running sum held for so many microseconds. One of more than 38
// digits on the way is an overflow, which no day of others could take back.
func (g *group) hold(sum Total, micros uint64) {
	v, ok := sum.fixed()
	if !ok {
		g.level = Total{hi: 1 << 61}
	}
	g.level = g.level.Plus(levelTotal(v, micros))
}

// reading is one event of a level meter or a counter.
type reading struct {
	group uint32
	time  int64
	id    eventID
	qty   money.Int128
}

func (r reading) compare(o reading) int {
	if c := cmp.Or(cmp.Compare(r.group, o.group), cmp.Compare(r.time, o.time)); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(r.id.Hi, o.id.Hi), cmp.Compare(r.id.Lo, o.id.Lo))
}
