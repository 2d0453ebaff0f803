package pricing

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"daybook/pricing/money"
)

// burstKeptBy reports whether a meter keeps what a burst price asks for.
func burstKeptBy(b Burst, each Each, m Meter) error {
	dimensions := each.By
	if b.Seconds != "" {
		dimensions = append([]string{b.Seconds}, dimensions...)
	}
	switch {
	case m.Aggregate.Level():
		return fmt.Errorf("meter %s follows a level over time; burst looks at each five minutes by itself", m.ID)
	case m.Grain != GrainFiveMinutes:
		return fmt.Errorf("burst needs each five minutes, but meter %s keeps usage by the %s", m.ID, m.Grain)
	case each.Window != "":
		return fmt.Errorf("burst is for each five minutes; each %s says it otherwise", each.Window)
	case b.PerSeconds <= 0 || len(b.Levels) == 0:
		return fmt.Errorf("burst without a time or a level has no price")
	}
	for _, d := range dimensions {
		if !slices.Contains(m.By, d) {
			return fmt.Errorf("burst looks at dimension %s, which meter %s does not keep", d, m.ID)
		}
	}
	return nil
}

// checkBurst reports a burst price that its meter cannot serve.
func (p *Price) checkBurst(m Meter) error {
	if b, ok := p.Model.(Burst); ok {
		if len(b.UsageLevels) > 0 && p.Pool != PoolSubscription {
			return errors.New("levels by usage look at one subscription's usage, and a pool has several")
		}
		if m.Aggregate == Unique && p.Pool != PoolSubscription {
			return errors.New("a pool counts a value of several members once, and burst looks at each member by itself: leave pool out")
		}
		return burstKeptBy(b, p.Each, m)
	}
	return nil
}

// measureBurst returns what a subscription used beyond what it had subscribed
// to, times how long: one group for each level, in order of levels. Each event's
// dimension Seconds says how long it stands for, else the whole interval
// (docs/billing-rules.md, Price models, Burst).
func (x *rating) measureBurst(s *segment, price *Price, b Burst, h horizon) (Measured, error) {
	byLevel := map[int64]money.Fraction{}
	var out Measured
	intervals, err := x.burstIntervals(s, price, b, h)
	if err != nil {
		return Measured{}, err
	}
	x.polls.keep(s, price, intervals)
	for _, i := range intervals {
		if i.beyond.Sign() <= 0 {
			continue
		}
		byLevel[i.level] = byLevel[i.level].Add(i.times(b))
		out.Quantity = out.Quantity.Add(i.times(b))
	}
	for _, level := range slices.Sorted(maps.Keys(byLevel)) {
		out.Groups = append(out.Groups, Group{Values: []string{levelText(level)}, Quantity: byLevel[level]})
	}
	return out, nil
}

// burstInterval is one interval's usage beside what was paid for already.
type burstInterval struct {
	used
	covered money.Fraction // in the priced unit
	beyond  money.Fraction // above zero: what is charged
	level   int64          // of what is beyond
}

// times is what is beyond times how long, in the time that a price is for.
func (i burstInterval) times(b Burst) money.Fraction {
	return i.beyond.Mul(i.seconds).Mul(money.Ratio(1, b.PerSeconds))
}

// burstIntervals returns the intervals of a segment in which something was used,
// in order of time.
func (x *rating) burstIntervals(s *segment, price *Price, b Burst, h horizon) ([]burstInterval, error) {
	b = x.rater.reg.scheduled(b)
	m, rows, over := x.metering(s, price.Meter, h)
	all, err := m.intervals(rows, over, b, price.Each)
	if err != nil {
		return nil, fmt.Errorf("measure meter %s: %w", m.ID, err)
	}
	before := loads(all)
	var out []burstInterval
	for _, u := range all {
		if !u.counts {
			continue
		}
		i := burstInterval{used: u, covered: x.covered(s, price, b, m, u.start)}
		if i.beyond = u.quantity.Sub(i.covered); i.beyond.Sign() > 0 {
			if i.level, err = b.levelAt(u.start, before[u.start.Add(-interval)]); err != nil {
				return nil, err
			}
		}
		out = append(out, i)
	}
	return out, nil
}

