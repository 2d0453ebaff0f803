package documents

import (
	"cmp"
	"slices"
	"time"

	"daybook/pricing"
)

// ComputeStacksProductOf says what product a line is for, by the registry and the
// books; ok is false of a pooled price, which is for nobody's subscription.
func ComputeStacksProductOf(e *pricing.Explanation, reg *pricing.Registry, books []*pricing.Book, asOf time.Time) (p ComputeStacksProduct, ok bool) {
	l := &e.Line
	i, found := slices.BinarySearchFunc(reg.Subscriptions, l.Subscription, func(s pricing.Subscription, id string) int { return cmp.Compare(s.ID, id) })
	if !found {
		return p, false
	}
	sub := reg.Subscriptions[i]
	user, _ := reg.Account(sub.Account)
	p = ComputeStacksProduct{
		Subscription: sub, User: user, Plan: l.Plan, PlanName: l.Plan, Price: l.Price, Label: l.Description, Unit: l.Unit, Phase: e.Phase,
		Active: sub.End.IsZero() || asOf.Before(sub.End),
	}
	for _, b := range books {
		for n := range b.Versions {
			if v := &b.Versions[n]; v.ID == l.BookVersion {
				p.from(v)
			}
		}
	}
	return p, true
}

// from takes what a version of the book says of the plan and its price.
func (p *ComputeStacksProduct) from(v *pricing.Version) {
	p.Month = v.Conventions.Month
	for i := range v.Plans {
		plan := &v.Plans[i]
		if plan.ID != p.Plan {
			continue
		}
		p.PlanName = cmp.Or(plan.Name, plan.ID)
		for n := range plan.Prices {
			if price := &plan.Prices[n]; price.ID == p.Price {
				meter, _ := v.MeterOf(price.Meter)
				p.Monthly = price.Meter == "" || meter.Aggregate.Level()
				p.Label = cmp.Or(price.Description, price.ID)
			}
		}
	}
}
