package pricing_test

import (
	"testing"

	"daybook/pricing"
)

func TestPartBounds_AreThoseOfItsTier(t *testing.T) {
	p := &pricing.Price{ID: "p", Model: pricing.Graduated{Tiers: steps("0.5", "1", "400", "2", "", "3")}}
	want := []struct {
		from, to string
		open     bool
	}{{"0", "0.5", false}, {"0.5", "400", false}, {"400", "0", true}}
	parts := mustCharge(t, p, "401").Parts
	if len(parts) != len(want) {
		t.Fatalf("%d parts, want %d", len(parts), len(want))
	}
	for i, part := range parts {
		from, to, open, ok := part.Bounds()
		if w := want[i]; !ok || from.String() != w.from || to.String() != w.to || open != w.open {
			t.Errorf("%q is from %s to %s (open %t, ok %t), want %+v", part.Label, from, to, open, ok, w)
		}
	}
}

func TestPartBounds_OtherPartsHaveNone(t *testing.T) {
	for _, label := range []string{
		"", "usage", "blocks of 10", "threshold 2 (from 100)", "tier 2 (above 10), blocks of 10", "tier 1 (max 0, storage 0)", "tier 1",
		"tier 1 (0 to )", "server (0 to 4)",
	} {
		if from, to, open, ok := (pricing.Part{Label: label}).Bounds(); ok {
			t.Errorf("%q is from %s to %s (open %t)", label, from, to, open)
		}
	}
}
