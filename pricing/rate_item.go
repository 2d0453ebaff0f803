package pricing

import (
	"time"

	"daybook/pricing/money"
)

// item is one price's charge for one segment, or for a pool.
type item struct {
	price                 *Price // with the subscription's overrides
	order                 int    // in the plan
	scope                 Scope
	account, subscription string // subscription is "" for a pool
	version               *Version
	plan                  *Plan
	unit                  string
	loc                   *time.Location
	part, whole           Period
	nth                   int       // of a fee whose quantity changes, from 0
	givenBack             bool      // what was billed ahead and is not owed
	resource              *Resource // of a line of its own
	from                  time.Time // of what is given back: since when it was billed
	due                   time.Time // when it is billed
	months                int       // since the subscription's start
	segment               *segment  // what plan adjustments are shared by time over; nil: share says it
	share                 money.Fraction
	charge                Charge
	total                 money.Amount   // after adjustments, exact
	totals                []money.Amount // of charge.Groups
	bundle                *bundle        // nil: it is rounded by itself
	free                  bool           // the plan's cliff makes it cost nothing
	adjusted              Adjusted       // how total came about
	nominal               Period         // the billing period as the cycle has it
	measured              []measurement  // while somebody traces
	united                *Measured      // of a pool of unique values: what its members used together
	owed, billed          *item          // of one that is given back: what it is the difference of
	settled               bool           // total has the adjustments already
}

// bundle marks the items that one amount was spread over, which are rounded
// together.
type bundle struct{ number int }

// advance reports whether the item is a fee that is billed when its period starts.
func (it *item) advance() bool { return it.price.Due == InAdvance }

// closing returns the month whose closing bills the item: that in which it is
// due, where the first instant of a month belongs to the month before
// (docs/billing-rules.md, Periods and closings).
func (it *item) closing() Month { return MonthOf(LocalDay(it.due.Add(-1), it.loc)) }

// rating prices one tree's segments.
type rating struct {
	rater *Rater
	usage usageIndex
	taken *measurements // nil: nobody traces
}

// rate prices a group up to a horizon. Pooled prices give one billed item for
// the pool and one own item for each member, other prices one billed item for
// each member.
func (x *rating) rate(g *group, h horizon) ([]*item, *fault) {
	members := g.begun(h)
	if len(members) == 0 {
		return nil, nil
	}
	x.taken.take() // what a group left that could not be rated
	var billed, own []*item
	for order := range g.plan.Prices {
		price := &g.plan.Prices[order]
		if !members[0].bills(price) {
			continue
		}
		for _, s := range members {
			items, err := x.memberItems(g, s, price, order, h)
			if err != nil {
				return nil, segmentFault(s, err)
			}
			for _, it := range items {
				if price.Pool != PoolSubscription {
					it.scope, it.due = ScopeOwn, g.term.End
					own = append(own, it)
				} else {
					billed = append(billed, it)
				}
			}
		}
		pooled, f := x.poolItems(g, members, price, order, h)
		if f != nil {
			return nil, f
		}
		billed = append(billed, pooled...)
	}
	if f := x.adjustAll(g, members, billed, own, h); f != nil {
		return nil, f
	}
	return append(billed, own...), nil
}

// memberItems prices one price for one subscription: a fee whose quantity
// changes in parts, as far as they have begun.
func (x *rating) memberItems(g *group, s *segment, price *Price, order int, h horizon) ([]*item, error) {
	if price.Meter != "" || price.Resource != "" {
		it, err := x.memberItem(g, s, price, order, h)
		return []*item{it}, err
	}
	var out []*item
	parts := s.feeParts(price)
	if price.Once {
		if !s.owesOnce() {
			return nil, nil
		}
		parts = parts[:1]
	}
	for nth, p := range parts {
		if nth > 0 && !h.open && LocalDay(p.part.Start, s.loc) > h.day {
			break
		}
		part := *s
		part.part = p.part
		it, err := x.memberItem(g, &part, price, order, h)
		if err != nil {
			return nil, err
		}
		switch it.nth = nth; {
		case price.Once:
			it.part, it.share = it.part.Upto(dayOf(s.first, s.loc).End), money.Whole(1)
		case !it.advance():
			// What is owed together with the fee's other parts is for all of them.
			it.due, it.segment = s.part.End, s
		}
		out = append(out, it)
	}
	return out, nil
}

// memberItem prices one price for one segment, or a part of it that has one
// quantity of a fee.
func (x *rating) memberItem(g *group, s *segment, price *Price, order int, h horizon) (*item, error) {
	effective, err := s.override(price)
	if err != nil {
		return nil, err
	}
	it := &item{
		price: effective, order: order, scope: ScopeBilled, account: s.sub.Account, subscription: s.sub.ID,
		version: g.version, plan: g.plan, unit: unitOf(g.version, price), loc: s.loc,
		part: s.part, whole: s.whole, due: s.part.End, months: s.months, share: share(s.part, s.whole),
		nominal: s.nominal, segment: s,
	}
	if it.advance() {
		it.due = s.part.Start
	}
	if h.fees && !it.advance() {
		return it, nil
	}
	if x.priceQuickly(it, s, h) {
		return it, nil
	}
	it.charge, err = x.charge(s, effective, h)
	it.measured = x.taken.take()
	return it, err
}

