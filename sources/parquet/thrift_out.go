package parquet

import "encoding/binary"

// fields writes structures in thrift's compact protocol, their fields in the order
// of their numbers.
type fields struct {
	b    []byte
	last byte // the field before, in the structure that is written
}

func (f *fields) head(id, kind byte) {
	f.b = append(f.b, (id-f.last)<<4|kind) // no gap is longer than 15
	f.last = id
}

func (f *fields) number(id, kind byte, v int64) {
	f.head(id, kind)
	f.b = binary.AppendVarint(f.b, v)
}

func (f *fields) i32(id byte, v int)   { f.number(id, thriftI32, int64(v)) }
func (f *fields) i64(id byte, v int64) { f.number(id, thriftI64, v) }

func (f *fields) text(id byte, text []byte) {
	f.head(id, thriftBinary)
	f.element(text)
}

// element is a text in a list.
func (f *fields) element(text []byte) {
	f.b = binary.AppendUvarint(f.b, uint64(len(text)))
	f.b = append(f.b, text...)
}

// listed is a number in a list.
func (f *fields) listed(v int) { f.b = binary.AppendVarint(f.b, int64(v)) }

// list begins a list of n elements of a kind, which are written after it.
func (f *fields) list(id, kind byte, n int) {
	f.head(id, thriftList)
	if n < 15 {
		f.b = append(f.b, byte(n)<<4|kind)
		return
	}
	f.b = binary.AppendUvarint(append(f.b, 15<<4|kind), uint64(n))
}

// object is a structure in a field, and inside it one in a list.
func (f *fields) object(id byte, write func()) {
	f.head(id, thriftStruct)
	f.inside(write)
}

func (f *fields) inside(write func()) {
	around := f.last
	f.last = 0
	write()
	f.b, f.last = append(f.b, 0), around
}

// empty is a structure without a field that is set.
func (f *fields) empty(id byte) { f.object(id, func() {}) }
