package tables

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"daybook/pricing"
	"daybook/pricing/money"
)

var (
	september = time.Date(2026, 8, 31, 22, 0, 0, 0, time.UTC)
	october   = time.Date(2026, 9, 30, 22, 0, 0, 0, time.UTC)
	november  = time.Date(2026, 10, 31, 23, 0, 0, 0, time.UTC)
	day1      = pricing.NewDate(2026, 10, 1)
	a, q      = money.MustAmount, money.MustQuantity
	units     = map[string]string{"traffic": "GB", "storage": "GB", "renders": ""}
)

// samples encodes a few rows of each table, by its name.
func samples() map[string]func() ([]byte, error) {
	return map[string]func() ([]byte, error){
		"usage_daily":        func() ([]byte, error) { return EncodeUsageDaily(batchOf(states()), units) },
		"daily_costs":        func() ([]byte, error) { return EncodeDailyCosts([]pricing.CostRow{costRow()}) },
		"invoices":           func() ([]byte, error) { return EncodeInvoices("2026-10", []pricing.Invoice{invoice()}) },
		"invoice_line_items": func() ([]byte, error) { return EncodeLines("2026-10", []pricing.Invoice{invoice()}) },
		"invoice_taxes":      func() ([]byte, error) { return EncodeTaxes("2026-10", []pricing.Invoice{invoice()}) },
		"ledger_entries":     func() ([]byte, error) { return EncodeLedger("2026-10", ledger()) },
		"balances":           func() ([]byte, error) { return EncodeBalances("2026-10", balances()) },
		"rejected_usage": func() ([]byte, error) {
			return EncodeRejected(day1, []RejectedUsage{{File: "dt=2026-10-01/a.parquet", Row: 7, Reason: "invalid_time", Field: "time", Value: "soon"}})
		},
		"parked_accounts": func() ([]byte, error) {
			return EncodeParked("2026-10", []pricing.Parked{{Account: "globex", Reason: "no_plan", Detail: "subscription s names no plan", Since: day1}})
		},
		"reconciliation": func() ([]byte, error) { return EncodeReconciliation("rollup", "2026-10-01", reconciled()) },
		"publications": func() ([]byte, error) {
			return EncodePublications([]Publication{{Job: "daily", Period: "2026-10-01", Table: "daily_costs", Partition: "day=2026-10-01", SHA256: "ab", Revision: 2, Engine: "v1", AsOf: november}})
		},
	}
}

// empties encodes each table without rows, by its name.
func empties() map[string]func() ([]byte, error) {
	return map[string]func() ([]byte, error){
		"usage_daily":        func() ([]byte, error) { return EncodeUsageDaily(&pricing.UsageBatch{UTCDay: day1}, nil) },
		"daily_costs":        func() ([]byte, error) { return EncodeDailyCosts(nil) },
		"invoices":           func() ([]byte, error) { return EncodeInvoices("2026-10", nil) },
		"invoice_line_items": func() ([]byte, error) { return EncodeLines("2026-10", nil) },
		"invoice_taxes":      func() ([]byte, error) { return EncodeTaxes("2026-10", nil) },
		"ledger_entries":     func() ([]byte, error) { return EncodeLedger("2026-10", nil) },
		"balances":           func() ([]byte, error) { return EncodeBalances("2026-10", nil) },
		"rejected_usage":     func() ([]byte, error) { return EncodeRejected(day1, nil) },
		"parked_accounts":    func() ([]byte, error) { return EncodeParked("2026-10", nil) },
		"reconciliation":     func() ([]byte, error) { return EncodeReconciliation("daily", "2026-10-01", nil) },
		"publications":       func() ([]byte, error) { return EncodePublications(nil) },
	}
}

func costRow() pricing.CostRow {
	return pricing.CostRow{
		Day: day1, TimeframeStart: october, TimeframeEnd: october.AddDate(0, 0, 1), PeriodStart: october, PeriodEnd: november,
		BillingAccount: "globex", Account: "globex-web", Subscription: "sub-1", Plan: "standard", Price: "traffic", BookVersion: "rokka@2026-01-01",
		Unit: "GB", Grouping: `{"region":"eu"}`, Scope: pricing.ScopeBilled, Currency: "CHF",
		Quantity: q("2"), CumulativeQuantity: q("2.5"), Subtotal: a("1"), CumulativeSubtotal: a("1.25"), Total: a("0.9"), CumulativeTotal: a("1.125"),
	}
}

