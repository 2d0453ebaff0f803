package pricing_test

import (
	"testing"

	"daybook/pricing"
)

// twoPayers has acme, whose one fee is given, and beta, whose fee is 5.
func twoPayers(acmesFee string) *world {
	w := oneAccount(fixedFee("fee", acmesFee))
	fine := *w.plan()
	fine.ID, fine.Prices = "fine", []pricing.Price{fixedFee("fee", "5")}
	w.book.Versions[0].Plans = append(w.book.Versions[0].Plans, fine)
	w.accounts = append(w.accounts, pricing.Account{ID: "beta", Bills: true, Currency: "CHF", Jurisdiction: "CH"})
	w.subs = append(w.subs, pricing.Subscription{ID: "b", Account: "beta", Plan: "fine", Start: at("2026-01-01T00:00:00Z")})
	return w
}

const most = "999999999999999999" // 18 digits, the most of DECIMAL(38,20)

// What does not fit parks its payer and is entered by the next closing; beta owes
// its 5.00 all the same, and its payment of 2 leaves a balance of −3.
func TestSettle_NumbersThatDoNotFitParkTheirPayerAlone(t *testing.T) {
	for name, c := range map[string]struct {
		fee   string
		taxes []pricing.Tax
		funds pricing.Funds
	}{
		"tax":             {most, []pricing.Tax{tax("vat", "XX", "100")}, pricing.Funds{}},
		"balance":         {"1", nil, pricing.Funds{Payments: []pricing.Payment{payment("x", most, "2026-10-02T00:00:00Z"), payment("y", most, "2026-10-02T00:00:00Z")}}},
		"credits granted": {"1", nil, pricing.Funds{Credits: []pricing.Grant{grant("x", most, "2026-10-02T00:00:00Z", ""), grant("y", most, "2026-10-02T00:00:00Z", "")}}},
		"one amount":      {"1", nil, pricing.Funds{Adjustments: []pricing.BalanceAdjustment{change("x", most+"9", "2026-10-02T00:00:00Z")}}},
	} {
		t.Run(name, func(t *testing.T) {
			w := twoPayers(c.fee).taxed("XX")
			f := c.funds
			paid := payment("paid", "2", "2026-10-05T00:00:00Z")
			paid.Account = "beta"
			f.Payments, f.Taxes = append(f.Payments, paid), c.taxes
			got := w.settled(t, f, "2026-10")[0]
			wantParked(t, got.Parked, "acme overflow")
			if len(got.Invoices) != 1 || got.Invoices[0].BillingAccount != "beta" || got.Invoices[0].Total.String() != "5" {
				t.Errorf("invoices are %+v, want beta's of 5", got.Invoices)
			}
			wantStands(t, got, "balance -3")
			if len(got.Posted) != 1 || got.Posted[0].ID != "paid" {
				t.Errorf("entered are %+v, want beta's payment alone", got.Posted)
			}
			for _, e := range got.Entries {
				if e.BillingAccount != "beta" {
					t.Errorf("a parked payer has the entry %+v", e)
				}
			}
		})
	}
}

// A payer that is parked keeps what the closing before left it: of a credit of
// 70, October's fee of 60 left 10. November's payments do not fit together, so
// that neither they nor its fee are entered.
func TestSettle_AParkedPayerKeepsItsCredits(t *testing.T) {
	w := oneAccount(fixedFee("fee", "60"))
	months := w.settled(t, pricing.Funds{
		Credits:  []pricing.Grant{grant("welcome", "70", "2026-10-01T00:00:00Z", "")},
		Payments: []pricing.Payment{payment("x", most, "2026-11-02T00:00:00Z"), payment("y", most, "2026-11-03T00:00:00Z")},
	}, "2026-10", "2026-11")
	wantStands(t, months[0], "credits welcome 10")
	wantParked(t, months[1].Parked, "acme overflow")
	wantStands(t, months[1], "credits welcome 10")
	if len(months[1].Invoices)+len(months[1].Entries)+len(months[1].Posted) > 0 {
		t.Errorf("a parked payer has %+v", months[1])
	}
}

// Of 200 paid, 180 were given back in October. In November a row of before them
// comes to light that wants 100: only 20 are left, and the books give back 200
// together (docs/billing-rules.md, Balances).
func TestSettle_GivingBackLateIsHeldToWhatIsLeft(t *testing.T) {
	w := oneAccount(fixedFee("fee", "60"))
	first, late := change("a", "-180", "2026-10-20T00:00:00Z"), change("b", "-100", "2026-10-10T00:00:00Z")
	first.Payment, late.Payment = "paid", "paid"
	paid := []pricing.Payment{payment("paid", "200", "2026-10-02T00:00:00Z")}
	october := w.settled(t, pricing.Funds{Payments: paid, Adjustments: []pricing.BalanceAdjustment{first}}, "2026-10")[0]
	wantStands(t, october, "balance 320") // 200 + 180 − 60
	november := w.settledAfter(t, pricing.Funds{Payments: paid, Adjustments: []pricing.BalanceAdjustment{first, late}},
		pricing.Opening{Balances: october.Balances, Posted: october.Posted}, "2026-11")[0]
	wantStands(t, november, "balance 280") // + 20 − 60
}
