package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sources/blob/dir"
	"daybook/sources/book"
	"daybook/sources/registry"
)

// trial is what `daybook price` is asked to price: a world of one customer, or a
// registry's.
type trial struct {
	bookFile  book.File
	book      *pricing.Book
	month     pricing.Month
	asOf      time.Time
	series    bool
	registry  string               // a folder; "" : the rows below
	accounts  []pricing.Account    // of the folder, or the one customer
	sub       pricing.Subscription // to look at
	resources []pricing.Resource
	zone      *time.Location // of sub
	usage     []trialEvent
}

// The one customer of a trial without a registry.
const (
	trialAccount      = "customer"
	trialSubscription = "subscription"
)

// trial reads the flags. Errors name the flag and what to write instead.
func (f *priceFlags) trial() (*trial, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	t := &trial{series: f.series, registry: f.registry}
	var err error
	if t.month, err = pricing.ParseMonth(f.period); err != nil {
		return nil, unusable("period", f.period, err)
	}
	content, err := os.ReadFile(f.book)
	if err != nil {
		return nil, usageErrorf("--book: %w", err)
	}
	t.bookFile = book.File{Name: filepath.Base(f.book), Content: content}
	if t.book, err = book.Parse([]book.File{t.bookFile}); err != nil {
		return nil, usageError{err}
	}
	if t.registry == "" {
		err = f.customer(t)
	} else {
		err = f.look(t)
	}
	if err != nil {
		return nil, err
	}
	if f.asOf != "" {
		if t.asOf, err = t.instant("as-of", f.asOf); err != nil {
			return nil, err
		}
	}
	for _, text := range f.resources {
		if err := t.addResource(text); err != nil {
			return nil, err
		}
	}
	for _, text := range f.usage {
		if err := t.addUsage(text); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// customer makes the one customer of a trial without a registry.
func (f *priceFlags) customer(t *trial) error {
	t.zone = time.UTC
	if f.zone != "" {
		zone, err := time.LoadLocation(f.zone)
		if err != nil || f.zone == "Local" {
			return usageErrorf("--time-zone %s: there is no such zone; write an IANA name, for example Europe/Zurich", f.zone)
		}
		t.zone = zone
	}
	if f.anchor < 0 || f.anchor > 31 {
		return usageErrorf("--anchor %d: write a day of the month, 1 to 31", f.anchor)
	}
	t.accounts = []pricing.Account{{ID: trialAccount, Bills: true, TimeZone: f.zone}}
	t.sub = pricing.Subscription{
		ID: trialSubscription, Account: trialAccount, Plan: f.plan, Anchor: f.anchor,
		Quantities: map[string]money.Quantity{}, PriceOverrides: map[string]money.Amount{},
	}
	for _, text := range f.quantities {
		price, n, err := pair("quantity", text, "seats=25", money.ParseQuantity)
		if err != nil {
			return err
		}
		t.sub.Quantities[price] = n
	}
	for _, text := range f.overrides {
		price, amount, err := pair("override", text, "seats=9.50", money.ParseAmount)
		if err != nil {
			return err
		}
		t.sub.PriceOverrides[price] = amount
	}
	var err error
	if f.start != "" {
		if t.sub.Start, err = t.instant("start", f.start); err != nil {
			return err
		}
	}
	if f.end != "" {
		if t.sub.End, err = t.instant("end", f.end); err != nil {
			return err
		}
	}
	period, err := t.billingPeriod()
	if f.start == "" && err == nil {
		t.sub.Start = period.Start
	}
	return err
}

// look finds the subscription in a registry.
func (f *priceFlags) look(t *trial) error {
	store, err := dir.New(f.registry, dir.Options{})
	if err != nil {
		return usageErrorf("--registry: %w", err)
	}
	snapshot, err := registry.Load(context.Background(), store, "", registry.Limits{})
	if err != nil {
		return usageErrorf("--registry %s: %w", f.registry, err)
	}
	t.accounts, t.zone = snapshot.Accounts, time.UTC
	for _, s := range snapshot.Subscriptions {
		if s.ID == f.subscription {
			t.sub = s
		}
	}
	if t.sub.ID == "" {
		return usageErrorf("--subscription %s: --registry %s has no such subscription", f.subscription, f.registry)
	}
	checked, _ := pricing.NewRegistry(snapshot.Accounts, snapshot.Subscriptions, nil)
	for _, entry := range checked.Attribution().Of(pricing.SubscriptionKey(t.sub.ID)) {
		if t.zone, err = time.LoadLocation(entry.Zone); err != nil {
			return usageErrorf("--registry %s: %w", f.registry, err)
		}
	}
	_, err = t.billingPeriod()
	return err
}

// billingPeriod returns the billing period in which the trial's month begins, as
// the plan's cycle has it: the first that ends in the month, if one does.
func (t *trial) billingPeriod() (pricing.Period, error) {
	version, ok := t.book.VersionOn(t.month.Next().First().AddDays(-1))
	if !ok {
		return pricing.Period{}, usageErrorf("--period %s: %s begins on %s; name a later month", t.month, t.bookFile.Name, t.book.Versions[0].Effective)
	}
	plan, ok := version.PlanOf(t.sub.Plan)
	if !ok {
		var known []string
		for i := range version.Plans {
			known = append(known, version.Plans[i].ID)
		}
		return pricing.Period{}, usageErrorf("--plan %s: %s has the plans %s", t.sub.Plan, version.ID, strings.Join(known, ", "))
	}
	cycle := plan.Cycle
	if cycle.Anchor.Subscription && t.sub.Start.IsZero() {
		cycle.Anchor = pricing.Anchor{Day: 1} // the subscription begins with the month
	}
	return pricing.PeriodAt(pricing.CadenceOf(cycle, t.sub, t.zone), t.zone, t.month.First().In(t.zone)), nil
}