func invoice() pricing.Invoice {
	return pricing.Invoice{
		ID: "inv_1", Number: "ACME-2026-000001", Kind: pricing.KindInvoice, BillingAccount: "globex", Status: "issued",
		Currency:    money.Currency{Code: "CHF", Digits: 2},
		PeriodStart: october, PeriodEnd: november, IssuedAt: november.Add(36 * time.Hour), DueAt: november.Add(36*time.Hour + 720*time.Hour),
		Subtotal: a("326.17"), Discount: a("32"), Total: a("294.17"), Credits: a("94.17"), Tax: a("16.2"), BalanceApplied: a("16.2"), AmountDue: a("200"),
		Taxes: []pricing.InvoiceTax{
			{Tax: "zurich", Jurisdiction: "CH-ZH", Rate: q("0"), Inclusive: true, Taxable: a("200"), Amount: a("0")},
			{Tax: "ch-vat", Jurisdiction: "CH", Rate: q("8.1"), Taxable: a("200"), Amount: a("16.2")},
		},
		Lines: []pricing.Line{
			{
				Number: 1, Account: "globex", Plan: "standard", Price: "storage", BookVersion: "b", Description: "Storage", Grouping: "{}",
				Quantity: q("1000"), Billed: q("1000"), Unit: "GB", PeriodStart: october, PeriodEnd: november,
				Subtotal: a("320"), Discount: a("32"), Total: a("288"), Credits: a("94.17"), Tax: a("16.2"), ExactSubtotal: a("320"),
			},
			{
				Number: 2, Account: "globex-web", Subscription: "sub-1", Plan: "standard", Price: "traffic", BookVersion: "b", Description: "Traffic", Grouping: `{"region":"eu"}`,
				Meter: "traffic", Quantity: q("12.345"), Free: q("2.3"), Billed: q("10.045"), Unit: "GB", UnitPrice: a("0.5"), HasUnitPrice: true, PeriodStart: october, PeriodEnd: november,
				Subtotal: a("6.17"), Total: a("6.17"), ExactSubtotal: a("6.1725"),
				Taxes: []pricing.LineTax{{Tax: "ch-vat", Jurisdiction: "CH", Rate: q("8.1")}, {Tax: "zürich \"1\"", Jurisdiction: "CH-ZH", Inclusive: true}},
			},
			{
				Number: 3, Account: "globex-web", Subscription: "sub-1", Plan: "standard", Price: "seats", BookVersion: "b", Description: "Correction: seats", Grouping: "{}",
				Quantity: q("-1"), Unit: "seat", PeriodStart: september, PeriodEnd: october, Subtotal: a("-2.27"), Total: a("-2.27"), ContainedTax: a("-0.23"), GivenBack: true,
				InUnit: &pricing.UnitAmounts{Name: "point", Worth: a("0.25"), Subtotal: a("-10"), Total: a("-9")},
				For:    pricing.Month{Year: 2026, Month: time.September}, Corrects: pricing.Corrects{Closing: pricing.Month{Year: 2026, Month: time.September}, Invoice: "inv_0"},
			},
			{
				Number: 4, Account: "globex-web", Subscription: "sub-2", Plan: "standard", Price: "seats", BookVersion: "b", Description: "Seats", Grouping: "{}",
				PeriodStart: september, PeriodEnd: october, For: pricing.Month{Year: 2026, Month: time.September},
			},
		},
		Own: []pricing.Line{{Number: 1, Account: "share"}},
	}
}

// ledger is a payment of 200 and a credit of 94.17 used up by an invoice's line.
func ledger() []pricing.LedgerEntry {
	entry := func(n, transaction int, kind pricing.EntryKind, key pricing.LedgerKey, amount, initial, end string) pricing.LedgerEntry {
		key.BillingAccount, key.Currency = "globex", "CHF"
		return pricing.LedgerEntry{
			LedgerKey: key, ID: fmt.Sprintf("led_%d", n), Number: n, Transaction: transaction, Kind: kind, Source: "source", Time: november,
			Amount: a(amount), Initial: a(initial), End: a(end),
		}
	}
	used := entry(2, 2, pricing.EntryCreditUsed, pricing.LedgerKey{Ledger: pricing.LedgerCredits, Credit: "welcome"}, "94.17", "94.17", "0")
	used.Line = 1
	return []pricing.LedgerEntry{
		used, // the table sorts by number
		entry(1, 1, pricing.EntryPayment, pricing.LedgerKey{Ledger: pricing.LedgerBalance}, "-200", "469291.07502821435786823786", "469491.07502821435786823786"),
	}
}