// used is one interval's usage: of all events in it that stand for as long.
type used struct {
	start    time.Time
	polled   time.Time // of the last of them
	values   []string  // of the dimensions that the price looks at each of
	counts   bool      // it is in the span; what was used just before only sets a level
	seconds  money.Fraction
	quantity money.Fraction // in the priced unit
}

// poll counts the events of one interval that stand for as long.
type poll struct {
	count
	last int64 // event, Unix microseconds
}

// intervals returns a meter's five minutes in order of time, those in which
// something was used, with the last one before the span.
func (m Meter) intervals(rows []UsageState, s span, b Burst, each Each) ([]used, error) {
	by := append([]string{b.Seconds}, each.By...)
	wide := s
	wide.first = s.first.AddDays(-1)
	rows, err := m.counting(rows, wide)
	if err != nil {
		return nil, err
	}
	begin := s.part.Start.Truncate(interval).Add(-interval).UnixMicro()
	slots := map[int64]*grouping[poll]{}
	counts := map[int64]bool{}
	for i := range rows {
		u := &rows[i]
		inSpan := u.Day >= s.first && u.Day <= s.last
		if !inSpan && u.Slot != begin {
			continue
		}
		if slots[u.Slot] == nil {
			slots[u.Slot] = &grouping[poll]{by: by}
		}
		counts[u.Slot] = counts[u.Slot] || inSpan
		c, err := slots[u.Slot].at(u.Dimensions)
		if err == nil {
			c.last = max(c.last, u.LastTime)
			err = c.add(&m, u)
		}
		if err != nil {
			return nil, err
		}
	}
	var out []used
	for _, slot := range slices.Sorted(maps.Keys(slots)) {
		for _, g := range slots[slot].sorted() {
			i := used{
				start: time.UnixMicro(slot).UTC(), polled: time.UnixMicro(g.of.last).UTC(), values: g.values[1:], counts: counts[slot],
				seconds: money.Ratio(int64(interval), int64(time.Second)),
			}
			var err error
			if text := g.values[0]; b.Seconds != "" && text != "" {
				if i.seconds, err = secondsOf(text); err != nil {
					return nil, err
				}
			}
			if i.quantity, err = g.of.value(&m).Quo(m.DivideBy.Fraction()); err != nil {
				return nil, fmt.Errorf("divide_by: %w", err)
			}
			out = append(out, i)
		}
	}
	return out, nil
}

// secondsOf reads how long an event stands for.
func secondsOf(text string) (money.Fraction, error) {
	q, err := money.ParseQuantity(text)
	if err != nil || q.Sign() < 0 {
		return money.Fraction{}, fmt.Errorf("usage stands for %.60q seconds: write a number of seconds, 0 or more, where the usage is written", text)
	}
	return q.Fraction(), nil
}

// loads adds up what was used in each interval.
func loads(intervals []used) map[time.Time]money.Fraction {
	out := map[time.Time]money.Fraction{}
	for _, i := range intervals {
		out[i.start] = out[i.start].Add(i.quantity)
	}
	return out
}

// covered returns, in the priced unit, what the subscription pays for already
// when an interval begins: its own quantity for the price, or the resources of a
// kind that exist then. Both are in the unit of the meter's events.
func (x *rating) covered(s *segment, price *Price, b Burst, m Meter, at time.Time) money.Fraction {
	var sum money.Fraction
	if b.Over == OverSubscribed {
		sum = s.sub.Quantities[price.ID].Fraction()
		for _, c := range s.sub.QuantityChanges[price.ID] {
			if !c.From.After(at) {
				sum = c.Quantity.Fraction()
			}
		}
	} else {
		for _, r := range x.resources(s, b.Over) {
			if (Period{r.Created, endOfTime()}).Cut(Period{End: r.Deleted}).Contains(at) {
				sum = sum.Add(r.Quantity.Fraction())
			}
		}
	}
	sum, _ = sum.Quo(m.DivideBy.Fraction()) // NewRater checked that it is not zero
	return sum
}

// levelText writes a level as a group's value, of one width so that the groups
// of a pool merge in order of levels.
func levelText(level int64) string { return fmt.Sprintf("%019d", level) }

func levelOfText(values []string) (int64, error) {
	if len(values) != 1 {
		return 0, fmt.Errorf("burst is priced by level; %d values name none", len(values))
	}
	return strconv.ParseInt(values[0], 10, 64)
}
