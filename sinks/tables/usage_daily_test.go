package tables

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"daybook/pricing"
	"daybook/pricing/columns"
	"daybook/pricing/money"
	"daybook/sources/parquet"
)

func mustUsage(t *testing.T, rows []pricing.UsageState) []byte {
	t.Helper()
	body, err := EncodeUsageDaily(batchOf(rows), units)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestUsageDaily_AnyRowsComeBackSorted(t *testing.T) {
	for seed := range 12 {
		rows := rapid.SliceOfN(anyState, 0, 300).Example(seed)
		b, err := DecodeUsageDaily("test.parquet", mustUsage(t, rows))
		if err != nil {
			t.Fatal(err)
		}
		got := rowsOf(b)
		byKey := func(a, b pricing.UsageState) int {
			return cmp.Or(
				strings.Compare(a.Account, b.Account), strings.Compare(a.Subscription, b.Subscription), strings.Compare(a.Meter, b.Meter),
				strings.Compare(a.Dimensions, b.Dimensions), cmp.Compare(a.Day, b.Day), cmp.Compare(a.Slot, b.Slot),
			)
		}
		if !slices.IsSortedFunc(got, byKey) {
			t.Fatalf("rows are not sorted: %v", got)
		}
		text := func(r pricing.UsageState) string { return fmt.Sprintf("%#v", r) }
		if want := sortedTexts(rows, text); !slices.Equal(sortedTexts(got, text), want) {
			t.Fatalf("rows changed:\n%v\nwant\n%v", got, rows)
		}
		if len(rows) > 0 && b.UTCDay != day1 {
			t.Fatalf("day %s, want %s", b.UTCDay, day1)
		}
	}
}

func sortedTexts[T any](rows []T, text func(T) string) []string {
	var out []string
	for _, r := range rows {
		out = append(out, text(r))
	}
	slices.Sort(out)
	return out
}

func TestUsageDaily_EqualSetsOfRowsGiveEqualColumns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(anyState, 1, 40).Draw(t, "rows")
		want, err := usageSheet(batchOf(rows), units)
		if err != nil {
			t.Fatal(err)
		}
		got, err := usageSheet(batchOf(rapid.Permutation(rows).Draw(t, "order")), units)
		if err != nil {
			t.Fatal(err)
		}
		got.sort()
		want.sort()
		if diff := gocmp.Diff(want.cols, got.cols); diff != "" {
			t.Fatalf("another order of rows gave other columns:\n%s", diff)
		}
	})
}

func TestUsageDaily_EqualSetsOfRowsGiveEqualBytes(t *testing.T) {
	rows := states()
	want := mustUsage(t, rows)
	slices.Reverse(rows)
	if !bytes.Equal(mustUsage(t, rows), want) {
		t.Error("another order of rows gave other bytes")
	}
}

func TestUsageDaily_DictionariesOfTheBatchLeaveNoTrace(t *testing.T) {
	want := mustUsage(t, states())
	b := batchOf(states())
	b.Account.Values = append([]string{"unused", "acme"}, b.Account.Values...) // an unused value and one twice
	for i := range b.Account.Index {
		b.Account.Index[i] += 2
	}
	b.Account.Index[0] = 1
	got, err := EncodeUsageDaily(b, units)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("an unused or repeated dictionary value changed the bytes")
	}
}

func TestUsageDaily_EncodingLeavesTheBatchAsItIs(t *testing.T) {
	rows := states()
	slices.Reverse(rows)
	b := batchOf(rows)
	if _, err := EncodeUsageDaily(b, units); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(rowsOf(b), rows) {
		t.Error("the caller's batch was sorted")
	}
}

func TestUsageDaily_UnitIsTheMeters(t *testing.T) {
	f, err := readFrame(columns.UsageDaily, "test.parquet", mustUsage(t, states()))
	if err != nil {
		t.Fatal(err)
	}
	meter, unit := f.text("meter"), f.text("unit")
	for i := range f.rows {
		if unit(i) != units[meter(i)] {
			t.Errorf("meter %s has unit %q, want %q", meter(i), unit(i), units[meter(i)])
		}
	}
	if _, err := EncodeUsageDaily(batchOf(states()), map[string]string{"storage": "GB"}); err == nil || !strings.Contains(err.Error(), `"traffic"`) {
		t.Errorf("error %v, want one that names the meter without a unit", err)
	}
}

func TestUsageDaily_SlotIsNullForDays(t *testing.T) {
	f, err := readFrame(columns.UsageDaily, "test.parquet", mustUsage(t, states()))
	if err != nil {
		t.Fatal(err)
	}
	v := f.column("slot_start")
	if want := []bool{false, false, true, false}; !slices.Equal(v.valid, want) {
		t.Errorf("valid %v, want %v", v.valid, want)
	}
}

func TestUsageDaily_BrokenBatchIsRefused(t *testing.T) {
	for what, spoil := range map[string]func(b *pricing.UsageBatch){
		"a short column":     func(b *pricing.UsageBatch) { b.Sum = b.Sum[:1] },
		"a short dictionary": func(b *pricing.UsageBatch) { b.Account.Values = b.Account.Values[:1] },
		"a short index":      func(b *pricing.UsageBatch) { b.Account.Index = b.Account.Index[:1] },
		"a negative index":   func(b *pricing.UsageBatch) { b.Account.Index[0] = -1 },
	} {
		b := batchOf(states())
		spoil(b)
		if _, err := EncodeUsageDaily(b, units); err == nil {
			t.Errorf("%s was written", what)
		}
	}
}

