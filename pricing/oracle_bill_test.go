package pricing_test

import (
	"cmp"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"time"

	"daybook/pricing"
	"daybook/pricing/pricingtest"
)

// slowItem is a charge by the oracle.
type slowItem struct {
	price                  *pricing.Price
	account, subscription  string // subscription "" for a pool
	loc                    *time.Location
	version                string
	part, era              pricing.Period
	due                    time.Time
	first                  time.Time // of a fee in advance: the start of its first part; zero elsewhere
	months                 int
	share, quantity        *big.Rat
	spans                  *big.Rat // share of what several prices owe together
	groups                 []pricing.Group
	scale, subtotal, total *big.Rat
	from, before           pricing.Date    // the days whose series show it
	bundle                 *int            // of the items that are rounded together; nil: by itself
	givenBack              bool            // what was billed ahead and is not owed
	own                    bool            // shown beside a pool, not billed; its adjustments are left to other tests
	types                  map[string]bool // of a pool of a unique meter: a type that several used is one
}

// forever is a day on which everything has begun and ended.
const forever = pricing.Date(1 << 20)

// slowCharges prices all that a world's accounts owe through a day, exactly.
func (w *world) slowCharges(through, limit pricing.Date) []*slowItem {
	registry, _ := pricing.NewRegistry(w.accounts, w.subs, nil)
	attribution := registry.Attribution()
	groups := map[string][]*slowSegment{}
	for i := range w.subs {
		sub := &w.subs[i]
		loc := zone(attribution.Of(pricing.SubscriptionKey(sub.ID))[0].Zone)
		for _, s := range w.slowSegments(sub, loc, limit) {
			key := []string{fmt.Sprint(s.own, s.phase), s.version.ID, s.nominal.Start.UTC().String(), s.nominal.End.UTC().String(), registry.BillingAccount(sub.Account)}
			switch pool := widest(s.plan); {
			case pool == pricing.PoolSubscription || s.own != pricing.Cycle{}:
				key = append(key, sub.ID)
			case pool == pricing.PoolAccount:
				key = append(key, sub.Account)
			}
			if s.first <= through {
				k := strings.Join(key, "|")
				groups[k] = append(groups[k], s)
			}
		}
	}
	var out []*slowItem
	for _, key := range slices.Sorted(maps.Keys(groups)) {
		members := groups[key]
		slices.SortFunc(members, func(a, b *slowSegment) int {
			return cmp.Or(strings.Compare(a.sub.Account, b.sub.Account), strings.Compare(a.sub.ID, b.sub.ID))
		})
		out = append(out, w.slowGroup(members, registry.BillingAccount(members[0].sub.Account), through)...)
	}
	return out
}

func widest(p *pricing.Plan) pricing.Pool {
	out := pricing.PoolSubscription
	for i := range p.Prices {
		if p.Prices[i].Pool == pricing.PoolBillingAccount || out == pricing.PoolSubscription {
			out = p.Prices[i].Pool
		}
	}
	return out
}

