package documents

import (
	"fmt"
	"slices"
)

// cloudSigmaField describes a field of a resource in the terms of the API's
// schemas.
type cloudSigmaField struct {
	name, kind, help string
	nullable         bool
	unique           bool
}

// cloudSigmaResource describes a resource of the API: what a list of it takes
// and what its objects hold.
type cloudSigmaResource struct {
	name      string
	methods   []string
	limit     int
	fields    []cloudSigmaField
	filtering map[string]any
	ordering  []string
}

func cloudSigmaResources() []cloudSigmaResource {
	get, post := []string{"get"}, []string{"post"}
	comparisons := []string{"exact", "gt", "gte", "lt", "lte"}
	subscription := []cloudSigmaField{
		{name: "amount", kind: "string", help: "How much is subscribed to, in the unit of the resource"},
		{name: "auto_renew", kind: "boolean", help: "Whether it is to be renewed when it ends"},
		{name: "descendants", kind: "related", help: "Subscriptions that extend this one", nullable: true},
		{name: "discount_amount", kind: "decimal", help: "What the discount takes off the gross price", nullable: true},
		{name: "discount_percent", kind: "decimal", help: "The discount as a part of 1", nullable: true},
		{name: "end_time", kind: "datetime", help: "When it ends", nullable: true},
		{name: "free_tier", kind: "boolean", help: "Whether it is part of the free tier"},
		{name: "id", kind: "string", help: "Its id; null of what was only calculated", nullable: true, unique: true},
		{name: "period", kind: "string", help: "How long it is"},
		{name: "price", kind: "decimal", help: "What it costs, discount taken off"},
		{name: "remaining", kind: "string", help: "How much is left", nullable: true},
		{name: "resource", kind: "string", help: "The resource"},
		{name: "resource_uri", kind: "string", help: "Where it is found", nullable: true},
		{name: "start_time", kind: "datetime", help: "When it starts"},
		{name: "status", kind: "string", help: "active, inactive or expired"},
		{name: "subscribed_object", kind: "string", help: "What it is for, such as an address", nullable: true},
		{name: "uuid", kind: "string", help: "Its id in the registry", nullable: true, unique: true},
		{name: "was_billed", kind: "boolean", help: "Whether it has been charged"},
	}
	burst := []cloudSigmaField{
		{name: "amount", kind: "decimal", help: "What the bursts cost"},
		{name: "resource_type", kind: "string", help: "The resource"},
		{name: "usage", kind: "integer", help: "What was beyond the subscription, added up over all polls"},
	}
	return []cloudSigmaResource{
		{"balance", get, 20, []cloudSigmaField{
			{name: "balance", kind: "decimal", help: "The money in the account"},
			{name: "credit_limit", kind: "decimal", help: "How far below zero the balance may be", nullable: true},
			{name: "currency", kind: "string", help: "The account's currency"},
		}, nil, nil},
		{"burstusage", get, 20, append(slices.Clone(burst), cloudSigmaField{name: "uuid", kind: "string", help: "The object"}), map[string]any{"date": comparisons}, nil},
		{"currentusage", get, 20, []cloudSigmaField{
			{name: "balance", kind: "dict", help: "The account's balance and currency"},
			{name: "usage", kind: "dict", help: "By resource: what is used, subscribed to and beyond"},
		}, nil, nil},
		{"dailyburstusage", get, 20, append(slices.Clone(burst), cloudSigmaField{name: "date", kind: "date", help: "The day"}), map[string]any{"date": comparisons}, nil},
		{"discount", get, 0, []cloudSigmaField{
			{name: "period", kind: "string", help: "The shortest time that the discount is for", nullable: true},
			{name: "value", kind: "decimal", help: "The discount as a part of 1"},
		}, nil, nil},
		{"ledger", get, 20, []cloudSigmaField{
			{name: "amount", kind: "decimal", help: "Above zero it takes money, below it brings some"},
			{name: "billing_cycle", kind: "integer", help: "The five minutes whose usage is charged", nullable: true},
			{name: "end", kind: "decimal", help: "The balance afterwards"},
			{name: "human_interval", kind: "string", help: "The interval in words", nullable: true},
			{name: "id", kind: "string", help: "The entry's id", unique: true},
			{name: "initial", kind: "decimal", help: "The balance before"},
			{name: "interval", kind: "integer", help: "For how many seconds usage is charged", nullable: true},
			{name: "poll_time", kind: "datetime", help: "When the usage was polled"},
			{name: "reason", kind: "string", help: "What the entry is for"},
			{name: "resource_amount", kind: "string", help: "How much of the resource is charged", nullable: true},
			{name: "time", kind: "datetime", help: "When the entry was made"},
		}, map[string]any{"billing_cycle": []string{"exact"}, "time": comparisons}, []string{"time"}},
		{"licenses", get, 20, []cloudSigmaField{
			{name: "burstable", kind: "boolean", help: "Whether it may be used without a subscription"},
			{name: "long_name", kind: "string", help: "Its name for people"},
			{name: "name", kind: "string", help: "The resource that it is sold as", unique: true},
			{name: "resource_uri", kind: "string", help: "Where it is found"},
			{name: "type", kind: "string", help: "install, instance or stub: what it is billed for"},
			{name: "user_metric", kind: "string", help: "What of a guest counts, such as smp"},
		}, nil, nil},
		{"pricing", get, 0, []cloudSigmaField{
			{name: "currency", kind: "string", help: "The currency of the price"},
			{name: "id", kind: "string", help: "The price's id", unique: true},
			{name: "level", kind: "integer", help: "The burst level; 0 is the price of subscriptions"},
			{name: "multiplier", kind: "integer", help: "How many of the resource's amounts, times seconds, the price is for"},
			{name: "price", kind: "decimal", help: "The price"},
			{name: "resource", kind: "string", help: "The resource"},
			{name: "unit", kind: "string", help: "The unit of the price"},
		}, map[string]any{"level": []string{"exact"}}, nil},
		{"subscriptioncalculator", post, 20, subscription, nil, nil},
		{"subscriptions", get, 20, subscription, map[string]any{"resource": []string{"exact"}, "status": []string{"exact"}, "subscribed_object": []string{"exact"}}, nil},
		{"usage", get, 20, []cloudSigmaField{
			{name: "amount", kind: "string", help: "What was used, in the unit of the resource"},
			{name: "poll_time", kind: "datetime", help: "When it was polled"},
			{name: "resource", kind: "string", help: "The resource"},
			{name: "uuid", kind: "string", help: "The object that used it"},
		}, map[string]any{"poll_time": comparisons, "resource": []string{"exact"}, "uuid": []string{"exact"}}, nil},
	}
}

