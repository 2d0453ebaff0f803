package usagetest

import (
	"strings"
	"testing"

	"daybook/pricing"
	"daybook/sources/parquet"
	"daybook/sources/usage"
)

// runQuantities has one row a way of writing a quantity.
func runQuantities(t *testing.T, e usage.Engine) {
	nines := strings.Repeat("9", 26)
	for _, c := range []struct {
		written, want string
		scale         int32
		rounded       bool
	}{
		{"1.005", "1", 2, true}, // ties go to the even digit
		{"1.015", "1.02", 2, true},
		{"1.0150000001", "1.02", 2, true},
		{"-1.005", "-1", 2, true},
		{"-1.015", "-1.02", 2, true},
		{"2.5", "2", 0, true},
		{"3.5", "4", 0, true},
		{"0.0000000000005", "0", 12, true},
		{"0.0000000000015", "0.000000000002", 12, true},
		{"-0.0", "0", 2, false},
		{"007", "7", 2, false},
		{"1.50", "1.5", 2, false},
		{nines, nines, 12, false},
		{nines + ".999999999999", nines + ".999999999999", 12, false},
		{"0." + strings.Repeat("0", 37) + "1", "0", 12, true},
	} {
		t.Run("text "+c.written, func(t *testing.T) {
			r := good()
			r.qty = amount{text: c.written}
			w := simple(sheet{rows: []row{r}, qtyText: true})
			w.meters[0].Scale, w.meters[0].AllowNegative = c.scale, true
			d := roll(t, e, w)[0]
			if d.Batch.Len() != 1 || d.Batch.Sum[0].Quantity(12).String() != c.want {
				t.Fatalf("sums %v (rejected %+v), want %s", d.Batch.Sum, d.Rejected, c.want)
			}
			if got := d.Counts.Rounded == 1; got != c.rounded {
				t.Errorf("rounded %v, want %v", got, c.rounded)
			}
		})
	}
	for _, written := range []string{
		"NaN", "Infinity", "-inf", "1e3", "+1", "1.", ".1", "1,5", " 1", "1 ", "0x10", "--1", "-", "1.2.3",
		strings.Repeat("9", 39), nines + ".9999999999999", "1" + strings.Repeat("0", 26), "1e1000000",
	} {
		t.Run("bad text "+written, func(t *testing.T) {
			r := good()
			r.qty = amount{text: written}
			w := simple(sheet{rows: []row{r}, qtyText: true})
			w.meters[0].Scale = 12
			d := roll(t, e, w)[0]
			if len(d.Rejected) != 1 || d.Rejected[0].Reason != usage.InvalidQuantity || d.Rejected[0].Value != written {
				t.Errorf("rejected %+v, want %s", d.Rejected, usage.InvalidQuantity)
			}
		})
	}
	t.Run("decimal columns of any scale", func(t *testing.T) {
		for scale, want := range map[int]string{0: "123456", 3: "123.456", 6: "0.123456", 12: "0.000000123456", 20: "0", 38: "0"} {
			c := parquet.Column{Name: "quantity", Type: parquet.Decimal(38, scale), Decimals: []parquet.Decimal128{{Lo: 123456}}}
			d := rollColumn(t, e, c, func(r *usage.Request) { r.Meters[0].Scale = 12 })
			if d.Batch.Len() != 1 || d.Batch.Sum[0].Quantity(12).String() != want {
				t.Errorf("scale %d: sums %v, want %s", scale, d.Batch.Sum, want)
			}
		}
	})
	t.Run("negative is kept where the meter allows it", func(t *testing.T) {
		r := good()
		r.qty = number("-4")
		w := simple(sheet{rows: []row{r}})
		w.meters[0].AllowNegative = true
		if d := roll(t, e, w)[0]; d.Batch.Len() != 1 || d.Batch.Min[0].Quantity(12).String() != "-4" {
			t.Errorf("got %+v", d.Batch)
		}
	})
	t.Run("count meters need no quantity", func(t *testing.T) {
		r := good()
		r.qty = amount{null: true}
		w := simple(sheet{rows: []row{r}})
		w.meters[0].Aggregate = pricing.Count
		if d := roll(t, e, w)[0]; d.Batch.Len() != 1 || d.Batch.Sum[0].Quantity(12).String() != "1" {
			t.Errorf("got %+v", d.Batch)
		}
	})
	t.Run("booleans are refused", func(t *testing.T) {
		refused(t, e, parquet.Column{Name: "quantity", Type: parquet.Bool, Ints: []int64{1}}, "quantity", "not a number")
	})
}
