package book

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"daybook/pricing"
	"daybook/sources/spelling"
)

// maxLevel bounds price levels; nobody has more.
const maxLevel = 1_000_000

// burst reads prices of what exceeds a subscription, by level
// (docs/billing-rules.md, Price models, Burst).
func (c *checker) burst(r row[price], m pricing.Meter, known bool) pricing.Burst {
	b := r.value.Burst
	out := pricing.Burst{
		Over: c.name(b.Over), Seconds: c.name(b.Seconds),
		PerSeconds: secondsPer(b.Per),
		Levels:     c.levels(b.Levels), Schedule: c.schedule(b.Schedule.changes), ScheduleName: c.name(b.Schedule.name), UsageLevels: c.usageLevels(b.ByUsage),
	}
	c.fiveMinutes(r, m, known)
	switch {
	case b.Schedule.written() && b.ByUsage.written():
		c.add(b.ByUsage.place, "the level comes both from `schedule` and from `by_usage`", "keep one of the two")
	case !b.Schedule.written() && !b.ByUsage.written() && len(out.Levels) > 1:
		c.add(b.Levels.place, "there are several levels, and nothing says which one holds", "add `schedule: [{from: <instant>, level: <level>}]` or `by_usage: [{from: 0, level: <level>}]`")
	}
	if b.ByUsage.written() && r.value.Pool.written() {
		c.add(b.ByUsage.place, "levels by usage look at the usage of one subscription, and a pool has several", "leave `pool` out, or write a `schedule`")
	}
	if known && m.Aggregate == pricing.Unique && r.value.Pool.written() {
		c.add(b.place, "a pool counts a value of several members once, and burst looks at each member by itself", "leave `pool` out")
	}
	c.pricedLevels(b, out)
	return out
}

// fiveMinutes checks what burst asks of its meter and of `each`.
func (c *checker) fiveMinutes(r row[price], m pricing.Meter, known bool) {
	b := r.value.Burst
	switch {
	case !known:
	case m.Aggregate.Level():
		c.add(b.place, "the meter "+quote(m.ID)+" follows a level over time, and burst looks at each five minutes by itself", "price a meter with `aggregate: max` and `grain: 5m`")
	case m.Grain != pricing.GrainFiveMinutes:
		c.add(b.place, "the meter "+quote(m.ID)+" keeps usage by the "+string(m.Grain), "give the meter `grain: 5m`; usage is then read again")
	}
	if b.Seconds.written() && known && !slices.Contains(m.By, b.Seconds.value) {
		c.add(b.Seconds.place, "the meter "+quote(m.ID)+" does not keep the dimension "+quote(b.Seconds.value),
			cmp.Or(spelling.DidYouMean(b.Seconds.value, m.By), "add it to the meter's `by`; usage is then read again"))
	}
	for _, w := range r.value.Each.items {
		if !slices.Contains(m.By, w.value) && slices.Contains([]string{"day", "hour", "5m"}, w.value) {
			c.add(w.place, "burst is for each five minutes already", "leave it out")
		}
	}
}

// levels reads prices by level.
func (c *checker) levels(t table[number]) []pricing.LevelPrice {
	var out []pricing.LevelPrice
	for _, r := range t.rows {
		level := number{place: r.place, text: r.name}
		if reason, _ := refuseNumber(r.name); reason != "" {
			c.add(r.place, reason, "write levels as whole numbers: {0: 0.10, 1: 0.20}")
			continue
		}
		if r.value.written() {
			out = append(out, pricing.LevelPrice{Level: int64(c.whole(level, 0, maxLevel, 0)), Unit: c.amount(r.value)})
		}
	}
	if t.written() && !t.bad && len(t.rows) == 0 {
		c.add(t.place, "has no level", "add prices by level: {0: 0.10, 1: 0.20}")
	}
	slices.SortFunc(out, func(a, b pricing.LevelPrice) int { return cmp.Compare(a.Level, b.Level) })
	return out
}

// schedule reads which level holds from which instant on.
func (c *checker) schedule(l list[levelChange]) []pricing.LevelChange {
	if l.written() && !l.bad && len(l.items) == 0 {
		c.add(l.place, "says no level", "add some: [{from: 2026-10-01T00:00:00Z, level: 1}]")
	}
	var out []pricing.LevelChange
	for _, i := range l.items {
		if !i.From.written() || i.From.bad {
			continue
		}
		from, err := time.Parse(time.RFC3339, i.From.value)
		if err != nil {
			c.add(i.From.place, quote(i.From.value)+" is not an instant", "write date, time and offset: 2026-10-01T00:00:00Z")
			continue
		}
		if n := len(out); n > 0 && !from.After(out[n-1].From) {
			c.add(i.From.place, fmt.Sprintf("is not after %s, where the one before begins", out[n-1].From.Format(time.RFC3339)), "write changes of level in order of time")
		}
		out = append(out, pricing.LevelChange{From: from.UTC(), Level: int64(c.whole(i.Level, 0, maxLevel, 0))})
	}
	return out
}

// usageLevels reads which level follows how much usage.
func (c *checker) usageLevels(l list[usageLevel]) []pricing.UsageLevel {
	if l.written() && len(l.items) == 0 {
		c.add(l.place, "says no level", "add some: [{from: 0, level: 0}, {from: 100, level: 1}]")
	}
	var out []pricing.UsageLevel
	for _, i := range l.items {
		if !i.From.written() || i.From.bad {
			continue
		}
		u := pricing.UsageLevel{From: c.quantity(i.From), Level: int64(c.whole(i.Level, 0, maxLevel, 0))}
		switch n := len(out); {
		case n == 0 && !u.From.IsZero():
			c.add(i.From.place, "the first level begins at "+u.From.String()+", and less usage would have none", "begin at 0")
		case n > 0 && u.From.Cmp(out[n-1].From) <= 0:
			c.add(i.From.place, fmt.Sprintf("begins at %s, not above %s where the one before begins", u.From, out[n-1].From), "write levels from the lowest usage to the highest")
		}
		out = append(out, u)
	}
	return out
}

// pricedLevels checks that every level that may hold has a price: its own or that
// of a lower one.
func (c *checker) pricedLevels(b burst, out pricing.Burst) {
	if len(out.Levels) == 0 {
		return
	}
	check := func(at number) {
		if at.written() && !at.bad && int64(c.whole(at, 0, maxLevel, maxLevel)) < out.Levels[0].Level {
			c.add(at.place, "level "+at.text+" has no price, and none below it has one", "add it to `levels`")
		}
	}
	for _, i := range b.Schedule.changes.items {
		check(i.Level)
	}
	for _, i := range b.ByUsage.items {
		check(i.Level)
	}
}
