package pricing

import (
	"cmp"
	"slices"
	"strings"
	"sync"
)

// meterKey names a subscription's usage of a meter.
type meterKey struct{ subscription, meter string }

// usageIndex holds a tree's usage by subscription and meter. The rows of a key
// are sorted by dimensions, then by time, so that the order in which they came
// cannot matter. Its memory is taken for the next tree: rows are wide and many.
type usageIndex struct {
	rows []UsageState
	of   map[meterKey][]UsageState // slices of rows

	buckets map[meterKey]int32
	keys    []meterKey // by bucket
	next    []int32    // by bucket: how many rows it has, then where its next one goes
	bucket  []int32    // by row as it came
	order   []int32    // the buckets by key
}

func (x *usageIndex) fill(rows []UsageState) {
	clear(x.of)
	x.bucketRows(rows)
	x.order = x.order[:0]
	for b := range x.keys {
		x.order = append(x.order, int32(b))
	}
	slices.SortFunc(x.order, func(i, j int32) int { return compareKeys(x.keys[i], x.keys[j]) })
	x.rows = slices.Grow(x.rows[:0], len(rows))[:len(rows)]
	from := int32(0)
	for _, b := range x.order {
		to := from + x.next[b]
		x.of[x.keys[b]] = x.rows[from:to:to]
		x.next[b], from = from, to
	}
	for i, b := range x.bucket {
		x.rows[x.next[b]] = rows[i]
		x.next[b]++
	}
	for _, same := range x.of {
		if !sortedStates(same) { // they mostly come day by day
			slices.SortFunc(same, func(a, b UsageState) int { return compareStates(&a, &b) })
		}
	}
}

// bucketRows finds each row's key and counts the rows of each. They mostly come as
// those of the day before did, so that the key after the last one is the next.
func (x *usageIndex) bucketRows(rows []UsageState) {
	clear(x.buckets)
	x.keys, x.next, x.bucket = x.keys[:0], x.next[:0], x.bucket[:0]
	last := 0
	for i := range rows {
		key := meterKey{rows[i].Subscription, rows[i].Meter}
		b := last
		if b >= len(x.keys) || x.keys[b] != key {
			if b++; b >= len(x.keys) {
				b = 0
			}
			if len(x.keys) == 0 || x.keys[b] != key {
				b = x.bucketOf(key)
			}
		}
		x.bucket = append(x.bucket, int32(b))
		x.next[b]++
		last = b
	}
}

func (x *usageIndex) bucketOf(key meterKey) int {
	b, known := x.buckets[key]
	if !known {
		b = int32(len(x.keys))
		x.buckets[key], x.keys, x.next = b, append(x.keys, key), append(x.next, 0)
	}
	return int(b)
}

// indexes keeps the memory of indexes from tree to tree.
type indexes struct{ pool sync.Pool }

func (i *indexes) of(rows []UsageState) *usageIndex {
	x, ok := i.pool.Get().(*usageIndex)
	if !ok {
		x = &usageIndex{of: map[meterKey][]UsageState{}, buckets: map[meterKey]int32{}}
	}
	x.fill(rows)
	return x
}

// done takes back an index that nobody looks at any more.
func (i *indexes) done(x *usageIndex) { i.pool.Put(x) }

func compareKeys(a, b meterKey) int {
	return cmp.Or(strings.Compare(a.subscription, b.subscription), strings.Compare(a.meter, b.meter))
}

// compareStates orders the states of one key by dimensions and time.
func compareStates(a, b *UsageState) int {
	if c := strings.Compare(a.Dimensions, b.Dimensions); c != 0 {
		return c
	}
	if c := cmp.Compare(a.Day, b.Day); c != 0 {
		return c
	}
	return cmp.Or(
		cmp.Compare(a.Slot, b.Slot), cmp.Compare(a.FirstTime, b.FirstTime), cmp.Compare(a.LastTime, b.LastTime), a.Sum.Cmp(b.Sum),
	)
}

func sortedStates(rows []UsageState) bool {
	for i := 1; i < len(rows); i++ {
		if compareStates(&rows[i-1], &rows[i]) > 0 {
			return false
		}
	}
	return true
}
