package parquet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"
)

// smallFiles are files of all types in several codecs and encodings, a few
// kilobytes each.
func smallFiles(t testing.TB) map[string][]byte {
	t.Helper()
	ours, err := Encode(table(40), 40)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{"ours": ours}
	for name, codec := range map[string]compress.Compression{
		"uncompressed": compress.Codecs.Uncompressed,
		"snappy":       compress.Codecs.Snappy,
		"zstd":         compress.Codecs.Zstd,
	} {
		files[name] = arrowFile(t, arrowColumns(), 60, true, parquet.WithCompression(codec), parquet.WithDictionaryDefault(true))
	}
	text := arrowColumns()[6:7]
	files["deltas"] = arrowFile(t, text, 60, true, parquet.WithDictionaryDefault(false),
		parquet.WithEncoding(parquet.Encodings.DeltaByteArray), parquet.WithDataPageVersion(parquet.DataPageV2))
	return files
}

// readAll opens and reads everything that can be read. A file that reads without
// error must give as many rows as its footer says.
func readAll(t testing.TB, body []byte) error {
	f, err := openBytes(body)
	if err != nil {
		return err
	}
	if f.Rows() > 1<<20 {
		return nil // a damaged count in a file without columns to contradict it
	}
	var failed error
	for col, field := range f.Fields() {
		for rg := range f.RowGroups() {
			var rows int64
			err := f.Scan(t.Context(), rg, []int{col}, 16, func(b *Batch) error {
				rows += int64(b.N)
				v := &b.Cols[0]
				for i := range b.N {
					if v.Ints == nil && v.Doubles == nil && v.Wides == nil {
						_ = v.Str(i)
					}
				}
				return nil
			})
			if err == nil && rows != f.RowGroupRows(rg) {
				t.Errorf("column %s gave %d of %d rows without an error", field.Name, rows, f.RowGroupRows(rg))
			}
			if err != nil {
				failed = err
				var typed *Error
				if !errors.As(err, &typed) {
					t.Errorf("%v is not an *Error", err)
				}
			}
		}
	}
	return failed
}

// within fails when work keeps the processor longer than a damaged file may. It
// is the process's own time that counts: by the clock on the wall a busy machine
// would fail the test. What never returns is stopped by the test's deadline.
func within(t *testing.T, limit time.Duration, what string, work func()) {
	t.Helper()
	start := processorTime(t)
	work()
	if took := processorTime(t) - start; took > limit {
		t.Errorf("%s took %s", what, took)
	}
}

