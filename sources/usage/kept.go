package usage

import (
	"iter"
	"slices"
)

// keptEvents are the events that a sieve found to be billed, by bucket of
// holders, and those of them that did not fit the memory.
type keptEvents struct {
	buckets  [][]event // with room for more
	used     []uint32  // events of each bucket
	expected int       // the same, if all are alike
	held     int       // events in memory
	dropped  []uint8   // buckets that events were dropped in
	runs     []run
}

// begin expects so many events of a day in each bucket.
func (k *keptEvents) begin(buckets, expected int) {
	for len(k.buckets) < buckets {
		k.buckets, k.used = append(k.buckets, nil), append(k.used, 0)
	}
	k.expected = expected
	k.empty()
	k.runs = k.runs[:0]
}

func (k *keptEvents) empty() {
	clear(k.used)
	k.held = 0
}

// keptAt is where an event in memory is.
type keptAt struct {
	n      uint32
	bucket uint8
}

// of returns the events of a bucket.
func (k *keptEvents) of(bucket int) []event { return k.buckets[bucket][:k.used[bucket]] }

// grow makes room for more events in a bucket: at first for what is expected.
func (k *keptEvents) grow(bucket uint8) {
	b := k.buckets[bucket]
	b = slices.Grow(b, max(256, len(b)/4, k.expected+k.expected/8-len(b)))
	k.buckets[bucket] = b[:cap(b)]
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
		kept := slices.DeleteFunc(k.of(int(b)), func(e event) bool { return e.entry == unknown })
		k.held -= int(k.used[b]) - len(kept)
		k.used[b] = uint32(len(kept))
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
	r, err := c.spill.write(c.pass.buckets, func(b int) iter.Seq[[]event] {
		return slices.Values([][]event{k.of(b)})
	})
	k.runs = append(k.runs, r)
	k.empty()
	return err
}

// kept gives the events of a bucket that are to be billed, some at a time.
func (c *closing) kept(b int, reader *spillReader, each func([]event)) error {
	if c.pass.singly() {
		return c.accepted(b, reader, each)
	}
	for _, s := range c.sieves {
		each(s.kept.of(b))
		for i := range s.kept.runs {
			if err := reader.read(&s.kept.runs[i], b, each); err != nil {
				return err
			}
		}
	}
	return nil
}
