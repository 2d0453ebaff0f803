package pricing

import (
	"daybook/pricing/money"
)

// rating prices one tree's segments.
type rating struct {
	rater *Rater
	usage *usageIndex
	taken *measurements // nil: nobody traces
	polls polled        // nil: nobody asks for single polls
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
		default:
			it.segment, it.first = s, s.part.Start
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

// chargeUsage prices what a subscription used. A price that looks at windows of
// time goes on as it did in those that passed.
func (x *rating) chargeUsage(s *segment, price *Price, h horizon) (Charge, error) {
	charge := func(s *segment) (Charge, error) {
		m, err := x.measure(s, price, h)
		if err != nil {
			return Charge{}, err
		}
		return price.Charge(m, price.committedPart(share(s.part, s.whole)))
	}
	c, err := charge(s)
	part, ok := h.ahead(s)
	if err != nil || !ok || !price.inWindows() {
		return c, err
	}
	all, err := charge(s.over())
	return c.plus(all, part), err
}
