package jobs

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
)

// fill gives every exported member of v, and of what it holds, a value.
func fill(t *testing.T, v reflect.Value) {
	t.Helper()
	switch at := v.Addr().Interface().(type) {
	case *money.Amount:
		*at = money.MustAmount("-123456789012345678.12345678901234567895")
		return
	case *money.Quantity:
		*at = money.MustQuantity("0.000000000001")
		return
	case *time.Time:
		*at = time.Date(2026, 10, 5, 8, 0, 0, 123456000, time.UTC)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(t, v.Field(i))
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(t, v.Index(i))
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem())
	case reflect.String:
		v.SetString("<a & b> ä\x00")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(7)
	default:
		t.Fatalf("an invoice has a %s", v.Type())
	}
}

// A kept result is the result: nothing of an invoice is lost on the way, and what
// cannot be kept is what Close does not set.
func TestTreeRatings_KeepInvoicesWhole(t *testing.T) {
	var want, got pricing.Invoice
	fill(t, reflect.ValueOf(&want).Elem())
	body, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	if canonicalDigest(got) != canonicalDigest(want) {
		t.Errorf("it comes back as\n%+v\nwant\n%+v", got, want)
	}
	hidden := func(of any) (names []string) {
		for i := range reflect.TypeOf(of).NumField() {
			if f := reflect.TypeOf(of).Field(i); !f.IsExported() {
				names = append(names, f.Name)
			}
		}
		return names
	}
	// Settling sets bought, comparing leavesNothing and levied, and a tracer trace.
	if got, want := hidden(pricing.Line{}), []string{"bought", "leavesNothing", "levied", "trace"}; !slices.Equal(got, want) {
		t.Errorf("lines hide %v, want %v: what Close sets must be exported", got, want)
	}
	for _, of := range []any{pricing.Invoice{}, pricing.InvoiceTax{}, pricing.Part{}, pricing.UnitAmounts{}, pricing.LineTax{}, pricing.Corrects{}, pricing.PricingUnit{}} {
		if got := hidden(of); len(got) > 0 {
			t.Errorf("%T hides %v", of, got)
		}
	}
}