// slowGroup prices the members of one pool, or one member alone.
func (w *world) slowGroup(members []*slowSegment, billing string, through pricing.Date) []*slowItem {
	plan := members[0].plan
	var items, shown []*slowItem
	for i := range plan.Prices {
		price := &plan.Prices[i]
		if price.Cycle != members[0].own {
			continue
		}
		pools := map[string]*slowItem{}
		for _, s := range members {
			it := &slowItem{
				price: price, account: s.sub.Account, subscription: s.sub.ID, loc: s.loc, version: s.version.ID, part: s.part, due: s.part.End,
				months: s.months, from: s.first, before: s.eraBefore, share: ratio(s.part, s.whole), scale: big.NewRat(1, 1), quantity: big.NewRat(1, 1),
			}
			it.spans = it.share
			if price.Due == pricing.InAdvance {
				it.due = s.part.Start
			}
			if _, fee := price.Model.(pricing.Fixed); fee {
				items = append(items, slowFees(it, s, through)...)
				continue
			}
			switch {
			case price.Meter != "":
				var by []string
				if m, ok := price.Model.(pricing.Matrix); ok {
					by = m.By
				}
				it.quantity, it.groups = w.slowMeasure(s, price.Meter, by, through)
			}
			if price.Resource != "" {
				it.quantity, it.subtotal = new(big.Rat), w.slowResources(s, price, through)
				if price.Model.(pricing.ResourceTime).OwnLines && it.subtotal.Sign() != 0 {
					for _, r := range w.resources { // a subscription has one
						if r.Subscription == s.sub.ID {
							it.part = s.part.Cut(pricing.Period{Start: r.Created, End: r.Deleted})
						}
					}
				}
			}
			if price.Pool == pricing.PoolSubscription {
				items = append(items, it)
				continue
			}
			own := *it
			own.own, own.quantity = true, new(big.Rat).Set(it.quantity)
			shown = append(shown, &own)
			it.subscription, it.due, it.era, it.share = "", s.term.End, s.era, ratio(s.term, s.era)
			it.spans = it.share
			if price.Pool == pricing.PoolBillingAccount {
				it.account = billing
			}
			p := pools[it.account]
			if p == nil {
				it.types = w.slowTypes(s, through)
				pools[it.account], items = it, append(items, it)
				continue
			}
			p.quantity.Add(p.quantity, it.quantity)
			if price.Meter == "unique" {
				maps.Copy(p.types, w.slowTypes(s, through))
				p.quantity.SetInt64(int64(len(p.types)))
			}
			if p.era.Length() < it.era.Length() { // of members with anchors of their own the longer one
				p.era, p.share, p.spans = it.era, it.share, it.spans
			}
			p.groups, p.months, p.from = addGroups(p.groups, it.groups), max(p.months, it.months), min(p.from, it.from)
		}
	}
	for _, it := range slices.Concat(items, shown) {
		if it.subtotal == nil {
			it.subtotal = pricingtest.Subtotal(it.price, it.quantity, it.groups, it.scale)
		}
		it.total = it.subtotal
	}
	free := w.slowFree(plan, members, through)
	if members[0].free {
		for _, it := range items {
			it.total = new(big.Rat)
		}
		return append(items, shown...)
	}
	w.slowAdjust(plan, items, free)
	return append(items, shown...)
}

func ratio(part, whole pricing.Period) *big.Rat {
	return big.NewRat(int64(part.Length()), int64(whole.Length()))
}

func addGroups(a, b []pricing.Group) []pricing.Group {
	a = slices.Clone(a)
	for _, g := range b {
		i := slices.IndexFunc(a, func(x pricing.Group) bool { return slices.Equal(x.Values, g.Values) })
		if i < 0 {
			a = append(a, g)
		} else {
			a[i].Quantity = a[i].Quantity.Add(g.Quantity)
		}
	}
	return a
}

func (w *world) slowFree(plan *pricing.Plan, members []*slowSegment, through pricing.Date) bool {
	for _, bound := range plan.FreeBelow {
		sum := new(big.Rat)
		for _, s := range members {
			q, _ := w.slowMeasure(s, bound.Meter, nil, through)
			sum.Add(sum, q)
		}
		if sum.Cmp(pricingtest.Rat(bound.UpTo)) > 0 {
			return false
		}
	}
	return len(plan.FreeBelow) > 0
}

