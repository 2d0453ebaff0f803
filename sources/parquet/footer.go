package parquet

import "math"

// The structures of a footer, with the field numbers of parquet.thrift. Only
// what reading needs is kept.

type footer struct {
	rows      int64
	createdBy string
	elements  []element
	groups    []rowGroup
	orders    bool // column_orders is set, so min_value and max_value have a meaning
	encrypted bool
}

// element is a SchemaElement.
type element struct {
	name       string
	physical   int32 // -1: a group
	length     int32
	repetition int32 // 0 required, 1 optional, 2 repeated
	children   int32
	converted  int32 // -1: none
	scale      int32
	precision  int32
	logical    logicalType
}

// logicalType is a LogicalType union.
type logicalType struct {
	id               int16 // of the union's field; 0: none
	scale, precision int32
	unit             int16 // 1 ms, 2 µs, 3 ns
	utc              bool
	width            int64
	signed           bool
}

// rowGroup is a RowGroup.
type rowGroup struct {
	rows   int64
	chunks []chunk
}

// chunk is a ColumnChunk with its ColumnMetaData.
type chunk struct {
	physical   int32
	codec      int32
	values     int64
	compressed int64
	dataOffset int64
	dictOffset int64 // 0: not given
	external   bool  // file_path is set: the pages lie in another file
	sealed     bool  // encrypted
	known      bool  // meta_data is there

	least, greatest int64 // see hasStats
	hasStats        bool
	ordered         bool // the bounds' order is the one that column_orders names
}

// parseFooter reads FileMetaData. Row groups must have one chunk a leaf column
// of the schema, which comes first in every file; so memory is bounded by the
// footer's bytes.
func parseFooter(b []byte, l Limits) (*footer, error) {
	f := &footer{rows: -1}
	t := &compact{b: b}
	leaves, counted := 0, false
	t.structure(func(id int16, ty byte) {
		switch id {
		case 2:
			t.each(ty, thriftStruct, func() {
				if len(f.elements) >= 4*l.MaxColumns {
					t.fail("the schema has too many columns")
					return
				}
				e := parseElement(t)
				if e.physical >= 0 {
					leaves++
				}
				f.elements = append(f.elements, e)
			})
			counted = true
		case 3:
			f.rows = t.integer(ty)
		case 4:
			if !counted {
				t.fail("the footer has row groups before the schema")
				return
			}
			t.each(ty, thriftStruct, func() {
				if len(f.groups) >= l.MaxRowGroups {
					t.fail("the file has too many row groups")
					return
				}
				f.groups = append(f.groups, parseRowGroup(t, leaves))
			})
		case 6:
			f.createdBy = string(t.text(ty))
		case 7:
			f.orders = true
			t.skip(ty)
		case 8:
			f.encrypted = true
			t.skip(ty)
		default:
			t.skip(ty)
		}
	})
	if t.err != nil {
		return nil, t.err
	}
	f.finishStats()
	return f, nil
}

func parseElement(t *compact) element {
	e := element{physical: -1, converted: -1}
	t.structure(func(id int16, ty byte) {
		switch id {
		case 1:
			e.physical = t.integer32(ty)
		case 2:
			e.length = t.integer32(ty)
		case 3:
			e.repetition = t.integer32(ty)
		case 4:
			e.name = string(t.text(ty))
		case 5:
			e.children = t.integer32(ty)
		case 6:
			e.converted = t.integer32(ty)
		case 7:
			e.scale = t.integer32(ty)
		case 8:
			e.precision = t.integer32(ty)
		case 10:
			e.logical = parseLogical(t, ty)
		default:
			t.skip(ty)
		}
	})
	return e
}

func parseLogical(t *compact, ty byte) logicalType {
	var l logicalType
	t.group(ty, func(id int16, ty byte) {
		l.id = id
		switch id {
		case 5: // DECIMAL
			t.group(ty, func(id int16, ty byte) {
				switch id {
				case 1:
					l.scale = t.integer32(ty)
				case 2:
					l.precision = t.integer32(ty)
				default:
					t.skip(ty)
				}
			})
		case 7, 8: // TIME, TIMESTAMP
			t.group(ty, func(id int16, ty byte) {
				switch id {
				case 1:
					l.utc = t.flag(ty)
				case 2:
					t.group(ty, func(id int16, ty byte) {
						l.unit = id
						t.skip(ty)
					})
				default:
					t.skip(ty)
				}
			})
		case 10: // INTEGER
			t.group(ty, func(id int16, ty byte) {
				switch id {
				case 1:
					l.width = t.integer(ty)
				case 2:
					l.signed = t.flag(ty)
				default:
					t.skip(ty)
				}
			})
		default:
			t.skip(ty)
		}
	})
	return l
}

func parseRowGroup(t *compact, leaves int) rowGroup {
	g := rowGroup{rows: -1}
	t.structure(func(id int16, ty byte) {
		switch id {
		case 1:
			t.each(ty, thriftStruct, func() {
				if len(g.chunks) >= leaves {
					t.fail("a row group has more columns than the schema")
					return
				}
				g.chunks = append(g.chunks, parseChunk(t))
			})
		case 3:
			g.rows = t.integer(ty)
		default:
			t.skip(ty)
		}
	})
	if t.err == nil && len(g.chunks) != leaves {
		t.fail("a row group has fewer columns than the schema")
	}
	return g
}

func parseChunk(t *compact) chunk {
	c := chunk{physical: -1}
	t.structure(func(id int16, ty byte) {
		switch id {
		case 1:
			c.external = true
			t.skip(ty)
		case 3:
			c.known = true
			parseChunkMeta(t, ty, &c)
		case 8:
			c.sealed = true
			t.skip(ty)
		default:
			t.skip(ty)
		}
	})
	if !c.known && !c.sealed {
		t.fail("a column chunk has no metadata")
	}
	return c
}

func parseChunkMeta(t *compact, ty byte, c *chunk) {
	t.group(ty, func(id int16, ty byte) {
		switch id {
		case 1:
			c.physical = t.integer32(ty)
		case 4:
			c.codec = t.integer32(ty)
		case 5:
			c.values = t.integer(ty)
		case 7:
			c.compressed = t.integer(ty)
		case 9:
			c.dataOffset = t.integer(ty)
		case 11:
			c.dictOffset = t.integer(ty)
		case 12:
			parseStats(t, ty, c)
		default:
			t.skip(ty)
		}
	})
}

// totalRows adds the row groups' rows and checks each.
func (f *footer) totalRows(l Limits) (int64, error) {
	var sum int64
	for i, g := range f.groups {
		if g.rows < 0 || g.rows > l.MaxRowGroupRows {
			return 0, corruptf("row group %d has %d rows, the limit is %d", i, g.rows, l.MaxRowGroupRows)
		}
		if sum > math.MaxInt64-g.rows {
			return 0, corrupt("the rows of all row groups overflow")
		}
		sum += g.rows
	}
	if sum != f.rows {
		return 0, corruptf("the footer says %d rows but its row groups have %d", f.rows, sum)
	}
	return sum, nil
}
