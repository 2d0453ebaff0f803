package documents

import (
	"encoding/json"
	"strings"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
)

// ComputeStacksItem is a usage item of ComputeStacks' billing_usages: what one
// reading of a meter, or one line that has no readings, comes to.
type ComputeStacksItem struct {
	ID            int64
	Start, End    time.Time // the end is the last instant that counts
	Rate          money.Amount
	RatePeriod    int            // hours that the rate is for: 1, 24, 730 or 8760
	Quantity      money.Quantity // billable
	QuantityTotal money.Quantity // as it was read
	Total         money.Amount   // to eight places
	Processed     time.Time      // when a closing took it up; zero: none has
	Created       time.Time
	Of            ComputeStacksProduct
	Line          pricing.LineKey   // that it is part of
	Void          pricing.VoidUsage // of a reading: what takes it back; zero where its window is not kept
	Whole         bool              // it is the line as a whole
	Month         pricing.Month     // whose closing bills it
}

// ComputeStacksProduct is what a subscription has of a product: whose it is, and
// the group in which its items are reported.
type ComputeStacksProduct struct {
	Subscription pricing.Subscription
	User         pricing.Account
	Plan         string // id
	PlanName     string // of the plan, for people
	Price        string // id
	Label        string // of the price, for people
	Unit         string
	Phase        string // as the plan calls it; "" where it has none, or all have passed
	Active       bool
	Monthly      bool // what is not read is priced by the month: a level, a resource, a fee
	Month        pricing.MonthLength
}

// Labels of the registry that say what it has no field for (docs/apis.md).
const (
	labelPackage          = "computestacks.package"              // of a subscription: JSON object
	labelContainer        = "computestacks.container_id"         // of a subscription: integer
	labelContainerService = "computestacks.container_service_id" // of a subscription: integer
	labelEmail            = "computestacks.email"                // of an account
	labelLabels           = "computestacks.labels"               // of an account: JSON object, in place of its labels
	labelBypass           = "computestacks.bypass_billing"       // of an account: "true"
)

type csProduct struct {
	ID           int64           `json:"id"`
	Label        string          `json:"label"`
	ResourceKind string          `json:"resource_kind"`
	Unit         int             `json:"unit"`
	UnitType     *string         `json:"unit_type"`
	ExternalID   *string         `json:"external_id"`
	Group        *string         `json:"group"`
	Package      json.RawMessage `json:"package"`
}

type csSubscriptionProduct struct {
	ID         int64     `json:"id"`
	ExternalID *string   `json:"external_id"`
	StartOn    string    `json:"start_on"`
	Active     bool      `json:"active"`
	PhaseType  string    `json:"phase_type"`
	CreatedAt  string    `json:"created_at"`
	UpdatedAt  string    `json:"updated_at"`
	Product    csProduct `json:"product"`
}

type csUser struct {
	ID         int64           `json:"id"`
	FullName   string          `json:"full_name"`
	Email      *string         `json:"email"`
	ExternalID *string         `json:"external_id"`
	Labels     json.RawMessage `json:"labels"`
}

// csItem has the fields of both views of ComputeStacks: the administrator's has
// subscription_product and qty_total, the user's has product.
type csItem struct {
	ID                  int64                 `json:"id"`
	PeriodStart         string                `json:"period_start"`
	PeriodEnd           string                `json:"period_end"`
	ExternalID          *string               `json:"external_id"`
	Rate                string                `json:"rate"`
	RatePeriod          int                   `json:"rate_period"`
	Quantity            string                `json:"qty"`
	QuantityTotal       string                `json:"qty_total"`
	Total               string                `json:"total"`
	Processed           bool                  `json:"processed"`
	ProcessedOn         *string               `json:"processed_on"`
	CreatedAt           string                `json:"created_at"`
	UpdatedAt           string                `json:"updated_at"`
	SubscriptionProduct csSubscriptionProduct `json:"subscription_product"`
	Product             csProduct             `json:"product"`
	User                csUser                `json:"user"`
}

// ComputeStacksList writes a page of usage items.
func ComputeStacksList(items []ComputeStacksItem) ([]byte, error) {
	list := make([]csItem, len(items))
	for i := range items {
		list[i] = items[i].wire()
	}
	return compact(struct {
		Items []csItem `json:"billing_usages"`
	}{list})
}

// ComputeStacksShow writes one usage item, under the key that the administrator's
// documentation names and under the one that the user's does.
func ComputeStacksShow(item ComputeStacksItem) ([]byte, error) {
	w := item.wire()
	return compact(struct {
		Admin csItem `json:"billing_usages"`
		User  csItem `json:"billing_usage"`
	}{w, w})
}