func processorTime(t testing.TB) time.Duration {
	t.Helper()
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		t.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

func TestOpen_RefusesEveryTruncation(t *testing.T) {
	for name, body := range smallFiles(t) {
		for n := range len(body) {
			if err := readAll(t, body[:n]); err == nil {
				t.Fatalf("%s: the first %d of %d bytes read without error", name, n, len(body))
			}
		}
	}
}

func TestScan_SurvivesEveryFlippedBit(t *testing.T) {
	const most = 5_000 // flips a file; more are sampled
	for name, body := range smallFiles(t) {
		if err := readAll(t, body); err != nil {
			t.Fatalf("%s: undamaged: %v", name, err)
		}
		random := rand.New(rand.NewPCG(1, 2))
		damaged := bytes.Clone(body)
		bits := 8 * len(body)
		refused := 0
		for k := range min(bits, most) {
			bit := k
			if bits > most {
				bit = random.IntN(bits)
			}
			damaged[bit/8] ^= 1 << (bit % 8)
			within(t, time.Second, name, func() {
				if readAll(t, damaged) != nil {
					refused++
				}
			})
			damaged[bit/8] ^= 1 << (bit % 8)
		}
		if refused == 0 {
			t.Errorf("%s: no flipped bit was noticed", name)
		}
		t.Logf("%s: %d of %d flipped bits were noticed", name, refused, min(bits, most))
	}
}

// TestScan_NoticesDamagedPages: zstd frames carry checksums, so a flipped bit in
// the pages of our own files must never give other values.
func TestScan_NoticesDamagedPages(t *testing.T) {
	const n = 40
	cols := table(n)
	body, err := Encode(cols, n)
	if err != nil {
		t.Fatal(err)
	}
	f, err := openBytes(body)
	if err != nil {
		t.Fatal(err)
	}
	for col := range cols {
		off, length := f.CompressedRange(0, col)
		for at := off; at < off+length; at++ {
			for bit := range 8 {
				damaged := bytes.Clone(body)
				damaged[at] ^= 1 << bit
				// The page header has no checksum; what matters is that the values are right or refused.
				if err := readBack(damaged, cols, n); err != nil && strings.Contains(err.Error(), "differs") {
					t.Fatalf("column %s, byte %d, bit %d: %v", cols[col].Name, at, bit, err)
				}
			}
		}
	}
}

func TestOpen_BoundsTheFooter(t *testing.T) {
	body, err := Encode(table(10), 10)
	if err != nil {
		t.Fatal(err)
	}
	open := func(b []byte, l Limits) error {
		_, err := Open("x.parquet", bytes.NewReader(b), int64(len(b)), l)
		return err
	}
	claim := bytes.Clone(body)
	binary.LittleEndian.PutUint32(claim[len(claim)-8:], 1<<31)
	deep := func(filler byte, n int) []byte {
		footer := append(bytes.Repeat([]byte{filler}, n), 0)
		b := append([]byte("PAR1"), footer...)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(footer)))
		return append(b, "PAR1"...)
	}
	for want, err := range map[string]error{
		"footer should have 2147483648 bytes": open(claim, Limits{}),
		"the limit is 100":                    open(body, Limits{MaxFooter: 100}),
		"the limit is 9":                      open(body, Limits{MaxRowGroupRows: 9}),
		"too many columns":                    open(body, Limits{MaxColumns: 2}),
		"too few for a Parquet file":          open(body[:11], Limits{}),
		"does not end like a Parquet file":    open(append(bytes.Clone(body), 0), Limits{}),
		"nested too deeply":                   open(deep(0x1c, 1<<20), Limits{}), // a struct in a struct
		"metadata":                            open(deep(0xf9, 1<<20), Limits{}), // lists
	} {
		var typed *Error
		if !errors.As(err, &typed) || typed.File != "x.parquet" || typed.RowGroup != -1 || !strings.Contains(typed.Reason+err.Error(), want) {
			t.Errorf("%v, want an *Error with %q", err, want)
		}
	}
}

// TestScan_MemoryFollowsTheBytes: a page that claims 100 MB in a few bytes is
// refused without such an allocation.
func TestScan_MemoryFollowsTheBytes(t *testing.T) {
	const claimed = 100 << 20
	for _, codec := range []int32{codecSnappy, codecGzip, codecBrotli, codecLZ4, codecZstd, codecLZ4Raw} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		var x inflater
		if _, err := x.inflate(codec, nil, []byte{0xfe, 1, 2, 3, 4, 5, 6, 7, 8, 9}, claimed); err == nil {
			t.Errorf("codec %d: garbage was decompressed", codec)
		}
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 8<<20 {
			t.Errorf("codec %d: %d bytes were allocated for a page of 10", codec, used)
		}
	}
}

func TestScan_BoundsPages(t *testing.T) {
	const n = 5000
	body, err := Encode(table(n), n)
	if err != nil {
		t.Fatal(err)
	}
	f, err := Open("x.parquet", bytes.NewReader(body), int64(len(body)), Limits{MaxPage: 1000})
	if err != nil {
		t.Fatal(err)
	}
	err = f.Scan(t.Context(), 0, []int{0}, 0, func(*Batch) error { return nil })
	var typed *Error
	if !errors.As(err, &typed) || typed.Column != "id" || typed.RowGroup != 0 || !strings.Contains(typed.Reason, "above the limit of 1000") {
		t.Errorf("%v", err)
	}
}
