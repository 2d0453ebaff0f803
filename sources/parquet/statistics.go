package parquet

import "encoding/binary"

// parseStats keeps the bounds of integer columns only. The old fields min and
// max (1, 2) were always written in signed order and are used for want of the
// new ones (5, 6); finishStats drops both where the order is not known.
func parseStats(t *compact, ty byte, c *chunk) {
	var old, current [2][]byte // least, greatest
	t.group(ty, func(id int16, ty byte) {
		switch id {
		case 1:
			old[1] = t.text(ty)
		case 2:
			old[0] = t.text(ty)
		case 5:
			current[1] = t.text(ty)
		case 6:
			current[0] = t.text(ty)
		default:
			t.skip(ty)
		}
	})
	bounds := current
	c.ordered = bounds[0] != nil && bounds[1] != nil
	if !c.ordered {
		bounds = old
	}
	least, ok1 := plainInt(c.physical, bounds[0])
	greatest, ok2 := plainInt(c.physical, bounds[1])
	c.least, c.greatest, c.hasStats = least, greatest, ok1 && ok2
}

func plainInt(physical int32, b []byte) (int64, bool) {
	switch {
	case physical == physicalInt32 && len(b) == 4:
		return int64(int32(binary.LittleEndian.Uint32(b))), true
	case physical == physicalInt64 && len(b) == 8:
		return int64(binary.LittleEndian.Uint64(b)), true
	}
	return 0, false
}

// finishStats drops statistics that cannot be trusted: in an order that the
// footer does not name (parquet.thrift, FileMetaData.column_orders), or the
// wrong way round.
func (f *footer) finishStats() {
	for _, g := range f.groups {
		for i := range g.chunks {
			c := &g.chunks[i]
			named := f.orders || !c.ordered
			c.hasStats = c.hasStats && named && c.least <= c.greatest
		}
	}
}
