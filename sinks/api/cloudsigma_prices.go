package api

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sinks/documents"
)

// cloudSigmaPricing answers /pricing/: what is sold by level, in every currency,
// with the levels in force at the end of the newest day.
func cloudSigmaPricing(_ context.Context, r *Request) ([]byte, error) {
	limit, offset, err := cloudSigmaPage(r.Query, 0)
	if err != nil {
		return nil, err
	}
	levels, err := cloudSigmaIntegers(r.Query, "level")
	if err != nil {
		return nil, err
	}
	list, err := cloudSigmaPriceList(r)
	if err != nil {
		return nil, err
	}
	prices := slices.DeleteFunc(list.prices, func(p documents.CloudSigmaPrice) bool { return levels != nil && !levels[p.Level] })
	seen := map[int64]bool{}
	for _, p := range prices {
		if seen[p.ID()] {
			return nil, fmt.Errorf("two prices have the id %d", p.ID())
		}
		seen[p.ID()] = true
	}
	now := r.Facts.AsOf()
	return documents.CloudSigmaPrices(prices, list.levelsAt(r, now), list.levelsAt(r, now.Add(5*time.Minute)), limit, offset)
}

// cloudSigmaDiscount answers /discount/: what comes off longer subscriptions.
func cloudSigmaDiscount(_ context.Context, r *Request) ([]byte, error) {
	limit, offset, err := cloudSigmaPage(r.Query, 0)
	if err != nil {
		return nil, err
	}
	list, err := cloudSigmaPriceList(r)
	if err != nil {
		return nil, err
	}
	return documents.CloudSigmaList(list.discounts, limit, offset)
}

// cloudSigmaSold is what the books sell on a day.
type cloudSigmaSold struct {
	prices    []documents.CloudSigmaPrice // by currency, resource and level
	bursts    map[string]pricing.Burst    // by resource
	discounts []documents.CloudSigmaDiscount
}

// levelsAt are the levels in force, of the resources of which one is known.
func (s *cloudSigmaSold) levelsAt(r *Request, at time.Time) map[string]int64 {
	out := map[string]int64{}
	for resource, burst := range s.bursts {
		if level, ok := r.Facts.Registry().LevelAt(burst, at); ok {
			out[resource] = level
		}
	}
	return out
}

// cloudSigmaPriceList collects the prices of all books as they stand on the
// newest day. Where plans price a resource differently, the account's own plan
// goes before the others, which come in order of the book.
func cloudSigmaPriceList(r *Request) (*cloudSigmaSold, error) {
	account, err := cloudSigmaAccount(r.Query, r)
	if err != nil {
		return nil, err
	}
	own := map[string]bool{}
	for _, a := range r.Facts.Registry().Under(account) {
		for _, s := range r.Facts.Registry().SubscriptionsOf(a.ID) {
			own[s.Plan] = true
		}
	}
	out := &cloudSigmaSold{bursts: map[string]pricing.Burst{}, discounts: []documents.CloudSigmaDiscount{}}
	day := pricing.LocalDay(r.Facts.AsOf().Add(-1), time.UTC)
	for _, book := range r.Facts.Books() {
		version, ok := book.VersionOn(day)
		if !ok {
			continue
		}
		one := cloudSigmaBookPrices{sold: out, book: book, version: version, prices: map[cloudSigmaLevel]documents.CloudSigmaPrice{}, by: map[string]string{}}
		for _, first := range []bool{true, false} {
			for i := range version.Plans {
				if plan := &version.Plans[i]; own[plan.ID] == first {
					one.take(plan)
				}
			}
		}
		for _, p := range one.prices {
			out.prices = append(out.prices, p)
		}
	}
	slices.SortFunc(out.prices, func(a, b documents.CloudSigmaPrice) int {
		return cmp.Or(strings.Compare(a.Currency, b.Currency), strings.Compare(a.Resource, b.Resource), cmp.Compare(a.Level, b.Level))
	})
	return out, nil
}

type cloudSigmaLevel struct {
	resource string
	level    int64
}

// cloudSigmaBookPrices collects from one version of a book.
type cloudSigmaBookPrices struct {
	sold    *cloudSigmaSold
	book    *pricing.Book
	version *pricing.Version
	prices  map[cloudSigmaLevel]documents.CloudSigmaPrice
	by      map[string]string // resource -> the plan that prices it
}

