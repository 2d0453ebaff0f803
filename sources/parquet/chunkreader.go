package parquet

import (
	"encoding/binary"
	"hash/crc32"
	"math/bits"
)

// target is the slice of Vector that a column's values go to.
type target uint8

const (
	toInts target = iota
	toDoubles
	toWides
	toTexts
)

func targetOf(f *Field) target {
	switch {
	case f.Kind == KindFloat || f.Kind == KindDouble || f.Logical == LogicalFloat16:
		return toDoubles
	case f.Kind != KindString && f.Kind != KindFixedBytes:
		return toInts
	case f.Logical == LogicalDecimal:
		return toWides
	}
	return toTexts
}

// column decodes one column chunk, page by page. It is kept for the next chunk,
// of whatever column, for its buffers' sake.
type column struct {
	field  *Field
	to     target
	codec  int32
	limits Limits
	rows   int64 // of the row group
	seen   int64 // rows of the pages opened so far

	window   window
	inflater inflater
	plain    []byte // memory of decompressed pages
	dict     dictionary

	// The open page.
	left   int    // rows not read yet
	levels hybrid // of nullable columns
	values source

	// The batch's memory.
	valid   []bool
	ints    []int64
	doubles []float64
	wides   []Decimal128
	index   []uint32
	offsets []int
	arena   []byte
	shared  []byte // the page that is the arena, where the batch lies in one
}

// open starts a chunk.
func (c *column) open(f *File, rg, col int) {
	chunk := &f.footer.groups[rg].chunks[col]
	c.field = &f.fields[col]
	c.to = targetOf(c.field)
	c.codec = chunk.codec
	c.limits = f.limits
	c.rows, c.seen, c.left = f.footer.groups[rg].rows, 0, 0
	start, length := f.CompressedRange(rg, col)
	c.window.open(f.r, start, length)
	c.dict.reset()
	c.values.before = c.values.before[:0]
}

// header reads the next page header.
func (c *column) header() (pageHeader, error) {
	const largest = 4 << 20 // statistics inside a header can be long
	for n := 256; ; n *= 8 {
		b, err := c.window.peek(min(n, largest))
		if err != nil {
			return pageHeader{}, err
		}
		if len(b) == 0 {
			return pageHeader{}, corrupt("its pages end early")
		}
		h, size, short, err := parsePageHeader(b)
		if err == nil {
			c.window.skip(size)
			return h, h.check(c.limits)
		}
		if !short || len(b) < n {
			return h, err
		}
	}
}

// body reads a page's bytes as they stand in the file.
func (c *column) body(h *pageHeader) ([]byte, error) {
	if int64(h.compressed) > c.window.left() {
		return nil, corrupt("a page is longer than what is left of its column")
	}
	b, err := c.window.peek(int(h.compressed))
	if err != nil {
		return nil, err
	}
	c.window.skip(len(b))
	if h.hasCRC && crc32.ChecksumIEEE(b) != h.crc {
		return nil, corrupt("a page does not match its checksum; the file is damaged")
	}
	return b, nil
}

// nextPage goes to the next data page, reading the dictionary on the way.
func (c *column) nextPage() error {
	for {
		h, err := c.header()
		if err != nil {
			return err
		}
		b, err := c.body(&h)
		if err != nil {
			return err
		}
		switch h.kind {
		case pageIndex:
			continue
		case pageDictionary:
			err = c.loadDictionary(&h, b)
		case pageData:
			err = c.openV1(&h, b)
		case pageDataV2:
			err = c.openV2(&h, b)
		}
		if err != nil {
			return err
		}
		if c.seen += int64(c.left); c.seen > c.rows {
			return corruptf("its pages have %d values or more for %d rows", c.seen, c.rows)
		}
		if c.left > 0 {
			return nil
		}
	}
}

func (c *column) loadDictionary(h *pageHeader, b []byte) error {
	if c.seen > 0 {
		return corrupt("its dictionary page comes after data pages")
	}
	if h.encoding != encodingPlain && h.encoding != encodingPlainDictionary {
		return corruptf("a dictionary page of encoding %s cannot be read", encodingName(h.encoding))
	}
	page, err := c.inflater.inflate(c.codec, c.dict.page[:0], b, int(h.uncompressed))
	if err != nil {
		return err
	}
	if c.codec == codecNone { // page lies in the window, which moves on
		page = append(c.dict.page[:0], page...)
	}
	c.dict.page = page
	return c.dict.load(c.field, c.to, &c.values, int(h.values), page, c.limits.MaxDict)
}

// levelBits is the width of the column's definition levels.
func (c *column) levelBits() uint { return uint(bits.Len8(c.field.depth)) }

// openV1 opens a data page whose levels and values are compressed together.
func (c *column) openV1(h *pageHeader, b []byte) error {
	page, err := c.inflater.inflate(c.codec, c.plain, b, int(h.uncompressed))
	if err != nil {
		return err
	}
	if c.codec != codecNone {
		c.plain = page
	}
	if c.field.Nullable && h.values > 0 {
		if h.levels != encodingRLE {
			return corruptf("definition levels of encoding %s cannot be read", encodingName(h.levels))
		}
		if len(page) < 4 || uint64(binary.LittleEndian.Uint32(page)) > uint64(len(page)-4) {
			return corrupt("a page is too short for its definition levels")
		}
		n := 4 + int(binary.LittleEndian.Uint32(page))
		c.levels.reset(page[4:n], c.levelBits())
		page = page[n:]
	}
	c.left = int(h.values)
	return c.values.set(c.field, h.encoding, page, c.left, c.limits.MaxPage)
}

// openV2 opens a data page whose levels stand uncompressed before the values.
func (c *column) openV2(h *pageHeader, b []byte) error {
	levels := int64(h.defBytes) + int64(h.repBytes)
	if levels > int64(len(b)) || levels > int64(h.uncompressed) {
		return corrupt("a page is too short for its levels")
	}
	c.levels.reset(b[h.repBytes:levels], c.levelBits())
	codec := c.codec
	if !h.compressV2 {
		codec = codecNone
	}
	b = b[levels:]
	size := int(h.uncompressed) - int(levels)
	page, err := c.inflater.inflate(codec, c.plain, b, size)
	if err != nil {
		return err
	}
	if codec != codecNone {
		c.plain = page
	}
	c.left = int(h.values)
	return c.values.set(c.field, h.encoding, page, c.left, c.limits.MaxPage)
}

// finish makes sure that the chunk holds no more rows than were read.
func (c *column) finish() error {
	if c.left > 0 || c.seen != c.rows {
		return corruptf("its pages have %d values for %d rows", c.seen, c.rows)
	}
	for c.window.left() > 0 {
		h, err := c.header()
		if err != nil {
			return err
		}
		if (h.kind == pageData || h.kind == pageDataV2) && h.values > 0 {
			return corruptf("its pages have more values than the %d rows that the footer says", c.rows)
		}
		if _, err := c.body(&h); err != nil {
			return err
		}
	}
	return nil
}

// close lets go of what belongs to the file.
func (c *column) close() {
	c.window.r, c.window.buf = nil, nil
	c.field = nil
	c.values.b, c.shared = nil, nil
	c.levels = hybrid{}
}
