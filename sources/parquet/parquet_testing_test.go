package parquet

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// sharedFiles is the folder with apache/parquet-testing's files. Without
// DAYBOOK_SHARED it may be missing, with it it must be there.
func sharedFiles(t *testing.T) string {
	t.Helper()
	root, required := os.LookupEnv("DAYBOOK_SHARED")
	if !required {
		root = "../../../shared"
	}
	folder := filepath.Join(root, "data", "parquet-testing")
	if _, err := os.Stat(folder); err != nil {
		if required {
			t.Fatalf("DAYBOOK_SHARED is set, but: %v", err)
		}
		t.Skipf("the files of apache/parquet-testing are not at %s; set DAYBOOK_SHARED to run this test", folder)
	}
	return folder
}

// lines reads a table of testdata/expect: tab-separated, # starts a comment.
func lines(t *testing.T, name string) [][]string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "expect", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var table [][]string
	for s := bufio.NewScanner(f); s.Scan(); {
		if line := s.Text(); !strings.HasPrefix(line, "#") {
			table = append(table, strings.Split(line, "\t"))
		}
	}
	return table
}

// verdict is what becomes of a file, as files.tsv has it.
func verdict(t *testing.T, path string) (string, map[string]columnDigest, []Field) {
	f, err := openPath(path)
	if err != nil {
		return "refused\t" + err.Error(), nil, nil
	}
	columns, err := readColumns(t, f, 1000)
	if err != nil {
		return "refused\t" + err.Error(), nil, nil
	}
	for name, d := range columns {
		if int64(d.rows) != f.Rows() {
			t.Errorf("%s: column %s gave %d of %d rows", path, name, d.rows, f.Rows())
		}
	}
	if len(columns) == len(f.Fields()) {
		return "read", columns, f.Fields()
	}
	return fmt.Sprintf("read %d", len(columns)), columns, f.Fields()
}

