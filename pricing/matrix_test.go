package pricing_test

import (
	"errors"
	"strings"
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

func orbMatrix() pricing.Matrix {
	return pricing.Matrix{
		By: []string{"cluster", "region"}, Default: money.MustAmount("3.00"), HasDefault: true,
		Cells: []pricing.MatrixCell{{Values: []string{"alpha", "west"}, Unit: money.MustAmount("2.00")}},
	}
}

// grouped builds a measured quantity from quantity, value, value triples.
func grouped(triples ...string) pricing.Measured {
	var m pricing.Measured
	for i := 0; i < len(triples); i += 3 {
		q := money.MustQuantity(triples[i]).Fraction()
		m.Groups = append(m.Groups, pricing.Group{Values: triples[i+1 : i+3], Quantity: q})
		m.Quantity = m.Quantity.Add(q)
	}
	return m
}

func TestMatrix_PricesEachGroupAtItsCellOrTheDefault(t *testing.T) {
	price := &pricing.Price{ID: "nodes", Model: orbMatrix()}
	got, err := price.Charge(grouped("5", "alpha", "west", "2", "beta", "east"), unscaled)
	if err != nil {
		t.Fatal(err)
	}
	wantAmount(t, "example 77 (Orb)", got.Subtotal, "16.00")
	wantAmount(t, "alpha west", got.Groups[0].Subtotal, "10")
	wantAmount(t, "beta east", got.Groups[1].Subtotal, "6")
	if got.HasUnitPrice || got.Groups[1].UnitPrice.String() != "3" || got.Groups[0].Quantity.String() != "5" {
		t.Errorf("groups are %+v", got.Groups)
	}
	alone, err := price.Charge(grouped("5", "alpha", "west"), unscaled)
	if err != nil || !alone.HasUnitPrice || alone.UnitPrice.String() != "2" {
		t.Errorf("one group: unit price %s, %v, %v", alone.UnitPrice, alone.HasUnitPrice, err)
	}
	nothing, err := price.Charge(pricing.Measured{}, unscaled)
	if err != nil || !nothing.Subtotal.IsZero() || nothing.HasUnitPrice {
		t.Errorf("nothing used: %+v, %v", nothing, err)
	}
}

func TestMatrix_MissingCellNamesItAndTheRemedy(t *testing.T) {
	m := orbMatrix()
	m.HasDefault = false
	price := &pricing.Price{ID: "nodes", Model: m}
	_, err := price.Charge(grouped("5", "alpha", "west", "2", "beta", "east"), unscaled)
	var missing *pricing.MissingCellError
	if !errors.As(err, &missing) || strings.Join(missing.Values, "/") != "beta/east" {
		t.Fatalf("got %v, want the missing cell beta/east", err)
	}
	for _, part := range []string{`cluster "beta"`, `region "east"`, "add one to the price book", "nodes"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
	if _, err := price.Charge(grouped("5", "alpha", "west", "0", "beta", "east"), unscaled); err != nil {
		t.Errorf("a group of nothing needs no price: %v", err)
	}
}

func TestMatrix_AllowanceIsTakenFromGroupsInProportion(t *testing.T) {
	price := &pricing.Price{Model: orbMatrix(), Allowance: money.MustQuantity("2")}
	got, err := price.Charge(grouped("6", "alpha", "west", "2", "beta", "east"), unscaled)
	if err != nil {
		t.Fatal(err)
	}
	// 6 of 8 units remain: 4.5 at 2.00 and 1.5 at 3.00.
	wantAmount(t, "alpha west", got.Groups[0].Subtotal, "9")
	wantAmount(t, "beta east", got.Groups[1].Subtotal, "4.5")
	wantAmount(t, "sum", got.Subtotal, "13.5")
	if got.Measured.String() != "8" || got.Groups[0].Quantity.String() != "6" {
		t.Errorf("quantities are those before the allowance, got %s and %s", got.Measured, got.Groups[0].Quantity)
	}
}

func TestMatrix_RoundsEachGroup(t *testing.T) {
	price := &pricing.Price{Model: orbMatrix(), RoundTo: &pricing.QuantityRounding{Places: 0, Mode: money.Up}}
	got, err := price.Charge(grouped("1.2", "alpha", "west", "1.2", "beta", "east"), unscaled)
	if err != nil {
		t.Fatal(err)
	}
	wantAmount(t, "2 × 2.00 + 2 × 3.00", got.Subtotal, "10")
	if got.Measured.String() != "4" {
		t.Errorf("measured %s, want 4", got.Measured)
	}
}

func TestMatrix_GroupThatCannotBeStoredIsAnError(t *testing.T) {
	price := &pricing.Price{Model: orbMatrix()}
	_, err := price.Charge(grouped("600000000000000000", "alpha", "west", "-600000000000000000", "beta", "east"), unscaled)
	if !errors.Is(err, money.ErrOverflow) {
		t.Errorf("got %v, want ErrOverflow", err)
	}
}
