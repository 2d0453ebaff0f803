package parquet

import (
	"bytes"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// columnGen draws a column of rows rows with extreme values and nulls.
func columnGen(name string, rows int) *rapid.Generator[Column] {
	return rapid.Custom(func(t *rapid.T) Column {
		c := Column{Name: name, Nullable: rapid.Bool().Draw(t, "nullable")}
		if c.Nullable && rapid.Bool().Draw(t, "has nulls") {
			c.Valid = rapid.SliceOfN(rapid.Bool(), rows, rows).Draw(t, "valid")
		}
		integers := func(g *rapid.Generator[int64]) []int64 { return rapid.SliceOfN(g, rows, rows).Draw(t, "values") }
		switch rapid.IntRange(0, 6).Draw(t, "type") {
		case 0:
			c.Type, c.Strings = String, rapid.SliceOfN(rapid.String(), rows, rows).Draw(t, "strings")
		case 1:
			c.Type, c.Dict = String, rapid.SliceOfN(rapid.String(), 1, 9).Draw(t, "dict")
			c.Index = rapid.SliceOfN(rapid.Int32Range(0, int32(len(c.Dict)-1)), rows, rows).Draw(t, "index")
		case 2:
			c.Type, c.Ints = Date, integers(rapid.Int64Range(math.MinInt32, math.MaxInt32))
		case 3:
			c.Type, c.Ints = TimestampMicrosUTC, integers(rapid.Int64())
		case 4:
			c.Type, c.Ints = Int64, integers(rapid.Int64())
		case 5:
			c.Type, c.Ints = Bool, integers(rapid.Int64Range(0, 1))
		default:
			p := rapid.IntRange(1, 38).Draw(t, "precision")
			c.Type = Decimal(p, rapid.IntRange(0, p).Draw(t, "scale"))
			c.Decimals = rapid.SliceOfN(decimalGen(p), rows, rows).Draw(t, "decimals")
		}
		return c
	})
}

// decimalGen draws decimals of at most p digits, the greatest and least too.
func decimalGen(p int) *rapid.Generator[Decimal128] {
	limit := powerOfTen(p)
	return rapid.Custom(func(t *rapid.T) Decimal128 {
		v := Decimal128{Lo: limit.Lo - 1, Hi: limit.Hi} // 10^p is never a multiple of 2^64
		if !rapid.Bool().Draw(t, "extreme") {
			if wide := (Decimal128{Lo: rapid.Uint64().Draw(t, "lo"), Hi: rapid.Int64().Draw(t, "hi")}); wide.below(limit) {
				v = wide
			} else {
				v = Decimal128{Lo: rapid.Uint64Max(uint64(min(p, 18))).Draw(t, "small") % 10}
			}
		}
		if rapid.Bool().Draw(t, "negative") {
			v = v.negated()
		}
		return v
	})
}

func (c *Column) repeat(n int) {
	c.Valid, c.Strings, c.Index = slices.Repeat(c.Valid, n), slices.Repeat(c.Strings, n), slices.Repeat(c.Index, n)
	c.Ints, c.Decimals = slices.Repeat(c.Ints, n), slices.Repeat(c.Decimals, n)
	if len(c.Valid) == 0 {
		c.Valid = nil
	}
	if len(c.Dict) == 0 {
		c.Index = nil
	}
}

// wantCells are a column's values in the text of cellText.
func wantCells(c *Column, rows int) []string {
	cells := make([]string, rows)
	for i := range cells {
		switch {
		case c.isNull(i):
			cells[i] = "∅"
		case c.Type == String:
			cells[i] = fmt.Sprintf("%x", c.str(i))
		case c.Type == Bool:
			cells[i] = fmt.Sprint(c.Ints[i] == 1)
		case c.Type.isDecimal():
			cells[i] = decimalText(bigOf(c.Decimals[i]), c.Type.scale())
		default:
			cells[i] = fmt.Sprint(c.Ints[i])
		}
	}
	return cells
}

func TestEncode_ReadsBackAsGiven(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.IntRange(0, 60).Draw(t, "rows")
		cols := make([]Column, rapid.IntRange(1, 4).Draw(t, "columns"))
		for i := range cols {
			cols[i] = columnGen(fmt.Sprintf("c%d", i), rows).Draw(t, "column")
		}
		if rapid.Bool().Draw(t, "again and again") { // as dictionaries are for
			for i := range cols {
				cols[i].repeat(9)
			}
			rows *= 9
		}
		body, err := Encode(cols, rows)
		if err != nil {
			t.Fatal(err)
		}
		f, err := openBytes(body)
		if err != nil {
			t.Fatal(err)
		}
		if f.Rows() != int64(rows) || f.CreatedBy() != "daybook" {
			t.Fatalf("%d rows by %q", f.Rows(), f.CreatedBy())
		}
		for i := range cols {
			var got []string
			for rg := range f.RowGroups() {
				err := f.Scan(t.Context(), rg, []int{i}, rapid.IntRange(1, 70).Draw(t, "batch"), func(b *Batch) error {
					for k := range b.N {
						got = append(got, cellText(&b.Cols[0], k))
					}
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			if want := wantCells(&cols[i], rows); !slices.Equal(got, want) {
				t.Fatalf("column %d (%s):\n got %q\nwant %q", i, cols[i].Type, got, want)
			}
		}
	})
}

// table is a table with all types, n rows, some of them null.
func table(n int) []Column {
	valid := make([]bool, n)
	ints, days, flags := make([]int64, n), make([]int64, n), make([]int64, n)
	ids, words, decimals := make([]string, n), make([]string, n), make([]Decimal128, n)
	few, prices := make([]int64, n), make([]Decimal128, n)
	for i := range n {
		few[i] = int64(i/3%7) - 3
		prices[i] = Decimal128{Lo: uint64(i % 11), Hi: -int64(i % 2)}
		valid[i] = i%3 != 1
		ints[i] = int64(i)*977 - 5000
		days[i] = int64(i/10) - 3
		flags[i] = int64(i & 1)
		ids[i] = fmt.Sprintf("%08x-event-%d", uint64(i)*2654435761, i)
		words[i] = []string{"zebra", "", "Ärger", "apple", "日本"}[i%5]
		v := int64(i) - 40
		decimals[i] = Decimal128{Lo: uint64(v), Hi: v >> 63}
	}
	return []Column{
		{Name: "id", Type: String, Strings: ids},
		{Name: "word", Type: String, Strings: words},
		{Name: "maybe", Type: String, Nullable: true, Valid: valid, Strings: words},
		{Name: "day", Type: Date, Ints: days},
		{Name: "time", Type: TimestampMicrosUTC, Nullable: true, Valid: valid, Ints: ints},
		{Name: "n", Type: Int64, Ints: ints},
		{Name: "flag", Type: Bool, Nullable: true, Valid: valid, Ints: flags},
		{Name: "amount", Type: Decimal(38, 20), Decimals: decimals},
		{Name: "perhaps", Type: Decimal(9, 2), Nullable: true, Valid: valid, Decimals: decimals},
		{Name: "few", Type: Int64, Nullable: true, Valid: valid, Ints: few},
		{Name: "price", Type: Decimal(38, 12), Decimals: prices},
	}
}

func TestEncode_BytesDependOnValuesOnly(t *testing.T) {
	const n = 70_000 // more than one batch of the writer
	cols := table(n)
	want, err := Encode(cols, n)
	if err != nil {
		t.Fatal(err)
	}

	words := []string{"unused", "日本", "apple", "", "Ärger", "zebra", "apple"}
	index := make([]int32, n)
	for i, s := range cols[1].Strings {
		index[i] = int32(slices.Index(words, s))
		if s == "apple" && i%2 == 0 {
			index[i] = 6 // twice in the dictionary
		}
	}
	others := table(n)
	others[1].Strings, others[1].Dict, others[1].Index = nil, words, index
	others[2].Strings, others[2].Dict, others[2].Index = nil, words, index
	for i, valid := range others[2].Valid {
		if !valid { // what stands in null rows does not matter
			others[4].Ints[i] = 99
			others[8].Decimals[i] = Decimal128{Hi: math.MaxInt64}
		}
	}
	others[5].Ints = slices.Clone(cols[5].Ints)
	others[7].Decimals = slices.Clone(cols[7].Decimals)
	for _, processors := range []int{1, 3} {
		before := runtime.GOMAXPROCS(processors)
		got, err := Encode(others, n)
		runtime.GOMAXPROCS(before)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("with %d processors and a dictionary the bytes differ", processors)
		}
	}
}

func TestEncode_NoNullsAreWrittenAlikeHoweverSaid(t *testing.T) {
	said := table(100)[2]
	said.Valid = nil
	body, err := Encode([]Column{said}, 100)
	if err != nil {
		t.Fatal(err)
	}
	said.Valid = slices.Repeat([]bool{true}, 100)
	again, err := Encode([]Column{said}, 100)
	if err != nil || !bytes.Equal(body, again) {
		t.Errorf("the bytes differ: %v", err)
	}
}

func TestEncode_SplitsRowGroups(t *testing.T) {
	const n = rowGroupRows + 5
	ints := make([]int64, n)
	for i := range ints {
		ints[i] = int64(i)
	}
	body, err := Encode([]Column{{Name: "n", Type: Int64, Ints: ints}}, n)
	if err != nil {
		t.Fatal(err)
	}
	f, err := openBytes(body)
	if err != nil {
		t.Fatal(err)
	}
	if f.RowGroups() != 2 || f.RowGroupRows(0) != 1<<20 || f.RowGroupRows(1) != 5 {
		t.Fatalf("%d row groups, the first of %d rows", f.RowGroups(), f.RowGroupRows(0))
	}
	least, greatest, ok := f.IntStats(1, 0)
	if !ok || least != 1<<20 || greatest != 1<<20+4 {
		t.Errorf("statistics of the second row group: %d to %d, %v", least, greatest, ok)
	}
	if least, greatest, ok = f.IntStats(0, 0); !ok || least != 0 || greatest != 1<<20-1 {
		t.Errorf("statistics of the first row group: %d to %d, %v", least, greatest, ok)
	}
}

func TestEncode_RefusesWhatItCannotWriteExactly(t *testing.T) {
	one := []int64{1}
	for want, c := range map[string]Column{
		"has Valid but is not nullable":      {Type: Int64, Ints: one, Valid: []bool{true}},
		"has 2 of Valid for 1 rows":          {Type: Int64, Ints: one, Nullable: true, Valid: []bool{true, true}},
		"has 0 values for 1 rows":            {Type: String, Ints: one},
		"decimal(39,2) is not possible":      {Type: Decimal(39, 2), Decimals: make([]Decimal128, 1)},
		"decimal(5,6) is not possible":       {Type: Decimal(5, 6), Decimals: make([]Decimal128, 1)},
		"does not fit decimal(2,0)":          {Type: Decimal(2, 0), Decimals: []Decimal128{{Lo: 100}}},
		"row 0: does not fit decimal(38,0)":  {Type: Decimal(38, 0), Decimals: []Decimal128{{Hi: math.MinInt64}}},
		"is not UTF-8":                       {Type: String, Strings: []string{"\xff"}},
		"names entry 1 of a dictionary of 1": {Type: String, Dict: []string{"a"}, Index: []int32{1}},
		"where a boolean is 0 or 1":          {Type: Bool, Ints: []int64{2}},
		"does not fit 32 bits":               {Type: Date, Ints: []int64{1 << 31}},
		"is not known":                       {Type: 0, Ints: one},
	} {
		c.Name = "amount"
		_, err := Encode([]Column{c}, 1)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), `"amount"`) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if _, err := Encode([]Column{{Name: "a", Type: Int64}, {Name: "a", Type: Int64}}, 0); err == nil {
		t.Error("two columns of the same name were written")
	}
	if _, err := Encode(nil, 0); err == nil {
		t.Error("a file without columns was written")
	}
}

