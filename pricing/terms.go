package pricing

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Terms is all that the rating of one tree takes from the books and the
// registry, and which of its usage rows it takes: equal terms and equal rows give
// an equal result. Of the books that is the plans that its subscriptions name and
// their meters, as far as versions can reach the periods that are rated; other
// plans, later versions, credits, payments and taxes are no part of it, nor are
// names for people.
type Terms struct {
	Accounts  []AccountTerms // by account
	Plans     []PlanTerms    // by book, plan and version
	Schedules []ScheduledLevel
	From      Date // the first local day of which a row may count
	Whole     Date // the first local day of which rows of every meter may count; before it, those that carry
	To        Date // the last local day of which a row may count

	at       ratedTime
	segments []listedSegments // in the order in which they were worked out
}

// AccountTerms is an account of a tree with what it inherits.
type AccountTerms struct {
	ID, BillingAccount, Currency, Zone string
	Book                               string // that prices it; "" : none
	Broken                             bool   // a problem of the registry keeps it from being rated
	Lost                               []string
	Subscriptions                      []SubscriptionTerms
	Resources                          []Resource
}

// SubscriptionTerms is a subscription with the time zone that it is in.
type SubscriptionTerms struct {
	Subscription
	Zone string
	Void []VoidUsage // of its usage
}

// PlanTerms is one plan in one version of a book; Plan is nil in a version that
// does not have it.
type PlanTerms struct {
	ID      string
	Book    *Book
	Version *Version
	Plan    *Plan
	Meters  []Meter // that the plan's prices look at
}

// DailyTerms returns the terms of a tree's cost rows of a local day (see Daily).
func (r *Raters) DailyTerms(t Tree, day Date) Terms {
	out := Terms{From: day, Whole: day, To: day, at: ratedTime{day: day}}
	r.collect(t, &out, func(one *Rater, sub int) scope {
		whole := one.segmentsOn(sub, day)
		return scope{
			// What is to come of the period decides on its length.
			listed: begunOn(whole, day), cutting: whole, until: dayOf(day, one.reg.zones[sub]).End,
			reach: func(s *segment) time.Time { return s.nominal.End },
		}
	})
	return out
}

// ClosingTerms returns the terms of what a tree owes in the closing of a month
// (see Close). A version reaches it when it takes effect in the month, or cuts a
// period of which something is due then.
func (r *Raters) ClosingTerms(t Tree, m Month) Terms {
	out := Terms{From: m.First(), Whole: m.First(), To: m.Next().First(), at: ratedTime{closing: m}}
	r.collect(t, &out, func(one *Rater, sub int) scope {
		segments, month := one.closable(sub, m), m.closingTime(one.reg.zones[sub])
		return scope{listed: segments, cutting: segments, until: month.to, reach: month.reach}
	})
	return out
}

// reach is the instant before which a version would have to take effect to change
// what the closing bills of a segment.
func (c closingTime) reach(s *segment) time.Time {
	switch {
	case s.plan != nil && s.plan.inAdvance(), c.bills(s.part.End):
		return s.nominal.End
	case s.part.Start.Before(c.to) && s.nominal.End.After(c.to):
		return c.to.Add(1) // a version from that instant on would end a part of the period then
	}
	return c.to
}

// scope is which segments of a subscription a rating looks at.
type scope struct {
	listed  []*segment // as segmentsAt
	cutting []*segment // whose bounds matter
	until   time.Time  // versions that take effect before it matter always
	reach   func(*segment) time.Time
}

// collect collects the terms of a tree; out says which local days count where no
// subscription looks further back.
func (r *Raters) collect(t Tree, out *Terms, look func(one *Rater, sub int) scope) {
	for _, id := range t.Accounts {
		n := r.of[0].reg.nodes[id]
		if n == nil {
			continue
		}
		a := AccountTerms{ID: id, BillingAccount: n.billing, Currency: n.currency, Broken: n.broken, Lost: n.lostPlans}
		if n.zone != nil {
			a.Zone = n.zone.String()
		}
		for _, i := range n.resources {
			a.Resources = append(a.Resources, r.of[0].reg.Resources[i])
		}
		for _, i := range n.subscriptions {
			a.Subscriptions = append(a.Subscriptions, r.of[0].reg.subscriptionTerms(i))
		}
		for _, one := range r.of {
			if ours, _ := one.belongs(n); !ours {
				continue
			}
			a.Book = one.book.Name
			for _, i := range n.subscriptions {
				if one.reg.zones[i] != nil {
					out.add(one, i, look(one, i))
				}
			}
		}
		out.Accounts = append(out.Accounts, a)
	}
	// An interval's level began before the day; a local day lies in UTC days beside it.
	out.From, out.Whole = out.From.AddDays(-1), out.Whole.AddDays(-2)
	out.compact()
}

