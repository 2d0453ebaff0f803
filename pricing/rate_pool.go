package pricing

import "fmt"

// poolItems prices a pooled price on what the members of each pool used
// together. It is due when the pool's billing period ends, or the version's part
// of it, and not when its last member's does: members may join after the month
// in which the others left is closed.
func (x *rating) poolItems(g *group, members []*segment, price *Price, order int, h horizon) ([]*item, *fault) {
	var out []*item
	switch price.Pool {
	case PoolBillingAccount:
		it, f := x.poolItem(g, g.billing, members, price, order, h)
		return append(out, it), f
	case PoolAccount:
		for len(members) > 0 {
			n := 1
			for n < len(members) && members[n].sub.Account == members[0].sub.Account {
				n++
			}
			it, f := x.poolItem(g, members[0].sub.Account, members[:n], price, order, h)
			if f != nil {
				return nil, f
			}
			out, members = append(out, it), members[n:]
		}
	}
	return out, nil
}

func (x *rating) poolItem(g *group, account string, members []*segment, price *Price, order int, h horizon) (*item, *fault) {
	first := members[0]
	effective, err := first.override(price)
	if err != nil {
		return nil, segmentFault(first, err)
	}
	it := &item{
		price: effective, order: order, scope: ScopeBilled, account: account, version: g.version, plan: g.plan,
		unit: unitOf(g.version, price), loc: first.loc,
		part: first.part, whole: first.whole, due: g.term.End, share: share(g.term, g.era),
		nominal: first.nominal,
	}
	var sum Measured
	var included allowed // with the members' resources
	meter, _ := g.version.MeterOf(price.Meter)
	_, bundle := price.Model.(Bundle)
	unique := meter.Aggregate == Unique && !bundle // a value that two members used is one
	for _, s := range members {
		if !sameOverride(first.sub, s.sub, price.ID) {
			return nil, poolFault(members, "override_conflict", fmt.Sprintf(
				"subscriptions %q and %q share the pooled price %s but override it differently; give both the same price_overrides, or none", first.sub.ID, s.sub.ID, price.ID))
		}
		it.months = max(it.months, s.months)
		it.part, it.whole = hull(it.part, s.part), hull(it.whole, s.whole)
		if unique && !h.fees {
			with, err := x.included(s, price)
			if err != nil {
				return nil, segmentFault(s, err)
			}
			included = included.plus(with)
		}
		if h.fees || unique && x.taken == nil {
			continue
		}
		m, err := x.measure(s, price, h)
		if err != nil {
			return nil, segmentFault(s, err)
		}
		if !unique {
			sum = sum.plus(m)
		}
	}
	if unique && !h.fees {
		if sum, err = x.measureUnion(members, price, h); err != nil {
			return nil, segmentFault(first, err)
		}
		sum.included = included
		it.united = &sum
	}
	if bundle {
		if err := x.uniteBundle(&sum, members, h); err != nil {
			return nil, segmentFault(first, err)
		}
	}
	it.measured = x.taken.take()
	if it.charge, err = effective.Charge(sum, effective.committedPart(it.share)); err != nil {
		code, detail := explain(err)
		return nil, poolFault(members, code, fmt.Sprintf("the pool of %s under account %q cannot be priced: %s", price.ID, account, detail))
	}
	if part, ok := h.ahead(first); ok && price.inWindows() {
		it.charge = it.charge.plus(it.charge, part)
	}
	return it, nil
}
