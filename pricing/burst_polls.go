package pricing

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"daybook/pricing/money"
)

// BurstPoll is one poll of what a burst price looks at: what was used in five
// minutes of all events that stand for as long, what was paid for already, and
// what the rest costs. A price's polls of a billing period add up to the exact
// subtotal of its line, unless the price rounds by itself.
type BurstPoll struct {
	Account, Subscription string
	Currency              money.Currency
	Price, Meter          string
	Resource              string // the kind that covers usage, else the meter
	Group                 string // of a price for each combination of dimensions: their values; else ""
	Start                 time.Time
	Polled                time.Time // of its last event
	Day                   Date      // local
	Seconds               money.Fraction
	SecondsBy             string         // the dimension that says them; "" : they are all five minutes
	Using                 money.Fraction // in the unit of the meter's events: bytes, MHz
	Covered               money.Fraction // likewise
	Beyond                money.Fraction // Using − Covered, and never below zero
	Level                 int64          // of what is beyond, as are:
	UnitPrice             money.Amount   // of one priced unit for the price's time
	Amount                money.Fraction // exact

	order int // of the price in its plan
}

// BurstCover is what a subscription pays for already of what a burst price looks
// at, at one instant.
type BurstCover struct {
	Account, Subscription  string
	Currency               money.Currency
	Price, Meter, Resource string
	Covered                money.Fraction // in the unit of the meter's events
}

// CoveredBy names what covers the usage of a meter: the kind of resource, or the
// meter where subscriptions say it themselves.
func (b Burst) CoveredBy(meter string) string {
	if b.Over == OverSubscribed {
		return meter
	}
	return b.Over
}

// BurstPolls returns a tree's polls of the local days in [from, to], in order of
// time, account, subscription and the price's place in its plan. It takes the
// usage of the whole billing periods that hold those days (see BurstWindow).
// Accounts that cannot be rated have none.
func (r *Raters) BurstPolls(t Tree, u TreeUsage, from, to Date, asOf time.Time) []BurstPoll {
	var out []BurstPoll
	for _, one := range r.of {
		out = append(out, one.burstPolls(t, u, from, to, asOf)...)
	}
	slices.SortStableFunc(out, func(a, b BurstPoll) int {
		return cmp.Or(
			a.Polled.Compare(b.Polled), strings.Compare(a.Account, b.Account), strings.Compare(a.Subscription, b.Subscription),
			cmp.Compare(a.order, b.order), a.Seconds.Cmp(b.Seconds), strings.Compare(a.Group, b.Group),
		)
	})
	return out
}

// BurstWindow returns the first local day whose usage a tree's polls from a day on
// need: an allowance counts from the billing period's start.
func (r *Raters) BurstWindow(t Tree, from Date) Date {
	first := from
	for _, one := range r.of {
		for _, account := range t.Accounts {
			n := one.reg.nodes[account]
			if n == nil {
				continue
			}
			for _, sub := range n.subscriptions {
				for _, s := range one.listed(sub, from) {
					if s.metered() {
						first = min(first, s.wholeFirst.AddDays(-s.carryDays()))
					}
				}
			}
		}
	}
	return first.AddDays(-1) // an interval's level began before
}

// BurstCovers returns what each account of a tree pays for already at an
// instant, in order of subscriptions and the book's prices.
func (r *Raters) BurstCovers(t Tree, at time.Time) []BurstCover {
	var out []BurstCover
	for _, one := range r.of {
		w := one.begin(t, TreeUsage{}, 0, func(sub int) []*segment { return one.planned(sub, at) })
		for _, s := range w.all {
			for i := range s.plan.Prices {
				price := &s.plan.Prices[i]
				burst, ok := price.Model.(Burst)
				if !ok {
					continue
				}
				m, _ := s.version.MeterOf(price.Meter)
				out = append(out, BurstCover{
					Account: s.sub.Account, Subscription: s.sub.ID, Currency: one.book.Currency,
					Price: price.ID, Meter: m.ID, Resource: burst.CoveredBy(m.ID),
					Covered: w.covered(s, price, burst, m, at).Mul(m.DivideBy.Fraction()),
				})
			}
		}
	}
	return out
}

