package world

import (
	_ "embed"

	"daybook/pricing"
)

//go:embed akkeris.yaml
var akkerisBook []byte

// akkeris is January and five days of February 2017 of an app platform, as in the
// worked examples of its API. Organization design scales its shop on 16 January;
// organization media has the add-ons of the examples. The resources of
// organization proration are those of its tests, in summer 2017.
func akkeris() System {
	return System{
		Name:  "akkeris",
		First: pricing.Month{Year: 2017, Month: 1}, Last: pricing.Month{Year: 2017, Month: 2},
		Open: true, LastDay: pricing.NewDate(2017, 2, 5),
		Settings: `issuer: {name: Platform Inc, terms: 30d, series: {invoice: "AK-{year}-{n:06}"}}`,
		Tokens: []DemoToken{
			{ID: "account", Account: "acme", Scopes: []string{"account", "organization", "space"}},
			{ID: "organization", Account: "media", Scopes: []string{"organization"}},
			{ID: "space", Account: "design-prod", Scopes: []string{"space"}},
			{ID: "other", Account: "other", Scopes: []string{"account", "organization", "space"}},
			{ID: "admin", Scopes: []string{"admin"}},
		},
		Try: []string{
			"/account/invoices",
			"/account/invoices/2017-02-01",
			"/organizations/media/invoices/2017-01-01",
			"/spaces/prod/invoices/2017-01-15",
		},
		Write: writeAkkeris,
	}
}

func writeAkkeris(put func(path string, body []byte) error) error {
	if err := put("book/akkeris.yaml", akkerisBook); err != nil {
		return err
	}
	return writeRows(put,
		table{"accounts", akkerisAccounts()},
		table{"subscriptions", akkerisSubscriptions()},
		table{"resources", akkerisResources()},
	)
}

// akkerisApps are apps by the account above them.
var akkerisApps = []struct{ id, parent, name string }{
	{"shop", "design-prod", "shop"},
	{"wiki", "design", "wiki"},
	{"video", "media-prod", "video"},
	{"stream", "docs-prod", "stream"},
	{"ex1", "tests", "ex1"},
	{"ex3", "tests", "ex3"},
	{"ex5", "tests", "ex5"},
	{"ex7", "tests", "ex7"},
	{"ex9", "tests", "ex9"},
	{"other-app", "other-org", "other-app"},
}

func akkerisAccounts() []map[string]any {
	payer := func(id string) map[string]any {
		return map[string]any{"id": id, "kind": "account", "name": id, "bills": true, "currency": "USD", "time_zone": "UTC"}
	}
	below := func(id, parent, kind, name, uuid string) map[string]any {
		return map[string]any{"id": id, "parent": parent, "kind": kind, "name": name, "external_id": uuid}
	}
	out := []map[string]any{
		payer("acme"), payer("other"),
		below("design", "acme", "organization", "design", "5d2c1c2e-60c4-4f0c-9a6e-3f1f8a0f7b11"),
		below("design-prod", "design", "space", "prod", "0b7f5a0e-2f0b-4b5f-8f9a-0d8f6f3c2a01"),
		below("media", "acme", "organization", "media", "9a0d7c51-94a8-4a2b-8a37-1f4b6f0f5c22"),
		below("media-prod", "media", "space", "prod", "0b7f5a0e-2f0b-4b5f-8f9a-0d8f6f3c2a02"),
		below("docs", "acme", "organization", "docs", "2c1f0a86-1d37-4a57-9f25-7b1c9b8e6d33"),
		below("docs-prod", "docs", "space", "streams", "0b7f5a0e-2f0b-4b5f-8f9a-0d8f6f3c2a03"),
		below("proration", "acme", "organization", "proration", "7e6b5d4c-0a19-4c58-8d36-5a4f3e2d1c44"),
		below("tests", "proration", "space", "tests", "0b7f5a0e-2f0b-4b5f-8f9a-0d8f6f3c2a04"),
		below("other-org", "other", "organization", "other-org", "c3d2e1f0-5b4a-4968-8776-655443322155"),
	}
	for _, a := range akkerisApps {
		out = append(out, map[string]any{"id": a.id, "parent": a.parent, "kind": "app", "name": a.name})
	}
	return out
}

func akkerisSubscriptions() []map[string]any {
	var out []map[string]any
	for _, a := range akkerisApps {
		out = append(out, map[string]any{"id": "sub-" + a.id, "account": a.id, "plan": "platform", "start": "2016-08-01"})
	}
	return out
}

func akkerisResources() []map[string]any {
	resource := func(id, app, kind, sku, quantity, created, deleted string) map[string]any {
		out := map[string]any{"id": id, "account": app, "kind": kind, "sku": sku, "quantity": quantity, "created": created}
		if deleted != "" {
			out["deleted"] = deleted
		}
		return out
	}
	worker := resource("wiki-worker", "wiki", "dyno", "standard", "1", "2017-01-01T00:00:00Z", "")
	worker["labels"] = map[string]string{"akkeris.type": "worker"}
	const five, later = "2017-06-05T00:00:00Z", "2017-07-10T00:00:00Z"
	return []map[string]any{
		worker,
		resource("shop-web-1", "shop", "dyno", "standard", "2", "2016-12-01T00:00:00Z", "2017-01-16T12:00:00Z"),
		resource("shop-web-2", "shop", "dyno", "large", "3", "2017-01-16T12:00:00Z", "2017-02-01T00:00:00Z"),
		// Examples 11 and 14: the documentation's invoice of the evening of 5 February.
		resource("stream-db", "stream", "addon", "alamo-postgresql:large", "1", "2017-02-01T00:00:00Z", ""),
		resource("stream-import", "stream", "dyno", "standard", "44", "2017-02-01T00:00:00Z", "2017-02-01T01:37:17Z"),
		resource("stream-web", "stream", "dyno", "standard", "17", "2017-02-01T00:00:00Z", ""),
		resource("shop-old", "shop", "dyno", "large", "1", "2016-08-15T00:00:00Z", "2017-02-05T22:16:56.616Z"),
		// Example 17.
		resource("video-db", "video", "addon", "alamo-postgresql:small", "1", "2016-12-01T00:00:00Z", "2017-02-01T00:00:00Z"),
		resource("video-redis", "video", "addon", "alamo-redis:small", "1", "2016-12-01T00:00:00Z", "2017-02-01T00:00:00Z"),
		// Examples 1 to 9.
		resource("ex1-web", "ex1", "dyno", "metal", "1", five, later),
		resource("ex3-web", "ex3", "dyno", "metal-2x", "1", five, later),
		resource("ex5-web", "ex5", "dyno", "metal", "1", "2017-07-05T00:00:00Z", "2017-08-10T00:00:00Z"),
		resource("ex7-web", "ex7", "dyno", "metal", "1", five, ""),
		resource("ex9-web", "ex9", "dyno", "metal", "1", five, "2017-06-10T00:00:00Z"),
		resource("other-web", "other-app", "dyno", "standard", "1", "2016-12-01T00:00:00Z", ""),
	}
}