func balances() []pricing.Balance {
	return []pricing.Balance{
		{LedgerKey: pricing.LedgerKey{BillingAccount: "globex", Currency: "CHF", Ledger: pricing.LedgerCredits, Credit: "welcome"}, Initial: a("94.17")},
		{LedgerKey: pricing.LedgerKey{BillingAccount: "globex", Currency: "CHF", Ledger: pricing.LedgerBalance}, Initial: a("0"), End: a("-0.00000000000000000001")},
	}
}

// reconciled is a file's account of a meter and of a row without one, and a sum
// that no column holds.
func reconciled() []Reconciled {
	return []Reconciled{
		{File: "dt=2026-10-01/a.parquet", Meter: "traffic", Outcome: OutcomeRead, Rows: 3, Quantity: q("4.5")},
		{File: "dt=2026-10-01/a.parquet", Meter: "traffic", Outcome: OutcomeKept, Rows: 3, Quantity: q("4.5")},
		{File: "dt=2026-10-01/a.parquet", Outcome: OutcomeRejected, Rows: 1},
		{Meter: "traffic", Plan: "standard", Price: "traffic", Unit: "GB", Outcome: OutcomeFree, Rows: 1, Quantity: q("100000000000000000000000000")},
	}
}

func states() []pricing.UsageState {
	n := func(v int64) money.Int128 { return money.Int128Of(v * 1_000_000_000_000) }
	return []pricing.UsageState{
		{Day: day1, Meter: "storage", Dimensions: "{}", Account: "acme", Subscription: "s1", Sum: n(5), Events: 2, Min: n(2), Max: n(3), First: n(2), Last: n(3), FirstTime: 1, LastTime: 2, LevelSeconds: n(7)},
		{Day: day1, Meter: "traffic", Dimensions: `{"region":"eu"}`, Account: "acme", Subscription: "s1", Sum: n(-5), Events: 1, Min: n(-5), Max: n(-5), First: n(-5), Last: n(-5), FirstTime: 3, LastTime: 3},
		{Day: day1, Slot: october.UnixMicro(), Meter: "traffic", Dimensions: `{"region":"us"}`, Account: "acme", Subscription: "s2", Sum: n(1), Events: 1, FirstTime: 4, LastTime: 4},
		{Day: day1 + 1, Meter: "traffic", Dimensions: "{}", Account: "globex", Subscription: "", Sum: n(1), Events: 1, FirstTime: 5, LastTime: 5},
	}
}

// batchOf puts states into columns, in their order; dictionaries are in order
// of appearance.
func batchOf(rows []pricing.UsageState) *pricing.UsageBatch {
	b := &pricing.UsageBatch{UTCDay: day1}
	add := func(s *pricing.Strings, v string) {
		for i, known := range s.Values {
			if known == v {
				s.Index = append(s.Index, int32(i))
				return
			}
		}
		s.Index = append(s.Index, int32(len(s.Values)))
		s.Values = append(s.Values, v)
	}
	for _, r := range rows {
		add(&b.Account, r.Account)
		add(&b.Subscription, r.Subscription)
		add(&b.Meter, r.Meter)
		add(&b.Dimensions, r.Dimensions)
		b.Day, b.Slot = append(b.Day, int64(r.Day)), append(b.Slot, r.Slot)
		b.Sum, b.Min, b.Max = append(b.Sum, r.Sum), append(b.Min, r.Min), append(b.Max, r.Max)
		b.Events = append(b.Events, r.Events)
		b.First, b.Last = append(b.First, r.First), append(b.Last, r.Last)
		b.FirstTime, b.LastTime = append(b.FirstTime, r.FirstTime), append(b.LastTime, r.LastTime)
		b.LevelSeconds = append(b.LevelSeconds, r.LevelSeconds)
		b.Increase = append(b.Increase, r.Increase)
	}
	return b
}

