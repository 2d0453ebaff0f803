package pricing_test

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
)

func account(id, parent string) pricing.Account { return pricing.Account{ID: id, Parent: parent} }

func codes(problems []pricing.Problem) []string {
	var out []string
	for _, p := range problems {
		out = append(out, p.Account+" "+p.Code)
		if !strings.Contains(p.Detail, p.ID) || p.Kind == "" {
			out = append(out, "does not name "+p.ID)
		}
	}
	return out
}

func TestNewRegistry_BillsTheNearestPayingAncestor(t *testing.T) {
	paying := func(id, parent string) pricing.Account {
		a := account(id, parent)
		a.Bills = true
		return a
	}
	r, problems := pricing.NewRegistry([]pricing.Account{
		account("root", ""), paying("org", "root"), account("space", "org"), account("app", "space"), paying("user", "app"), account("other", "root"),
	}, nil, nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for id, want := range map[string]string{
		"root": "root", "org": "org", "space": "org", "app": "org", "user": "user", "other": "root", "stranger": "stranger",
	} {
		if got := r.BillingAccount(id); got != want {
			t.Errorf("%s is paid by %s, want %s", id, got, want)
		}
	}
	rater, err := pricing.NewRater(oneAccount().book, r)
	if err != nil {
		t.Fatal(err)
	}
	want := []pricing.Tree{{"org", []string{"app", "org", "space"}}, {"root", []string{"other", "root"}}, {"user", []string{"user"}}}
	if got := rater.Trees(); !reflect.DeepEqual(got, want) {
		t.Errorf("trees are %v, want %v", got, want)
	}
}

func TestNewRegistry_ReportsAndLeavesOutWhatContradictsItself(t *testing.T) {
	start, end := at("2026-02-01T00:00:00Z"), at("2026-01-01T00:00:00Z")
	sub := func(id, account string) pricing.Subscription {
		return pricing.Subscription{ID: id, Account: account, Plan: "p", Start: end}
	}
	res := func(id, account, sub string) pricing.Resource {
		return pricing.Resource{ID: id, Account: account, Subscription: sub, Created: end, Quantity: money.QuantityOf(1)}
	}
	late, badZone, badAnchor := sub("late", "a"), sub("odd", "a"), sub("anchor", "a")
	late.Start, late.End = start, end
	badZone.TimeZone = "Europe/Zürich"
	badAnchor.Anchor = 32
	gone := res("gone", "a", "")
	gone.Created, gone.Deleted = start, end
	zoned := func(id, parent, zone string) pricing.Account {
		return pricing.Account{ID: id, Parent: parent, TimeZone: zone}
	}
	for _, c := range []struct {
		name      string
		accounts  []pricing.Account
		subs      []pricing.Subscription
		resources []pricing.Resource
		want      []string
	}{
		{"duplicate account", []pricing.Account{account("a", ""), account("a", "b"), account("b", "")}, nil, nil, []string{"a duplicate_id"}},
		{"unknown parent", []pricing.Account{account("a", "x")}, nil, nil, []string{"a unknown_parent"}},
		{"its own parent", []pricing.Account{account("a", "a"), account("b", "")}, nil, nil, []string{"a parent_cycle"}},
		{"circle and what hangs on it", []pricing.Account{account("a", "b"), account("b", "c"), account("c", "b")}, nil, nil, []string{"a parent_unusable", "b parent_cycle", "c parent_cycle"}},
		{"unknown zone is inherited", []pricing.Account{zoned("a", "", "Mars/Olympus"), account("b", "a"), zoned("c", "a", "UTC")}, nil, nil, []string{"a unknown_zone", "b parent_unusable"}},
		{"the machine's zone", []pricing.Account{zoned("a", "", "Local")}, nil, nil, []string{"a unknown_zone"}},
		{"self-reliant below an unknown parent", []pricing.Account{account("a", "x"), {ID: "b", Parent: "a", Bills: true, Currency: "CHF", TimeZone: "UTC"}}, nil, nil, []string{"a unknown_parent"}},
		{"duplicate subscription", []pricing.Account{account("a", ""), account("b", "")}, []pricing.Subscription{sub("s", "a"), sub("s", "b")}, nil, []string{"a duplicate_id", "b duplicate_id"}},
		{"unknown account", nil, []pricing.Subscription{sub("s", "a")}, nil, []string{"a unknown_account"}},
		{"end before start", []pricing.Account{account("a", "")}, []pricing.Subscription{late}, nil, []string{"a ends_before_start"}},
		{"zone of a subscription", []pricing.Account{account("a", "")}, []pricing.Subscription{badZone}, nil, []string{"a unknown_zone"}},
		{"anchor", []pricing.Account{account("a", "")}, []pricing.Subscription{badAnchor}, nil, []string{"a bad_anchor"}},
		{"duplicate resource", []pricing.Account{account("a", "")}, nil, []pricing.Resource{res("r", "a", ""), res("r", "a", "")}, []string{"a duplicate_id", "a duplicate_id"}},
		{"resource of nobody", nil, nil, []pricing.Resource{res("r", "a", "")}, []string{"a unknown_account"}},
		{"resource of another's subscription", []pricing.Account{account("a", ""), account("b", "")}, []pricing.Subscription{sub("s", "b")}, []pricing.Resource{res("r", "a", "s")}, []string{"a unknown_subscription"}},
		{"resource deleted before it was created", []pricing.Account{account("a", "")}, nil, []pricing.Resource{gone}, []string{"a ends_before_start"}},
		{"nothing wrong", []pricing.Account{account("a", "")}, []pricing.Subscription{sub("s", "a")}, []pricing.Resource{res("r", "a", "s")}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, problems := pricing.NewRegistry(c.accounts, c.subs, c.resources)
			if got := codes(problems); !slices.Equal(got, c.want) {
				t.Errorf("problems are %q, want %q", got, c.want)
			}
			if len(c.want) == 0 && (len(r.Subscriptions) != 1 || len(r.Resources) != 1) {
				t.Errorf("rows were lost: %+v", r)
			}
		})
	}
}

