package parquet

import "encoding/binary"

// delta reads DELTA_BINARY_PACKED (Encodings.md of Apache Parquet, "Delta
// Encoding"). Sums wrap around, as the format wants.
type delta struct {
	b       []byte
	at      int
	total   int // values of the whole page
	left    int // values not read yet
	first   bool
	last    int64
	perMini int
	minis   int

	least  int64 // added to each delta of the block
	widths []byte
	mini   int // the next miniblock of the block
	inMini int // values left in the open miniblock
	width  uint
	bit    int // next bit, from the start of b
}

// reset reads the head. It gives an error when the page has more values than rows.
func (d *delta) reset(b []byte, rows int) error {
	*d = delta{b: b, first: true}
	block, minis, total := d.uvarint(), d.uvarint(), d.uvarint()
	start := d.zigzag()
	if d.at < 0 || minis == 0 || block == 0 || block > 1<<20 || minis > block || block%minis != 0 || block/minis%8 != 0 {
		return corrupt("a delta-encoded page has an impossible head")
	}
	if total > uint64(rows) {
		return corruptf("a delta-encoded page has %d values for %d rows", total, rows)
	}
	d.perMini, d.minis, d.mini = int(block/minis), int(minis), int(minis)
	d.total, d.left, d.last = int(total), int(total), start
	return nil
}

func (d *delta) uvarint() uint64 {
	if d.at < 0 {
		return 0
	}
	v, n := binary.Uvarint(d.b[d.at:])
	if n <= 0 {
		d.at = -1
		return 0
	}
	d.at += n
	return v
}

func (d *delta) zigzag() int64 {
	v := d.uvarint()
	return int64(v>>1) ^ -int64(v&1)
}

// read fills dst with the next values.
func (d *delta) read(dst []int64) error {
	if len(dst) > d.left {
		return corrupt("a delta-encoded page ends early")
	}
	d.left -= len(dst)
	for len(dst) > 0 {
		if d.first {
			d.first = false
			dst[0] = d.last
			dst = dst[1:]
			continue
		}
		if d.inMini == 0 {
			if err := d.open(); err != nil {
				return err
			}
		}
		n := min(d.inMini, len(dst))
		if (d.bit+n*int(d.width)+7)/8 > len(d.b) {
			return corrupt("a delta-encoded page ends early")
		}
		for i := range dst[:n] {
			d.last += d.least + int64(d.take())
			dst[i] = d.last
		}
		d.inMini -= n
		dst = dst[n:]
	}
	return nil
}

// open goes to the next miniblock, and to the next block where this one is over.
func (d *delta) open() error {
	if d.mini == d.minis {
		d.least = d.zigzag()
		if d.at < 0 || d.at+d.minis > len(d.b) {
			return corrupt("a delta-encoded page ends early")
		}
		d.widths = d.b[d.at : d.at+d.minis]
		d.at += d.minis
		d.mini = 0
	}
	d.width = uint(d.widths[d.mini])
	if d.width > 64 {
		return corruptf("a delta-encoded page has values of %d bits", d.width)
	}
	d.mini++
	d.inMini = d.perMini
	d.bit = 8 * d.at
	// A writer may cut off the padding of the page's last miniblock.
	d.at = min(d.at+d.perMini/8*int(d.width), len(d.b))
	return nil
}

func (d *delta) take() uint64 {
	at, shift := d.bit>>3, uint(d.bit&7)
	bit := d.bit
	d.bit += int(d.width)
	if at+8 <= len(d.b) && shift+d.width <= 64 {
		v := binary.LittleEndian.Uint64(d.b[at:]) >> shift
		if d.width < 64 {
			v &= 1<<d.width - 1
		}
		return v
	}
	return tailBits(d.b, bit, d.width)
}

// rest is what follows the encoded values, once all of them have been read.
func (d *delta) rest() []byte { return d.b[d.at:] }
