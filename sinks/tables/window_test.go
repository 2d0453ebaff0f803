package tables

import (
	"slices"
	"strings"
	"testing"

	"daybook/pricing"
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

func windows(body []byte) (rows []pricing.UsageState, most int, err error) {
	for b, err := range UsageWindows("part.parquet", body, Texts{}) {
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
		rows, most, err := windows(body)
		if err != nil || !slices.Equal(rows, rowsOf(whole)) || len(rows) != c.rows || most > windowRows {
			t.Errorf("%d rows in groups of %d: %d rows, %d at most, %v", c.rows, c.group, len(rows), most, err)
		}
	}
	rows, _, err := windows(mustUsage(t, states())) // texts of every column, in any order
	whole, _ := DecodeUsageDaily("part.parquet", mustUsage(t, states()))
	if err != nil || !slices.Equal(rows, rowsOf(whole)) {
		t.Errorf("rows %v, %v", rows, err)
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
			_, _, err := windows(body)
			_, whole := DecodeUsageDaily("part.parquet", body)
			if err == nil || whole == nil || err.Error() != whole.Error() || !strings.Contains(err.Error(), what) {
				t.Errorf("row %d: error %v, the whole file's is %v", at, err, whole)
			}
		}
	}
	for n := range 100 {
		body := mustUsage(t, states())
		if _, _, err := windows(body[:len(body)*n/100]); err == nil {
			t.Errorf("%d %% of a file were read as a whole one", n)
		}
	}
}
