package pricing

import (
	"fmt"
	"slices"

	"daybook/pricing/money"
)

// adjustAll applies the adjustments of prices and plan to a group's items and
// settles their totals. Own items are adjusted among their subscription's items,
// as if nothing was pooled.
func (x *rating) adjustAll(g *group, members []*segment, billed, own []*item, h horizon) *fault {
	if h.fees {
		own = nil
	}
	free, err := x.isFree(g.plan, members, h)
	if err != nil {
		return poolFault(members, "cannot_rate", err.Error())
	}
	if err := adjustItems(g.plan, billed, g.scopeOf(billed), free); err != nil {
		code, detail := explain(err)
		return poolFault(members, code, detail)
	}
	if len(own) == 0 {
		return nil
	}
	for _, s := range members {
		if free, err = x.isFree(g.plan, []*segment{s}, h); err == nil {
			err = adjustItems(g.plan, ownContext(s, billed, own), func(*item, Adjustment) string { return "" }, free)
		}
		if err != nil {
			return segmentFault(s, err)
		}
	}
	return nil
}

// ownContext returns a subscription's own items with copies of the unpooled
// ones that they are adjusted with.
func ownContext(s *segment, billed, own []*item) []*item {
	var out []*item
	for _, it := range billed {
		if it.subscription == s.sub.ID {
			beside := *it
			out = append(out, &beside)
		}
	}
	for _, it := range own {
		if it.subscription == s.sub.ID {
			out = append(out, it)
		}
	}
	return out
}

// isFree reports whether a plan's cliff holds: every meter of free_below at or
// below its bound, counted over the members together.
func (x *rating) isFree(plan *Plan, members []*segment, h horizon) (bool, error) {
	if h.fees || members[0].isOwn() { // fees are owed either way
		return false, nil
	}
	for _, bound := range plan.FreeBelow {
		sum, err := x.measureTogether(members, bound.Meter, h)
		if err != nil {
			return false, err
		}
		if sum.Cmp(bound.UpTo.Fraction()) > 0 {
			return false, nil
		}
	}
	return len(plan.FreeBelow) > 0, nil
}

// scopeOf returns whose items an adjustment of a group's plan takes together:
// the whole group's when it is on a price that is pooled by billing account,
// each account's when on one pooled by account, else each subscription's.
func (g *group) scopeOf(items []*item) func(*item, Adjustment) string {
	return func(it *item, a Adjustment) string {
		widest := PoolSubscription
		for _, other := range items {
			if a.covers(other.price) && other.price.Pool != PoolSubscription {
				widest = other.price.Pool
				if widest == PoolBillingAccount {
					return ""
				}
			}
		}
		if widest == PoolAccount {
			return it.account
		}
		return it.subscription
	}
}

// adjustItems sets the totals of items. Scope says whose items an adjustment of
// the plan takes together. Where the plan is free, usage costs nothing and
// takes no part.
func adjustItems(plan *Plan, items []*item, scope func(*item, Adjustment) string, free bool) error {
	var lines []*item
	for _, it := range items {
		if plan.free || free && it.price.Meter != "" {
			it.settle(money.Amount{})
			it.free = true
			continue
		}
		if it.settled {
			continue
		}
		lines = append(lines, it)
	}
	if !adjusts(plan, lines) {
		for _, it := range lines {
			it.settle(it.charge.Subtotal)
		}
		return nil
	}
	adjustables := make([]Adjustable, len(lines))
	names := make(map[*item]string, len(lines))
	for i, it := range lines {
		price := *it.price
		price.ID = it.name()
		price.Adjust = inPart(price.Adjust, it.share)
		names[it] = price.ID
		adjustables[i] = Adjustable{Price: &price, Charge: it.charge, Months: it.months}
	}
	var adjustments []Adjustment
	for _, a := range plan.Adjust {
		adjustments = append(adjustments, a.perScope(items, names, scope)...)
	}
	adjusted, err := Adjust(adjustables, adjustments)
	if err != nil {
		return err
	}
	bundles := map[int]*bundle{0: nil}
	for i, it := range lines {
		n := adjusted[i].Together
		if _, known := bundles[n]; !known {
			bundles[n] = &bundle{n}
		}
		it.settle(adjusted[i].Total)
		it.bundle = bundles[n]
		it.adjusted = adjusted[i]
	}
	return nil
}

