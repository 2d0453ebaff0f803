package pricing_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"daybook/pricing"
)

// Who stands under an account is who is below it, walked from the other end; also
// with circles and with parents that are not there.
func TestRegistry_UnderIsWhoIsBelow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.IntRange(0, 7)
		var accounts []pricing.Account
		for i := range rapid.IntRange(1, 7).Draw(t, "accounts") {
			a := pricing.Account{ID: fmt.Sprint(i)}
			if rapid.Bool().Draw(t, "has a parent") {
				a.Parent = fmt.Sprint(id.Draw(t, "parent"))
			}
			accounts = append(accounts, a)
		}
		reg, _ := pricing.NewRegistry(accounts, nil, nil)
		for _, top := range []string{"", "0", "1", "2", "3", "4", "5", "6", "7"} {
			var got, want []string
			for _, a := range reg.Under(top) {
				got = append(got, a.ID)
			}
			for _, a := range reg.Accounts {
				if reg.Below(a.ID, top) {
					want = append(want, a.ID)
				}
			}
			if !slices.Equal(got, want) {
				t.Fatalf("under %q of %+v are %v, below it %v", top, accounts, got, want)
			}
		}
	})
}
