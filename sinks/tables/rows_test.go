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
)

func TestDailyCosts_AnyRowsComeBackSorted(t *testing.T) {
	for seed := range 12 {
		rows := rapid.SliceOfN(anyCost, 0, 100).Example(seed)
		body, err := EncodeDailyCosts(rows)
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecodeDailyCosts("test.parquet", body)
		if err != nil {
			t.Fatal(err)
		}
		if want := sortedTexts(rows, costText); !slices.Equal(sortedTexts(got, costText), want) {
			t.Fatalf("rows changed:\n%v\nwant\n%v", got, rows)
		}
		byKey := func(a, b pricing.CostRow) int {
			return cmp.Or(
				strings.Compare(a.BillingAccount, b.BillingAccount), strings.Compare(a.Account, b.Account), strings.Compare(a.Subscription, b.Subscription),
				strings.Compare(a.Plan, b.Plan), strings.Compare(a.Price, b.Price), strings.Compare(a.BookVersion, b.BookVersion),
				strings.Compare(a.Grouping, b.Grouping), cmp.Compare(a.Scope, b.Scope),
			)
		}
		if !slices.IsSortedFunc(got, byKey) {
			t.Fatalf("rows are not sorted: %v", got)
		}
		slices.Reverse(rows)
		if again, err := EncodeDailyCosts(rows); err != nil || !bytes.Equal(again, body) {
			t.Fatalf("another order of rows gave other bytes (%v)", err)
		}
	}
}

func TestDailyCosts_EqualSetsOfRowsGiveEqualColumns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(anyCost, 1, 20).Draw(t, "rows")
		want, got := costSheet(rows), costSheet(rapid.Permutation(rows).Draw(t, "order"))
		if want.err != nil || got.err != nil {
			t.Fatal(want.err, got.err)
		}
		want.sort()
		got.sort()
		if diff := gocmp.Diff(want.cols, got.cols); diff != "" {
			t.Fatalf("another order of rows gave other columns:\n%s", diff)
		}
	})
}

func TestInvoices_ComeBackWithoutTheirLines(t *testing.T) {
	other := invoice()
	other.ID, other.BillingAccount, other.Number, other.Kind, other.Currency = "inv_2", "acme", "", pricing.KindDebitNote, money.Currency{Code: "JPY"}
	note := invoice()
	note.ID, note.Kind, note.Corrects = "inv_3", pricing.KindCreditNote, pricing.Corrects{Closing: pricing.Month{Year: 2026, Month: 9}, Invoice: "inv_0"}
	body, err := EncodeInvoices("2026-10", []pricing.Invoice{invoice(), other, note})
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeInvoices("test.parquet", body)
	if err != nil {
		t.Fatal(err)
	}
	want := []pricing.Invoice{other, note, invoice()} // by billing account and kind
	for i := range want {
		want[i].Lines, want[i].Own, want[i].Taxes = nil, nil, nil
	}
	if len(got) != 3 {
		t.Fatalf("%d invoices, want 3", len(got))
	}
	for i := range want {
		if invoiceText(got[i]) != invoiceText(want[i]) {
			t.Errorf("invoice %d is\n%s\nwant\n%s", i, invoiceText(got[i]), invoiceText(want[i]))
		}
	}
	f, err := readFrame(columns.Invoices, "test.parquet", body)
	if err != nil {
		t.Fatal(err)
	}
	if number, corrects := f.column("number").valid, f.column("corrects_invoice_id").valid; number[0] || !number[1] || corrects[0] || !corrects[1] || corrects[2] {
		t.Errorf("numbers valid %v, corrected invoices valid %v; want a null number on the draft and a corrected invoice on the note alone", number, corrects)
	}
	if f.text("closing")(0) != "2026-10" {
		t.Errorf("closing %q", f.text("closing")(0))
	}
}

// invoiceText is all of an invoice as text: decimals that are equal may differ inside.
func invoiceText(i pricing.Invoice) string {
	return fmt.Sprintf("%q %v %v", []string{
		i.ID, i.Number, string(i.Kind), i.BillingAccount, i.Status, i.PeriodStart.String(), i.PeriodEnd.String(), i.IssuedAt.String(), i.DueAt.String(),
		i.Subtotal.String(), i.Discount.String(), i.Total.String(), i.Credits.String(), i.Tax.String(), i.BalanceApplied.String(), i.AmountDue.String(),
	}, i.Currency, len(i.Lines)+len(i.Own)) + fmt.Sprint(i.Corrects)
}

func lineText(l pricing.Line) string {
	unit := "none"
	if u := l.InUnit; u != nil {
		unit = fmt.Sprint(u.Name, u.Worth, u.Subtotal, u.Total)
	}
	return fmt.Sprintf("%q %d %t %d %s %v %t %v %v %s", []string{
		l.Account, l.Subscription, l.Plan, l.Price, l.BookVersion, l.Description, l.Grouping, l.Quantity.String(), l.Unit, l.UnitPrice.String(),
		l.PeriodStart.String(), l.PeriodEnd.String(), l.Subtotal.String(), l.Discount.String(), l.Total.String(), l.Credits.String(), l.Tax.String(), l.ExactSubtotal.String(),
	}, l.Number, l.HasUnitPrice, len(l.Parts), unit, l.Taxes, l.GivenBack, l.For, l.Corrects, l.ContainedTax)
}

