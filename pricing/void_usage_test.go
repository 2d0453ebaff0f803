package pricing_test

import (
	"reflect"
	"slices"
	"testing"

	"daybook/pricing"
)

// What is taken back is as if it had never been, in a closing and in a day, but
// that it is still accounted for: as usage that no price is for.
func TestVoidUsage_IsPricedNowhereAndStillCounted(t *testing.T) {
	readings := func() *world {
		w := readEvery5Minutes()
		w.read(t, "2026-10-04T13:00:00Z", "2026-10-04T14:00:00Z", "c1")
		w.read(t, "2026-10-04T14:00:00Z", "2026-10-04T17:01:00Z", "c1")
		w.read(t, "2026-10-04T16:00:00Z", "2026-10-04T17:01:00Z", "c2")
		return w
	}
	five := func(dimensions string) pricing.VoidUsage {
		return pricing.VoidUsage{
			Subscription: "s", Meter: "run", Dimensions: dimensions,
			From: at("2026-10-04T17:00:00Z").UnixMicro(), Until: at("2026-10-04T17:05:00Z").UnixMicro(),
		}
	}
	for _, c := range []struct {
		what string
		void pricing.VoidUsage
		left []int // which of the readings stay
	}{
		{"one container's", five(`{"container":"c1"}`), []int{0, 2}},
		{"every container's", five(`{}`), []int{0}},
		{"that of a container without any", five(`{"container":"c3"}`), []int{0, 1, 2}},
		{"another subscription's", pricing.VoidUsage{Subscription: "t", Meter: "run", Dimensions: "{}", Until: 1 << 60}, []int{0, 1, 2}},
		{"another meter's", pricing.VoidUsage{Subscription: "s", Meter: "sum", Dimensions: "{}", Until: 1 << 60}, []int{0, 1, 2}},
		{"everything", pricing.VoidUsage{Subscription: "s", Meter: "run", Dimensions: "{}", Until: 1 << 60}, nil},
	} {
		w, without := readings(), readings()
		without.usage = nil
		for _, i := range c.left {
			without.usage = append(without.usage, w.usage[i])
		}
		w.void = []pricing.VoidUsage{c.void}
		got, want := w.closed(t, "2026-10", false), without.closed(t, "2026-10", false) // both check that all usage is counted
		if !reflect.DeepEqual(got.Invoices, want.Invoices) {
			t.Errorf("%s: billed %+v, want %+v", c.what, got.Invoices, want.Invoices)
		}
		if got.Rated.Kept != 3 || got.Rated.Billed != int64(len(c.left)) || got.Rated.Unpriced != 3-int64(len(c.left)) {
			t.Errorf("%s: counted %+v", c.what, got.Rated)
		}
		if a, b := w.daily(t, "2026-10-04"), without.daily(t, "2026-10-04"); !reflect.DeepEqual(a.Rows, b.Rows) {
			t.Errorf("%s: the day costs %+v, want %+v", c.what, a.Rows, b.Rows)
		}
	}
}

func TestVoidUsage_HasAnOrderAndRefusesOtherText(t *testing.T) {
	a := pricing.VoidUsage{Subscription: "a", Meter: "m", From: 1, Until: 2, Dimensions: "{}"}
	b := a
	b.From = 2
	if a.Compare(b) >= 0 || a.Compare(a) != 0 || !slices.IsSortedFunc([]pricing.VoidUsage{a, b}, pricing.VoidUsage.Compare) {
		t.Error("they are not in order of time")
	}
	if b.Dimensions = "c1"; a.Check() != nil || b.Check() == nil {
		t.Error("text that is no object of dimensions is not refused")
	}
}
