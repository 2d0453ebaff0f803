package api

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sinks/documents"
)

// cloudSigmaUsage answers /usage/: every poll of every object in order of time.
// Where no beginning is asked for, it is 30 days before the end.
func cloudSigmaUsage(ctx context.Context, r *Request) ([]byte, error) {
	v, err := cloudSigmaViewOf(r)
	if err != nil {
		return nil, err
	}
	limit, offset, err := cloudSigmaPage(r.Query, 20)
	if err != nil {
		return nil, err
	}
	times, err := cloudSigmaBounds(r.Query, "poll_time")
	if err != nil {
		return nil, err
	}
	resources, objects := cloudSigmaAny(r.Query, "resource"), cloudSigmaAny(r.Query, "uuid")
	newest, ok := v.newest()
	if !ok {
		return documents.CloudSigmaList([]documents.CloudSigmaUsage{}, limit, offset)
	}
	to := newest // a local day lies within a day of the same in UTC
	if !times.until.IsZero() {
		to = min(pricing.LocalDay(times.until, time.UTC).AddDays(1), newest)
	}
	from := to.AddDays(-29)
	if !times.from.IsZero() {
		from = max(pricing.LocalDay(times.from, time.UTC).AddDays(-1), v.facts.Days()[0])
	}
	rows, err := v.usage(ctx, from, to)
	if err != nil {
		return nil, err
	}
	var out []documents.CloudSigmaUsage
	for _, u := range rows {
		d := documents.CloudSigmaUsage{Amount: u.amount(), PollTime: time.UnixMicro(u.LastTime), Resource: u.resource, UUID: u.object()}
		if times.holds(d.PollTime) && (resources == nil || resources[d.Resource]) && (objects == nil || objects[d.UUID]) {
			out = append(out, d)
		}
	}
	return documents.CloudSigmaList(out, limit, offset)
}

// cloudSigmaPoll is the usage of one object in five minutes.
type cloudSigmaPoll struct {
	pricing.UsageState
	resource   string
	dimensions map[string]string
}

func (p *cloudSigmaPoll) amount() money.Fraction {
	return p.Sum.Quantity(money.QuantityPlaces).Fraction()
}

// object is whose usage it is: the event's dimension uuid, else its subscription.
func (p *cloudSigmaPoll) object() string { return cmp.Or(p.dimensions["uuid"], p.Subscription) }

// usage returns the account's polls of days in [from, to], in order of time,
// resource and object: of meters that burst prices look at.
func (v *cloudSigmaView) usage(ctx context.Context, from, to pricing.Date) ([]cloudSigmaPoll, error) {
	if to < from {
		return nil, nil
	}
	rows, err := v.facts.Usage(ctx, v.account, from, to)
	if err != nil {
		return nil, err
	}
	resources := v.resources()
	var out []cloudSigmaPoll
	for _, u := range rows {
		resource, polled := resources[u.Meter]
		if !polled || !v.mine[u.Account] {
			continue
		}
		p := cloudSigmaPoll{UsageState: u, resource: resource}
		if err := json.Unmarshal([]byte(u.Dimensions), &p.dimensions); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	slices.SortStableFunc(out, func(a, b cloudSigmaPoll) int {
		return cmp.Or(
			cmp.Compare(a.LastTime, b.LastTime), strings.Compare(a.resource, b.resource), strings.Compare(a.object(), b.object()),
			strings.Compare(a.Subscription, b.Subscription), strings.Compare(a.Dimensions, b.Dimensions),
		)
	})
	return out, nil
}

// resources names the resource of each meter that a burst price looks at.
func (v *cloudSigmaView) resources() map[string]string {
	out := map[string]string{}
	for _, book := range v.facts.Books() {
		for i := range book.Versions {
			for _, plan := range book.Versions[i].Plans {
				for _, price := range plan.Prices {
					if burst, ok := price.Model.(pricing.Burst); ok {
						out[price.Meter] = burst.CoveredBy(price.Meter)
					}
				}
			}
		}
	}
	return out
}

// cloudSigmaCurrentUsage answers /currentusage/: what the newest poll found,
// beside what is subscribed to then.
func cloudSigmaCurrentUsage(ctx context.Context, r *Request) ([]byte, error) {
	v, err := cloudSigmaViewOf(r)
	if err != nil {
		return nil, err
	}
	balance, err := v.balance(ctx)
	if err != nil {
		return nil, err
	}
	usage, err := v.current(ctx)
	if err != nil {
		return nil, err
	}
	return documents.CloudSigmaCurrentUsage(balance, usage)
}

func (v *cloudSigmaView) current(ctx context.Context) (map[string]documents.CloudSigmaCurrent, error) {
	out := map[string]documents.CloudSigmaCurrent{}
	newest, ok := v.newest()
	if !ok {
		return out, nil
	}
	polls, err := v.polls(ctx, newest.AddDays(-1), newest)
	if err != nil {
		return nil, err
	}
	at := v.facts.AsOf().Add(-time.Microsecond)
	for _, p := range polls { // in order of time
		at = p.Start
	}
	type key struct{ subscription, price string }
	using := map[key]money.Fraction{}
	for _, p := range polls {
		if p.Start.Equal(at) {
			k := key{p.Subscription, p.Price}
			using[k] = using[k].Add(p.Using)
		}
	}
	for _, c := range v.raters.BurstCovers(v.tree, at) {
		if !v.mine[c.Account] || v.currency != c.Currency.Code {
			continue
		}
		used, now := using[key{c.Subscription, c.Price}], out[c.Resource]
		now.Using, now.Subscribed = now.Using.Add(used), now.Subscribed.Add(c.Covered)
		if beyond := used.Sub(c.Covered); beyond.Sign() > 0 {
			now.Burst = now.Burst.Add(beyond)
		}
		out[c.Resource] = now
	}
	return out, nil
}