// CloudSigmaSchemas names the resources of CloudSigma's API that are described.
func CloudSigmaSchemas() []string {
	var out []string
	for _, r := range cloudSigmaResources() {
		out = append(out, r.name)
	}
	return out
}

// CloudSigmaSchema writes the answer of a resource's /schema/.
func CloudSigmaSchema(name string) ([]byte, error) {
	type field struct {
		Blank    bool   `json:"blank"`
		Default  string `json:"default"`
		Help     string `json:"help_text"`
		Nullable bool   `json:"nullable"`
		ReadOnly bool   `json:"readonly"`
		Type     string `json:"type"`
		Unique   bool   `json:"unique"`
	}
	for _, r := range cloudSigmaResources() {
		if r.name != name {
			continue
		}
		fields := map[string]field{}
		for _, f := range r.fields {
			fields[f.name] = field{Default: "No default provided.", Help: f.help, Nullable: f.nullable, ReadOnly: true, Type: f.kind, Unique: f.unique}
		}
		return compact(struct {
			Detail    []string         `json:"allowed_detail_http_methods"`
			List      []string         `json:"allowed_list_http_methods"`
			Format    string           `json:"default_format"`
			Limit     int              `json:"default_limit"`
			Fields    map[string]field `json:"fields"`
			Filtering map[string]any   `json:"filtering,omitempty"`
			Ordering  []string         `json:"ordering,omitempty"`
		}{r.methods, r.methods, "application/json", r.limit, fields, r.filtering, r.ordering})
	}
	return nil, fmt.Errorf("there is no schema of %q", name)
}