func TestEncode_ReadBackNoticesEveryDifference(t *testing.T) {
	for _, n := range []int{10, 600} { // 600 rows have dictionaries
		body, err := Encode(table(n), n)
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range table(n) {
			for _, row := range []int{1, 2, n - 1} { // 1 is null where that can be
				for _, other := range changed(c, row) {
					cols := table(n)
					cols[i] = other
					want := fmt.Sprintf("column %q differs in row %d", c.Name, row)
					if err := readBack(body, cols, n); err == nil || !strings.Contains(err.Error(), want) {
						t.Errorf("%d rows: %v, want: %s", n, err, want)
					}
				}
			}
		}
	}
}

// changed returns the column with another value in a row, and with a null or none,
// texts in both of their forms.
func changed(c Column, row int) []Column {
	var out []Column
	if c.Nullable {
		o := c
		o.Valid = slices.Clone(c.Valid)
		o.Valid[row] = !o.Valid[row]
		out = append(out, o)
	}
	if !c.isNull(row) {
		o := c
		o.Strings, o.Ints, o.Decimals = slices.Clone(c.Strings), slices.Clone(c.Ints), slices.Clone(c.Decimals)
		switch {
		case c.Type == String:
			o.Strings[row] += "x"
		case c.Type.isDecimal():
			o.Decimals[row].Hi++
		default:
			o.Ints[row]++
		}
		out = append(out, o)
	}
	if c.Type == String {
		for _, o := range out {
			o.Dict, o.Index, o.Strings = inDictionary(o.Strings)
			out = append(out, o)
		}
	}
	return out
}

// inDictionary gives texts in their other form.
func inDictionary(texts []string) (words []string, index []int32, none []string) {
	for _, text := range texts {
		at := slices.Index(words, text)
		if at < 0 {
			at, words = len(words), append(words, text)
		}
		index = append(index, int32(at))
	}
	return words, index, nil
}