// LevelAt returns the level of a burst price's schedule that is in force at an
// instant; ok is false where none is known, or usage decides.
func (r *Registry) LevelAt(b Burst, at time.Time) (level int64, ok bool) {
	if len(b.UsageLevels) > 0 {
		return 0, false
	}
	level, err := r.scheduled(b).levelAt(at, money.Fraction{})
	return level, err == nil
}

func (r *Rater) burstPolls(t Tree, u TreeUsage, from, to Date, asOf time.Time) []BurstPoll {
	w := r.begin(t, u, from, func(sub int) []*segment {
		loc := r.reg.zones[sub]
		if loc == nil {
			return nil
		}
		until := dayOf(to, loc).End
		all := r.segments(sub, dayOf(from, loc).Start, until.Add(-1))
		return slices.DeleteFunc(all, func(s *segment) bool { return s.last < from || !s.part.Start.Before(until) })
	})
	defer w.done()
	for _, s := range w.all {
		if s.version != nil {
			w.park(s.fault(r.book))
		}
	}
	w.parkPools()
	w.polls = polled{}
	h := horizon{day: to, asOf: asOf}
	polls := make([][]BurstPoll, len(w.groups))
	for i, g := range w.groups {
		if w.isOut(g) {
			continue
		}
		items, f := w.rate(g, h)
		if f == nil {
			polls[i] = w.pollsOf(g, items, from, h)
		}
		w.park(f)
	}
	w.parkPools()
	var out []BurstPoll
	for i, g := range w.groups {
		if !w.isOut(g) {
			out = append(out, polls[i]...)
		}
	}
	return out
}

// polled keeps the intervals that the items of burst prices are made of.
type polled map[polledKey][]burstInterval

type polledKey struct {
	segment *segment
	price   string
}

// keep does nothing for nil: nobody asks.
func (p polled) keep(s *segment, price *Price, intervals []burstInterval) {
	if p != nil {
		p[polledKey{s, price.ID}] = intervals
	}
}

// pollsOf returns the polls behind a group's items of burst prices, as they were
// rated.
func (w *work) pollsOf(g *group, items []*item, from Date, h horizon) []BurstPoll {
	var out []BurstPoll
	for _, it := range items {
		if _, ok := it.price.Model.(Burst); !ok || it.scope != ScopeBilled {
			continue
		}
		for _, s := range g.begun(h) {
			if it.subscription != "" && it.subscription != s.sub.ID {
				continue
			}
			m, _ := s.version.MeterOf(it.price.Meter)
			for _, i := range w.polls[polledKey{s, it.price.ID}] {
				if LocalDay(i.start, s.loc) >= from {
					out = append(out, w.pollOf(s, it, m, i))
				}
			}
		}
	}
	return out
}

func (w *work) pollOf(s *segment, it *item, m Meter, i burstInterval) BurstPoll {
	b := it.price.Model.(Burst)
	events := m.DivideBy.Fraction()
	out := BurstPoll{
		Account: s.sub.Account, Subscription: s.sub.ID, Currency: w.rater.book.Currency,
		Price: it.price.ID, Meter: m.ID, Resource: b.CoveredBy(m.ID), Group: strings.Join(i.values, " "), order: it.order,
		Start: i.start, Polled: i.polled, Day: LocalDay(i.start, s.loc), Seconds: i.seconds, SecondsBy: b.Seconds,
		Using: i.quantity.Mul(events), Covered: i.covered.Mul(events),
	}
	if i.beyond.Sign() > 0 {
		level, _ := b.priceOf(i.level) // rating has priced it
		out.Beyond, out.Level, out.UnitPrice = i.beyond.Mul(events), i.level, level.Unit
		out.Amount = i.times(b).Mul(it.charge.left()).Mul(level.Unit.Fraction())
	}
	return out
}

// left is which part of what was measured is billable.
func (c *Charge) left() money.Fraction {
	if c.whole.IsZero() {
		return money.Whole(1)
	}
	part, _ := c.Billable.Quo(c.whole) // not zero, so the quotient exists
	return part
}
