package pricing

import (
	"testing"
	"time"

	"daybook/pricing/money"
)

// Payments are of whoever gets the invoices, oldest first; of one instant by id.
func TestRegistry_PaymentsOf(t *testing.T) {
	reg, problems := NewRegistry([]Account{{ID: "acme", Bills: true}, {ID: "lab", Parent: "acme"}, {ID: "other", Bills: true}}, nil, nil)
	day := func(d int) time.Time { return time.Date(2026, 10, d, 0, 0, 0, 0, time.UTC) }
	ten := money.MustAmount("10")
	problems = append(problems, reg.AddFunds(Funds{Payments: []Payment{
		{ID: "a", Account: "acme", Amount: ten, Currency: "USD", Time: day(3)},
		{ID: "b", Account: "lab", Amount: ten, Currency: "USD", Time: day(1)},
		{ID: "d", Account: "lab", Amount: ten, Currency: "USD", Time: day(2)},
		{ID: "c", Account: "acme", Amount: ten, Currency: "USD", Time: day(2)},
		{ID: "e", Account: "other", Amount: ten, Currency: "USD", Time: day(2)},
	}}, []string{"USD"}, nil, nil)...)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for account, want := range map[string]string{"acme": "bcda", "other": "e", "lab": "", "nobody": ""} {
		got := ""
		for _, p := range reg.PaymentsOf(account) {
			got += p.ID
		}
		if got != want {
			t.Errorf("payments of %s are %q, want %q", account, got, want)
		}
	}
}
