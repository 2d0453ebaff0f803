package usage

import (
	"iter"
	"slices"
)

// keptEvents are the events that a sieve found to be billed, by bucket of
// holders, and those of them that did not fit the memory.
type keptEvents struct {
	buckets [][]event
	held    int // events in memory
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

func (k *keptEvents) add(bucket uint8, e *event) {
	k.buckets[bucket] = append(k.buckets[bucket], *e)
	k.held++
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