// take adds a plan's prices of resources that no plan before has. What
// subscriptions cost is level 0.
func (b *cloudSigmaBookPrices) take(plan *pricing.Plan) {
	add := func(resource string, level int64, unit money.Amount, per money.Quantity, seconds int64) {
		if owner, taken := b.by[resource]; taken && owner != plan.ID {
			return
		}
		b.by[resource] = plan.ID
		b.prices[cloudSigmaLevel{resource, level}] = documents.CloudSigmaPrice{
			Currency: b.book.Currency.Code, Resource: resource, Level: level, PerUnit: per, PerSeconds: seconds, Price: unit,
		}
	}
	for _, price := range plan.Prices {
		if burst, ok := price.Model.(pricing.Burst); ok {
			meter, _ := b.version.MeterOf(price.Meter)
			resource := burst.CoveredBy(price.Meter)
			for _, l := range burst.Levels {
				add(resource, l.Level, l.Unit, meter.DivideBy, burst.PerSeconds)
			}
			if _, known := b.sold.bursts[resource]; !known {
				b.sold.bursts[resource] = burst
			}
		}
	}
	for _, price := range plan.Prices {
		if term, ok := price.Model.(pricing.Term); ok {
			add(price.Resource, 0, term.Unit, term.DivideBy, term.PerSeconds)
			b.sold.discount(term)
		}
	}
}

// discount takes the discounts of the first price that has some.
func (s *cloudSigmaSold) discount(t pricing.Term) {
	if len(s.discounts) > 0 {
		return
	}
	for _, d := range t.Discounts {
		if !d.Percent.IsZero() {
			s.discounts = append(s.discounts, documents.CloudSigmaDiscount{Period: d.Name, Percent: d.Percent})
		}
	}
}

// cloudSigmaLicenses answers /licenses/.
func cloudSigmaLicenses(_ context.Context, r *Request) ([]byte, error) {
	limit, offset, err := cloudSigmaPage(r.Query, 20)
	if err != nil {
		return nil, err
	}
	all, err := cloudSigmaLicenseList(r)
	if err != nil {
		return nil, err
	}
	return documents.CloudSigmaList(all, limit, offset)
}

// cloudSigmaLicense answers /licenses/{id}/.
func cloudSigmaLicense(_ context.Context, r *Request) ([]byte, error) {
	all, err := cloudSigmaLicenseList(r)
	if err != nil {
		return nil, err
	}
	for _, l := range all {
		if fmt.Sprint(l.ID()) == r.Path("id") {
			return documents.CloudSigmaObject(l)
		}
	}
	return nil, NotFound("there is no such license")
}

// cloudSigmaLicenseList reads the list of licenses from the label
// cloudsigma.licenses of the account, or of the nearest above it that has one: a
// JSON array of objects with name, long_name, type, user_metric and burstable.
func cloudSigmaLicenseList(r *Request) ([]documents.CloudSigmaLicense, error) {
	account, err := cloudSigmaAccount(r.Query, r)
	if err != nil {
		return nil, err
	}
	text := "[]"
	for range r.Facts.Registry().Accounts { // at most so many are above each other
		a, ok := r.Facts.Registry().Account(account)
		if !ok {
			break
		}
		if a.Labels["cloudsigma.licenses"] != "" {
			text = a.Labels["cloudsigma.licenses"]
			break
		}
		account = a.Parent
	}
	all := []documents.CloudSigmaLicense{}
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return nil, cloudSigmaLabelFault(account, "is no JSON array of objects")
	}
	slices.SortFunc(all, func(a, b documents.CloudSigmaLicense) int { return strings.Compare(a.Name, b.Name) })
	for i := range all {
		if i > 0 && all[i].ID() == all[i-1].ID() {
			return nil, cloudSigmaLabelFault(account, "names a license twice")
		}
		all[i].Type = cmp.Or(all[i].Type, "instance")
		all[i].URI = fmt.Sprintf("/api/2.0/licenses/%d/", all[i].ID())
	}
	return all, nil
}

// cloudSigmaLabelFault is told: the label is the account's, or above it, and
// nobody else's answers are to suffer from it.
func cloudSigmaLabelFault(account, what string) *Fault {
	return &Fault{Status: http.StatusInternalServerError, Code: "bad_label", Message: fmt.Sprintf("label cloudsigma.licenses of account %q %s", account, what)}
}
