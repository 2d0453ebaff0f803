package parquet

// Thrift's compact protocol, as footers and page headers use it
// (thrift-compact-protocol.md of Apache Thrift). Only reading, and bounded: no
// length or list size is believed beyond the bytes that are there.

// Compact protocol type codes.
const (
	thriftTrue   = 1
	thriftFalse  = 2
	thriftByte   = 3
	thriftI16    = 4
	thriftI32    = 5
	thriftI64    = 6
	thriftDouble = 7
	thriftBinary = 8
	thriftList   = 9
	thriftSet    = 10
	thriftMap    = 11
	thriftStruct = 12
)

// maxThriftDepth is far above what Parquet's own structures nest (about 8).
const maxThriftDepth = 32

// compact is a cursor over compact protocol bytes. After a fault every read
// gives zero, so callers check err once, at the end of a structure.
type compact struct {
	b     []byte
	at    int
	depth int
	short bool // the bytes ended: more of them might help
	err   error
}

func (t *compact) fail(reason string) {
	if t.err == nil {
		t.err = corrupt(reason)
	}
	t.at = len(t.b)
}

func (t *compact) byte() byte {
	if t.at >= len(t.b) {
		if t.err == nil {
			t.short = true
		}
		t.fail("metadata ends early")
		return 0
	}
	c := t.b[t.at]
	t.at++
	return c
}

func (t *compact) uvarint() uint64 {
	var v uint64
	for shift := uint(0); shift < 64; shift += 7 {
		c := t.byte()
		v |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return v
		}
	}
	t.fail("metadata has a number of more than 64 bits")
	return 0
}

func (t *compact) i64() int64 {
	v := t.uvarint()
	return int64(v>>1) ^ -int64(v&1)
}

// binary is the next string; it shares the cursor's bytes.
func (t *compact) binary() []byte {
	n := t.uvarint()
	if n > uint64(len(t.b)-t.at) {
		if t.err == nil {
			t.short = true
		}
		t.fail("metadata ends early")
		return nil
	}
	s := t.b[t.at : t.at+int(n)]
	t.at += int(n)
	return s
}

// list reads a list's head. Every element takes at least a byte, so a longer
// list than there are bytes is refused before anything is made of it.
func (t *compact) list() (n int, elem byte) {
	h := t.byte()
	size := uint64(h >> 4)
	if size == 15 {
		size = t.uvarint()
	}
	if size > uint64(len(t.b)-t.at) {
		if t.err == nil {
			t.short = true
		}
		t.fail("metadata ends early")
		return 0, 0
	}
	return int(size), h & 15
}

// each reads a list and calls fn once an element, which must consume it. fn is
// not called when the elements are not of type elem.
func (t *compact) each(ty, elem byte, fn func()) {
	if ty != thriftList {
		t.fail("metadata has another type than a list in a list's place")
		return
	}
	n, got := t.list()
	if n > 0 && got != elem {
		t.fail("metadata has a list of an unexpected type")
		return
	}
	for i := 0; i < n && t.err == nil; i++ {
		fn()
	}
}

// structure reads a struct and calls fn for each field, which must consume it
// with the reader of its type, or skip it. Booleans have no bytes of their own:
// their value is their type.
func (t *compact) structure(fn func(id int16, ty byte)) {
	t.depth++
	if t.depth > maxThriftDepth {
		t.fail("metadata is nested too deeply")
	}
	var id int16
	for t.err == nil {
		h := t.byte()
		if t.err != nil || h == 0 {
			break
		}
		if delta := h >> 4; delta != 0 {
			id += int16(delta)
		} else {
			id = int16(t.i64())
		}
		fn(id, h&15)
	}
	t.depth--
}

// integer reads a field that must be an integer of any width.
func (t *compact) integer(ty byte) int64 {
	switch ty {
	case thriftByte:
		return int64(int8(t.byte()))
	case thriftI16, thriftI32, thriftI64:
		return t.i64()
	}
	t.fail("metadata has another type than an integer in an integer's place")
	return 0
}

func (t *compact) integer32(ty byte) int32 {
	v := t.integer(ty)
	if v != int64(int32(v)) {
		t.fail("metadata has a number of more than 32 bits")
		return 0
	}
	return int32(v)
}

// text reads a field that must be a string or binary.
func (t *compact) text(ty byte) []byte {
	if ty != thriftBinary {
		t.fail("metadata has another type than a string in a string's place")
		return nil
	}
	return t.binary()
}

// group reads a field that must be a struct.
func (t *compact) group(ty byte, fn func(id int16, ty byte)) {
	if ty != thriftStruct {
		t.fail("metadata has another type than a struct in a struct's place")
		return
	}
	t.structure(fn)
}

// flag reads a boolean field.
func (t *compact) flag(ty byte) bool {
	if ty != thriftTrue && ty != thriftFalse {
		t.fail("metadata has another type than a boolean in a boolean's place")
	}
	return ty == thriftTrue
}

// skip passes over a value of a field.
func (t *compact) skip(ty byte) {
	switch ty {
	case thriftTrue, thriftFalse:
	case thriftByte:
		t.byte()
	case thriftI16, thriftI32, thriftI64:
		t.uvarint()
	case thriftDouble:
		t.take(8)
	case thriftBinary:
		t.binary()
	case thriftList, thriftSet:
		t.skipList()
	case thriftMap:
		t.skipMap()
	case thriftStruct:
		t.structure(func(_ int16, ty byte) { t.skip(ty) })
	default:
		t.fail("metadata has a value of an unknown type")
	}
}

func (t *compact) take(n int) {
	if n > len(t.b)-t.at {
		if t.err == nil {
			t.short = true
		}
		t.fail("metadata ends early")
		return
	}
	t.at += n
}

func (t *compact) skipList() {
	t.depth++
	if t.depth > maxThriftDepth {
		t.fail("metadata is nested too deeply")
	}
	n, elem := t.list()
	for i := 0; i < n && t.err == nil; i++ {
		t.skipElement(elem)
	}
	t.depth--
}

func (t *compact) skipMap() {
	n := t.uvarint()
	if n == 0 {
		return
	}
	if n > uint64(len(t.b)-t.at) {
		t.fail("metadata ends early")
		return
	}
	types := t.byte()
	for i := uint64(0); i < n && t.err == nil; i++ {
		t.skipElement(types >> 4)
		t.skipElement(types & 15)
	}
}

// skipElement passes over an element of a list or map, where booleans do have a byte.
func (t *compact) skipElement(ty byte) {
	if ty == thriftTrue || ty == thriftFalse {
		t.byte()
		return
	}
	t.skip(ty)
}