func (x *rating) charge(s *segment, price *Price, h horizon) (Charge, error) {
	switch {
	case price.Resource != "":
		until, _ := h.of(s)
		part := s.part
		part.End = laterOf(until, part.Start)
		if term, ok := price.Model.(Term); ok {
			return price.chargeTerms(term, x.resources(s, price.Resource), s.loc, part)
		}
		return price.chargeResources(x.resources(s, price.Resource), s.proration(price), part)
	case price.Meter != "":
		return x.chargeUsage(s, price, h)
	}
	fee := s.feeParts(price)[0] // memberItems cuts where there are more
	part := money.Whole(1)
	if !price.Once {
		part = s.proration(price).fee(s.part)
	}
	return price.Charge(Measured{Quantity: fee.quantity.Fraction()}, part)
}

// measure returns what a subscription used of a price's meter, or meters, and
// tells whoever traces.
func (x *rating) measure(s *segment, price *Price, h horizon) (Measured, error) {
	m, err := x.measureUntold(s, price, h)
	if err == nil {
		m.included, err = x.included(s, price)
	}
	x.tell(s, price, m, h)
	return m, err
}

func (x *rating) measureUntold(s *segment, price *Price, h horizon) (Measured, error) {
	var by []string
	if m, ok := price.Model.(Matrix); ok {
		by = m.By
	}
	switch m := price.Model.(type) {
	case Burst:
		return x.measureBurst(s, price, m, h)
	case Bundle:
		return x.measureBundle(s, m, h)
	}
	if price.Prorate != "" {
		m, rows, over := x.metering(s, price.Meter, h)
		return m.measureHeld(rows, over, s.proration(price))
	}
	if price.apart() {
		m, _ := s.version.MeterOf(price.Meter)
		measure := func(s *segment) (Measured, error) {
			m, rows, over := x.metering(s, price.Meter, h)
			if hours, ok := price.Model.(TimeOfDay); ok {
				return m.measureEach(rows, over, price.Each, &hours)
			}
			return m.measureEach(rows, over, price.Each, nil)
		}
		used, err := measure(s)
		if err != nil || price.inWindows() {
			return used, err
		}
		return x.foresee(s, h, m, used, measure)
	}
	out, err := x.measureMeter(s, price.Meter, by, h)
	if pct, ok := price.Model.(Percentage); ok && pct.Singly() && err == nil {
		m, rows, over := x.metering(s, price.Meter, h)
		out.ByEvent, err = m.eventAmounts(rows, over)
	}
	return out, err
}

func (x *rating) measureMeter(s *segment, meter string, by []string, h horizon) (Measured, error) {
	measure := func(s *segment) (Measured, error) {
		m, rows, over := x.metering(s, meter, h)
		return m.measure(rows, over, by)
	}
	used, err := measure(s)
	if err != nil {
		return Measured{}, err
	}
	m, _ := s.version.MeterOf(meter)
	return x.foresee(s, h, m, used, measure)
}

// metering returns a meter, what a subscription used of it and the span that
// counts.
func (x *rating) metering(s *segment, meter string, h horizon) (Meter, []UsageState, span) {
	m, _ := s.version.MeterOf(meter) // NewRater checked that it is there
	until, last := h.of(s)
	return m, x.usage.of[meterKey{s.sub.ID, meter}], span{
		first: s.first, last: last, carry: s.wholeFirst.AddDays(-m.CarryDays),
		part: s.part.Upto(until), whole: s.nominal.Length(), loc: s.loc,
	}
}

// resources returns the resources of a kind that a subscription pays for: its
// own and those of its account that name no subscription.
func (x *rating) resources(s *segment, kind string) []*Resource {
	var out []*Resource
	for _, i := range s.node.resources {
		r := &x.rater.reg.Resources[i]
		if r.Kind == kind && (r.Subscription == "" || r.Subscription == s.sub.ID) {
			out = append(out, r)
		}
	}
	return out
}

// unitOf names what a price's quantity counts.
func unitOf(v *Version, p *Price) string {
	if p.Unit != "" {
		return p.Unit
	}
	if _, ok := p.Model.(Bundle); ok {
		return "" // its meters have one each
	}
	if m, ok := v.MeterOf(p.Meter); ok {
		return m.Unit
	}
	if t, ok := p.Model.(ResourceTime); ok {
		switch t.PerSeconds {
		case 3600:
			return "hour"
		case 86400:
			return "day"
		}
	}
	return ""
}

func laterOf(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// itemGroup is one group of an item, or all of it when it has none.
type itemGroup struct {
	grouping        string // canonical JSON
	quantity        money.Quantity
	unitPrice       money.Amount
	hasUnitPrice    bool
	subtotal, total money.Amount // exact
	parts           []Part
}

// groups returns what the item lists: its groups, which sum to it, or itself.
func (it *item) groups() []itemGroup {
	c := &it.charge
	if len(c.Groups) == 0 {
		return []itemGroup{{it.grouping(), c.Measured, c.UnitPrice, c.HasUnitPrice, c.Subtotal, it.total, c.Parts}}
	}
	by := it.price.Model.(Matrix).By // only matrix prices have groups
	out := make([]itemGroup, len(c.Groups))
	for i, g := range c.Groups {
		out[i] = itemGroup{groupText(by, g.Values), g.Quantity, g.UnitPrice, true, g.Subtotal, it.totals[i], nil}
	}
	return out
}
