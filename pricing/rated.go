package pricing

import (
	"fmt"
	"maps"
	"slices"
)

// Rated counts the usage events that rating saw: Kept = Billed + Unpriced + Late.
type Rated struct {
	Kept     int64 `json:"kept"` // events
	Billed   int64 `json:"billed"`
	Unpriced int64 `json:"unpriced"`
	Late     int64 `json:"late"`
}

// Add returns the counts of both.
func (r Rated) Add(o Rated) Rated {
	return Rated{r.Kept + o.Kept, r.Billed + o.Billed, r.Unpriced + o.Unpriced, r.Late + o.Late}
}

// Check reports a breach of Kept = Billed + Unpriced + Late: a row that no
// decision counted. Nothing is published over it.
func (r Rated) Check() error {
	if r.Kept != r.Billed+r.Unpriced+r.Late {
		return fmt.Errorf("rating does not add up: kept %d, but billed %d + unpriced %d + late %d", r.Kept, r.Billed, r.Unpriced, r.Late)
	}
	return nil
}

// RatedMeter is what became of one meter's usage, each figure counted where it is
// decided. Kept = Billed + Unpriced + Late is the usage of what was rated; but for
// Late, which the rollups of earlier periods hold, it is with Parked and Elsewhere
// all that the rollups held (docs/reconciliation.md).
type RatedMeter struct {
	Meter     string
	Kept      UsageSum
	Billed    UsageSum // a price of the plan is for it
	Unpriced  UsageSum // no price of the plan is for it, or it is taken back
	Late      UsageSum // its period is issued: on corrections; below zero where less is there than was counted before
	Parked    UsageSum // its account is not rated
	Elsewhere UsageSum // of a period, or a day, that another run rates
}

// Add returns the sum of two accounts of the same meter.
func (r RatedMeter) Add(o RatedMeter) RatedMeter {
	return RatedMeter{
		Meter: r.Meter, Kept: r.Kept.Add(o.Kept), Billed: r.Billed.Add(o.Billed), Unpriced: r.Unpriced.Add(o.Unpriced),
		Late: r.Late.Add(o.Late), Parked: r.Parked.Add(o.Parked), Elsewhere: r.Elsewhere.Add(o.Elsewhere),
	}
}

// Held is all that the rollups of the periods that were rated held of the meter.
func (r RatedMeter) Held() UsageSum { return r.Kept.less(r.Late).Add(r.Parked).Add(r.Elsewhere) }

// Check reports a breach of Kept = Billed + Unpriced + Late, in events or in
// quantity: usage that no decision counted. Nothing is published over it.
func (r RatedMeter) Check() error {
	if sum := r.Billed.Add(r.Unpriced).Add(r.Late); !r.Kept.equal(sum) {
		return fmt.Errorf("rating of meter %q does not add up: kept %d events of %s, but billed, unpriced and late are %d of %s",
			r.Meter, r.Kept.Events, r.Kept.Quantity, sum.Events, sum.Quantity)
	}
	return nil
}

// RatedMeters are the accounts of several meters, sorted by id.
type RatedMeters []RatedMeter

// Add adds two lists up by meter.
func (r RatedMeters) Add(o RatedMeters) RatedMeters {
	if len(r) == 0 {
		return o
	}
	if len(o) == 0 {
		return r
	}
	out := make(RatedMeters, 0, max(len(r), len(o)))
	for len(r) > 0 || len(o) > 0 {
		switch {
		case len(o) == 0 || len(r) > 0 && r[0].Meter < o[0].Meter:
			out, r = append(out, r[0]), r[1:]
		case len(r) == 0 || o[0].Meter < r[0].Meter:
			out, o = append(out, o[0]), o[1:]
		default:
			sum := r[0].Add(o[0])
			sum.Meter = r[0].Meter
			out, r, o = append(out, sum), r[1:], o[1:]
		}
	}
	return out
}

// Rated sums the events.
func (r RatedMeters) Rated() Rated {
	var out Rated
	for _, m := range r {
		out = out.Add(Rated{m.Kept.Events, m.Billed.Events, m.Unpriced.Events, m.Late.Events})
	}
	return out
}

// AsParked is the account of the same usage when nothing of it is billed after all.
func (r RatedMeters) AsParked() RatedMeters {
	var out RatedMeters
	for _, m := range r {
		out = append(out, RatedMeter{Meter: m.Meter, Parked: m.Kept.Add(m.Parked), Elsewhere: m.Elsewhere})
	}
	return out
}

// Late is the account of usage of an issued period by a run that corrects it: what
// is counted now (r) and was not when the period was last looked at (before), less
// what was and is no more.
func (r RatedMeters) Late(before RatedMeters) RatedMeters {
	var out RatedMeters
	for _, m := range r.Less(before) {
		late := RatedMeter{Meter: m.Meter, Kept: m.Kept, Late: m.Billed.Add(m.Unpriced).Add(m.Late)}
		if !late.Kept.IsZero() || !late.Late.IsZero() {
			out = append(out, late)
		}
	}
	return out
}

