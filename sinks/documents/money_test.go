package documents

import (
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

// Digits are those of ISO 4217, grouping and placing those of CLDR, locale en.
func TestFormatMoney_ForPeople(t *testing.T) {
	for _, c := range []struct {
		amount, code string
		digits       int32
		want         string
	}{
		{"1234.5", "CHF", 2, "CHF 1,234.50"},
		{"0", "EUR", 2, "EUR 0.00"},
		{"-1234567.89", "USD", 2, "-USD 1,234,567.89"},
		{"1234567", "JPY", 0, "JPY 1,234,567"},
		{"0.5", "BHD", 3, "BHD 0.500"},
		{"6.1725", "CHF", 2, "CHF 6.1725"},
		{"0.00000000000000000001", "CHF", 2, "CHF 0.00000000000000000001"},
		{"123456789012345678.12345678901234567891", "CHF", 2, "CHF 123,456,789,012,345,678.12345678901234567891"},
		{"99999999999999999999999999999999999999", "CHF", 2, "CHF 99,999,999,999,999,999,999,999,999,999,999,999,999.00"},
		{"-0.5", "CHF", 2, "-CHF 0.50"},
		{"-5", "not a code", 2, "-not a code 5.00"},
	} {
		if got := FormatMoney(money.MustAmount(c.amount), money.Currency{Code: c.code, Digits: c.digits}); got != c.want {
			t.Errorf("FormatMoney(%s %s) = %q, want %q", c.amount, c.code, got, c.want)
		}
	}
}

func TestFormatExact_KeepsEveryDecimal(t *testing.T) {
	for _, c := range []struct{ amount, code, want string }{
		{"1234.5", "CHF", "CHF 1,234.50"},
		{"1234.56789", "CHF", "CHF 1,234.56789"},
		{"0.10000000000000000000", "CHF", "CHF 0.10"},
		{"7", "JPY", "JPY 7"},
		{"7.25", "XYZ", "XYZ 7.25"},
	} {
		if got := FormatExact(money.MustAmount(c.amount), c.code); got != c.want {
			t.Errorf("FormatExact(%s, %s) = %q, want %q", c.amount, c.code, got, c.want)
		}
	}
}

func TestPaths_AreFixed(t *testing.T) {
	for got, want := range map[string]string{
		InvoicePath("globex", "2026-10", pricing.Invoice{Currency: chf, Kind: pricing.KindInvoice, Ordinal: 1}): "invoices/globex/2026-10-CHF.json",
		DraftPath("globex", "2026-10", "CHF", 1): "drafts/globex/2026-10-CHF.json",
		DraftPath("globex", "2026-10", "CHF", 2): "drafts/globex/2026-10-CHF-2.json",
		InvoicePath("globex", "2026-10", pricing.Invoice{Currency: chf, Kind: pricing.KindInvoice, Ordinal: 2}):    "invoices/globex/2026-10-CHF-2.json",
		InvoicePath("globex", "2026-10", pricing.Invoice{Currency: chf, Kind: pricing.KindCreditNote, Ordinal: 3}): "invoices/globex/2026-10-CHF-credit_note-3.json",
		CostsPath("%2E%2E", pricing.NewDate(2026, 10, 31)):                                                         "costs/%2E%2E/2026-10/2026-10-31.json",
	} {
		if got != want {
			t.Errorf("path %s, want %s", got, want)
		}
	}
}