func (r *Registry) subscriptionTerms(i int) SubscriptionTerms {
	out := SubscriptionTerms{Subscription: r.Subscriptions[i]}
	out.ExternalID, out.Void = "", r.voided[out.ID]
	if zone := r.zones[i]; zone != nil {
		out.Zone = zone.String()
	}
	return out
}

// add adds what one subscription takes.
func (t *Terms) add(r *Rater, sub int, in scope) {
	t.segments = append(t.segments, listedSegments{r, sub, in.listed})
	until := in.until
	for _, s := range in.cutting {
		until = laterOf(until, in.reach(s))
	}
	for _, s := range in.listed {
		if t.at.takes(s) {
			t.From, t.Whole = min(t.From, s.wholeFirst.AddDays(-s.carryDays())), min(t.Whole, s.wholeFirst)
		}
	}
	id, starts := r.reg.Subscriptions[sub].Plan, r.starts[r.reg.zones[sub]]
	for i := range r.book.Versions {
		if !starts[i].Before(until) {
			break
		}
		v := &r.book.Versions[i]
		plan, ok := v.PlanOf(id)
		if ok {
			t.schedules(r, plan, in.until)
		}
		if slices.ContainsFunc(t.Plans, func(p PlanTerms) bool { return p.Version == v && p.ID == id }) {
			continue // of another subscription
		}
		p := PlanTerms{ID: id, Book: r.book, Version: v}
		if ok {
			p.Plan, p.Meters = plan, v.metersOf(plan)
		}
		t.Plans = append(t.Plans, p)
	}
}

// schedules adds the changes of level before until that a plan's prices follow.
func (t *Terms) schedules(r *Rater, plan *Plan, until time.Time) {
	for i := range plan.Prices {
		burst, ok := plan.Prices[i].Model.(Burst)
		if !ok || burst.ScheduleName == "" {
			continue
		}
		for _, change := range r.reg.levels[burst.ScheduleName] {
			if change.From.Before(until) {
				t.Schedules = append(t.Schedules, ScheduledLevel{burst.ScheduleName, change})
			}
		}
	}
}

// compact names each thing once, in order.
func (t *Terms) compact() {
	plan := func(a, b PlanTerms) int {
		return cmp.Or(strings.Compare(a.Book.Name, b.Book.Name), strings.Compare(a.ID, b.ID), cmp.Compare(a.Version.Effective, b.Version.Effective))
	}
	slices.SortFunc(t.Plans, plan)
	t.Plans = slices.CompactFunc(t.Plans, func(a, b PlanTerms) bool { return plan(a, b) == 0 })
	level := func(a, b ScheduledLevel) int {
		return cmp.Or(strings.Compare(a.Schedule, b.Schedule), a.From.Compare(b.From), cmp.Compare(a.Level, b.Level))
	}
	slices.SortFunc(t.Schedules, level)
	t.Schedules = slices.CompactFunc(t.Schedules, func(a, b ScheduledLevel) bool { return level(a, b) == 0 })
}

// metersOf returns the meters that a plan looks at, by id.
func (v *Version) metersOf(plan *Plan) []Meter {
	var ids []string
	for i := range plan.Prices {
		ids = append(append(ids, plan.Prices[i].Meter), plan.Prices[i].meters()...)
	}
	for _, bound := range plan.FreeBelow {
		ids = append(ids, bound.Meter)
	}
	slices.Sort(ids)
	var out []Meter
	for _, id := range slices.Compact(ids) {
		if m, ok := v.MeterOf(id); ok {
			out = append(out, m)
		}
	}
	return out
}