func TestRegistry_AttributesBySubscriptionAndAccount(t *testing.T) {
	start, end := at("2026-01-01T00:00:00Z"), at("2026-03-01T12:00:00Z")
	r, _ := pricing.NewRegistry(
		[]pricing.Account{{ID: "org", TimeZone: "Europe/Zurich"}, account("app", "org"), {ID: "lost", TimeZone: "Nowhere"}},
		[]pricing.Subscription{
			{ID: "z", Account: "app", Plan: "p", Start: start, End: end},
			{ID: "b", Account: "app", Plan: "p", Start: end, TimeZone: "America/New_York"},
			{ID: "a", Account: "app", Plan: "p", Start: end},
			{ID: "n", Account: "lost", Plan: "p", Start: start},
		}, nil)
	z := pricing.AttributionEntry{Account: "app", Subscription: "z", Start: start.UnixMicro(), End: end.UnixMicro(), Zone: "Europe/Zurich"}
	a := pricing.AttributionEntry{Account: "app", Subscription: "a", Start: end.UnixMicro(), End: math.MaxInt64, Zone: "Europe/Zurich"}
	b := pricing.AttributionEntry{Account: "app", Subscription: "b", Start: end.UnixMicro(), End: math.MaxInt64, Zone: "America/New_York"}
	want := pricing.AttributionOf(map[string][]pricing.AttributionEntry{"s:z": {z}, "s:a": {a}, "s:b": {b}, "a:app": {z, a, b}})
	if got := r.Attribution(); !reflect.DeepEqual(got, want) {
		t.Errorf("attribution is %+v, want %+v", got, want)
	}
	var zones []string
	for _, zone := range r.Zones() {
		zones = append(zones, zone.String())
	}
	if want := []string{"America/New_York", "Europe/Zurich"}; !slices.Equal(zones, want) {
		t.Errorf("zones are %q, want %q", zones, want)
	}
}

func TestNewRegistry_KeepsNothingOfItsArguments(t *testing.T) {
	accounts := []pricing.Account{account("b", ""), account("a", "")}
	r, _ := pricing.NewRegistry(accounts, nil, nil)
	if accounts[0].ID != "b" {
		t.Error("the caller's rows were sorted")
	}
	accounts[0].ID = "x"
	if r.Accounts[1].ID != "b" {
		t.Error("the caller's change reached the registry")
	}
	if zones := r.Zones(); len(zones) != 1 || zones[0] != time.UTC {
		t.Errorf("zones are %v, want UTC alone", zones)
	}
}
