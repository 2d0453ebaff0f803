package parquet

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"
)

const benchRows = 1 << 20

// benchFile has a million rows with distinct texts, few texts, times and decimals.
func benchFile(b *testing.B) *File {
	b.Helper()
	ids, words := make([]string, benchRows), make([]string, benchRows)
	times, amounts := make([]int64, benchRows), make([]Decimal128, benchRows)
	for i := range benchRows {
		ids[i] = fmt.Sprintf("%08x-%016x-%08x", uint32(i)*2654435761, uint64(i)*0x9E3779B97F4A7C15, i)
		words[i] = fmt.Sprintf("subscription-%d", i*7919%20000)
		times[i] = 1_790_000_000_000_000 + int64(i)*8641
		amounts[i] = Decimal128{Lo: uint64(i) * 1_000_003}
	}
	body, err := Encode([]Column{
		{Name: "id", Type: String, Strings: ids},
		{Name: "word", Type: String, Strings: words},
		{Name: "time", Type: TimestampMicrosUTC, Ints: times},
		{Name: "amount", Type: Decimal(38, 12), Decimals: amounts},
	}, benchRows)
	if err != nil {
		b.Fatal(err)
	}
	f, err := openBytes(body)
	if err != nil {
		b.Fatal(err)
	}
	return f
}

func benchScan(b *testing.B, f *File, cols ...int) {
	rows, sum := 0, int64(0)
	b.ReportAllocs()
	for b.Loop() {
		for rg := range f.RowGroups() {
			err := f.Scan(b.Context(), rg, cols, 0, func(batch *Batch) error {
				rows += batch.N
				for i := range batch.Cols {
					if ints := batch.Cols[i].Ints; ints != nil {
						sum += ints[0]
					}
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds()/1e6, "Mrows/s")
}

func BenchmarkScan(b *testing.B) {
	f := benchFile(b)
	b.Run("plain strings", func(b *testing.B) { benchScan(b, f, 0) })
	b.Run("dictionary strings", func(b *testing.B) { benchScan(b, f, 1) })
	b.Run("timestamps", func(b *testing.B) { benchScan(b, f, 2) })
	b.Run("decimals", func(b *testing.B) { benchScan(b, f, 3) })
	b.Run("all", func(b *testing.B) { benchScan(b, f, 0, 1, 2, 3) })
}

func BenchmarkScan_UncompressedInt64(b *testing.B) {
	columns := arrowColumns()[3:4]
	body := arrowFile(b, columns, benchRows, false, parquet.WithDictionaryDefault(false), parquet.WithCompression(compress.Codecs.Uncompressed))
	f, err := openBytes(body)
	if err != nil {
		b.Fatal(err)
	}
	benchScan(b, f, 0)
}

func BenchmarkEncode(b *testing.B) {
	const n = 200_000
	cols := table(n)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Encode(cols, n); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
}

// TestScan_AllocatesNothingPerRow holds the promise that the benchmarks measure.
func TestScan_AllocatesNothingPerRow(t *testing.T) {
	const n = 50_000
	f := testFile(t, n)
	all := make([]int, len(f.Fields()))
	for i := range all {
		all[i] = i
	}
	allocations := testing.AllocsPerRun(5, func() {
		if err := f.Scan(t.Context(), 0, all, 0, func(*Batch) error { return nil }); err != nil {
			t.Fatal(err)
		}
	})
	if allocations > 300 {
		t.Errorf("%.0f allocations for %d rows of %d columns, want a few for each page", allocations, n, len(all))
	}
}

// eventFile has the columns of a usage file: ids, times, quantities and four
// dictionaries.
func eventFile(b *testing.B) *File {
	b.Helper()
	const n = 200_000
	rng := rand.New(rand.NewPCG(1, 2))
	ids, times, amounts := make([]string, n), make([]int64, n), make([]int64, n)
	words := func(name string, size int) Column {
		c := Column{Name: name, Type: String, Index: make([]int32, n)}
		for i := range size {
			c.Dict = append(c.Dict, fmt.Sprintf("%s-%05d", name, i))
		}
		for i := range c.Index {
			c.Index[i] = rng.Int32N(int32(size))
		}
		return c
	}
	for i := range n {
		a, z := rng.Uint64(), rng.Uint64()
		ids[i] = fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", uint32(a), uint16(a>>32), uint16(a>>48), uint16(z), z>>16)
		times[i], amounts[i] = 1_790_000_000_000_000+rng.Int64N(86_400_000_000), rng.Int64N(1e9)
	}
	body, err := Encode([]Column{
		{Name: "event_id", Type: String, Strings: ids},
		{Name: "time", Type: TimestampMicrosUTC, Ints: times},
		{Name: "quantity", Type: Int64, Ints: amounts},
		words("subscription", 20_000), words("meter", 5), words("region", 8), words("type", 12),
	}, n)
	if err != nil {
		b.Fatal(err)
	}
	f, err := openBytes(body)
	if err != nil {
		b.Fatal(err)
	}
	return f
}

// BenchmarkDecode_BesideDecompression decodes a usage file and, in turn, only
// decompresses the same pages: what no reader can do without. It counts processor
// time, the best of each, as others use the machine too.
func BenchmarkDecode_BesideDecompression(b *testing.B) {
	f := eventFile(b)
	cols := make([]int, len(f.Fields()))
	for i := range cols {
		cols[i] = i
	}
	decoding, floor := time.Hour, time.Hour
	b.ReportAllocs()
	for b.Loop() {
		began := processorTime(b)
		for rg := range f.RowGroups() {
			if err := f.Scan(b.Context(), rg, cols, 4096, func(*Batch) error { return nil }); err != nil {
				b.Fatal(err)
			}
		}
		half := processorTime(b)
		for rg := range f.RowGroups() {
			for _, col := range cols {
				if err := decompress(f, rg, col); err != nil {
					b.Fatal(err)
				}
			}
		}
		decoding, floor = min(decoding, half-began), min(floor, processorTime(b)-half)
	}
	b.ReportMetric(float64(decoding)/float64(floor), "x-decompression")
	b.ReportMetric(float64(decoding.Nanoseconds())/float64(f.Rows()), "ns/row")
}

// decompress walks a chunk's pages and throws them away.
func decompress(f *File, rg, col int) error {
	pooled := f.takeColumns(col + 1)
	defer f.giveColumns(pooled)
	c := (*pooled)[col]
	c.open(f, rg, col)
	for c.window.left() > 0 {
		h, err := c.header()
		if err != nil {
			return err
		}
		page, err := c.body(&h)
		if err != nil {
			return err
		}
		if c.plain, err = c.inflater.inflate(c.codec, c.plain, page, int(h.uncompressed)); err != nil {
			return err
		}
	}
	return nil
}
