package parquet

import (
	"fmt"
	"testing"

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
