package parquet

// Page types of parquet.thrift.
const (
	pageData       = 0
	pageIndex      = 1
	pageDictionary = 2
	pageDataV2     = 3
)

// pageHeader is a PageHeader with the head of its page type.
type pageHeader struct {
	kind         int32
	uncompressed int32
	compressed   int32
	crc          uint32
	hasCRC       bool
	hasBody      bool // the head of the page's type is there

	values     int32
	encoding   int32
	levels     int32 // encoding of the definition levels, data pages v1
	defBytes   int32 // data pages v2
	repBytes   int32
	rows       int32
	compressV2 bool
}

// parsePageHeader reads a header at the start of b. short says that b ends
// inside the header.
func parsePageHeader(b []byte) (h pageHeader, n int, short bool, err error) {
	t := compact{b: b}
	h = pageHeader{kind: -1, uncompressed: -1, compressed: -1, compressV2: true}
	t.structure(func(id int16, ty byte) {
		switch {
		case id == 1:
			h.kind = t.integer32(ty)
		case id == 2:
			h.uncompressed = t.integer32(ty)
		case id == 3:
			h.compressed = t.integer32(ty)
		case id == 4:
			h.crc, h.hasCRC = uint32(t.integer32(ty)), true
		case id == 5 && h.kind == pageData, id == 7 && h.kind == pageDictionary:
			h.hasBody = true
			t.group(ty, func(id int16, ty byte) {
				switch {
				case id == 1:
					h.values = t.integer32(ty)
				case id == 2:
					h.encoding = t.integer32(ty)
				case id == 3 && h.kind == pageData:
					h.levels = t.integer32(ty)
				default:
					t.skip(ty)
				}
			})
		case id == 8 && h.kind == pageDataV2:
			h.hasBody = true
			parseDataPageV2(&t, ty, &h)
		default:
			t.skip(ty)
		}
	})
	return h, t.at, t.short, t.err
}

func parseDataPageV2(t *compact, ty byte, h *pageHeader) {
	t.group(ty, func(id int16, ty byte) {
		switch id {
		case 1:
			h.values = t.integer32(ty)
		case 3:
			h.rows = t.integer32(ty)
		case 4:
			h.encoding = t.integer32(ty)
		case 5:
			h.defBytes = t.integer32(ty)
		case 6:
			h.repBytes = t.integer32(ty)
		case 7:
			h.compressV2 = t.flag(ty)
		default:
			t.skip(ty)
		}
	})
}

// check refuses headers whose sizes cannot be.
func (h *pageHeader) check(l Limits) error {
	limit := l.MaxPage
	if h.kind == pageDictionary {
		limit = l.MaxDict
	}
	switch {
	case h.kind < 0 || h.uncompressed < 0 || h.compressed < 0:
		return corrupt("a page header is incomplete")
	case h.kind > pageDataV2:
		return corruptf("page type %d is not known", h.kind)
	case int64(h.uncompressed) > limit || int64(h.compressed) > limit:
		return corruptf("a page of %d bytes is above the limit of %d", max(h.uncompressed, h.compressed), limit)
	case h.kind != pageIndex && !h.hasBody:
		return corrupt("a page header is incomplete")
	case h.values < 0 || h.defBytes < 0 || h.repBytes < 0:
		return corrupt("a page header has a negative size")
	case h.kind == pageDataV2 && h.rows != h.values:
		return corruptf("a page of a flat column has %d values for %d rows", h.values, h.rows)
	}
	return nil
}
