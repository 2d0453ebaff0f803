package documents

import (
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
)

var (
	chf = money.Currency{Code: "CHF", Digits: 2}
	// October 2026 in Zurich: it begins in summer time and ends in winter time.
	october     = time.Date(2026, 9, 30, 22, 0, 0, 0, time.UTC)
	november    = time.Date(2026, 10, 31, 23, 0, 0, 0, time.UTC)
	issuedAt    = time.Date(2026, 11, 2, 11, 0, 0, 0, time.UTC)
	a, q        = money.MustAmount, money.MustQuantity
	zurichParty = Parties{
		Issuer: Issuer{Name: "Acme AG", Address: []string{"Bahnhofstrasse 1", "8001 Zürich"}, TaxID: "CHE-123.456.789 MWST"},
		Name:   "Globex <Holding> & Söhne", ExternalID: "4711",
	}
)

// octoberInvoice is worked by hand. Storage, graduated: 1,000 GB are 400 × 0.40
// + 400 × 0.30 + 200 × 0.20 = 320, less 10 % = 288. Traffic: 12.345 GB × 0.50 =
// 6.1725, rounded 6.17. Together 326.17, discount 32.00, total 294.17; credits
// 94.17; tax 8.1 % of the remaining 200.00 = 16.20; due 216.20.
func octoberInvoice() pricing.Invoice {
	storage := pricing.Line{
		Number: 1, Account: "globex", Plan: "standard", Price: "storage", BookVersion: "rokka@2026-01-01",
		Description: "Storage, October 2026", Grouping: "{}", Model: "graduated", Quantity: q("1000"), Unit: "GB",
		PeriodStart: october, PeriodEnd: november,
		Subtotal: a("320"), Discount: a("32"), Total: a("288"), Credits: a("94.17"), Tax: a("16.20"), ExactSubtotal: a("320"),
		Parts: []pricing.Part{
			{Label: "tier 1 (0 to 400)", Quantity: q("400"), UnitPrice: a("0.40"), Amount: a("160")},
			{Label: "tier 2 (400 to 800)", Quantity: q("400"), UnitPrice: a("0.30"), Amount: a("120")},
			{Label: "tier 3 (800 to 1200)", Quantity: q("200"), UnitPrice: a("0.20"), Amount: a("40")},
		},
	}
	traffic := pricing.Line{
		Number: 2, Account: "globex-web", Subscription: "sub/2\u2028<b>", Plan: "standard", Price: "traffic", BookVersion: "rokka@2026-01-01",
		Description: "Traffic", Grouping: `{"zone":"eu","region":"zürich"}`, Model: "unit", Quantity: q("12.345"), Unit: "GB",
		UnitPrice: a("0.50"), HasUnitPrice: true, PeriodStart: october, PeriodEnd: november,
		InUnit:   &pricing.UnitAmounts{Name: "point", Worth: a("0.10"), Subtotal: a("61.7"), Total: a("61.7")},
		Subtotal: a("6.17"), Total: a("6.17"), ExactSubtotal: a("6.1725"),
		Parts: []pricing.Part{{Label: "eu / zürich", Quantity: q("12.345"), UnitPrice: a("0.50"), Amount: a("6.1725")}},
	}
	share := pricing.Line{
		Number: 1, Account: "globex-web", Subscription: "sub-1", Plan: "standard", Price: "storage", BookVersion: "rokka@2026-01-01",
		Description: "Storage, own share", Grouping: "{}", Model: "graduated", Quantity: q("100"), Unit: "GB",
		UnitPrice: a("0.40"), HasUnitPrice: true, PeriodStart: october, PeriodEnd: november, Subtotal: a("40"), Total: a("40"), ExactSubtotal: a("40"),
	}
	return pricing.Invoice{
		ID: "inv_7k2m", Number: "ACME-2026-000042", Kind: pricing.KindInvoice, BillingAccount: "globex", Status: "issued", Currency: chf,
		PeriodStart: october, PeriodEnd: november, IssuedAt: issuedAt, DueAt: issuedAt.AddDate(0, 0, 30),
		Subtotal: a("326.17"), Discount: a("32"), Total: a("294.17"), Credits: a("94.17"), Tax: a("16.2"), AmountDue: a("216.2"),
		Taxes: []pricing.InvoiceTax{{Tax: "ch-vat", Jurisdiction: "CH", Rate: q("8.1"), Taxable: a("200"), Amount: a("16.2")}},
		Lines: []pricing.Line{storage, traffic}, Own: []pricing.Line{share},
	}
}

