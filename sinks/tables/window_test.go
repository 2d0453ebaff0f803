package tables

import (
	"io"
	"iter"
	"slices"
	"strings"
	"testing"

	"daybook/pricing"
	"daybook/pricing/columns"
	"daybook/sources/parquet"
)

// inGroups writes a day with row groups of so many rows, after spoil.
func inGroups(t *testing.T, b *pricing.UsageBatch, rows int, spoil func(cols []parquet.Column)) []byte {
	t.Helper()
	s, err := usageSheet(b, units)
	if err != nil {
		t.Fatal(err)
	}
	if s.sort(); spoil != nil {
		spoil(s.cols)
	}
	body, err := parquet.EncodeGroups(s.cols, s.rows, rows)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// windows reads a file by windows, in both ways, which have to agree.
func windows(t *testing.T, body []byte) (rows []pricing.UsageState, most int, err error) {
	t.Helper()
	rows, most, err = windowsOf(UsageWindows("part.parquet", body, Texts{}))
	passed, _, passing := windowsOf(PassingUsageWindows("part.parquet", body, Texts{}))
	if !slices.Equal(rows, passed) || (err == nil) != (passing == nil) || err != nil && err.Error() != passing.Error() {
		t.Errorf("%d rows, %v of a file that is held; %d, %v of one that is passed", len(rows), err, len(passed), passing)
	}
	return rows, most, err
}

func windowsOf(windows iter.Seq2[*pricing.UsageBatch, error]) (rows []pricing.UsageState, most int, err error) {
	for b, err := range windows {
		if err != nil {
			return rows, most, err
		}
		most = max(most, b.Len())
		for i := range b.Len() {
			rows = b.AppendRow(rows, i)
		}
	}
	return rows, most, nil
}

func TestUsageWindows_GiveTheRowsOfTheWholeFile(t *testing.T) {
	for _, c := range []struct{ rows, group int }{{0, 10}, {1, 10}, {windowRows, 1 << 20}, {3*windowRows + 50, 1 << 20}, {3*windowRows + 50, windowRows + 7}, {400, 3}} {
		body := inGroups(t, large(c.rows), c.group, nil)
		whole, err := DecodeUsageDaily("part.parquet", body)
		if err != nil {
			t.Fatal(err)
		}
		rows, most, err := windows(t, body)
		if err != nil || !slices.Equal(rows, rowsOf(whole)) || len(rows) != c.rows || most > windowRows {
			t.Errorf("%d rows in groups of %d: %d rows, %d at most, %v", c.rows, c.group, len(rows), most, err)
		}
	}
	rows, _, err := windows(t, mustUsage(t, states())) // texts of every column, in any order
	whole, _ := DecodeUsageDaily("part.parquet", mustUsage(t, states()))
	if err != nil || !slices.Equal(rows, rowsOf(whole)) {
		t.Errorf("rows %v, %v", rows, err)
	}
}

func TestPassingUsageWindows_LetGoOfWhatWasRead(t *testing.T) {
	body := inGroups(t, large(60*windowRows), 20*windowRows, nil)
	held := inParts(body)
	file, err := openTableAt(columns.UsageDaily, "part.parquet", held, held.size)
	if err != nil {
		t.Fatal(err)
	}
	held.passing = true
	if err := eachUsageWindow(file, "part.parquet", Texts{}, func(*pricing.UsageBatch) error { return nil }); err != nil {
		t.Fatal(err)
	}
	left := 0
	for _, part := range held.parts {
		left += len(part)
	}
	if len(held.parts) < 5 || left > 2*partBytes { // the first part, with the file's mark, and that of the footer
		t.Errorf("%d bytes of %d are held at the end, in %d parts", left, len(body), len(held.parts))
	}
	if _, err := held.ReadAt(make([]byte, 1), partBytes); err == nil || err == io.EOF {
		t.Errorf("reading twice: %v", err)
	}
}

// What breaks the contract is refused wherever it stands, between two windows too.
func TestUsageWindows_RefuseWhatBreaksTheContract(t *testing.T) {
	const rows = 2*windowRows + 100
	for _, at := range []int{1, windowRows - 1, windowRows, windowRows + 1, 2 * windowRows, rows - 1} {
		for what, spoil := range map[string]func(cols []parquet.Column){
			"not in the order": func(cols []parquet.Column) {
				cols[3].Index = slices.Clone(cols[3].Index)
				for i := at; i < rows; i++ {
					cols[3].Index[i] = 0
				}
				cols[3].Index[at-1] = 1
			},
			"another utc_day": func(cols []parquet.Column) { cols[0].Ints = slices.Clone(cols[0].Ints); cols[0].Ints[at]++ },
		} {
			body := inGroups(t, large(rows), 1<<20, spoil)
			_, _, err := windows(t, body)
			_, whole := DecodeUsageDaily("part.parquet", body)
			if err == nil || whole == nil || err.Error() != whole.Error() || !strings.Contains(err.Error(), what) {
				t.Errorf("row %d: error %v, the whole file's is %v", at, err, whole)
			}
		}
	}
	for n := range 100 {
		body := mustUsage(t, states())
		if _, _, err := windows(t, body[:len(body)*n/100]); err == nil {
			t.Errorf("%d %% of a file were read as a whole one", n)
		}
	}
}
