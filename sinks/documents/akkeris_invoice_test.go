package documents

import (
	"encoding/json"
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

func akkerisItem(t *testing.T, dyno bool, description, quantity, billed string) AkkerisItem {
	t.Helper()
	return AkkerisItem{
		Organization: "design", App: "shop", Space: "prod", Description: description, Dyno: dyno,
		Quantity: money.MustQuantity(quantity), PricePerUnit: money.MustAmount("60"), Billed: money.MustAmount(billed),
		Created: at(t, "2017-01-30T08:15:30.25Z"),
	}
}

// Example 17: what databases cost is a part of what add-ons cost. And amounts that
// the platform's own rounding loses a cent of, as 0.29 and 64.10, are whole.
func TestAkkerisInvoice_IsWrittenToTheLetter(t *testing.T) {
	gone := akkerisItem(t, true, "standard web dyno", "2", "0.29")
	gone.Deleted = at(t, "2017-02-01T01:00:00+01:00")
	body, err := AkkerisInvoice(pricing.Month{Year: 2017, Month: 2}, at(t, "2017-03-09T00:00:00Z"), []AkkerisItem{
		akkerisItem(t, false, "alamo-postgresql:small addon", "1", "10.00"), akkerisItem(t, false, "alamo-redis:small addon", "1", "5.00"),
		gone, akkerisItem(t, true, "standard worker dyno", "0.5", "64.10"),
	})
	if err != nil {
		t.Fatal(err)
	}
	item := func(description, kind, quantity, deleted, billed string) string {
		return `{"organization":"design","app":{"name":"shop-prod"},"description":"` + description + `","type":"` + kind + `","quantity":` + quantity +
			`,"price_per_unit":60,"created_at":"2017-01-30T08:15:30.250Z","deleted_at":` + deleted + `,"billed_price":` + billed + `}`
	}
	want := `{"addons_total":15,"database_total":10,"charges_total":79.39,"created_at":"2017-02-01T00:00:00.000Z","credits_total":0,"dyno_units":2.5,` +
		`"id":"2017-02-01","number":"1485907200000","payment_status":"Paid","period_end":"2017-02-28T23:59:59.000Z","period_start":"2017-02-01T00:00:00.000Z",` +
		`"platform_total":64.39,"state":1,"total":79.39,"updated_at":"2017-02-01T00:00:00.000Z","weighted_dyno_hours":1680,"items":[` +
		item("alamo-postgresql:small addon", "addon", "1", "null", "10") + "," + item("alamo-redis:small addon", "addon", "1", "null", "5") + "," +
		item("standard web dyno", "dyno", "2", `"2017-02-01T00:00:00.000Z"`, "0.29") + "," + item("standard worker dyno", "dyno", "0.5", "null", "64.1") + `]}`
	if string(body) != want { // 2.5 x 24 x 28 = 1680
		t.Errorf("got\n%s\nwant\n%s", body, want)
	}
	for _, strict := range []bool{false, true} {
		if err := validate(schemas(t, strict)["akkeris-invoice"], body); err != nil {
			t.Errorf("strict %t: %v", strict, err)
		}
	}
}

// What is known of the open month ends with the 5th, its last second shown.
func TestAkkerisInvoice_AnOpenMonthEndsNow(t *testing.T) {
	body, err := AkkerisInvoice(pricing.Month{Year: 2017, Month: 2}, at(t, "2017-02-06T00:00:00Z"), []AkkerisItem{akkerisItem(t, true, "standard web dyno", "61", "1")})
	var got struct {
		State int         `json:"state"`
		End   string      `json:"period_end"`
		Hours json.Number `json:"weighted_dyno_hours"`
	}
	if err != nil || json.Unmarshal(body, &got) != nil || got.State != 2 || got.End != "2017-02-05T23:59:59.000Z" || got.Hours != "7320" {
		t.Errorf("%v: %+v of %s", err, got, body)
	}
}

func TestAkkerisList_IsReferences(t *testing.T) {
	for want, months := range map[string][]pricing.Month{
		`[]`: nil,
		`[{"$ref":"/account/invoices/2016-12-01"},{"$ref":"/account/invoices/2017-01-01"}]`: {{Year: 2016, Month: 12}, {Year: 2017, Month: 1}},
	} {
		body, err := AkkerisList("/account/invoices/", months)
		if err != nil || string(body) != want {
			t.Errorf("%v: %s, want %s", err, body, want)
		}
		if err := validate(schemas(t, true)["akkeris-invoices"], body); err != nil {
			t.Error(err)
		}
	}
}