// slowAdjust applies adjustments as docs/billing-rules.md, The order of an
// amount, has them.
func (w *world) slowAdjust(plan *pricing.Plan, items []*slowItem, free bool) {
	var lines []pricingtest.Line
	var on []*slowItem
	name := func(it *slowItem) string {
		return it.price.ID + "/" + it.account + "/" + it.subscription + "/" + it.part.Start.UTC().String()
	}
	for _, it := range items {
		if free && it.price.Meter != "" {
			it.total = new(big.Rat)
			continue
		}
		price := *it.price
		price.ID, price.Adjust = name(it), nil
		for _, a := range it.price.Adjust {
			price.Adjust = append(price.Adjust, shared(a, it.share))
		}
		lines = append(lines, pricingtest.Line{Price: &price, Quantity: pricingtest.Billable(it.price, it.quantity), Total: it.subtotal, Months: it.months})
		on = append(on, it)
	}
	var spanning []pricing.Adjustment
	for _, a := range plan.Adjust {
		scopes := map[string][]*slowItem{}
		for _, it := range items {
			if len(a.On) > 0 && !slices.Contains(a.On, it.price.ID) {
				continue
			}
			if a.Kind != pricing.PercentDiscount && (it.price.Once || it.price.Cycle != pricing.Cycle{}) {
				continue // an amount is for each period of the plan
			}
			pool := pricing.PoolSubscription
			for _, p := range plan.Prices {
				if p.Pool != pricing.PoolSubscription && (len(a.On) == 0 || slices.Contains(a.On, p.ID)) && pool != pricing.PoolBillingAccount {
					pool = p.Pool
				}
			}
			key := map[pricing.Pool]string{pricing.PoolSubscription: it.subscription, pricing.PoolAccount: it.account}[pool]
			scopes[key] = append(scopes[key], it)
		}
		for _, key := range slices.Sorted(maps.Keys(scopes)) {
			if together := oneSum(a, scopes[key]); slices.ContainsFunc(together, func(it *slowItem) bool { return slices.Contains(on, it) }) {
				together = slices.DeleteFunc(together, func(it *slowItem) bool { return !slices.Contains(on, it) })
				spanning = append(spanning, namedOf(a, together, name))
			}
		}
	}
	totals, together := pricingtest.AdjustTogether(lines, spanning)
	bundles := map[int]*int{0: nil} // by identity
	for i, total := range totals {
		if _, known := bundles[together[i]]; !known {
			bundles[together[i]] = new(int)
		}
		on[i].total, on[i].bundle = total, bundles[together[i]]
	}
}

// oneSum is what one closing bills together.
func oneSum(a pricing.Adjustment, on []*slowItem) []*slowItem {
	if a.Kind != pricing.PercentDiscount {
		if slices.ContainsFunc(on, func(it *slowItem) bool { return it.price.Due == pricing.InArrears }) {
			on = slices.DeleteFunc(on, func(it *slowItem) bool { return it.price.Due == pricing.InAdvance })
		}
		last := slices.MaxFunc(on, func(x, y *slowItem) int { return cmp.Compare(x.summedIn().First(), y.summedIn().First()) }).summedIn()
		on = slices.DeleteFunc(on, func(it *slowItem) bool { return it.summedIn() != last })
	}
	return on
}

// namedOf names the items and gives the adjustment its share of the period.
func namedOf(a pricing.Adjustment, on []*slowItem, name func(*slowItem) string) pricing.Adjustment {
	share := on[0].spans
	for _, it := range on {
		if it.subscription == "" {
			share = it.spans
		}
	}
	out := shared(a, share)
	out.On, out.To = nil, ""
	for _, it := range on {
		out.On = append(out.On, name(it))
		if it.price.ID == a.To && out.To == "" {
			out.To = name(it)
		}
	}
	return out
}

func shared(a pricing.Adjustment, share *big.Rat) pricing.Adjustment {
	amount := new(big.Rat).Mul(pricingtest.Rat(a.Amount), share)
	a.Amount = amountOf(amount, 20)
	return a
}

// closing is the month that holds the instant before the item is due.
func (it *slowItem) closing() pricing.Month {
	return pricing.MonthOf(pricing.DateOf(it.due.Add(-1).In(it.loc)))
}

// summedIn is the closing of a fee's first part, which all of its parts are one
// sum with; of all else its own.
func (it *slowItem) summedIn() pricing.Month {
	of := *it
	if !it.first.IsZero() {
		of.due = it.first
	}
	return of.closing()
}
