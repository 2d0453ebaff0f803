package pricing

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"daybook/pricing/money"
)

// Each says that a price is for each window of time and each group of usage by
// itself, with tiers, blocks and allowance of its own; what they come to is
// added. The zero value prices the period's quantity as a whole
// (docs/billing-rules.md, Price models, Each).
type Each struct {
	Window Grain    // "" : the whole period; else no finer than the meter's grain
	By     []string // dimensions of the meter
}

func (e Each) divides() bool { return e.Window != "" || len(e.By) > 0 }

// apart reports whether the price is for each window, group or band of hours by
// itself. A burst price is for each five minutes too, but its measuring adds them
// up by level.
func (p *Price) apart() bool {
	switch p.Model.(type) {
	case Burst:
		return false
	case TimeOfDay:
		return true
	}
	return p.Each.divides()
}

// keptBy reports whether a meter keeps what the price asks for.
func (e Each) keptBy(m Meter) error {
	finer := map[Grain]int{GrainDay: 0, "": 0, GrainHour: 1, GrainFiveMinutes: 2}
	switch {
	case m.Aggregate.Level() || m.Running:
		return fmt.Errorf("meter %s follows a level, which is one for the period", m.ID)
	case finer[e.Window] > finer[m.Grain] && !m.PerEvent:
		return fmt.Errorf("each %s, but meter %s keeps usage by the %s", e.Window, m.ID, m.Grain)
	}
	for _, dimension := range e.By {
		if !slices.Contains(m.By, dimension) {
			return fmt.Errorf("each %s, but meter %s does not keep that dimension", dimension, m.ID)
		}
	}
	return nil
}

// checkEach reports a price that cannot be for each window or group.
func (p *Price) checkEach(m Meter) error {
	_, quantity := p.Model.(quantityModel)
	_, hours := p.Model.(TimeOfDay)
	if !quantity && !hours || p.Meter == "" {
		return fmt.Errorf("model %s cannot be for each window or group", modelName(p.Model))
	}
	return p.Each.keptBy(m)
}

// windowOf returns the window that a state lies in: a local day, or the instant
// at which an hour or five minutes begin.
func (e Each) windowOf(u *UsageState) int64 {
	const second = 1_000_000
	switch e.Window {
	case GrainDay:
		return int64(u.Day)
	case GrainHour:
		return u.Slot - u.Slot%(3600*second)
	case GrainFiveMinutes:
		return u.Slot - u.Slot%(300*second)
	}
	return 0
}

// measureEach returns a meter's quantity of each window and group in which
// something was used, as groups in order of time, then of values. Quantity is
// their sum, also of maximums.
//
// With bands, usage in different bands of hours is apart too, and the band is a
// group's last value.
func (m Meter) measureEach(rows []UsageState, s span, each Each, bands *TimeOfDay) (Measured, error) {
	rows, err := m.counting(rows, s)
	if err != nil {
		return Measured{}, err
	}
	return m.measureWindows(rows, s, each, bands)
}

// measureWindows is measureEach for what counting returned.
func (m Meter) measureWindows(rows []UsageState, s span, each Each, bands *TimeOfDay) (Measured, error) {
	type place struct {
		window int64
		band   string
	}
	windows := map[place]*grouping[count]{}
	for i := range rows {
		if rows[i].Day < s.first || rows[i].Day > s.last {
			continue
		}
		window := place{window: each.windowOf(&rows[i])}
		if bands != nil {
			window.band = bands.bandOf(rows[i].Slot, s.loc)
		}
		if windows[window] == nil {
			windows[window] = &grouping[count]{by: each.By}
		}
		c, err := windows[window].at(rows[i].Dimensions)
		if err == nil {
			err = c.add(&m, &rows[i])
		}
		if err != nil {
			return Measured{}, fmt.Errorf("measure meter %s: %w", m.ID, err)
		}
	}
	if bands != nil && !each.divides() {
		for _, band := range bands.owedUnused() {
			if windows[place{band: band}] == nil {
				windows[place{band: band}] = &grouping[count]{}
				_, _ = windows[place{band: band}].at(noGroup) // no dimension is read
			}
		}
	}
	var all []valued[count]
	order := slices.SortedFunc(maps.Keys(windows), func(a, b place) int {
		return cmp.Or(cmp.Compare(a.window, b.window), strings.Compare(a.band, b.band))
	})
	for _, window := range order {
		for _, g := range windows[window].sorted() {
			// Text of one width, so that groups of a pool merge in order of time.
			g.values = append([]string{fmt.Sprintf("%020d", window.window)}, g.values...)
			if bands != nil {
				g.values = append(g.values, window.band)
			}
			all = append(all, g)
		}
	}
	return measured(m, all, func(c *count) money.Fraction { return c.value(&m) })
}

// afterAllowances takes the allowance off each group and adds what is left, and
// what was free.
func (p *Price) afterAllowances(groups []Group) (out []Group, left, free money.Fraction) {
	off := allowed{units: p.Allowance.Fraction()}
	out = make([]Group, len(groups))
	for i, g := range groups {
		out[i] = Group{g.Values, off.off(g.Quantity)}
		left, free = left.Add(out[i].Quantity), free.Add(off.taken(g.Quantity))
	}
	return out, left, free
}

// apartCharge is what one window or group costs.
type apartCharge struct {
	billable     money.Fraction
	unitPrice    money.Amount
	hasUnitPrice bool
	amount       money.Fraction
}

// billEach prices each group of a charge by itself. What a usage discount left of
// the whole is left of each group in proportion. Parts of one tier are one part.
func (p *Price) billEach(one func(g Group, quantity money.Fraction) (bill, error), c *Charge) (bill, error) {
	if len(c.groups) == 0 && !c.whole.IsZero() {
		return bill{}, errors.New("a price for each window or group needs the quantity of each")
	}
	var whole money.Fraction
	for _, g := range c.groups {
		whole = whole.Add(g.Quantity)
	}
	left := money.Whole(1)
	if !whole.IsZero() {
		left, _ = c.Billable.Quo(whole) // not zero, so the quotient exists
	}
	var out bill
	at := map[string]int{}
	c.apart = make([]apartCharge, len(c.groups))
	for i, g := range c.groups {
		b, err := one(g, g.Quantity.Mul(left))
		if err != nil {
			return bill{}, err
		}
		b.sum = p.RoundAmount.round(b.sum)
		c.apart[i] = apartCharge{g.Quantity.Mul(left), b.unitPrice, b.hasUnitPrice, b.sum}
		same := i == 0 || out.hasUnitPrice && b.unitPrice.Cmp(out.unitPrice) == 0
		out.sum, out.unitPrice, out.hasUnitPrice = out.sum.Add(b.sum), b.unitPrice, b.hasUnitPrice && same
		for _, part := range b.parts {
			n, seen := at[part.label]
			if !seen {
				at[part.label] = len(out.parts)
				out.parts = append(out.parts, part)
				continue
			}
			of := &out.parts[n]
			of.quantity, of.flat, of.amount = of.quantity.Add(part.quantity), of.flat.Add(part.flat), of.amount.Add(part.amount)
		}
	}
	return out, nil
}
