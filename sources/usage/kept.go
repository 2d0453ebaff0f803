package usage

import (
	"iter"
	"slices"
)

// keptEvents are the events that a sieve found to be billed, by bucket of
// holders, and those of them that did not fit the memory.
type keptEvents struct {
	buckets [][]event
	held    int     // events in memory
	dropped []uint8 // buckets that events were dropped in
	runs    []run
}

func (k *keptEvents) begin(buckets int) {
	for len(k.buckets) < buckets {
		k.buckets = append(k.buckets, nil)
	}
	k.empty()
	k.runs = k.runs[:0]
}

func (k *keptEvents) empty() {
	for i := range k.buckets {
		k.buckets[i] = k.buckets[i][:0]
	}
	k.held = 0
}

// keptAt is where an event in memory is.
type keptAt struct {
	n      uint32
	bucket uint8
}

// add makes room for an event in a bucket.
func (k *keptEvents) add(bucket uint8) (keptAt, *event) {
	b := k.buckets[bucket]
	n := len(b)
	if n == cap(b) {
		b = slices.Grow(b, max(256, n/2))
	}
	b = b[:n+1]
	k.buckets[bucket] = b
	k.held++
	return keptAt{uint32(n), bucket}, &b[n]
}

func (k *keptEvents) at(a keptAt) *event { return &k.buckets[a.bucket][a.n] }

// drop marks an event that is not to be kept after all, for compact to take out.
func (k *keptEvents) drop(a keptAt) {
	k.at(a).entry = unknown
	if !slices.Contains(k.dropped, a.bucket) {
		k.dropped = append(k.dropped, a.bucket)
	}
}

// compact takes the dropped events out; the places of others change.
func (k *keptEvents) compact() {
	for _, b := range k.dropped {
		before := len(k.buckets[b])
		k.buckets[b] = slices.DeleteFunc(k.buckets[b], func(e event) bool { return e.entry == unknown })
		k.held -= before - len(k.buckets[b])
	}
	k.dropped = k.dropped[:0]
}

// fit writes the kept events to disk where they outgrow the sieve's part of the
// memory for them.
func (k *keptEvents) fit(c *closing) error {
	if int64(k.held)*eventBytes <= c.pass.budget.kept/int64(c.pass.workers) {
		return nil
	}
	c.spillOnce.Do(func() { c.spill, c.spillErr = c.pass.engine.newSpill(c.pass.temporary) })
	if c.spillErr != nil {
		return c.spillErr
	}
	r, err := c.spill.write(c.buckets, func(b int) iter.Seq[[]event] {
		return slices.Values([][]event{k.buckets[b]})
	})
	k.runs = append(k.runs, r)
	k.empty()
	return err
}

// kept gives the events of a bucket, of all sieves, some at a time.
func (c *closing) kept(b int, reader *spillReader, each func([]event)) error {
	for _, s := range c.sieves {
		each(s.kept.buckets[b])
		for i := range s.kept.runs {
			if err := reader.read(&s.kept.runs[i], b, each); err != nil {
				return err
			}
		}
	}
	return nil
}
