package pricing

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"daybook/pricing/money"
)

// Reading is what one window of time, and one group of usage in it, comes to under
// a price that is for each of them (docs/billing-rules.md, Price models, Each).
type Reading struct {
	From, Until  time.Time      // the window, half-open; a group without a window has its line's period
	Dimensions   string         // canonical JSON of the group's values; "{}" without
	First, Last  time.Time      // of the events
	Events       int64          // none where a price is owed for a band of hours without usage
	Used         money.Quantity // in the priced unit, as measured, 12 places half-even
	Quantity     money.Quantity // rounded as the price says, before the allowance
	Billable     money.Quantity // after it
	UnitPrice    money.Amount   // where one price held for all units
	HasUnitPrice bool
	Subtotal     money.Amount // exact; the readings of a line sum to its own
	Total        money.Amount // with its share of what adjustments did to the line
}

// read is when and how much of a reading was used.
type read struct {
	first, last, events int64
}

// readings returns what the windows of an item come to, in their order. A pool's
// are of several subscriptions and nobody's readings, so it has none.
func (it *item) readings() []Reading {
	c := &it.charge
	if !it.price.apart() || it.subscription == "" || len(it.measured) != 1 || len(c.apart) != len(c.each) {
		return nil
	}
	used := &it.measured[0]
	var bands *TimeOfDay
	if hours, ok := it.price.Model.(TimeOfDay); ok {
		bands = &hours
	}
	reads := used.reads(it.price.Each, bands)
	out := make([]Reading, len(c.each))
	amounts := make([]money.Fraction, len(c.each))
	for i, g := range c.each {
		r := reads[groupKey(g.Values)]
		from, until := it.price.Each.frame(g.Values[0], it)
		amounts[i] = c.apart[i].amount
		out[i] = Reading{
			From: from, Until: until, Dimensions: groupText(it.price.Each.By, g.Values[1:1+len(it.price.Each.By)]),
			First: time.UnixMicro(r.first).UTC(), Last: time.UnixMicro(r.last).UTC(), Events: r.events,
			Used: used.measured.groupOf(g.Values).Quantity(), Quantity: g.Quantity.Quantity(), Billable: c.apart[i].billable.Quantity(),
			UnitPrice: c.apart[i].unitPrice, HasUnitPrice: c.apart[i].hasUnitPrice,
		}
	}
	subtotals := settle(amounts, c.Subtotal)
	for i, total := range it.shared(subtotals) {
		out[i].Subtotal, out[i].Total = subtotals[i], total
	}
	return out
}

// shared divides the item's total in proportion to amounts that sum to its
// subtotal.
func (it *item) shared(amounts []money.Amount) []money.Amount {
	if it.total.Cmp(it.charge.Subtotal) == 0 {
		return amounts
	}
	if out, err := money.Allocate(it.total, amounts, money.SeriesPlaces); err == nil {
		return out
	}
	out, _ := money.Allocate(it.total, make([]money.Amount, len(amounts)), money.SeriesPlaces) // all are for nothing
	return out
}

// groupOf is the quantity of the group with those values.
func (m Measured) groupOf(values []string) money.Fraction {
	i, found := slices.BinarySearchFunc(m.Groups, values, func(g Group, v []string) int { return slices.Compare(g.Values, v) })
	if !found {
		return money.Fraction{}
	}
	return m.Groups[i].Quantity
}

// reads finds the events of each group of measureWindows.
func (m *measurement) reads(each Each, bands *TimeOfDay) map[string]read {
	out := map[string]read{}
	for i := range m.states {
		u := &m.states[i]
		if u.Day < m.over.first || u.Day > m.over.last {
			continue
		}
		pairs, err := parseDimensions(u.Dimensions)
		if err != nil {
			continue // measuring it has failed already
		}
		values := []string{fmt.Sprintf("%020d", each.windowOf(u))}
		for _, by := range each.By {
			values = append(values, pairs[by])
		}
		if bands != nil {
			values = append(values, bands.bandOf(u.Slot, m.over.loc))
		}
		key := groupKey(values)
		r, seen := out[key]
		if !seen {
			r = read{first: u.FirstTime, last: u.LastTime}
		}
		out[key] = read{min(r.first, u.FirstTime), max(r.last, u.LastTime), r.events + u.Events}
	}
	return out
}

// frame is the time of a window by its text.
func (e Each) frame(text string, it *item) (from, until time.Time) {
	n, _ := strconv.ParseInt(text, 10, 64) // measureWindows wrote it
	at := time.UnixMicro(n).UTC()
	switch e.Window {
	case GrainDay:
		day := dayOf(Date(n), it.loc)
		return day.Start, day.End
	case GrainHour:
		return at, at.Add(time.Hour)
	case GrainFiveMinutes:
		return at, at.Add(5 * time.Minute)
	}
	return it.part.Start, it.part.End
}
