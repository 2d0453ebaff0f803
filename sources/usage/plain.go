package usage

import (
	"math/bits"

	"github.com/zeebo/xxh3"

	"daybook/pricing/money"
	"daybook/sources/parquet"
)

// plain is the short way of a batch: the columns of its rows, ready to be read
// without asking each row what its file is like. It only ever accepts a row. One
// that is not plain in every column goes the long way ([scanner.row]), which
// alone rejects; so both ways give a row the same event, and the long way's
// answers, kept in the caches, are what the short way looks up.
type plain struct {
	ids          *parquet.Vector // nil: rows have none
	meter        answers
	subscription answers
	entries      []uint32 // by entry of the subscriptions' dictionary: attribution.always
	meters       []plainMeter
	task         *task // whose dictionaries entries and shapes are of
}

// plainMeter is how a meter's quantity and dimensions are read; not usable where its
// rows go the long way.
type plainMeter struct {
	usable     bool
	whole      []int64 // whole numbers, none of them null; nil: the long way reads the quantity
	dimensions []answers
	shapes     []uint32 // by the dimensions' indices, the last counting fastest: shape + 1; nil: too many
	negative   bool
}

// maxShapes is the most combinations of a meter's dimension values whose shapes
// are looked up at once.
const maxShapes = 1 << 14

// answers are a column's cache in dictionary form: row i's answer + 1 is
// numbers[index[i]], 0 where nobody has asked yet.
type answers struct {
	numbers []uint32
	index   []uint32 // nil: the column is a constant
	valid   []bool   // nil: none is null
}

// of returns row i's answer; ok is false where the long way must find it.
func (a *answers) of(i int) (n uint32, ok bool) {
	at := uint32(0)
	if a.index != nil {
		if a.valid != nil && !a.valid[i] {
			return 0, false
		}
		at = a.index[i]
	}
	n = a.numbers[at] - 1
	return n, n < missing // missing is the least of the answers that are no numbers; 0 wraps beyond them
}

// plainRows prepares the short way of the batch; false where it has none.
func (s *scanner) plainRows() bool {
	b, p := s.binding, &s.plain
	if b.hashed || b.subscription == nil || s.batch.N == 0 {
		return false
	}
	if p.ids = nil; !b.singly {
		if b.eventID[0].constant() {
			return false
		}
		p.ids = &s.batch.Cols[b.eventID[0].slot]
		if !plainBytes(&p.ids.Field) || p.ids.Valid != nil {
			return false
		}
	}
	var ok bool
	if p.meter, ok = s.answers(&b.meter, (*vocabulary).meter); !ok {
		return false
	}
	if p.subscription, ok = s.answers(b.subscription, (*vocabulary).subscription); !ok {
		return false
	}
	fresh := p.task != s.task
	if p.task = s.task; fresh {
		p.entries = s.alwaysOf(p.subscription.numbers, p.entries)
	}
	p.meters = resized(p.meters, len(b.meters))
	for i := range p.meters {
		s.plainMeter(&p.meters[i], &s.pass.meters[i], &b.meters[i], fresh)
	}
	return true
}

// alwaysOf returns attribution.always of the keys that are known by now.
func (s *scanner) alwaysOf(keys, memory []uint32) []uint32 {
	memory = cleared(memory, len(keys))
	for i, n := range keys {
		if key := n - 1; key < missing {
			memory[i] = s.pass.attribution.always[key]
		}
	}
	return memory
}

func (s *scanner) plainMeter(p *plainMeter, m *meter, b *meterBinding, fresh bool) {
	p.usable, p.whole, p.dimensions = false, nil, p.dimensions[:0]
	if b.fault != nil || m.unique {
		return
	}
	p.negative = m.AllowNegative
	if !m.count && !b.quantity.constant() {
		v := &s.batch.Cols[b.quantity.slot]
		if v.Field.Logical == parquet.LogicalNone && v.Field.Kind != parquet.KindUint64 && v.Valid == nil {
			p.whole = v.Ints
		}
	}
	combinations := 1
	for i := range b.dimensions {
		a, ok := s.answers(&b.dimensions[i], (*vocabulary).value)
		if !ok {
			return
		}
		p.dimensions = append(p.dimensions, a)
		combinations = min(combinations*len(a.numbers), maxShapes+1)
	}
	switch {
	case combinations > maxShapes:
		p.shapes = p.shapes[:0]
	case fresh || len(p.shapes) != combinations:
		p.shapes = cleared(p.shapes, combinations)
	}
	p.usable = true
}

