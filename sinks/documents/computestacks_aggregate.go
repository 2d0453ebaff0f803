package documents

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"daybook/pricing/money"
)

// TypeUsageAggregated is the type of the event that says what a closing reports of
// usage items.
const TypeUsageAggregated = "usage.aggregated"

// csGroup is an element of ComputeStacks' aggregate: what a closing reports of a
// subscription's product. Its decimals are JSON numbers.
type csGroup struct {
	SubscriptionID        int64          `json:"subscription_id"`
	SubscriptionProductID int64          `json:"subscription_product_id"`
	Product               csProductName  `json:"product"`
	BillingResource       csResource     `json:"billing_resource"`
	ContainerServiceID    *json.Number   `json:"container_service_id"`
	ContainerID           *json.Number   `json:"container_id"`
	User                  csReportedUser `json:"user"`
	ExternalID            *string        `json:"external_id"`
	Total                 json.Number    `json:"total"`
	Quantity              json.Number    `json:"qty"`
	PeriodStart           string         `json:"period_start"`
	PeriodEnd             string         `json:"period_end"`
	Items                 []csReported   `json:"usage_items"`
}

type csProductName struct {
	ID         int64   `json:"id"`
	Name       string  `json:"name"`
	ExternalID *string `json:"external_id"`
}

type csResource struct {
	ID            int64   `json:"id"`
	ExternalID    *string `json:"external_id"`
	BillingPlanID int64   `json:"billing_plan_id"`
}

type csReportedUser struct {
	ID         int64           `json:"id"`
	ExternalID *string         `json:"external_id"`
	Email      *string         `json:"email"`
	Labels     json.RawMessage `json:"labels"`
}

type csReported struct {
	ID          int64       `json:"id"`
	Rate        json.Number `json:"rate"`
	RatePeriod  int         `json:"rate_period"`
	Quantity    json.Number `json:"qty"`
	Total       json.Number `json:"total"`
	PeriodStart string      `json:"period_start"`
	PeriodEnd   string      `json:"period_end"`
}

// ComputeStacksAggregate writes what a closing reports of its usage items, a JSON
// array of groups, and what is left for the next one, which is handed to it as
// carried: by the rules of [ComputeStacksProcess]. An aggregate without groups is
// nil. Two items of one id are an error.
func ComputeStacksAggregate(carried []byte, items []ComputeStacksItem) (aggregate, left []byte, err error) {
	groups := map[int64]*csGroup{}
	if len(carried) > 0 {
		var before []csGroup
		if err := json.Unmarshal(carried, &before); err != nil {
			return nil, nil, fmt.Errorf("read the usage items that are left from before: %w", err)
		}
		for i := range before {
			groups[before[i].SubscriptionProductID] = &before[i]
		}
	}
	items = slices.Clone(items)
	SortComputeStacks(items)
	for i := range items {
		if it := &items[i]; !it.Total.IsZero() && it.Of.User.Labels[labelBypass] != "true" {
			it.into(groups)
		}
	}
	users := map[int64][]csGroup{}
	for _, g := range groups {
		if err := g.sum(); err != nil {
			return nil, nil, err
		}
		users[g.User.ID] = append(users[g.User.ID], *g)
	}
	var reported, kept []csGroup
	for _, of := range users {
		now := slices.DeleteFunc(slices.Clone(of), func(g csGroup) bool { return !isReported(money.MustAmount(string(g.Total))) })
		if len(now) == 0 {
			kept = append(kept, of...)
		}
		reported = append(reported, now...)
	}
	if aggregate, err = arrayOf(reported); err != nil {
		return nil, nil, err
	}
	if left, err = arrayOf(kept); left == nil {
		left = []byte("[]")
	}
	return aggregate, left, err
}

// isReported reports whether a group's total is a cent or more, or takes back as
// much.
func isReported(total money.Amount) bool { return total.Cmp(cent) >= 0 || total.Neg().Cmp(cent) >= 0 }