func TestParquetTesting_EveryFileIsReadOrRefusedWithAReason(t *testing.T) {
	folder := sharedFiles(t)
	wants := map[string][]string{}
	for _, line := range lines(t, "files.tsv") {
		wants[line[0]] = line[1:]
	}
	var seen int
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".parquet") && !strings.HasSuffix(path, ".encrypted") {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		seen++
		want, ok := wants[filepath.ToSlash(name)]
		if !ok {
			t.Errorf("%s has no line in files.tsv", name)
			return nil
		}
		start := processorTime(t)
		got, _, fields := verdict(t, path)
		if took := processorTime(t) - start; took > time.Second {
			t.Errorf("%s took %s, want less than a second", name, took)
		}
		kind, reason, _ := strings.Cut(got, "\t")
		if kind != want[0] {
			t.Errorf("%s: %s, want %s", name, got, want[0])
		}
		for _, f := range fields {
			if f.Unsupported != "" && !strings.Contains(f.Unsupported, want[1]) {
				t.Errorf("%s: column %s: %s; want %q", name, f.Name, f.Unsupported, want[1])
			}
		}
		if kind == "refused" && (!strings.Contains(reason, want[1]) || !strings.Contains(reason, filepath.Base(path))) {
			t.Errorf("%s: %s; want the file's name and %q", name, reason, want[1])
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen != len(wants) {
		t.Errorf("the folder has %d files, files.tsv has %d", seen, len(wants))
	}
}

func TestParquetTesting_ColumnsHoldWhatDuckDBReads(t *testing.T) {
	folder := sharedFiles(t)
	read := map[string]map[string]columnDigest{}
	for _, line := range lines(t, "columns.tsv") {
		file, column, want := line[0], line[1], strings.Join(line[2:], "\t")
		if read[file] == nil {
			got, columns, _ := verdict(t, filepath.Join(folder, file))
			if columns == nil {
				t.Fatalf("%s: %s", file, got)
			}
			read[file] = columns
		}
		if got := read[file][column].String(); got != want {
			t.Errorf("%s, column %s:\n got %s\nwant %s", file, column, got, want)
		}
	}
}

// cells are a column's values as cellText gives them.
func cells(t *testing.T, path, column string, batchRows int) []string {
	t.Helper()
	f, err := openPath(path)
	if err != nil {
		t.Fatal(err)
	}
	col, ok := f.Column(column)
	if !ok {
		t.Fatalf("%s has no column %s", path, column)
	}
	var all []string
	for rg := range f.RowGroups() {
		err := f.Scan(t.Context(), rg, []int{col}, batchRows, func(b *Batch) error {
			for i := range b.N {
				all = append(all, cellText(&b.Cols[0], i))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func TestParquetTesting_DeltaFilesHoldTheirCSV(t *testing.T) {
	folder := sharedFiles(t)
	for _, name := range []string{
		"delta_binary_packed", "delta_byte_array",
		"delta_encoding_optional_column", "delta_encoding_required_column",
	} {
		f, err := os.Open(filepath.Join(folder, name+"_expect.csv"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		table, err := csv.NewReader(f).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(folder, name+".parquet")
		file, err := openPath(path)
		if err != nil {
			t.Fatal(err)
		}
		for k, field := range file.Fields() {
			got := cells(t, path, field.Name, 77)
			if len(got) != len(table)-1 {
				t.Fatalf("%s: column %s has %d rows, want %d", name, field.Name, len(got), len(table)-1)
			}
			for i, row := range table[1:] {
				want := row[k]
				if field.Logical == LogicalText || field.Kind == KindString {
					want = fmt.Sprintf("%x", want)
				}
				if got[i] != want && !(want == "" && got[i] == "∅") {
					t.Fatalf("%s: column %s, row %d: %s, want %s", name, field.Name, i, got[i], want)
				}
			}
		}
	}
}

// TestParquetTesting_TwinsAgree reads what other readers cannot, and compares it
// with the same values in a form that they can.
func TestParquetTesting_TwinsAgree(t *testing.T) {
	folder := sharedFiles(t)
	type place struct{ file, column string }
	twins := [][2]place{
		{{"hadoop_lz4_compressed_larger.parquet", "a"}, {"lz4_raw_compressed_larger.parquet", "a"}},
	}
	for _, c := range []string{"c0", "c1", "v11"} {
		plain := place{"lz4_raw_compressed.parquet", c}
		twins = append(twins,
			[2]place{{"hadoop_lz4_compressed.parquet", c}, plain},
			[2]place{{"non_hadoop_lz4_compressed.parquet", c}, plain})
	}
	for _, c := range []string{"float16", "float", "double", "int32", "int64", "flba5", "decimal"} {
		const file = "byte_stream_split_extended.gzip.parquet"
		twins = append(twins, [2]place{{file, c + "_byte_stream_split"}, {file, c + "_plain"}})
	}
	for _, twin := range twins {
		a := cells(t, filepath.Join(folder, twin[0].file), twin[0].column, 0)
		b := cells(t, filepath.Join(folder, twin[1].file), twin[1].column, 13)
		if len(a) == 0 || !slices.Equal(a, b) {
			t.Errorf("%v differs from %v", twin[0], twin[1])
		}
	}
}

// TestParquetTesting_SparkTimestamps wants what DuckDB 1.5.6 reads, but for the
// last: the file's description in apache/parquet-testing gives the year 290000,
// where DuckDB finds one before Christ.
func TestParquetTesting_SparkTimestamps(t *testing.T) {
	got := cells(t, filepath.Join(sharedFiles(t), "int96_from_spark.parquet"), "a", 0)
	at := func(year, month, day, hour, minute, second, micro int) string {
		return fmt.Sprint(time.Date(year, time.Month(month), day, hour, minute, second, micro*1000, time.UTC).UnixMicro())
	}
	want := []string{
		at(2024, 1, 1, 20, 34, 56, 123456), at(2024, 1, 1, 1, 0, 0, 0), at(9999, 12, 31, 3, 0, 0, 0),
		at(2024, 12, 30, 23, 0, 0, 0), "∅", at(290000, 12, 30, 23, 0, 0, 0),
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