func adjusts(plan *Plan, lines []*item) bool {
	return len(plan.Adjust) > 0 || slices.ContainsFunc(lines, func(it *item) bool { return len(it.price.Adjust) > 0 })
}

// name tells the items of a group apart that are of one price.
func (it *item) name() string {
	switch {
	case it.nth > 0:
		return fmt.Sprintf("%s (%d) of subscription %s", it.price.ID, it.nth+1, it.subscription)
	case it.subscription != "":
		return it.price.ID + " of subscription " + it.subscription
	case it.price.Pool == PoolAccount:
		return it.price.ID + " of account " + it.account
	}
	return it.price.ID
}

// perScope writes a plan's adjustment once for each scope, on the items by name.
// Those without a name are free: they take no part, but are still there, so that
// what is taken together does not depend on how much is used.
func (a Adjustment) perScope(items []*item, names map[*item]string, scope func(*item, Adjustment) string) []Adjustment {
	byScope := map[string][]*item{}
	var order []string
	for _, it := range items {
		if !a.covers(it.price) || a.Kind != PercentDiscount && !it.price.everyPeriod() {
			continue
		}
		key := scope(it, a)
		if byScope[key] == nil {
			order = append(order, key)
		}
		byScope[key] = append(byScope[key], it)
	}
	var out []Adjustment
	for _, key := range order {
		on := byScope[key]
		if a.Kind != PercentDiscount {
			on = billedLast(on)
		}
		if on = slices.DeleteFunc(on, func(it *item) bool { return names[it] == "" }); len(on) == 0 {
			continue
		}
		scoped := inPart([]Adjustment{a}, widest(on).spans(a.Prorate))[0]
		scoped.On, scoped.To = nil, ""
		for _, it := range on {
			scoped.On = append(scoped.On, names[it])
			if scoped.To == "" && it.price.ID == a.To {
				scoped.To = names[it]
			}
		}
		out = append(out, scoped)
	}
	return out
}

// widest is the pool among the items, else the first.
func widest(items []*item) *item {
	for _, it := range items {
		if it.subscription == "" {
			return it
		}
	}
	return items[0]
}

// spans returns the part of an amount owed once a period that the item's segment
// owes: by exact time of what the subscription covers, so that it owes the whole
// of it; by a convention, of the billing period, as a fee
// (docs/billing-rules.md, Starts and ends).
func (it *item) spans(convention Proration) money.Fraction {
	switch {
	case it.segment == nil:
		return it.share
	case convention == "":
		return share(it.segment.part, it.segment.whole)
	}
	over := it.segment.proration(it.price)
	over.convention = convention
	return over.fee(it.segment.part)
}

// billedLast keeps the items that one closing bills together: not the fees in
// advance where something is in arrears, and of the rest those of the last
// closing. An adjustment that makes one sum of several charges cannot look at
// what another closing has billed; per cents need no sum and apply to all.
func billedLast(items []*item) []*item {
	arrears := slices.DeleteFunc(slices.Clone(items), (*item).advance)
	if len(arrears) > 0 {
		items = arrears
	}
	last := items[0].summedIn()
	for _, it := range items {
		if m := it.summedIn(); last.Before(m) {
			last = m
		}
	}
	return slices.DeleteFunc(slices.Clone(items), func(it *item) bool { return it.summedIn() != last })
}

// settle sets the item's total and divides it over its groups in proportion to
// their subtotals.
func (it *item) settle(total money.Amount) {
	it.total, it.totals = total, nil
	if len(it.charge.Groups) == 0 {
		return
	}
	weights := make([]money.Amount, len(it.charge.Groups))
	for i, g := range it.charge.Groups {
		weights[i] = g.Subtotal
	}
	parts, err := money.Allocate(total, weights, money.SeriesPlaces)
	if err == nil {
		it.totals = parts
		return
	}
	// The subtotals cancel out: each group keeps its own and the difference is
	// split evenly, which no weights can refuse.
	parts, _ = money.Allocate(total.Sub(it.charge.Subtotal), make([]money.Amount, len(weights)), money.SeriesPlaces)
	for i, w := range weights {
		it.totals = append(it.totals, w.Add(parts[i]))
	}
}
