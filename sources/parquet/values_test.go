package parquet

import (
	"encoding/binary"
	"math"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestBigEndian_IsTwosComplement(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(t, "bytes")
		if rapid.Bool().Draw(t, "padded") && len(b) > 0 { // as wide columns of small numbers are
			b = append(slices.Repeat([]byte{byte(int8(b[0]) >> 7)}, 18), b...)
		}
		want := new(big.Int).SetBytes(b)
		if len(b) > 0 && b[0] >= 0x80 {
			want.Sub(want, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
		}
		limit := new(big.Int).Lsh(big.NewInt(1), 127)
		fits := want.Cmp(limit) < 0 && want.Cmp(new(big.Int).Neg(limit)) >= 0
		got, ok := bigEndian(b)
		if ok != fits {
			t.Fatalf("%x: fits %v, want %v", b, ok, fits)
		}
		if ok && bigOf(got).Cmp(want) != 0 {
			t.Fatalf("%x: %s, want %s", b, bigOf(got), want)
		}
	})
}

func TestPowerOfTen_IsExact(t *testing.T) {
	for n := range 39 {
		want := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
		if got := bigOf(powerOfTen(n)); got.Cmp(want) != 0 {
			t.Errorf("10^%d is %s", n, got)
		}
	}
}

// The values are from IEEE 754-2008, binary16.
func TestFloat16_IsIEEE754(t *testing.T) {
	for bits, want := range map[uint16]float64{
		0x0000: 0, 0x0001: math.Ldexp(1, -24), 0x03ff: math.Ldexp(1023, -24), 0x0400: math.Ldexp(1, -14),
		0x3c00: 1, 0xc000: -2, 0x7bff: 65504, 0x7c00: math.Inf(1), 0xfc00: math.Inf(-1), 0x3555: 0.333251953125,
	} {
		if got := float16(bits); got != want {
			t.Errorf("%#04x is %g, want %g", bits, got, want)
		}
	}
	if !math.IsNaN(float16(0x7e00)) || !math.Signbit(float16(0x8000)) {
		t.Error("NaN or negative zero are lost")
	}
}

// TestHybrid_ReadsRunsInAnyPieces packs values by the format's description, one
// bit after another, and reads them in pieces.
func TestHybrid_ReadsRunsInAnyPieces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.IntRange(0, 32).Draw(t, "width")
		value := rapid.Uint32Max(uint32(uint64(1)<<width - 1))
		var body []byte
		var want []uint32
		for range rapid.IntRange(1, 5).Draw(t, "runs") {
			if rapid.Bool().Draw(t, "rle") {
				n, v := rapid.IntRange(1, 40).Draw(t, "count"), value.Draw(t, "value")
				body = binary.AppendUvarint(body, uint64(n)<<1)
				for i := range (width + 7) / 8 {
					body = append(body, byte(v>>(8*i)))
				}
				want = append(want, slices.Repeat([]uint32{v}, n)...)
				continue
			}
			groups := rapid.IntRange(1, 5).Draw(t, "groups")
			values := rapid.SliceOfN(value, 8*groups, 8*groups).Draw(t, "values")
			body = binary.AppendUvarint(body, uint64(groups)<<1|1)
			packed := make([]byte, groups*width)
			for i, v := range values {
				for bit := range width {
					at := i*width + bit
					packed[at/8] |= byte(v>>bit&1) << (at % 8)
				}
			}
			body = append(body, packed...)
			want = append(want, values...)
		}
		var h hybrid
		h.reset(body, uint(width))
		got := make([]uint32, 0, len(want))
		for len(got) < len(want) {
			piece := make([]uint32, min(rapid.IntRange(1, 30).Draw(t, "piece"), len(want)-len(got)))
			if err := h.read(piece); err != nil {
				t.Fatal(err)
			}
			got = append(got, piece...)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("got  %v\nwant %v", got, want)
		}
		if err := h.read(make([]uint32, 1)); err == nil {
			t.Fatal("a value after the last was read")
		}
	})
}

// TestIntStats_DropsWhatCannotBeTrusted writes ColumnMetaData of an INT32 column
// in Thrift's compact protocol by hand.
func TestIntStats_DropsWhatCannotBeTrusted(t *testing.T) {
	bound := func(field byte, v int32) []byte {
		return binary.LittleEndian.AppendUint32([]byte{field<<4 | thriftBinary, 4}, uint32(v))
	}
	// Fields inside a struct are numbered by their distance to the one before.
	for name, c := range map[string]struct {
		stats  []byte
		orders bool
		want   bool
	}{
		"min_value and max_value":       {slices.Concat(bound(5, 9), bound(1, -3)), true, true},
		"in an order that is not named": {slices.Concat(bound(5, 9), bound(1, -3)), false, false},
		"the old fields, always signed": {slices.Concat(bound(1, 9), bound(1, -3)), false, true},
		"max_value only":                {bound(5, 9), true, false},
		"the wrong way round":           {slices.Concat(bound(5, -3), bound(1, 9)), true, false},
		"of the wrong length":           {slices.Concat([]byte{5<<4 | thriftBinary, 1, 9}, bound(1, -3)), true, false},
		"none":                          {nil, true, false},
	} {
		meta := slices.Concat([]byte{1<<4 | thriftI32, 2 * physicalInt32, 11<<4 | thriftStruct}, c.stats, []byte{0, 0})
		var got chunk
		cursor := &compact{b: meta}
		parseChunkMeta(cursor, thriftStruct, &got)
		if cursor.err != nil {
			t.Fatalf("%s: %v", name, cursor.err)
		}
		f := &footer{orders: c.orders, groups: []rowGroup{{chunks: []chunk{got}}}}
		f.finishStats()
		file := &File{footer: f, fields: []Field{{Kind: KindInt32}}}
		least, greatest, ok := file.IntStats(0, 0)
		if ok != c.want || ok && (least != -3 || greatest != 9) {
			t.Errorf("%s: %d to %d, %v; want %v", name, least, greatest, ok, c.want)
		}
		file.fields[0].Kind = KindUint32
		if _, _, ok := file.IntStats(0, 0); ok {
			t.Errorf("%s: given for an unsigned column", name)
		}
	}
}
