package usage

import (
	"cmp"
	"iter"
	"slices"

	"daybook/pricing"
)

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
	events := 0
	for _, s := range g.closing.sieves {
		events += len(s.kept[b])
	}
	// Buckets are alike: there is room for as many groups as the last one had.
	g.groups, g.readings = make([]group, 0, min(events, len(g.groups)+len(g.groups)/8+16)), g.readings[:0]
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
