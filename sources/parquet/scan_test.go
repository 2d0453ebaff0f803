package parquet

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/apache/arrow/go/v15/parquet"
)

func testFile(t testing.TB, n int) *File {
	t.Helper()
	body, err := Encode(table(n), n)
	if err != nil {
		t.Fatal(err)
	}
	f, err := openBytes(body)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestScan_GivesColumnsInTheOrderAsked(t *testing.T) {
	f := testFile(t, 100)
	n, _ := f.Column("n")
	word, _ := f.Column("word")
	rows := 0
	err := f.Scan(t.Context(), 0, []int{word, n, word}, 7, func(b *Batch) error {
		if b.N > 7 || len(b.Cols) != 3 || b.Cols[0].Field.Name != "word" || b.Cols[1].Field.Name != "n" {
			t.Fatalf("batch of %d rows: %v", b.N, b.Cols)
		}
		for i := range b.N {
			if want := int64(rows+i)*977 - 5000; b.Cols[1].Ints[i] != want {
				t.Fatalf("row %d: %d, want %d", rows+i, b.Cols[1].Ints[i], want)
			}
			if !bytes.Equal(b.Cols[0].Str(i), b.Cols[2].Str(i)) {
				t.Fatalf("row %d: the same column twice differs", rows+i)
			}
		}
		rows += b.N
		return nil
	})
	if err != nil || rows != 100 {
		t.Errorf("%d rows, %v", rows, err)
	}
}

func TestScan_KeepsTheDictionary(t *testing.T) {
	f := testFile(t, dictionaryRows)
	word, _ := f.Column("word")
	err := f.Scan(t.Context(), 0, []int{word}, 1000, func(b *Batch) error {
		v := &b.Cols[0]
		if v.DictID == 0 || len(v.Dict) != 5 || len(v.Index) != b.N || v.Offsets != nil {
			t.Errorf("dictionary %d of %d words, %d indices", v.DictID, len(v.Dict), len(v.Index))
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestScan_EndsWithTheCallersError(t *testing.T) {
	f := testFile(t, 100)
	stop := errors.New("stop")
	calls := 0
	err := f.Scan(t.Context(), 0, []int{0}, 10, func(*Batch) error { calls++; return stop })
	if err != stop || calls != 1 {
		t.Errorf("%v after %d calls", err, calls)
	}
	ctx, cancel := context.WithCancel(t.Context())
	calls = 0
	err = f.Scan(ctx, 0, []int{0}, 10, func(*Batch) error { calls++; cancel(); return nil })
	if !errors.Is(err, context.Canceled) || calls != 1 {
		t.Errorf("%v after %d calls", err, calls)
	}
	defer func() {
		if recover() != "mine" {
			t.Error("the caller's own panic was swallowed")
		}
	}()
	_ = f.Scan(t.Context(), 0, []int{0}, 10, func(*Batch) error { panic("mine") })
}

func TestScan_NamesWhatDoesNotExist(t *testing.T) {
	f := testFile(t, 10)
	if err := f.Scan(t.Context(), 1, nil, 0, nil); err == nil || !strings.Contains(err.Error(), "row group 1") {
		t.Errorf("%v", err)
	}
	if err := f.Scan(t.Context(), 0, []int{99}, 0, nil); err == nil || !strings.Contains(err.Error(), "no column 99") {
		t.Errorf("%v", err)
	}
	if _, ok := f.Column("nothing"); ok {
		t.Error("a column that is not there was found")
	}
}

// shortReader ends before its size, as an object does that was replaced.
type shortReader struct {
	io.ReaderAt
	end int64
}

func (r shortReader) ReadAt(p []byte, off int64) (int, error) {
	if off >= r.end {
		return 0, io.EOF
	}
	if off+int64(len(p)) > r.end {
		n, _ := r.ReaderAt.ReadAt(p[:r.end-off], off)
		return n, io.EOF
	}
	return r.ReaderAt.ReadAt(p, off)
}

func TestScan_PassesOnTheReadersError(t *testing.T) {
	f := testFile(t, 5000)
	f.r = shortReader{f.r, 100}
	err := f.Scan(t.Context(), 0, []int{0}, 0, func(*Batch) error { return nil })
	var typed *Error
	if !errors.As(err, &typed) || typed.Column != "id" || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%v", err)
	}
}

// TestScan_ReadsOnlyTheRangeItNames lets callers fetch ahead what Scan will read.
func TestScan_ReadsOnlyTheRangeItNames(t *testing.T) {
	f := testFile(t, 5000)
	for col := range f.Fields() {
		off, length := f.CompressedRange(0, col)
		outside := false
		f := &File{
			buffers: f.buffers,
			name:    f.name, limits: f.limits, footer: f.footer, fields: f.fields, end: f.end,
			r: readerFunc(func(p []byte, at int64) (int, error) {
				outside = outside || at < off || at+int64(len(p)) > off+length
				return f.r.ReadAt(p, at)
			}),
		}
		if err := f.Scan(t.Context(), 0, []int{col}, 0, func(*Batch) error { return nil }); err != nil || outside {
			t.Errorf("column %d: outside its range: %v, %v", col, outside, err)
		}
	}
}

type readerFunc func(p []byte, off int64) (int, error)

func (r readerFunc) ReadAt(p []byte, off int64) (int, error) { return r(p, off) }

func TestScan_SeveralAtOnce(t *testing.T) {
	f := testFile(t, 3000)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for col := range f.Fields() {
				rows := 0
				err := f.Scan(t.Context(), 0, []int{col, 0}, 100, func(b *Batch) error { rows += b.N; return nil })
				if err != nil || rows != 3000 {
					t.Errorf("column %d: %d rows, %v", col, rows, err)
				}
			}
		})
	}
	group.Wait()
}

// TestScan_DictionaryThenPlain crosses from dictionary pages to plain pages
// within one batch.
func TestScan_DictionaryThenPlain(t *testing.T) {
	const rows = 3000
	text := arrowColumns()[6:7]
	for _, nullable := range []bool{false, true} {
		body := arrowFile(t, text, rows, nullable, parquet.WithDictionaryDefault(true), parquet.WithDictionaryPageSizeLimit(4000),
			parquet.WithBatchSize(50), parquet.WithDataPageSize(100))
		f, err := openBytes(body)
		if err != nil {
			t.Fatal(err)
		}
		row, forms := 0, map[bool]int{}
		for rg := range f.RowGroups() {
			err := f.Scan(t.Context(), rg, []int{0}, 64, func(b *Batch) error {
				forms[b.Cols[0].DictID > 0]++
				for i := range b.N {
					want := text[0].cell(row)
					if nullable && row%4 == 2 {
						want = "∅"
					}
					if got := cellText(&b.Cols[0], i); got != want {
						t.Fatalf("row %d: %s, want %s", row, got, want)
					}
					row++
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if row != rows || forms[true] == 0 || forms[false] == 0 {
			t.Errorf("%d rows; batches by form: %v, want both", row, forms)
		}
	}
}