// arrayOf writes groups by user, subscription and product; nil for none.
func arrayOf(groups []csGroup) ([]byte, error) {
	if len(groups) == 0 {
		return nil, nil
	}
	slices.SortFunc(groups, func(a, b csGroup) int {
		return cmp.Or(cmp.Compare(a.User.ID, b.User.ID), cmp.Compare(a.SubscriptionID, b.SubscriptionID), cmp.Compare(a.SubscriptionProductID, b.SubscriptionProductID))
	})
	return compact(groups)
}

// into adds the item to its group.
func (i *ComputeStacksItem) into(groups map[int64]*csGroup) {
	of := i.Of.ID()
	g := groups[of]
	if g == nil {
		g = i.Of.group()
		groups[of] = g
	}
	w := i.wire()
	g.Items = append(g.Items, csReported{w.ID, json.Number(w.Rate), w.RatePeriod, json.Number(w.Quantity), json.Number(w.Total), w.PeriodStart, w.PeriodEnd})
	g.ExternalID = cmp.Or(g.ExternalID, w.ExternalID)
}

// group is an empty group of the product.
func (p *ComputeStacksProduct) group() *csGroup {
	product, user := p.product(), userOf(p.User)
	return &csGroup{
		SubscriptionID: ComputeStacksSubscriptionID(p.Subscription.ID), SubscriptionProductID: p.ID(),
		Product:            csProductName{product.ID, nameOf(product.Label), nil},
		BillingResource:    csResource{IntegerID("billing_resource", p.Plan, p.Price), nil, IntegerID("billing_plan", p.Plan)},
		ContainerServiceID: labelNumber(p.Subscription.Labels[labelContainerService]), ContainerID: labelNumber(p.Subscription.Labels[labelContainer]),
		User: csReportedUser{user.ID, user.ExternalID, user.Email, user.Labels},
	}
}

// nameOf is a label as ComputeStacks makes a name of it, by which its consumers
// group: "Container M" is containerm.
func nameOf(label string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, label)
}

// labelNumber is a label's whole number, or nil.
func labelNumber(text string) *json.Number {
	for _, r := range text {
		if r < '0' || r > '9' {
			return nil
		}
	}
	if text == "" || len(text) > 18 || len(text) > 1 && text[0] == '0' {
		return nil
	}
	n := json.Number(text)
	return &n
}

// sum adds the group's items up.
func (g *csGroup) sum() error {
	var total money.Amount
	var quantity money.Quantity
	var first, last time.Time
	ends := map[int64]time.Time{}
	for _, i := range g.Items {
		if _, again := ends[i.ID]; again {
			return fmt.Errorf("usage items %d: two have that id", i.ID)
		}
		amount, err := money.ParseAmount(string(i.Total))
		if err != nil {
			return fmt.Errorf("read usage item %d: %w", i.ID, err)
		}
		q, err := money.ParseQuantity(string(i.Quantity))
		if err != nil {
			return fmt.Errorf("read usage item %d: %w", i.ID, err)
		}
		total, quantity = total.Add(amount), quantity.Add(q)
		start, errStart := time.Parse(time.RFC3339Nano, i.PeriodStart)
		end, errEnd := time.Parse(time.RFC3339Nano, i.PeriodEnd)
		if err := cmp.Or(errStart, errEnd); err != nil {
			return fmt.Errorf("read usage item %d: %w", i.ID, err)
		}
		ends[i.ID] = end
		if first.IsZero() || start.Before(first) {
			first = start
		}
		if end.After(last) {
			last = end
		}
	}
	g.Total, g.Quantity = json.Number(csDecimal(total.String())), json.Number(csDecimal(quantity.String()))
	g.PeriodStart, g.PeriodEnd = instant(first), instant(last)
	slices.SortStableFunc(g.Items, func(a, b csReported) int { return ends[b.ID].Compare(ends[a.ID]) }) // newest first
	return nil
}
