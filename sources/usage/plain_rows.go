package usage

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"

	"github.com/zeebo/xxh3"

	"daybook/pricing/money"
)

// plainRow is what the short way found of a row.
type plainRow struct {
	qty          money.Int128
	entry, shape uint32 // entry is unknown where the row goes the long way
	meter        uint32
	rounded      bool
}

// decidePlain decides the batch's rows and reports whether none has to go the long
// way. Column after column, as loops of one thing do not wait for each other.
func (s *scanner) decidePlain() (all bool) {
	p := &s.plain
	p.rows, p.hashes = resized(p.rows, s.batch.N), resized(p.hashes, s.batch.N)
	all = true
	for i := range p.rows {
		if !s.decide(i, &p.rows[i]) {
			p.rows[i].entry, all = unknown, false
		}
	}
	return s.hashPlain() && all
}

// decide finds all of a row but its id and its day.
func (s *scanner) decide(i int, r *plainRow) (ok bool) {
	p := &s.plain
	if s.timeFaults != nil && s.timeFaults[i] != "" {
		return false
	}
	if r.meter, ok = p.meter.of(i); !ok || !p.meters[r.meter].usable {
		return false
	}
	if r.entry, ok = s.plainEntry(i); !ok {
		return false
	}
	m := &p.meters[r.meter]
	if r.qty, r.rounded, ok = m.quick(i); !ok {
		var reason Reason
		if r.qty, r.rounded, reason = s.quantity(&s.pass.meters[r.meter], &s.binding.meters[r.meter].quantity, i); reason != "" {
			return false
		}
	}
	r.shape, ok = s.plainShape(m, r.meter, i)
	return ok
}

// plainEntry returns the attribution entry of row i.
func (s *scanner) plainEntry(i int) (entry uint32, ok bool) {
	a := &s.plain.subscription
	if a.index != nil && (a.valid == nil || a.valid[i]) {
		if entry := s.plain.entries[a.index[i]]; entry != 0 {
			return entry - 1, true
		}
	}
	key, ok := a.of(i)
	if !ok {
		return 0, false
	}
	entry, reason := s.pass.attribution.at(key, s.times[i])
	return entry, reason == ""
}

// hashPlain hashes the ids, and sends rows whose ids are not fit for it the long way.
func (s *scanner) hashPlain() (all bool) {
	p, v := &s.plain, s.plain.ids
	if v == nil { // rows have none
		for i := range p.hashes {
			p.hashes[i] = s.identityOfPlace(i)
		}
		return true
	}
	valid := v.Offsets != nil && allASCII(v.Arena[v.Offsets[0]:v.Offsets[s.batch.N]])
	all = true
	for i := range p.hashes {
		text := v.Str(i)
		if len(text) == 0 || len(text) > maxText || !valid && !utf8.Valid(text) {
			p.rows[i].entry, all = unknown, false
			continue
		}
		p.hashes[i] = xxh3.Hash128(text)
	}
	return all
}

// allASCII reports whether no byte has its highest bit set: such texts are UTF-8,
// wherever one ends and, their lengths between them, the next begins.
func allASCII(b []byte) bool {
	var seen uint64
	for ; len(b) >= 32; b = b[32:] {
		seen |= binary.LittleEndian.Uint64(b) | binary.LittleEndian.Uint64(b[8:]) |
			binary.LittleEndian.Uint64(b[16:]) | binary.LittleEndian.Uint64(b[24:])
	}
	for _, c := range b {
		seen |= uint64(c)
	}
	return seen&0x8080808080808080 == 0
}

// stagePlain adds row i to its day; false where it has none.
func (s *scanner) stagePlain(i int) (done bool, err error) {
	r := &s.plain.rows[i]
	d := s.dayOf(s.times[i])
	if d < 0 {
		return false, nil
	}
	s.placed[d]++
	return true, s.accept(d, i, s.plain.hashes[i], r)
}

// chunkPlain makes a chunk of all rows of the batch, which lie in one day and all
// went the short way. Their events are written once, each to its place.
func (s *scanner) chunkPlain(d int) error {
	if err := s.flush(d); err != nil { // rows before these, in a chunk before this
		return err
	}
	p, c := &s.plain, &chunk{first: s.batch.Row}
	var next [parts]uint16
	for i := range p.rows {
		next[s.pass.partOf(p.hashes[i], p.rows[i].entry)]++
	}
	c.divide(&next, &s.pass.buffers)
	start, times, seen, singly := s.starts[d], s.times, s.seen[d], s.binding.singly
	s.tallies = cleared(s.tallies, len(s.pass.meters))
	rounded := int64(0)
	for i := range p.rows {
		r, id, number := &p.rows[i], p.hashes[i], uint32(i)
		part := s.pass.partOf(id, r.entry)
		e := &c.events[next[part]]
		next[part]++
		if singly {
			number = s.task.source.numbers[d]
		}
		e.id.Lo, e.id.Hi, e.qty.Lo, e.qty.Hi = id.Lo, id.Hi, r.qty.Lo, r.qty.Hi
		e.at, e.entry, e.shape = newMoment(times[i]-start, r.rounded, number), r.entry, r.shape
		s.tallies[r.meter].add(r.qty)
		seen.add(r.entry)
		if r.rounded {
			rounded++
		}
	}
	s.placed[d] += int64(len(p.rows))
	for m, t := range s.tallies {
		into := s.ledgers[d].of(uint32(m))
		into.Read = into.Read.Plus(t)
	}
	if singly {
		s.keepAll(d, rounded)
	}
	return s.pass.add(s.task.source.open[d], origin{chunk: c, task: s.task})
}

// quick returns row i's quantity at 12 places if it takes no more than a
// multiplication: ok is false where the long way must look. 64 bits and 12 places
// have at most 31 digits.
func (m *plainMeter) quick(i int) (v money.Int128, rounded, ok bool) {
	var n int64
	switch {
	case m.whole != nil:
		n = m.whole[i]
	case m.wides != nil && m.wides[i].Hi == int64(m.wides[i].Lo)>>63:
		n = int64(m.wides[i].Lo)
	default:
		return v, false, false
	}
	sign := n >> 63
	if sign < 0 && !m.negative {
		return v, false, false
	}
	hi, lo := bits.Mul64(uint64((n^sign)-sign), m.unit)
	if sign < 0 {
		var borrow uint64
		lo, borrow = bits.Sub64(0, lo, 0)
		hi, _ = bits.Sub64(0, hi, borrow)
	}
	return money.Int128{Lo: lo, Hi: int64(hi)}, false, true
}
