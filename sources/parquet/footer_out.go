package parquet

// The footer of a file (parquet.thrift, FileMetaData): its schema, and of each row
// group where its column chunks are and what is in them. The bytes are those that
// arrow/go v15 makes of the same, which wrote the footers of earlier versions.

// groupOut is what the footer says of a row group.
type groupOut struct {
	rows   int
	chunks []chunkOut // by column
}

// formatVersion is the version of the format that files say they are of: 2.x.
const formatVersion = 2

// appendFooter adds the footer of a file of some columns.
func appendFooter(b []byte, cols []Column, groups []groupOut) []byte {
	f := &fields{b: b}
	f.i32(1, formatVersion)
	f.list(2, thriftStruct, 1+len(cols))
	f.inside(func() {
		f.i32(3, 0) // required
		f.text(4, []byte("schema"))
		f.i32(5, len(cols))
	})
	for i := range cols {
		f.inside(func() { f.schemaElement(&cols[i]) })
	}
	rows := 0
	for _, g := range groups {
		rows += g.rows
	}
	f.i64(3, int64(rows))
	f.list(4, thriftStruct, len(groups))
	for n, g := range groups {
		f.inside(func() { f.rowGroup(cols, g, n) })
	}
	f.text(6, []byte(createdBy))
	f.list(7, thriftStruct, len(cols))
	for range cols {
		f.inside(func() { f.empty(1) }) // the order of the type
	}
	return append(f.b, 0)
}

func (f *fields) schemaElement(c *Column) {
	decimal := c.Type.isDecimal()
	f.i32(1, c.Type.physical())
	if decimal {
		f.i32(2, decimalBytes)
	}
	if c.Nullable {
		f.i32(3, 1)
	} else {
		f.i32(3, 0)
	}
	f.text(4, []byte(c.Name))
	switch {
	case c.Type == String:
		f.i32(6, convertedUTF8)
		f.object(10, func() { f.empty(1) })
	case c.Type == Date:
		f.i32(6, convertedDate)
		f.object(10, func() { f.empty(6) })
	case c.Type == TimestampMicrosUTC:
		f.i32(6, convertedTimestampMicros)
		f.object(10, func() {
			f.object(8, func() {
				f.head(1, thriftTrue)              // instants
				f.object(2, func() { f.empty(2) }) // microseconds
			})
		})
	case decimal:
		scale, precision := int(c.Type.scale()), int(c.Type.precision())
		f.i32(6, convertedDecimal)
		f.i32(7, scale)
		f.i32(8, precision)
		f.object(10, func() {
			f.object(5, func() {
				f.i32(1, scale)
				f.i32(2, precision)
			})
		})
	}
}

// physical is what values of the type are stored as.
func (t ColumnType) physical() int {
	switch {
	case t == String:
		return physicalBytes
	case t == Date:
		return physicalInt32
	case t == Bool:
		return physicalBool
	case t.isDecimal():
		return physicalFixed
	}
	return physicalInt64
}

func (f *fields) rowGroup(cols []Column, g groupOut, n int) {
	var plain, packed int64
	f.list(1, thriftStruct, len(cols))
	for i, chunk := range g.chunks {
		plain, packed = plain+chunk.plain, packed+chunk.packed
		f.inside(func() {
			f.i64(2, chunk.start+chunk.packed)
			f.object(3, func() { f.columnChunk(&cols[i], chunk) })
		})
	}
	f.i64(2, plain)
	f.i64(3, int64(g.rows))
	f.i64(5, g.chunks[0].start)
	f.i64(6, packed)
	f.number(7, thriftI16, int64(n))
}

func (f *fields) columnChunk(c *Column, chunk chunkOut) {
	hasDictionary := chunk.values != chunk.start
	encodings := []int{encodingPlain, encodingRLE}
	if hasDictionary {
		encodings = []int{encodingDictionary, encodingPlain, encodingRLE}
	}
	f.i32(1, c.Type.physical())
	f.list(2, thriftI32, len(encodings))
	for _, e := range encodings {
		f.listed(e)
	}
	f.list(3, thriftBinary, 1)
	f.element([]byte(c.Name))
	f.i32(4, codecZstd)
	f.i64(5, int64(chunk.rows))
	f.i64(6, chunk.plain)
	f.i64(7, chunk.packed)
	f.i64(9, chunk.values)
	if hasDictionary {
		f.i64(11, chunk.start)
	}
	f.object(12, func() { f.statistics(c, chunk.bounds) })
	if hasDictionary {
		f.list(13, thriftStruct, 2)
		f.pages(pageDictionary, encodingPlain, 1)
		f.pages(pageData, encodingDictionary, chunk.pages)
	} else {
		f.list(13, thriftStruct, 1)
		f.pages(pageData, encodingPlain, chunk.pages)
	}
}

// statistics are given in the fields of both orders, but for texts, of which
// readers that know the older ones do not agree on the order.
func (f *fields) statistics(c *Column, s bounds) {
	old := c.Type != String
	if old && s.greatest != nil {
		f.text(1, s.greatest)
	}
	if old && s.least != nil {
		f.text(2, s.least)
	}
	f.i64(3, s.nulls)
	if s.greatest != nil {
		f.text(5, s.greatest)
	}
	if s.least != nil {
		f.text(6, s.least)
	}
}

func (f *fields) pages(kind, encoding, n int) {
	f.inside(func() {
		f.i32(1, kind)
		f.i32(2, encoding)
		f.i32(3, n)
	})
}
