package usage

import (
	"iter"
	"slices"

	"daybook/pricing"
)

// openDay collects what the row groups of its files hold of a UTC day until all
// are read. Everything but its date and sources is guarded by pass.mu.
type openDay struct {
	date    pricing.Date
	sources []*source // that list the day, by key
	waiting int       // sources not read yet, and spills not ended
	shares  []*share
	seen    entrySet // of the events; nil: there were no rows
	chunks  []origin // whose events are in memory
	bytes   int64    // of those
	spilled []spilled
	spill   *spill // nil until there is need of it
	closing bool   // its chunks are in use
}

// origin is a chunk and where its events are from.
type origin struct {
	chunk  *chunk
	task   *task
	source uint32 // index in day.sources, once it is closed
}

// spilled is a run of a day's chunks, whose events are on disk.
type spilled struct {
	run
	chunks []origin // in their order within each partition
}

// add gives a chunk to a day. Where the events of all open days outgrow their
// share of the memory, the day that has the most of them is spilled.
func (p *pass) add(d *openDay, o origin) error {
	p.mu.Lock()
	d.chunks = append(d.chunks, o)
	d.bytes += o.chunk.bytes()
	p.held += o.chunk.bytes()
	full := p.held > p.budget.events
	p.mu.Unlock()
	if !full {
		return nil
	}
	p.spilling.Lock() // the others wait for room
	defer p.spilling.Unlock()
	return p.makeRoom()
}

// makeRoom spills the day with the most events in memory, if there is still need.
func (p *pass) makeRoom() error {
	p.mu.Lock()
	var d *openDay
	for _, o := range p.days {
		if !o.closing && o.bytes > 0 && (d == nil || o.bytes > d.bytes) {
			d = o
		}
	}
	if p.held <= p.budget.events || d == nil {
		p.mu.Unlock()
		return nil
	}
	chunks, bytes := d.chunks, d.bytes
	d.chunks, d.bytes = nil, 0
	d.waiting++
	p.mu.Unlock()
	r, err := p.spillChunks(d, chunks)
	if err != nil {
		return err // it stops the pass, and the day waits for ever
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held -= bytes
	d.spilled = append(d.spilled, spilled{r, chunks})
	d.waiting--
	p.wake.Broadcast()
	return nil
}

func (p *pass) spillChunks(d *openDay, chunks []origin) (run, error) {
	if d.spill == nil { // guarded by p.spilling
		s, err := p.engine.newSpill(p.temporary)
		if err != nil {
			return run{}, err
		}
		d.spill = s
	}
	r, err := d.spill.write(parts, func(part int) iter.Seq[[]event] {
		return func(yield func([]event) bool) {
			for _, o := range chunks {
				if !yield(o.chunk.part(part)) {
					return
				}
			}
		}
	})
	for _, o := range chunks {
		p.buffers.put(o.chunk.events)
		o.chunk.events = nil
	}
	return r, err
}

// take hands the day's chunks over to its closing, sorted by file, row group and
// row.
func (p *pass) take(d *openDay) []origin {
	p.mu.Lock()
	defer p.mu.Unlock()
	d.closing = true
	all := slices.Clone(d.chunks)
	for _, s := range d.spilled {
		all = append(all, s.chunks...)
	}
	slices.SortFunc(all, origin.compare)
	return all
}

// release lets go of the events of a day that is closed, or fails.
func (p *pass) release(d *openDay) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, o := range d.chunks {
		p.buffers.put(o.chunk.events)
		o.chunk.events = nil
	}
	p.held -= d.bytes
	d.spill.close()
	d.spill, d.chunks, d.spilled, d.bytes = nil, nil, nil, 0
}

// releaseAll lets go of the events of all days, once nobody works on them.
func (p *pass) releaseAll() {
	for _, d := range p.days {
		p.release(d)
	}
}
