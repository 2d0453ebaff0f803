package pricing

import "sync"

// ratedTime is a local day of a cost series, or the month of a closing.
type ratedTime struct {
	day     Date
	closing Month // zero: the day
}

// segmentsAt returns the segments of a subscription that Daily or Close lists.
func (r *Rater) segmentsAt(sub int, at ratedTime) []*segment {
	if at.closing == (Month{}) {
		return r.listed(sub, at.day)
	}
	return r.closable(sub, at.closing)
}

// takes reports whether the usage of one of these is needed.
func (at ratedTime) takes(s *segment) bool {
	return s.metered() && (at.closing == (Month{}) || s.pool() != PoolSubscription || at.closing.closingTime(s.loc).bills(s.part.End))
}

// window is which UTC days a rating needs: those from whole on with all meters,
// and those before with the meters that carry.
type window struct{ from, whole, to Date }

// windows keeps the windows that were worked out: each takes a look at every
// subscription. It is safe for concurrent use.
type windows struct {
	mu sync.Mutex
	at map[ratedTime]window
}

func (r *Rater) window(at ratedTime) window {
	r.windows.mu.Lock()
	defer r.windows.mu.Unlock()
	w, known := r.windows.at[at]
	if !known {
		w = r.workOutWindow(at)
		r.windows.at[at] = w
	}
	return w
}

func (r *Rater) workOutWindow(at ratedTime) window {
	first, to := at.day, at.day.AddDays(1)
	if at.closing != (Month{}) {
		first, to = at.closing.First(), at.closing.Next().First()
	}
	from, whole := first, first
	for i := range r.reg.Subscriptions {
		for _, s := range r.segmentsAt(i, at) {
			if at.takes(s) {
				from, whole = min(from, s.wholeFirst.AddDays(-s.carryDays())), min(whole, s.wholeFirst)
			}
		}
	}
	return window{from.AddDays(-1), whole.AddDays(-2), to}
}

// listedSegments are what the rating of a time looks at of a subscription.
type listedSegments struct {
	rater *Rater
	sub   int
	list  []*segment
}

// lister returns the function that gives a subscription's segments: those that the
// terms were collected from, where they are of that time.
func (t *Terms) lister(r *Rater, at ratedTime) func(sub int) []*segment {
	next := 0
	return func(sub int) []*segment {
		if t == nil || t.at != at {
			return r.segmentsAt(sub, at)
		}
		for range t.segments { // mostly they are asked for in their order
			s := &t.segments[next]
			if next++; next == len(t.segments) {
				next = 0
			}
			if s.rater == r && s.sub == sub {
				return s.list
			}
		}
		return r.segmentsAt(sub, at)
	}
}