// octoberNote corrects octoberInvoice by 1 GB of traffic that was withdrawn: 11.345
// × 0.50 = 5.6725, rounded 5.67, less the 6.17 that were issued is −0.50; of
// that 8.1 % are −0.0405, rounded −0.04.
func octoberNote() pricing.Invoice {
	of := pricing.Corrects{Closing: pricing.Month{Year: 2026, Month: time.October}, Invoice: "inv_7k2m"}
	traffic := octoberInvoice().Lines[1]
	traffic.Number, traffic.Description, traffic.InUnit, traffic.For, traffic.Corrects = 1, "Correction: Traffic", nil, of.Closing, of
	traffic.Quantity, traffic.Free, traffic.Billed = q("-1"), q("0"), q("-1")
	traffic.Subtotal, traffic.Total, traffic.Tax, traffic.ExactSubtotal = a("-0.5"), a("-0.5"), a("-0.04"), a("-0.5")
	traffic.Parts = []pricing.Part{{Label: "owed", Quantity: q("11.345"), Amount: a("5.67")}, {Label: "issued before", Quantity: q("-12.345"), Amount: a("-6.17")}}
	return pricing.Invoice{
		ID: "inv_note", Number: "ACME-CN-2026-000001", Kind: pricing.KindCreditNote, Ordinal: 1, Corrects: of, BillingAccount: "globex", Status: "issued", Currency: chf,
		PeriodStart: october, PeriodEnd: november, IssuedAt: issuedAt.AddDate(0, 1, 0), DueAt: issuedAt.AddDate(0, 1, 30),
		Subtotal: a("-0.5"), Total: a("-0.5"), Tax: a("-0.04"), BalanceApplied: a("-0.54"),
		Taxes: []pricing.InvoiceTax{{Tax: "ch-vat", Jurisdiction: "CH", Rate: q("8.1"), Taxable: a("-0.5"), Amount: a("-0.04")}},
		Lines: []pricing.Line{traffic},
	}
}

// twoDays is the cost of globex on the 1st and 2nd of October: traffic of 2 GB
// and then 1 GB at 0.50, and a fixed fee of 31.00 spread over 31 days, 1.00 a
// day. So 2.00 on the first day and 3.50 after the second. The own share of
// 0.123456789 is no part of the sums.
func twoDays() []pricing.CostRow {
	day := func(n int, price, unit string, scope pricing.Scope, quantity, cumulativeQuantity, total, cumulative string) pricing.CostRow {
		start := october.AddDate(0, 0, n-1)
		r := pricing.CostRow{
			Day: pricing.NewDate(2026, 10, n), TimeframeStart: start, TimeframeEnd: start.AddDate(0, 0, 1), PeriodStart: october, PeriodEnd: november,
			BillingAccount: "globex", Account: "globex", Subscription: "sub-1", Plan: "standard", Price: price, BookVersion: "rokka@2026-01-01",
			Unit: unit, Grouping: "{}", Scope: scope, Currency: "CHF",
			Quantity: q(quantity), CumulativeQuantity: q(cumulativeQuantity),
			Subtotal: a(total), Total: a(total), CumulativeSubtotal: a(cumulative), CumulativeTotal: a(cumulative),
		}
		return r
	}
	return []pricing.CostRow{
		day(1, "support", "month", pricing.ScopeBilled, "0.032258064516", "0.032258064516", "1", "1"),
		day(1, "traffic", "GB", pricing.ScopeBilled, "2", "2", "1", "1"),
		day(1, "storage", "GB", pricing.ScopeOwn, "0.3", "0.3", "0.123456789", "0.123456789"),
		day(2, "support", "month", pricing.ScopeBilled, "0.032258064516", "0.064516129032", "1", "2"),
		day(2, "traffic", "GB", pricing.ScopeBilled, "1", "3", "0.5", "1.5"),
	}
}
