package pricing

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"daybook/pricing/money"
)

// Held is what a running meter comes to where its price is prorated: the level
// at the end and the changes that made it, in order of time. What the changes
// hold sums to Measured.Quantity.
type Held struct {
	Level money.Fraction
	Moves []Move // none of a unique meter by time
}

// Move is a change of a level, and what it comes to for the part of the period
// that it holds.
type Move struct{ By, Held money.Fraction }

// measureHeld measures a running meter for a prorated price
// (docs/billing-rules.md, Meters and aggregations, Running meters). By started
// days the changes of a local day are one, which holds from the day's start, and
// a value of a unique meter is there on each day that it touches. By time a
// change holds from its instant.
func (m Meter) measureHeld(rows []UsageState, s span, p proration) (Measured, error) {
	var counted []UsageState
	for i := range rows {
		if u := &rows[i]; u.Day >= s.carry && u.Day <= s.last && u.FirstTime < s.part.End.UnixMicro() {
			counted = append(counted, *u)
		}
	}
	var held Held
	var sum money.Fraction
	switch {
	case p.convention == ProrateTime && m.Aggregate == Unique:
		held.Level, sum = presenceByTime(counted, s, p)
	case p.convention == ProrateTime:
		held.Moves = movesByTime(counted, s, p)
	case m.Aggregate == Unique:
		held.Moves = movesByDay(presenceByDay(counted, s, p.loc), s, p)
	default:
		held.Moves = movesByDay(changesByDay(counted, s), s, p)
	}
	for _, move := range held.Moves {
		held.Level, sum = held.Level.Add(move.By), sum.Add(move.Held)
	}
	unit, err := money.Whole(1).Quo(m.DivideBy.Fraction())
	if err != nil {
		return Measured{}, fmt.Errorf("measure meter %s: divide_by: %w", m.ID, err)
	}
	held.Level = held.Level.Mul(unit)
	for i, move := range held.Moves {
		held.Moves[i] = Move{move.By.Mul(unit), move.Held.Mul(unit)}
	}
	return Measured{Quantity: sum.Mul(unit), Held: &held}, nil
}

// changesByDay sums a running sum's changes by local day; those before the span
// are of its first day.
func changesByDay(rows []UsageState, s span) map[Date]money.Fraction {
	out := map[Date]money.Fraction{}
	for i := range rows {
		day := max(rows[i].Day, s.first)
		out[day] = out[day].Add(rows[i].change())
	}
	return out
}

// change is what a state of a running sum changed it by.
func (u *UsageState) change() money.Fraction {
	return u.Sum.Quantity(money.QuantityPlaces).Fraction()
}

// presenceByDay returns by how many more values were there on a local day than
// on the day before.
func presenceByDay(rows []UsageState, s span, loc *time.Location) map[Date]money.Fraction {
	out := map[Date]money.Fraction{}
	for len(rows) > 0 {
		n := sameDimensions(rows)
		there := false // on the day looked at last
		at := func(day Date, now bool) {
			if now == there || day > s.last {
				return
			}
			by := int64(-1)
			if now {
				by = 1
			}
			out[day], there = out[day].Add(money.Whole(by)), now
		}
		i, present := 0, false
		for ; i < n && rows[i].Day < s.first; i++ {
			present = rows[i].present()
		}
		at(s.first, present)
		for i < n { // a local day, which lies in two UTC days
			day := rows[i].Day
			// Gone at the day's first instant is not there on the day.
			touched := present && rows[i].FirstTime > dayOf(day, loc).Start.UnixMicro()
			for ; i < n && rows[i].Day == day; i++ {
				touched = touched || rows[i].Max != (money.Int128{})
				present = rows[i].present()
			}
			at(day, touched)
			at(day+1, present)
		}
		rows = rows[n:]
	}
	return out
}

// sameDimensions returns how many of the first rows are of one set of dimensions.
func sameDimensions(rows []UsageState) int {
	n := 1
	for n < len(rows) && rows[n].Dimensions == rows[0].Dimensions {
		n++
	}
	return n
}

// movesByDay gives each day's change the part of the period from that day on.
func movesByDay(changes map[Date]money.Fraction, s span, p proration) []Move {
	var out []Move
	for _, day := range slices.Sorted(maps.Keys(changes)) {
		by := changes[day]
		if by.IsZero() {
			continue
		}
		from := s.part.Start
		if day > s.first {
			from = dayOf(day, p.loc).Start
		}
		out = append(out, Move{by, by.Mul(p.existence(Period{from, endOfTime()}, s.part))})
	}
	return out
}

// movesByTime gives each state's changes the part of the period from their
// instants on; what lies between its first and its last is integrated already.
// What was there before the span is one move.
func movesByTime(rows []UsageState, s span, p proration) []Move {
	slices.SortStableFunc(rows, func(a, b UsageState) int {
		return cmp.Or(cmp.Compare(a.LastTime, b.LastTime), a.Sum.Cmp(b.Sum))
	})
	var before money.Fraction
	var out []Move
	for i := range rows {
		u := &rows[i]
		by := u.change()
		if u.Day < s.first {
			before = before.Add(by)
			continue
		}
		held := by.Mul(p.existence(Period{time.UnixMicro(u.LastTime).UTC(), endOfTime()}, s.part))
		within := u.LevelSeconds.Quantity(money.QuantityPlaces).Fraction().Mul(money.Ratio(int64(time.Second), int64(p.length())))
		out = append(out, Move{by, held.Add(within)})
	}
	if !before.IsZero() {
		out = slices.Insert(out, 0, Move{before, before.Mul(p.existence(Period{s.part.Start, endOfTime()}, s.part))})
	}
	return out
}

// presenceByTime returns how many values are there at the end of the span, and
// for which parts of the period all were there together.
func presenceByTime(rows []UsageState, s span, p proration) (level, held money.Fraction) {
	micros := money.Ratio(1, p.length().Microseconds())
	for len(rows) > 0 {
		n := sameDimensions(rows)
		if used := area(rows[:n], s); used != nil {
			part := money.QuantityFrom(decimal.NewFromBigInt(used, -money.QuantityPlaces)).Fraction().Mul(micros)
			if p.month == MonthLessOneSecond {
				part = part.Min(money.Whole(1))
			}
			held = held.Add(part)
		}
		if rows[n-1].present() {
			level = level.Add(money.Whole(1))
		}
		rows = rows[n:]
	}
	return level, held
}
