package usage

import (
	"cmp"
	"slices"

	"daybook/pricing"
	"daybook/pricing/money"
)

// integrate adds up each level, and each running sum, between consecutive
// readings of a group, exact at the microsecond, and divides once; and what each
// counter rose by between them.
func (g *grouping) integrate() {
	slices.SortFunc(g.readings, reading.compare)
	g.readings = g.lastOfInstant(g.readings)
	g.levels = make([]Total, len(g.groups))
	var sum Total
	for i := range g.readings {
		r := &g.readings[i]
		sum = sum.Add(r.qty)
		if i+1 == len(g.readings) || g.readings[i+1].group != r.group {
			sum = Total{}
			continue
		}
		next, into := &g.readings[i+1], &g.levels[r.group]
		switch m := g.meterOf(r.group); {
		case m.counter:
			*into = into.Add(pricing.Rise(r.qty, next.qty))
		case m.running:
			*into = holding(*into, sum, uint64(next.time-r.time))
		default:
			*into = into.Plus(levelTotal(r.qty, uint64(next.time-r.time)))
		}
	}
	for i := range g.levels {
		if level := &g.levels[i]; *level != (Total{}) && !g.meterOf(uint32(i)).counter {
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
	c := g.closing
	return &c.pass.meters[c.forms[g.groups[group].shape].meter]
}

// holding adds a running sum held for so many microseconds to a level. One of more
// than 38 digits on the way is an overflow, which no day of others could take back.
func holding(level, sum Total, micros uint64) Total {
	v, ok := sum.fixed()
	if !ok {
		return Total{hi: 1 << 61}
	}
	return level.Plus(levelTotal(v, micros))
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
