package usage

import (
	"sync"

	"daybook/pricing"
	"daybook/pricing/money"
)

// spare keeps the columns of days that nobody needs any more for later ones; nil
// keeps none.
type spare struct {
	mu      sync.Mutex
	taken   int
	batches []pricing.UsageBatch
}

// get returns a batch without rows, perhaps with room for them.
func (s *spare) get() (b pricing.UsageBatch) {
	if s == nil {
		return b
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken++
	if last := len(s.batches) - 1; last >= 0 {
		b, s.batches = s.batches[last], s.batches[:last]
	}
	return b
}

// put keeps a batch for as many as were taken: engines that take none keep none.
func (s *spare) put(b pricing.UsageBatch) {
	for _, c := range textsOf(&b) {
		c.Values = nil
	}
	resize(&b, 0, 0)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken > 0 {
		s.taken--
		s.batches = append(s.batches, b)
	}
}

// resize makes the columns n rows long, the new ones of any content, and where they
// need a new place with room for more. Increase stays nil where it is.
func resize(b *pricing.UsageBatch, n, room int) {
	for _, c := range []*[]int64{&b.Day, &b.Slot, &b.Events, &b.FirstTime, &b.LastTime} {
		*c = extended(*c, n, room)
	}
	for _, c := range []*[]money.Int128{&b.Sum, &b.Min, &b.Max, &b.First, &b.Last, &b.LevelSeconds} {
		*c = extended(*c, n, room)
	}
	for _, c := range textsOf(b) {
		c.Index = extended(c.Index, n, room)
	}
	if b.Increase != nil {
		b.Increase = extended(b.Increase, n, room)
	}
}

func textsOf(b *pricing.UsageBatch) [4]*pricing.Strings {
	return [...]*pricing.Strings{&b.Account, &b.Subscription, &b.Meter, &b.Dimensions}
}

// extended returns s with n elements, the new ones of any content, and with room
// for more where it needs a new place.
func extended[T any](s []T, n, room int) []T {
	if n <= cap(s) {
		return s[:n]
	}
	out := make([]T, n, max(n, room))
	copy(out, s)
	return out
}