// spoiled writes usage_daily with a change to its finished columns.
func spoiled(t *testing.T, spoil func(cols []parquet.Column)) []byte {
	t.Helper()
	s := newSheet(columns.UsageDaily, 2, func(int) string { return "" })
	ints, wides, text := []int64{1, 2}, make([]money.Int128, 2), pricing.Strings{Values: []string{"a", "b"}, Index: []int32{0, 1}}
	for _, c := range columns.UsageDaily.Columns {
		switch c.Type {
		case columns.String:
			s.dictionary(c.Name, text)
		case columns.Quantity:
			s.states(c.Name, wides)
		default:
			s.ints(c.Name, ints)
		}
	}
	if s.err != nil {
		t.Fatal(s.err)
	}
	s.cols[0].Ints = []int64{1, 1}
	spoil(s.cols)
	body, err := parquet.Encode(s.cols, 2)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestDecodeUsageDaily_RefusesWhatBreaksTheContract(t *testing.T) {
	if _, err := DecodeUsageDaily("part.parquet", spoiled(t, func([]parquet.Column) {})); err != nil {
		t.Fatalf("the unspoiled file: %v", err)
	}
	for want, spoil := range map[string]func(cols []parquet.Column){
		"not in the order":     func(cols []parquet.Column) { cols[3].Index = []int32{1, 0} },
		"another utc_day":      func(cols []parquet.Column) { cols[0].Ints = []int64{1, 2} },
		`want "day", date`:     func(cols []parquet.Column) { cols[1].Name = "local_day" },
		`want "events", int64`: func(cols []parquet.Column) { cols[9].Type = parquet.TimestampMicrosUTC },
		`want "sum", decimal(38,12)`: func(cols []parquet.Column) {
			cols[8].Type = parquet.Decimal(38, 20)
		},
		"(nullable: true), want": func(cols []parquet.Column) { cols[3].Nullable = true },
		"usage_daily has 18":     nil,
	} {
		var body []byte
		if spoil != nil {
			body = spoiled(t, spoil)
		} else {
			body, _ = samples()["parked_accounts"]()
		}
		_, err := DecodeUsageDaily("part.parquet", body)
		if err == nil || !strings.Contains(err.Error(), "part.parquet") || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one that names the file and says %q", err, want)
		}
	}
}

func TestDecodeUsageDaily_CutFileIsRefusedAtEveryLength(t *testing.T) {
	body := mustUsage(t, states())
	for n := 0; n < len(body); n += 1 + len(body)/200 {
		if _, err := DecodeUsageDaily("part.parquet", body[:n]); err == nil {
			t.Errorf("%d of %d bytes were read as a whole file", n, len(body))
		}
	}
}

// large is n sorted rows of n/50 accounts.
func large(n int) *pricing.UsageBatch {
	b := &pricing.UsageBatch{UTCDay: day1}
	for i := range n {
		if i%50 == 0 {
			b.Account.Values = append(b.Account.Values, fmt.Sprintf("account-%08d", i))
		}
		b.Account.Index = append(b.Account.Index, int32(i/50))
		b.Day, b.Slot, b.Events = append(b.Day, int64(day1)), append(b.Slot, int64(i%50+1)), append(b.Events, 1)
		b.FirstTime, b.LastTime = append(b.FirstTime, int64(i)), append(b.LastTime, int64(i))
	}
	b.Subscription = pricing.Strings{Values: []string{"s"}, Index: make([]int32, n)}
	b.Meter = pricing.Strings{Values: []string{"traffic"}, Index: make([]int32, n)}
	b.Dimensions = pricing.Strings{Values: []string{"{}"}, Index: make([]int32, n)}
	b.Sum, b.Min, b.Max = make([]money.Int128, n), make([]money.Int128, n), make([]money.Int128, n)
	b.First, b.Last, b.LevelSeconds = make([]money.Int128, n), make([]money.Int128, n), make([]money.Int128, n)
	return b
}

func TestDecodeUsageDaily_AllocatesByColumnNotByRow(t *testing.T) {
	const rows = 200_000
	body, err := EncodeUsageDaily(large(rows), units)
	if err != nil {
		t.Fatal(err)
	}
	allocs := testing.AllocsPerRun(1, func() {
		b, err := DecodeUsageDaily("part.parquet", body)
		if err != nil || b.Len() != rows {
			t.Fatalf("%v", err)
		}
	})
	if allocs > rows/10 { // 4,000 of them are the accounts' names
		t.Errorf("%.0f allocations for %d rows", allocs, rows)
	}
}

func BenchmarkUsageDaily(b *testing.B) {
	const rows = 1_000_000
	batch := large(rows)
	body, err := EncodeUsageDaily(batch, units)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("encode", func(b *testing.B) {
		for b.Loop() {
			if _, err := EncodeUsageDaily(batch, units); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
	b.Run("decode", func(b *testing.B) {
		for b.Loop() {
			if _, err := DecodeUsageDaily("part.parquet", body); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
}
