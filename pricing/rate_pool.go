package pricing

import (
	"fmt"

	"daybook/pricing/money"
)

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
	for _, s := range members {
		if !sameOverride(first.sub, s.sub, price.ID) {
			return nil, poolFault(members, "override_conflict", fmt.Sprintf(
				"subscriptions %q and %q share the pooled price %s but override it differently; give both the same price_overrides, or none", first.sub.ID, s.sub.ID, price.ID))
		}
		it.months = max(it.months, s.months)
		it.part, it.whole = hull(it.part, s.part), hull(it.whole, s.whole)
	}
	charge := func(members []*segment, share money.Fraction) (c Charge, f *fault) {
		sum, f := x.measurePool(members, price, h)
		if f != nil {
			return c, f
		}
		if x.united(members, price) {
			it.united = &sum
		}
		if c, err = effective.Charge(sum, effective.committedPart(share)); err != nil {
			code, detail := explain(err)
			return c, poolFault(members, code, fmt.Sprintf("the pool of %s under account %q cannot be priced: %s", price.ID, account, detail))
		}
		return c, nil
	}
	var f *fault
	it.charge, f = charge(members, it.share)
	it.measured = x.taken.take()
	if f != nil {
		return nil, f
	}
	pool := *first // as one
	pool.part, pool.whole = it.part, it.whole
	if part, ok := h.ahead(&pool); ok && price.inWindows() {
		over := make([]*segment, len(members))
		for i, s := range members {
			over[i] = s.over()
		}
		all, f := charge(over, money.Whole(1))
		if f != nil {
			return nil, f
		}
		it.charge = it.charge.plus(all, part)
	}
	return it, nil
}

// united reports whether a pool counts a value that two members used once.
func (x *rating) united(members []*segment, price *Price) bool {
	meter, _ := members[0].version.MeterOf(price.Meter)
	_, bundle := price.Model.(Bundle)
	return meter.Aggregate == Unique && !bundle
}

// measurePool returns what the members of a pool used together.
func (x *rating) measurePool(members []*segment, price *Price, h horizon) (sum Measured, f *fault) {
	if h.fees {
		return sum, nil
	}
	unique := x.united(members, price)
	var included allowed // with the members' resources
	for _, s := range members {
		if unique {
			with, err := x.included(s, price)
			if err != nil {
				return sum, segmentFault(s, err)
			}
			if included = included.plus(with); x.taken == nil {
				continue
			}
		}
		m, err := x.measure(s, price, h)
		if err != nil {
			return sum, segmentFault(s, err)
		}
		sum = sum.plus(m)
	}
	var err error
	if unique {
		sum, err = x.measureUnion(members, price, h)
		sum.included = included
	} else if _, bundle := price.Model.(Bundle); bundle {
		err = x.uniteBundle(&sum, members, h)
	}
	if err != nil {
		return sum, segmentFault(members[0], err)
	}
	return sum, nil
}
