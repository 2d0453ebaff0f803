package tables

import (
	"fmt"
	"slices"
	"testing"

	"daybook/pricing"
)

func TestTaxes_ComeBackByInvoiceAndTax(t *testing.T) {
	body, err := EncodeTaxes("2026-10", []pricing.Invoice{invoice()})
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeTaxes("test.parquet", body)
	if err != nil {
		t.Fatal(err)
	}
	want := slices.Clone(invoice().Taxes)
	slices.Reverse(want) // the fixture's stand in the other order
	if fmt.Sprint(got["inv_1"]) != fmt.Sprint(want) {
		t.Errorf("taxes %v, want %v", got, want)
	}
}

func TestLedger_ComesBackInOrder(t *testing.T) {
	body, err := EncodeLedger("2026-10", ledger())
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeLedger("test.parquet", body)
	if err != nil {
		t.Fatal(err)
	}
	want := ledger()
	slices.Reverse(want)
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("entries\n%v\nwant\n%v", got, want)
	}
}

func TestBalances_ComeBackSortedToTheLastDigit(t *testing.T) {
	body, err := EncodeBalances("2026-10", balances())
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeBalances("test.parquet", body)
	if err != nil {
		t.Fatal(err)
	}
	want := balances()
	slices.Reverse(want) // "balance" sorts before "credits"
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("balances\n%v\nwant\n%v", got, want)
	}
}
