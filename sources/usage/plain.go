package usage

import "daybook/sources/parquet"

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

	hashes []eventID // of the rows' ids
	rows   []plainRow
}

// plainMeter is how a meter's quantity and dimensions are read; not usable where its
// rows go the long way.
type plainMeter struct {
	usable     bool
	whole      []int64              // quantities in units, none of them null; nil: there are none such
	wides      []parquet.Decimal128 // the same of decimals on bytes
	unit       uint64               // at 12 places
	negative   bool
	dimensions []answers
	shapes     []uint32 // by the dimensions' indices, the last counting fastest: shape + 1; nil: too many
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
	p.usable, p.whole, p.wides, p.dimensions = false, nil, nil, p.dimensions[:0]
	if b.fault != nil || m.unique {
		return
	}
	p.negative = m.AllowNegative
	if !m.count && !b.quantity.constant() {
		p.quantities(&s.batch.Cols[b.quantity.slot], m)
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

// quantities are a column's if they are whole numbers or decimals of no more places
// than the meter keeps.
func (p *plainMeter) quantities(v *parquet.Vector, m *meter) {
	scale := 0
	switch {
	case v.Valid != nil || v.Field.Kind == parquet.KindUint64:
		return
	case v.Field.Logical == parquet.LogicalDecimal && v.Field.Scale >= 0 && v.Field.Scale <= int(m.Scale):
		scale = v.Field.Scale
	case v.Field.Logical != parquet.LogicalNone:
		return
	}
	p.whole, p.wides, p.unit = v.Ints, v.Wides, tens[places-scale]
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
