package parquet

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// eventsFile has a million events as testdata/tools/rollupbench makes them.
func eventsFile(b *testing.B) *File {
	b.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	ids, times, quantities := make([]string, benchRows), make([]int64, benchRows), make([]int64, benchRows)
	words := func(name string, n int) Column {
		c := Column{Name: name, Type: String, Index: make([]int32, benchRows)}
		for i := range n {
			c.Dict = append(c.Dict, fmt.Sprintf("%s-%05d", name, i))
		}
		for i := range c.Index {
			c.Index[i] = int32(rng.IntN(n))
		}
		return c
	}
	for i := range benchRows {
		ids[i] = fmt.Sprintf("%016x-%016x", rng.Uint64(), rng.Uint64())
		times[i] = 1_790_000_000_000_000 + rng.Int64N(86_400_000_000)
		quantities[i] = rng.Int64N(1_000_000_000)
	}
	body, err := EncodeGroups([]Column{
		{Name: "event_id", Type: String, Strings: ids},
		{Name: "time", Type: TimestampMicrosUTC, Ints: times},
		words("subscription", 20_000), words("meter", 5),
		{Name: "quantity", Type: Int64, Ints: quantities},
		words("region", 8), words("type", 12),
	}, benchRows, 1<<18)
	if err != nil {
		b.Fatal(err)
	}
	f, err := openBytes(body)
	if err != nil {
		b.Fatal(err)
	}
	return f
}

// BenchmarkDecode sets the decoding of usage beside a loop that only decompresses
// the same pages.
func BenchmarkDecode(b *testing.B) {
	f := eventsFile(b)
	cols := make([]int, len(f.Fields()))
	for i := range cols {
		cols[i] = i
	}
	b.Run("decode", func(b *testing.B) {
		began := processorTime(b)
		benchScan(b, f, cols...)
		b.ReportMetric(float64(processorTime(b)-began)/float64(b.N)/benchRows, "cpu-ns/row")
	})
	b.Run("decompress", func(b *testing.B) {
		chunks := make([][]byte, 0, f.RowGroups()*len(cols))
		for rg := range f.RowGroups() {
			for col := range cols {
				off, length := f.CompressedRange(rg, col)
				chunk := make([]byte, length)
				if err := readFull(f.r, chunk, off); err != nil {
					b.Fatal(err)
				}
				chunks = append(chunks, chunk)
			}
		}
		began := processorTime(b)
		var x inflater
		var page []byte
		b.ReportAllocs()
		for b.Loop() {
			for _, chunk := range chunks {
				for at := 0; at < len(chunk); {
					h, n, _, err := parsePageHeader(chunk[at:])
					if err != nil {
						b.Fatal(err)
					}
					at += n
					if page, err = x.inflate(codecZstd, page, chunk[at:at+int(h.compressed)], int(h.uncompressed)); err != nil {
						b.Fatal(err)
					}
					at += int(h.compressed)
				}
			}
		}
		b.ReportMetric(float64(processorTime(b)-began)/float64(b.N)/benchRows, "cpu-ns/row")
	})
}