// plainShape returns the shape of row i's dimensions.
func (s *scanner) plainShape(m *plainMeter, meter uint32, i int) (shape uint32, ok bool) {
	if len(m.dimensions) == 0 {
		return meter, true
	}
	at := 0
	if len(m.shapes) > 0 {
		for k := range m.dimensions {
			a := &m.dimensions[k]
			if a.valid != nil && !a.valid[i] {
				return 0, false
			}
			at = at*len(a.numbers) + int(a.index[i])
		}
		if n := m.shapes[at]; n != 0 {
			return n - 1, true
		}
	}
	state := meter
	for k := range m.dimensions {
		value, ok := m.dimensions[k].of(i)
		if !ok {
			return 0, false
		}
		state = s.words.step(state, value)
	}
	shape = s.words.shape(state)
	if len(m.shapes) > 0 {
		m.shapes[at] = shape + 1
	}
	return shape, true
}

// answers returns the cache of a column in dictionary form, or of a constant.
func (s *scanner) answers(c *column, find meaning) (answers, bool) {
	if s.cell(c, 0) == nil {
		return answers{}, false
	}
	k := &s.caches[c.cache]
	if c.constant() {
		return answers{numbers: k.numbers}, true
	}
	v := &s.batch.Cols[c.slot]
	if !k.learnt && plainBytes(&v.Field) {
		s.learn(c, find)
		k.learnt = true
	}
	return answers{numbers: k.numbers, index: v.Index, valid: v.Valid}, true
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

// plainRow decides row i and returns true, or leaves everything as it was.
func (s *scanner) plainRow(i int) (done bool, err error) {
	p := &s.plain
	if s.timeFaults[i] != "" {
		return false, nil
	}
	meter, ok := p.meter.of(i)
	if !ok || !p.meters[meter].usable {
		return false, nil
	}
	entry, ok := s.plainEntry(i)
	if !ok {
		return false, nil
	}
	m := &p.meters[meter]
	var qty money.Int128
	var rounded bool
	if m.whole != nil && (m.whole[i] >= 0 || m.negative) {
		qty = wholeUnits(m.whole[i])
	} else {
		var reason Reason
		if qty, rounded, reason = s.quantity(&s.pass.meters[meter], &s.binding.meters[meter].quantity, i); reason != "" {
			return false, nil
		}
	}
	shape, ok := s.plainShape(m, meter, i)
	if !ok {
		return false, nil
	}
	var text []byte
	if p.ids != nil {
		if text = p.ids.Str(i); len(text) == 0 || !validText(text) {
			return false, nil
		}
	}
	d := s.dayOf(s.times[i])
	if d < 0 {
		return false, nil
	}
	s.placed[d]++
	s.ledgers[d].of(meter).Read.add(qty)
	e, err := s.stage(d, i, rounded)
	if e != nil {
		e.qty, e.entry, e.shape = qty, entry, shape
		if p.ids != nil {
			e.id = xxh3.Hash128(text)
		} else {
			e.id = s.identityOfPlace(i)
		}
	}
	return true, err
}

// wholeUnits returns a whole quantity at 12 places. It has at most 31 digits.
func wholeUnits(n int64) money.Int128 {
	sign := n >> 63
	hi, lo := bits.Mul64(uint64((n^sign)-sign), 1e12)
	if sign < 0 {
		var borrow uint64
		lo, borrow = bits.Sub64(0, lo, 0)
		hi, _ = bits.Sub64(0, hi, borrow)
	}
	return money.Int128{Lo: lo, Hi: int64(hi)}
}