// OnlyLate is the part of the account that is late.
func (r RatedMeters) OnlyLate() RatedMeters {
	var out RatedMeters
	for _, m := range r {
		if !m.Late.IsZero() {
			out = append(out, RatedMeter{Meter: m.Meter, Kept: m.Late, Late: m.Late})
		}
	}
	return out
}

// Check reports a meter whose usage does not add up: by itself, or to what the
// rollups held.
func (r RatedMeters) Check(held []MeterSum) error {
	if err := r.CheckParts(); err != nil {
		return err
	}
	var sums []MeterSum
	for _, m := range r {
		sums = append(sums, MeterSum{m.Meter, m.Held()})
	}
	return CheckMeterSums("rating decided on", sums, "the rollups hold", held)
}

// CheckParts reports a meter whose usage does not add up by itself.
func (r RatedMeters) CheckParts() error {
	for _, m := range r {
		if err := m.Check(); err != nil {
			return err
		}
	}
	return nil
}

// ParkedUsage is the account of usage of which nothing is rated.
func ParkedUsage(rows []UsageState) RatedMeters {
	var c counting
	for i := range rows {
		c.of(&rows[i]).parked.add(rows[i].Events, rows[i].Sum)
	}
	return c.meters()
}

// ElsewhereUsage is the account of usage that rating does not look at.
func ElsewhereUsage(sums []MeterSum) RatedMeters {
	var out RatedMeters
	for _, s := range sums {
		out = append(out, RatedMeter{Meter: s.Meter, Elsewhere: s.UsageSum})
	}
	return out
}

// counting adds up what became of usage rows, by meter.
type counting struct {
	sums map[string]*meterSums
	last string
	at   *meterSums // of last
}

type meterSums struct {
	kept, billed, unpriced, parked, elsewhere summing
}

// of returns the sums of a row's meter; sorted rows mostly repeat the one above.
func (c *counting) of(u *UsageState) *meterSums {
	if c.at != nil && c.last == u.Meter {
		return c.at
	}
	if c.sums == nil {
		c.sums = map[string]*meterSums{}
	}
	if c.sums[u.Meter] == nil {
		c.sums[u.Meter] = &meterSums{}
	}
	c.last, c.at = u.Meter, c.sums[u.Meter]
	return c.at
}

func (c *counting) meters() RatedMeters {
	var out RatedMeters
	for _, id := range slices.Sorted(maps.Keys(c.sums)) {
		s := c.sums[id]
		out = append(out, RatedMeter{
			Meter: id, Kept: s.kept.sum(), Billed: s.billed.sum(), Unpriced: s.unpriced.sum(), Parked: s.parked.sum(), Elsewhere: s.elsewhere.sum(),
		})
	}
	return out
}

// count decides on every usage row of the tree: concerns says whether it is of
// what is rated here, given the segment that holds it, which may be nil. Rows of
// accounts that another book rates are that one's.
func (w *work) count(concerns func(u *UsageState, s *segment) bool) RatedMeters {
	var c counting
	last := countedRow{of: w}
	for i := range w.usage.rows {
		u := &w.usage.rows[i]
		if w.others[u.Account] {
			continue
		}
		sums := c.of(u)
		if w.out[u.Account] {
			sums.parked.add(u.Events, u.Sum)
			continue
		}
		last.at(u)
		if !concerns(u, last.segment) {
			sums.elsewhere.add(u.Events, u.Sum)
			continue
		}
		sums.kept.add(u.Events, u.Sum)
		if last.priced && !w.rater.reg.isVoid(u) {
			sums.billed.add(u.Events, u.Sum)
		} else { // a row that no segment holds has no price either, nor one that is taken back
			sums.unpriced.add(u.Events, u.Sum)
		}
	}
	return c.meters()
}

// countedRow is what holds of a usage row, and mostly of the next one: rows come by
// subscription and meter.
type countedRow struct {
	of                  *work
	subscription, meter string
	segments            []*segment // of the subscription
	segment             *segment   // that holds the row; nil: none
	priced              bool       // by the segment
}

func (c *countedRow) at(u *UsageState) {
	if c.segments == nil || c.subscription != u.Subscription {
		c.subscription, c.segments = u.Subscription, c.of.segments[u.Subscription]
	}
	s := segmentOn(c.segments, u.Day)
	if s != c.segment || c.meter != u.Meter {
		c.segment, c.meter, c.priced = s, u.Meter, s != nil && s.prices(u.Meter)
	}
}

// Less takes another account, which is part of this one, off it.
func (r RatedMeters) Less(o RatedMeters) RatedMeters {
	minus := UsageSum{}.less
	var out RatedMeters
	for _, m := range o {
		out = append(out, RatedMeter{
			m.Meter, minus(m.Kept), minus(m.Billed), minus(m.Unpriced), minus(m.Late), minus(m.Parked), minus(m.Elsewhere),
		})
	}
	return r.Add(out)
}