// ComputeStacksErrors writes what went wrong.
func ComputeStacksErrors(messages ...string) []byte {
	body, _ := compact(struct {
		Errors []string `json:"errors"`
	}{messages}) // text alone cannot fail
	return body
}

func (i *ComputeStacksItem) wire() csItem {
	product := i.Of.product()
	out := csItem{
		ID: i.ID, PeriodStart: instant(i.Start), PeriodEnd: instant(i.End), ExternalID: optional(i.Of.Subscription.ExternalID),
		Rate: csDecimal(i.Rate.String()), RatePeriod: i.RatePeriod, Quantity: csDecimal(i.Quantity.String()), QuantityTotal: csDecimal(i.QuantityTotal.String()),
		Total: csDecimal(i.Total.String()), Processed: !i.Processed.IsZero(), ProcessedOn: optionalInstant(i.Processed),
		CreatedAt: instant(i.Created), UpdatedAt: instant(i.updated()), Product: product, User: userOf(i.Of.User),
	}
	start := instant(i.Of.Subscription.Start)
	out.SubscriptionProduct = csSubscriptionProduct{
		ID: i.Of.ID(), StartOn: start, Active: i.Of.Active, PhaseType: i.Of.phaseType(), CreatedAt: start, UpdatedAt: start, Product: product,
	}
	return out
}

func (i *ComputeStacksItem) updated() time.Time {
	if i.Processed.After(i.Created) {
		return i.Processed
	}
	return i.Created
}

// ID is the id of the subscription's product.
func (p *ComputeStacksProduct) ID() int64 {
	return IntegerID("subscription_product", p.Subscription.ID, p.Plan, p.Price)
}

// kinds are ComputeStacks' kinds of resource that a price may be named after; any
// other price is for a package.
var kinds = []string{"storage", "bandwidth", "backup", "local_disk", "memory", "cpu", "image", "addon"}

func (p *ComputeStacksProduct) kind() string {
	for _, k := range kinds {
		if p.Price == k {
			return k
		}
	}
	return "package"
}

func (p *ComputeStacksProduct) product() csProduct {
	label := p.Label
	if p.kind() == "package" {
		label = p.PlanName // the package is the plan
	}
	out := csProduct{
		ID: p.productID(), Label: label, ResourceKind: p.kind(), Unit: 1, UnitType: p.unitType(), Package: json.RawMessage("null"),
	}
	if text := p.Subscription.Labels[labelPackage]; isObject(text) {
		out.Package = json.RawMessage(text)
	}
	return out
}

// unitType is the unit of the quantity; what is priced for its time is one thing.
func (p *ComputeStacksProduct) unitType() *string {
	if secondsIn[p.Unit] > 0 {
		return nil
	}
	return optional(p.Unit)
}

// productID is of the plan's package, or of the price by its name: what several
// plans charge for under one name is one product.
func (p *ComputeStacksProduct) productID() int64 {
	if p.kind() == "package" {
		return IntegerID("product", p.Plan, p.Price)
	}
	return IntegerID("product", "", p.Price)
}

// phaseType is trial, discount or final, as ComputeStacks has no others: what is
// called otherwise is one at a discount.
func (p *ComputeStacksProduct) phaseType() string {
	switch p.Phase {
	case "", "final":
		return "final"
	case "trial":
		return "trial"
	}
	return "discount"
}

// ComputeStacksUserID is the id of an account as a user, and
// ComputeStacksSubscriptionID that of a subscription.
func ComputeStacksUserID(account string) int64 { return IntegerID("user", account) }

// ComputeStacksSubscriptionID is the id of a subscription.
func ComputeStacksSubscriptionID(id string) int64 { return IntegerID("subscription", id) }

func userOf(a pricing.Account) csUser {
	return csUser{
		ID: ComputeStacksUserID(a.ID), FullName: a.Name, Email: optional(a.Labels[labelEmail]), ExternalID: optional(a.ExternalID), Labels: labelsOf(a),
	}
}

// labelsOf is the account's label of that name, else its labels as they are.
func labelsOf(a pricing.Account) json.RawMessage {
	if text := a.Labels[labelLabels]; isObject(text) {
		return json.RawMessage(text)
	}
	own := map[string]string{}
	for name, value := range a.Labels {
		if !strings.HasPrefix(name, "computestacks.") {
			own[name] = value
		}
	}
	body, _ := compact(own) // texts alone cannot fail; the keys are sorted
	return body
}

func isObject(text string) bool {
	return strings.HasPrefix(strings.TrimSpace(text), "{") && json.Valid([]byte(text))
}

// csDecimal writes a decimal as Rails does: with at least one place.
func csDecimal(text string) string {
	if !strings.Contains(text, ".") {
		return text + ".0"
	}
	return text
}
