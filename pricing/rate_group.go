package pricing

import "time"

// group is what is rated together: one segment, or under a plan with pooled
// prices all segments that share the pool: one billing account (or account),
// plan, version and billing period (docs/billing-rules.md, Accounts). The plan
// is part of it because a price belongs to its plan.
type group struct {
	version *Version
	plan    *Plan
	billing string
	pool    Pool
	members []*segment
	part    Period // from the first member's start to the last one's end
	whole   Period
	era     Period // of the pool: no member's start or end moves it
	term    Period // what of that the version covers
}

type poolKey struct {
	plan, version, account, subscription string
	own                                  Cycle
	phase                                int
	start, end                           int64
}

// groupSegments puts segments with a plan into groups, in order of their first
// members.
func groupSegments(segments []*segment, billing string) []*group {
	at := map[poolKey]*group{}
	var out []*group
	for _, s := range segments {
		if s.plan == nil {
			continue
		}
		pool := s.pool()
		key := keyOf(s, pool)
		g := at[key]
		if g == nil {
			g = &group{version: s.version, plan: s.plan, billing: billing, pool: pool, part: s.part, whole: s.whole, era: s.era, term: s.term}
			at[key] = g
			out = append(out, g)
		}
		g.members = append(g.members, s)
		g.part, g.whole = hull(g.part, s.part), hull(g.whole, s.whole)
		g.era, g.term = hull(g.era, s.era), hull(g.term, s.term)
	}
	return out
}

// keyOf says with which segments one is rated together.
func keyOf(s *segment, pool Pool) poolKey {
	key := poolKey{
		plan: s.plan.ID, version: s.version.ID, own: s.own, phase: s.plan.phase,
		start: s.nominal.Start.UnixNano(), end: s.nominal.End.UnixNano(),
	}
	switch pool {
	case PoolSubscription:
		key.subscription = s.sub.ID
	case PoolAccount:
		key.account = s.sub.Account
	}
	return key
}

// hull is the shortest period that holds both.
func hull(a, b Period) Period {
	if b.Start.Before(a.Start) {
		a.Start = b.Start
	}
	if b.End.After(a.End) {
		a.End = b.End
	}
	return a
}

// horizon is how far a rating looks: to the end of a local day, or as far as
// there is something. Nothing is known from asOf on.
type horizon struct {
	day  Date
	open bool // the day does not count
	fees bool // only fees in advance are asked for; what is in arrears is not looked at
	asOf time.Time
	// forecast looks to the end of the period by what is known at the day's end.
	forecast bool
}

// of returns the instant and the local day up to which a segment counts.
func (h horizon) of(s *segment) (until time.Time, last Date) {
	if h.forecast {
		return s.part.End, min(s.last, h.day)
	}
	part := s.part.Upto(h.asOf)
	if h.open {
		return part.End, s.last
	}
	return part.Upto(dayOf(h.day, s.loc).End).End, min(s.last, h.day)
}

// begun returns the members that have begun within the horizon.
func (g *group) begun(h horizon) []*segment {
	if h.open {
		return g.members
	}
	var out []*segment
	for _, s := range g.members {
		if s.first <= h.day {
			out = append(out, s)
		}
	}
	return out
}
