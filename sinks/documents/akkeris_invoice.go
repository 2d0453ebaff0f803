package documents

import (
	"strings"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
)

// AkkerisItem is what an invoice of Akkeris' API lists: a formation of dynos
// between two changes of it, or an add-on (Akkeris platform /account/invoices,
// Shape).
type AkkerisItem struct {
	Organization, App, Space string // their names
	Description              string // "standard web dyno", "alamo-redis:small addon"
	Dyno                     bool   // else an add-on
	Quantity                 money.Quantity
	PricePerUnit             money.Amount // of a whole month
	Billed                   money.Amount
	Created, Deleted         time.Time // zero Deleted: still there
}

// AkkerisList lists the invoices of months, as references below a path such as
// /account/invoices/.
func AkkerisList(path string, months []pricing.Month) ([]byte, error) {
	out := make([]object, len(months))
	for i, m := range months {
		out[i] = object{{"$ref", path + AkkerisID(m)}}
	}
	return compact(out)
}

// AkkerisID is the id of a month's invoice in Akkeris' API: its first day.
func AkkerisID(m pricing.Month) string { return m.First().String() }

// AkkerisInvoice writes a month's invoice. Of a month that is open, now ends the
// period; it is the end of what is known, which is shown as the second before it,
// as a month ends at 23:59:59. Totals are exact sums of what was billed, in JSON
// numbers; the one of databases is part of that of add-ons.
func AkkerisInvoice(m pricing.Month, now time.Time, items []AkkerisItem) ([]byte, error) {
	whole := pricing.Period{Start: m.First().UTC(), End: m.Next().First().UTC()}
	until := whole.Upto(now).End.Add(-time.Second)
	state, status := AkkerisState(whole, now)
	var addons, databases, dynos money.Amount
	var units money.Quantity
	list := make([]object, len(items))
	for i, it := range items {
		if it.Dyno {
			dynos, units = dynos.Add(it.Billed), units.Add(it.Quantity)
		} else {
			addons = addons.Add(it.Billed)
		}
		if strings.Contains(it.Description, "postgresql") {
			databases = databases.Add(it.Billed)
		}
		list[i] = it.object()
	}
	total := number(addons.Add(dynos).Decimal())
	start := milliseconds(whole.Start)
	return compact(object{
		{"addons_total", number(addons.Decimal())},
		{"database_total", number(databases.Decimal())},
		{"charges_total", total},
		{"created_at", start},
		{"credits_total", 0},
		{"dyno_units", number(units.Decimal())},
		{"id", AkkerisID(m)},
		{"number", AkkerisNumber(whole)},
		{"payment_status", status},
		{"period_end", milliseconds(until)},
		{"period_start", start},
		{"platform_total", number(dynos.Decimal())},
		{"state", state},
		{"total", total},
		{"updated_at", start},
		{"weighted_dyno_hours", number(AkkerisDynoHours(units, until).Decimal())},
		{"items", list},
	})
}

func (it AkkerisItem) object() object {
	kind, deleted := "addon", any(nil)
	if it.Dyno {
		kind = "dyno"
	}
	if !it.Deleted.IsZero() {
		deleted = milliseconds(it.Deleted)
	}
	return object{
		{"organization", it.Organization},
		{"app", object{{"name", it.App + "-" + it.Space}}},
		{"description", it.Description},
		{"type", kind},
		{"quantity", number(it.Quantity.Decimal())},
		{"price_per_unit", number(it.PricePerUnit.Decimal())},
		{"created_at", milliseconds(it.Created)},
		{"deleted_at", deleted},
		{"billed_price", number(it.Billed.Decimal())},
	}
}

// AkkerisError writes a fault. Akkeris itself writes the sentence alone, which is
// not the JSON that its content type promises.
func AkkerisError(code int, message string) []byte {
	body, err := compact(object{{"code", code}, {"message", message}})
	if err != nil {
		return nil // cannot be: a number and a text
	}
	return body
}

// milliseconds writes an instant as JavaScript does.
func milliseconds(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
