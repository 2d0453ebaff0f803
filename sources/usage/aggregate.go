package usage

import (
	"cmp"
	"iter"
	"slices"

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

// grouping accumulates one bucket of holders after the other, reusing its table.
type grouping struct {
	closing  *closing
	table    []uint32 // open addressing by key: index of the group + 1
	groups   []group
	readings []reading
}

// rollupRows are the groups of a bucket, and their order.
type rollupRows struct {
	groups []group
	order  []place
}

// bucket returns the rows of the rollup of bucket b.
func (g *grouping) bucket(b int) rollupRows {
	g.groups, g.readings = nil, g.readings[:0]
	g.table = cleared(g.table, 256)
	for _, s := range g.closing.sieves {
		for i := range s.kept[b] {
			g.add(&s.kept[b][i])
		}
	}
	g.integrate()
	return rollupRows{g.groups, g.ordered()}
}

// all yields the groups of every bucket in the order of the output.
func all(buckets []rollupRows) iter.Seq[*group] {
	return func(yield func(*group) bool) {
		for _, b := range buckets {
			for _, p := range b.order {
				if !yield(&b.groups[p.group]) {
					return
				}
			}
		}
	}
}

func (g *grouping) add(e *event) {
	c := g.closing
	hold := &c.pass.attribution.entries[e.entry]
	m := &c.pass.meters[c.shapes[e.shape].meter]
	slot := int64(0)
	if m.slot != 0 {
		into := e.time - int64(c.day.date)*microsPerDay
		slot = (into-into%m.slot)/slotMicros[pricing.GrainFiveMinutes] + 1
	}
	local := c.pass.zones.day(hold.zone, c.day.date, e.time)
	key := groupKey{hold.holder, e.shape, when(local, c.day.date, slot)}
	if m.PerEvent {
		g.groups = append(g.groups, group{groupKey: key})
		g.groups[len(g.groups)-1].add(e)
		return
	}
	n := g.find(key)
	g.groups[n].add(e)
	if m.level || m.counter || m.running {
		g.readings = append(g.readings, reading{n, e.time, e.id, e.qty})
	}
}

// find returns the number of the key's group, a new one when there is none.
func (g *grouping) find(k groupKey) uint32 {
	mask := uint64(len(g.table) - 1)
	at := k.hash() & mask
	for g.table[at] != 0 {
		if n := g.table[at] - 1; g.groups[n].groupKey == k {
			return n
		}
		at = (at + 1) & mask
	}
	n := uint32(len(g.groups))
	g.groups = append(g.groups, group{groupKey: k})
	g.table[at] = n + 1
	if len(g.groups)*2 > len(g.table) {
		g.grow()
	}
	return n
}

func (g *grouping) grow() {
	g.table = cleared(g.table, 2*len(g.table))
	mask := uint64(len(g.table) - 1)
	for n := range g.groups {
		if g.meterOf(uint32(n)).PerEvent { // never looked for
			continue
		}
		at := g.groups[n].hash() & mask
		for g.table[at] != 0 {
			at = (at + 1) & mask
		}
		g.table[at] = uint32(n) + 1
	}
}

// hash spreads keys over a table (the finalizer of splitmix64).
func (k groupKey) hash() uint64 {
	h := uint64(k.holder)<<32 | uint64(k.shape)
	h ^= uint64(k.when) * 0x9E3779B97F4A7C15
	h = (h ^ h>>30) * 0xBF58476D1CE4E5B9
	h = (h ^ h>>27) * 0x94D049BB133111EB
	return h ^ h>>31
}

// integrate adds up each level, and each running sum, between consecutive
// readings of a group, exact at the microsecond, and divides once; and what each
// counter rose by between them.
func (g *grouping) integrate() {
	slices.SortFunc(g.readings, reading.compare)
	g.readings = g.lastOfInstant(g.readings)
	var sum Total
	for i := range g.readings {
		r := &g.readings[i]
		sum = sum.Add(r.qty)
		if i+1 == len(g.readings) || g.readings[i+1].group != r.group {
			sum = Total{}
			continue
		}
		next, into := &g.readings[i+1], &g.groups[r.group]
		switch m := g.meterOf(r.group); {
		case m.counter:
			into.level = into.level.Add(pricing.Rise(r.qty, next.qty))
		case m.running:
			into.hold(sum, uint64(next.time-r.time))
		default:
			into.level = into.level.Plus(levelTotal(r.qty, uint64(next.time-r.time)))
		}
	}
	for i := range g.groups {
		if level := &g.groups[i].level; *level != (Total{}) && !g.meterOf(uint32(i)).counter {
			*level = level.perMillion()
		}
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

// lastOfInstant drops the readings of a counter that another one of the same
// instant follows: ties of time go to the greater event-id hash.
func (g *grouping) lastOfInstant(sorted []reading) []reading {
	out := sorted[:0]
	for i := range sorted {
		r := &sorted[i]
		if i+1 < len(sorted) && sorted[i+1].group == r.group && sorted[i+1].time == r.time && g.meterOf(r.group).counter {
			continue
		}
		out = append(out, *r)
	}
	return out
}

func (g *grouping) meterOf(group uint32) *meter {
	return &g.closing.pass.meters[g.closing.shapes[g.groups[group].shape].meter]
}

// place is a group's place in the order of the output: account, subscription,
// meter, dimensions, day, slot.
type place struct {
	row   uint64 // holder, then rank of the shape
	when  uint32
	group uint32
}

func (p place) compare(o place) int {
	return cmp.Or(cmp.Compare(p.row, o.row), cmp.Compare(p.when, o.when))
}

// ordered returns the groups' numbers in the order of the output. Groups are
// large, so their places are sorted and not they.
func (g *grouping) ordered() []place {
	out := make([]place, len(g.groups))
	for i := range g.groups {
		k := &g.groups[i].groupKey
		out[i] = place{uint64(k.holder)<<32 | uint64(g.closing.ranks[k.shape]), k.when, uint32(i)}
	}
	slices.SortFunc(out, func(a, b place) int {
		if c := a.compare(b); c != 0 {
			return c
		}
		// Only events that are kept as they are share a place: by time and quantity.
		x, y := &g.groups[a.group], &g.groups[b.group]
		if c := cmp.Compare(x.firstTime, y.firstTime); c != 0 {
			return c
		}
		return x.first.Cmp(y.first)
	})
	return out
}