// A code that ISO 4217 has withdrawn must not make old closings unreadable.
func TestInvoices_UnlistedCurrencyKeepsTheDigitsOfItsAmounts(t *testing.T) {
	i := invoice()
	i.Currency = money.Currency{Code: "XQQ", Digits: 2}
	body, err := EncodeInvoices("2026-10", []pricing.Invoice{i})
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeInvoices("test.parquet", body)
	if err != nil {
		t.Fatal(err)
	}
	if got[0].Currency != i.Currency {
		t.Errorf("currency %v, want %v", got[0].Currency, i.Currency)
	}
}

func TestLines_ComeBackByInvoiceInOrder(t *testing.T) {
	first, second := invoice(), invoice()
	second.ID, second.BillingAccount = "inv_0", "zeta"
	slices.Reverse(first.Lines)
	body, err := EncodeLines("2026-10", []pricing.Invoice{first, second})
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeLines("test.parquet", body)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 {
		t.Fatalf("lines of %d invoices, want 2: shares are no lines", len(got))
	}
	for id, lines := range got {
		want := invoice().Lines
		if len(lines) != len(want) {
			t.Fatalf("%s has %d lines, want %d", id, len(lines), len(want))
		}
		for i := range want {
			if lineText(lines[i]) != lineText(want[i]) {
				t.Errorf("%s line %d is\n%s\nwant\n%s", id, i+1, lineText(lines[i]), lineText(want[i]))
			}
		}
	}
}

func TestRejected_BrokenBytesStayLegible(t *testing.T) {
	body, err := EncodeRejected(day1, []RejectedUsage{
		{File: "b.parquet", RowGroup: 1, Row: 0, Reason: "invalid_text", Field: "event_id", Value: "caf\xe9\xff", EventID: "", Time: 0},
		{File: "b.parquet", RowGroup: 0, Row: 9, Reason: "conflicting_event", EventID: "e1", Time: october.UnixMicro()},
		{File: "a.parquet", RowGroup: 5, Row: 5, Reason: "unknown_meter", Field: "meter", Value: "=1+1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	f, err := readFrame(columns.RejectedUsage, "test.parquet", body)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range f.rows {
		got = append(got, fmt.Sprintf("%s %s %d %d %s %q %q %q %d", f.day("utc_day")(i), f.text("file")(i), f.column("row_group").ints[i], f.column("row").ints[i],
			f.text("reason")(i), f.text("field")(i), f.text("value")(i), f.text("event_id")(i), f.column("time").ints[i]))
	}
	want := []string{
		`2026-10-01 a.parquet 5 5 unknown_meter "meter" "=1+1" "" 0`,
		fmt.Sprintf(`2026-10-01 b.parquet 0 9 conflicting_event "" "" "e1" %d`, october.UnixMicro()),
		`2026-10-01 b.parquet 1 0 invalid_text "event_id" "caf\\xe9\\xff" "" 0`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("rows\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if v := f.column("time").valid; v[0] || !v[1] || v[2] {
		t.Errorf("time valid %v: an unreadable time is null", v)
	}
	if v := f.column("event_id").valid; v[0] || !v[1] || v[2] {
		t.Errorf("event_id valid %v: an unreadable id is null", v)
	}
}

func TestReconciliation_ComesBack(t *testing.T) {
	body, err := samples()["reconciliation"]()
	if err != nil {
		t.Fatal(err)
	}
	rows, err := DecodeReconciliation("test.parquet", body)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rows {
		got = append(got, fmt.Sprintf("%s|%s|%s|%s|%s|%s|%d|%s", r.File, r.Meter, r.Plan, r.Price, r.Unit, r.Outcome, r.Rows, r.Quantity))
	}
	want := []string{
		"|traffic|standard|traffic|GB|free|1|0", // 10^26: 39 digits
		"dt=2026-10-01/a.parquet|||||rejected|1|0",
		"dt=2026-10-01/a.parquet|traffic||||kept|3|4.5",
		"dt=2026-10-01/a.parquet|traffic||||read|3|4.5",
	}
	if !slices.Equal(got, want) {
		t.Errorf("rows\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestParkedAndPublications_ComeBack(t *testing.T) {
	for _, c := range []struct {
		table columns.Table
		want  string
	}{
		{columns.ParkedAccounts, `"2026-10" "globex" "no_plan" "subscription s names no plan" 20727 `},
		{columns.Publications, `"daily" "2026-10-01" "daily_costs" "day=2026-10-01" "ab" 2 "v1" 1793487600000000 `},
	} {
		body, err := samples()[c.table.Name]()
		if err != nil {
			t.Fatal(err)
		}
		f, err := readFrame(c.table, "test.parquet", body)
		if err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		for i, column := range c.table.Columns {
			if column.Type == columns.String {
				fmt.Fprintf(&got, "%q ", f.vectors[i].text.At(0))
			} else {
				fmt.Fprintf(&got, "%d ", f.vectors[i].ints[0])
			}
		}
		if got.String() != c.want {
			t.Errorf("%s: %s, want %s", c.table.Name, got.String(), c.want)
		}
	}
}
