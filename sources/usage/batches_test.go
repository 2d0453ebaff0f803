package usage_test

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sources/blob/mem"
	"daybook/sources/parquet"
	"daybook/sources/usage"
)

// TestLocal_BatchesInOnePieceKeepTheOrderOfRows: batches whose rows are all plain
// and of one day, which become chunks of their own, stand between others. Of
// equal events the first row is kept, whatever became of its batch: that shows in
// whose quantity was rounded.
func TestLocal_BatchesInOnePieceKeepTheOrderOfRows(t *testing.T) {
	const batch = 4096
	const n = 4*batch + 100
	ids, meters, times, quantities := make([]string, n), make([]string, n), make([]int64, n), make([]parquet.Decimal128, n)
	whole, rounded := parquet.Decimal128{Lo: 1e13}, parquet.Decimal128{Lo: 1e13 + 1} // at 13 places
	for i := range n {
		ids[i], meters[i], times[i], quantities[i] = fmt.Sprintf("event-%d", i), "m", day.UTC().UnixMicro()+int64(i), whole
	}
	again := func(row, of int, quantity parquet.Decimal128) {
		ids[row], times[row], quantities[row] = ids[of], times[of], quantity
	}
	for k := range 4 {
		meters[batch+1000*k] = "none" // the second batch goes row by row
	}
	for k := range 10 {
		again(9000+k, 5000+k, whole)
		times[3*batch+k] = day.AddDays(1).UTC().UnixMicro() // the fourth has two days
	}
	again(9100, 100, parquet.Decimal128{Lo: 2e13}) // both conflict
	quantities[200] = rounded
	again(9200, 200, whole) // the first one stays, rounded
	again(9300, 5200, rounded)
	again(n-1, 5201, rounded)
	body, err := parquet.Encode([]parquet.Column{
		{Name: "event_id", Type: parquet.String, Strings: ids},
		{Name: "time", Type: parquet.TimestampMicrosUTC, Ints: times},
		{Name: "subscription_id", Type: parquet.String, Dict: []string{"sub"}, Index: make([]int32, n)},
		{Name: "meter", Type: parquet.String, Strings: meters},
		{Name: "quantity", Type: parquet.Decimal(38, 13), Decimals: quantities},
	}, n)
	if err != nil {
		t.Fatal(err)
	}
	want := map[pricing.Date]usage.Counts{
		day:            {Read: n, Kept: n - 10 - 4 - 2 - 13, Duplicate: 13, Rejected: 4 + 2, Outside: 10, Rounded: 1},
		day.AddDays(1): {Read: n, Kept: 10, Outside: n - 10},
	}
	var before map[pricing.Date]usage.Day
	for name, engine := range map[string]usage.Engine{
		"in one piece": usage.New(),
		"row by row":   usage.Losing(func(string, int64, int64) bool { return false }),
	} {
		r := request(mem.New("batches"), day, day.AddDays(1))
		add(t, &r, "a.parquet", body, r.Days...)
		got, err := rollup(t, engine, r)
		if err != nil {
			t.Fatal(err)
		}
		for d, counts := range want {
			if diff := cmp.Diff(counts, got[d].Counts); diff != "" {
				t.Errorf("%s, %s: %s", name, d, diff)
			}
			if sum, want := got[d].Batch.Sum[0], money.Int128Of(counts.Kept*1e12); sum != want {
				t.Errorf("%s, %s: the sum is %v, want %v", name, d, sum, want)
			}
		}
		if before != nil {
			if !reflect.DeepEqual(before, got) {
				t.Errorf("the two ways differ: %+v, %+v", before, got)
			}
		}
		before = got
	}
}