func rowsOf(b *pricing.UsageBatch) []pricing.UsageState {
	return filled(b.Len(), b.Row)
}

var (
	anyText   = rapid.StringOfN(rapid.RuneFrom([]rune("ab/\x00\n\"<%=\u2028😀")), 0, 4, -1)
	anyDigits = rapid.StringMatching(`-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,20})?`)
	anyState  = rapid.Custom(func(t *rapid.T) pricing.UsageState {
		wide := func(what string) money.Int128 {
			// 38 digits need less than 2^126.3: the high word stays below 10^38 / 2^64.
			hi := rapid.Int64Range(-0x4b3b4ca85a86c47a, 0x4b3b4ca85a86c479).Draw(t, what)
			return money.Int128{Lo: rapid.Uint64().Draw(t, what), Hi: hi}
		}
		return pricing.UsageState{
			Day: day1 + pricing.Date(rapid.IntRange(-1, 1).Draw(t, "day")), Slot: rapid.SampledFrom([]int64{0, 1, 1_790_000_000_000_000}).Draw(t, "slot"),
			Meter: rapid.SampledFrom([]string{"traffic", "storage", "renders"}).Draw(t, "meter"), Dimensions: anyText.Draw(t, "dimensions"),
			Account: anyText.Draw(t, "account"), Subscription: anyText.Draw(t, "subscription"),
			Sum: wide("sum"), Events: rapid.Int64().Draw(t, "events"), Min: wide("min"), Max: wide("max"), First: wide("first"), Last: wide("last"),
			FirstTime: rapid.Int64().Draw(t, "first time"), LastTime: rapid.Int64().Draw(t, "last time"), LevelSeconds: wide("level"), Increase: wide("increase"),
		}
	})
	anyTime = rapid.Custom(func(t *rapid.T) time.Time {
		return time.UnixMicro(rapid.Int64Range(0, 9_223_372_036_000_000).Draw(t, "µs")).UTC()
	})
	anyCost = rapid.Custom(func(t *rapid.T) pricing.CostRow {
		amount := func(what string) money.Amount { return a(anyDigits.Draw(t, what)) }
		quantity := func(what string) money.Quantity {
			return q(rapid.StringMatching(`-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,12})?`).Draw(t, what))
		}
		return pricing.CostRow{
			Day: pricing.Date(rapid.Int32Range(-100, 40000).Draw(t, "day")), TimeframeStart: anyTime.Draw(t, "from"), TimeframeEnd: anyTime.Draw(t, "to"),
			PeriodStart: anyTime.Draw(t, "period from"), PeriodEnd: anyTime.Draw(t, "period to"),
			BillingAccount: anyText.Draw(t, "payer"), Account: anyText.Draw(t, "account"), Subscription: anyText.Draw(t, "subscription"),
			Plan: anyText.Draw(t, "plan"), Price: anyText.Draw(t, "price"), BookVersion: anyText.Draw(t, "book"), Unit: anyText.Draw(t, "unit"),
			Grouping: anyText.Draw(t, "grouping"), Scope: rapid.SampledFrom([]pricing.Scope{pricing.ScopeBilled, pricing.ScopeOwn}).Draw(t, "scope"),
			Currency: rapid.SampledFrom([]string{"CHF", "EUR"}).Draw(t, "currency"),
			Quantity: quantity("quantity"), CumulativeQuantity: quantity("cumulative quantity"),
			Subtotal: amount("subtotal"), CumulativeSubtotal: amount("cumulative subtotal"), Total: amount("total"), CumulativeTotal: amount("cumulative total"),
		}
	})
)

// costText is all of a cost row as text, to compare rows by value: decimals
// that are equal may differ inside.
func costText(r pricing.CostRow) string {
	return fmt.Sprintf("%q", []string{
		r.BillingAccount, r.Account, r.Subscription, r.Plan, r.Price, r.BookVersion, r.Grouping, string(r.Scope), r.Unit, r.Currency, r.Day.String(),
		r.TimeframeStart.String(), r.TimeframeEnd.String(), r.PeriodStart.String(), r.PeriodEnd.String(), r.Quantity.String(), r.CumulativeQuantity.String(),
		r.Subtotal.String(), r.CumulativeSubtotal.String(), r.Total.String(), r.CumulativeTotal.String(),
	})
}
