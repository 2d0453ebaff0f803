package api

import (
	"context"
	"fmt"
	"slices"

	"daybook/pricing"
	"daybook/sinks/documents"
)

// cloudSigmaSubscriptions answers /subscriptions/, in order of when they start.
func cloudSigmaSubscriptions(_ context.Context, r *Request) ([]byte, error) {
	v, err := cloudSigmaViewOf(r)
	if err != nil {
		return nil, err
	}
	limit, offset, err := cloudSigmaPage(r.Query, 20)
	if err != nil {
		return nil, err
	}
	status := r.Query.Get("status")
	if !slices.Contains([]string{"", "all", "active", "inactive", "expired", "notexpired"}, status) {
		return nil, BadParameter("status", "status is one of active, inactive, expired, notexpired and all")
	}
	resources, objects := cloudSigmaAny(r.Query, "resource"), cloudSigmaAny(r.Query, "subscribed_object")
	all, err := v.subscriptions()
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(s documents.CloudSigmaSubscription) bool {
		kept := status == "" || status == "all" || status == s.Status || status == "notexpired" && s.Status != "expired"
		return !kept || resources != nil && !resources[s.Resource] || objects != nil && !objects[s.Object]
	})
	return documents.CloudSigmaSubscriptions(all, limit, offset)
}

// cloudSigmaSubscription answers /subscriptions/{id}/.
func cloudSigmaSubscription(_ context.Context, r *Request) ([]byte, error) {
	v, err := cloudSigmaViewOf(r)
	if err != nil {
		return nil, err
	}
	all, err := v.subscriptions()
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		if fmt.Sprint(s.ID) == r.Path("id") {
			return documents.CloudSigmaObject(s)
		}
	}
	return nil, NotFound("there is no such subscription")
}

// subscriptions are the account's resources that are sold by length of time.
func (v *cloudSigmaView) subscriptions() ([]documents.CloudSigmaSubscription, error) {
	descendants := map[string][]int64{}
	var bought []pricing.ResourcePurchase
	seen := map[int64]int{}
	for _, p := range v.raters.Purchases(v.tree) {
		if !v.mine[p.Account] || p.Currency.Code != v.currency {
			continue
		}
		id := documents.CloudSigmaSubscriptionID(p.Resource.ID)
		if n, twice := seen[id]; twice {
			if bought[n].Resource.ID != p.Resource.ID {
				return nil, fmt.Errorf("resources %q and %q have the id %d as subscriptions; rename one", bought[n].Resource.ID, p.Resource.ID, id)
			}
			// Two prices of its plan sell it: it costs both.
			bought[n].Gross, bought[n].Discount = bought[n].Gross.Add(p.Gross), bought[n].Discount.Add(p.Discount)
			continue
		}
		seen[id] = len(bought)
		bought = append(bought, p)
		if earlier := p.Resource.Labels["cloudsigma.extends"]; earlier != "" {
			descendants[earlier] = append(descendants[earlier], id)
		}
	}
	out := make([]documents.CloudSigmaSubscription, len(bought))
	for i, p := range bought {
		out[i] = v.subscription(p)
		out[i].Descendants = descendants[p.Resource.ID]
	}
	return out, nil
}

// subscription is a purchase as the API shows it. It is active while it covers
// usage: from when it was created to when the registry says that it ends. Without
// an end it goes on, and the end shown is the noon after its length.
func (v *cloudSigmaView) subscription(p pricing.ResourcePurchase) documents.CloudSigmaSubscription {
	r, now := &p.Resource, v.facts.AsOf()
	s := documents.CloudSigmaSubscription{
		ID: documents.CloudSigmaSubscriptionID(r.ID), Resource: r.Kind, Amount: r.Quantity, Bought: p.Purchase,
		Start: r.Created, End: r.Deleted, Status: "active", AutoRenew: r.Labels["cloudsigma.auto_renew"] == "true",
		Object: r.Labels["cloudsigma.subscribed_object"], UUID: r.ID, FreeTier: r.Labels["cloudsigma.free_tier"] == "true",
		WasBilled: r.Created.Before(now),
	}
	if uuid := r.Labels["cloudsigma.uuid"]; uuid != "" {
		s.UUID = uuid
	}
	if s.End.IsZero() {
		s.End = documents.CloudSigmaNoon(p.Until)
	}
	switch {
	case !r.Created.Before(now):
		s.Status = "inactive"
	case !r.Deleted.IsZero() && !r.Deleted.After(now):
		s.Status = "expired"
	}
	return s
}
