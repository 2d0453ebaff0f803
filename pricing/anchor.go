package pricing

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// AnchorChange is another billing anchor of a subscription from a local midnight
// on; an instant within a day counts from the next one.
type AnchorChange struct {
	From   time.Time
	Anchor int // day of the month; 0: the plan's cycle decides
}

// HeldAnchor is a billing anchor by which closings have cut a subscription's
// periods. What was billed is not cut anew when the registry names another
// day: that one holds from what is billed through on (docs/billing-rules.md,
// Corrections).
type HeldAnchor struct {
	Subscription string    `json:"subscription"`
	From         time.Time `json:"from"` // zero: from its start
	Anchor       int       `json:"anchor"`
}

// HoldAnchors returns the registry with subscriptions that bill by the anchors that
// were held, and by their own from what is billed through on where that is another
// one. It returns what is held from now on too, which the next closing begins with,
// sorted by subscription and time. A subscription of which nothing is held was
// billed by anchor 0, the plan's, if it was billed at all.
func (r *Registry) HoldAnchors(held []HeldAnchor, billed Coverage) (*Registry, []HeldAnchor) {
	holding := *r
	holding.Subscriptions = slices.Clone(r.Subscriptions)
	of := map[string][]HeldAnchor{}
	for _, h := range held {
		of[h.Subscription] = append(of[h.Subscription], h)
	}
	through := billed.bySubscription()
	for i := range holding.Subscriptions {
		s := &holding.Subscriptions[i]
		now, history := s.Anchor, of[s.ID]
		slices.SortStableFunc(history, func(a, b HeldAnchor) int { return a.From.Compare(b.From) })
		until, known := through[s.ID]
		switch {
		case !known:
			history = nil // nothing was cut by it
			if now != 0 {
				history = []HeldAnchor{{s.ID, time.Time{}, now}}
			}
		case anchorOf(history) != now:
			history = append(slices.DeleteFunc(history, func(h HeldAnchor) bool { return !h.From.Before(until) }), HeldAnchor{s.ID, until, now})
		}
		of[s.ID], s.Anchor, s.AnchorChanges = history, 0, nil
		for _, h := range history {
			if h.From.IsZero() {
				s.Anchor = h.Anchor
				continue
			}
			s.AnchorChanges = append(s.AnchorChanges, AnchorChange{h.From, h.Anchor})
		}
	}
	var out []HeldAnchor
	for _, history := range of {
		out = append(out, history...)
	}
	slices.SortFunc(out, func(a, b HeldAnchor) int {
		return cmp.Or(strings.Compare(a.Subscription, b.Subscription), a.From.Compare(b.From))
	})
	return &holding, out
}

// anchorOf is the last anchor that is held.
func anchorOf(history []HeldAnchor) int {
	if len(history) == 0 {
		return 0
	}
	return history[len(history)-1].Anchor
}

// paced is a stretch of time with one cadence.
type paced struct {
	term    Period
	cadence Cadence
}

// paces cuts a term where the subscription's anchor makes another cadence of the
// cycle.
func (s *Subscription) paces(c Cycle, term Period, loc *time.Location) []paced {
	of := *s
	out := []paced{{term, CadenceOf(c, of, loc)}}
	for _, change := range s.AnchorChanges {
		of.Anchor = change.Anchor
		from, cadence, last := midnightFrom(change.From, loc), CadenceOf(c, of, loc), &out[len(out)-1]
		switch {
		case !from.After(last.term.Start):
			last.cadence = cadence
		case from.Before(term.End) && cadence != last.cadence:
			last.term.End = from
			out = append(out, paced{Period{from, term.End}, cadence})
		}
	}
	return out
}

// midnightFrom is the first local midnight at or after an instant.
func midnightFrom(t time.Time, loc *time.Location) time.Time {
	day := LocalDay(t, loc)
	if midnight := day.In(loc); !midnight.Before(t) {
		return midnight.UTC()
	}
	return day.AddDays(1).In(loc).UTC()
}
