package documents

import (
	"cmp"
	"slices"

	"daybook/pricing"
	"daybook/pricing/money"
)

// ForecastSchema is the schema that a forecast names
// (docs/schemas/forecast.schema.json).
const ForecastSchema = "daybook/forecast/1"

type forecastDocument struct {
	Schema    string          `json:"schema"`
	AccountID *string         `json:"account_id"`
	Day       string          `json:"day"`
	Totals    []forecastTotal `json:"totals"`
	PerPrice  []priceForecast `json:"per_price"`
}

type forecastTotal struct {
	Currency         string `json:"currency"`
	Subtotal         string `json:"subtotal"`
	Total            string `json:"total"`
	ForecastSubtotal string `json:"forecast_subtotal"`
	ForecastTotal    string `json:"forecast_total"`
}

type priceForecast struct {
	PriceID          string         `json:"price_id"`
	PlanID           string         `json:"plan_id"`
	BookVersion      string         `json:"book_version"`
	BillingAccountID string         `json:"billing_account_id"`
	AccountID        string         `json:"account_id"`
	SubscriptionID   *string        `json:"subscription_id"`
	Grouping         map[string]any `json:"grouping"`
	Period           period         `json:"period"`
	Currency         string         `json:"currency"`
	Unit             string         `json:"unit"`
	Scope            string         `json:"scope"`
	Method           string         `json:"method"`
	Inputs           forecastInputs `json:"inputs"`
	Quantity         string         `json:"forecast_quantity"`
	Subtotal         string         `json:"forecast_subtotal"`
	Total            string         `json:"forecast_total"`
}

type forecastInputs struct {
	AsOf           string `json:"as_of"`
	ElapsedSeconds string `json:"elapsed_seconds"`
	PeriodSeconds  string `json:"period_seconds"`
	Quantity       string `json:"quantity"`
	Subtotal       string `json:"subtotal"`
	Total          string `json:"total"`
}

// Forecast writes what the open billing periods of an account are expected to
// cost, exactly, with the method and the inputs of each figure
// (docs/billing-rules.md, Forecast). Only rows of scope billed are in the totals,
// which stand once for each currency. The order of the rows does not matter. The
// account may be "", for rows of several.
func Forecast(account string, day pricing.Date, rows []pricing.ForecastRow) []byte {
	rows = slices.SortedFunc(slices.Values(rows), compareForecasts)
	d := forecastDocument{
		Schema: ForecastSchema, AccountID: optional(account), Day: day.String(),
		Totals: forecastTotals(rows), PerPrice: make([]priceForecast, len(rows)),
	}
	for i, r := range rows {
		d.PerPrice[i] = priceForecastOf(r)
	}
	body, err := compact(d)
	if err != nil {
		return nil // cannot be: the document is text and text-keyed maps of text
	}
	return body
}

func forecastTotals(rows []pricing.ForecastRow) []forecastTotal {
	out := []forecastTotal{}
	for _, currency := range ForecastCurrencies(rows) {
		var sum, total, forecastSum, forecast money.Amount
		for _, r := range rows {
			if r.Currency == currency && r.Scope == pricing.ScopeBilled {
				sum, total = sum.Add(r.Subtotal), total.Add(r.Total)
				forecastSum, forecast = forecastSum.Add(r.ForecastSubtotal), forecast.Add(r.ForecastTotal)
			}
		}
		out = append(out, forecastTotal{currency, sum.String(), total.String(), forecastSum.String(), forecast.String()})
	}
	return out
}

// ForecastCurrencies lists the currencies of the rows, sorted.
func ForecastCurrencies(rows []pricing.ForecastRow) []string {
	var out []string
	for _, r := range rows {
		out = append(out, r.Currency)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func priceForecastOf(r pricing.ForecastRow) priceForecast {
	grouping, err := group(r.Grouping)
	if err != nil {
		grouping = map[string]any{"unreadable": r.Grouping}
	}
	seconds := func(d int64) string { return money.Ratio(d, 1_000_000_000).Quantity().String() }
	return priceForecast{
		PriceID: r.Price, PlanID: r.Plan, BookVersion: r.BookVersion, BillingAccountID: r.BillingAccount, AccountID: r.Account,
		SubscriptionID: optional(r.Subscription), Grouping: grouping, Period: period{instant(r.PeriodStart), instant(r.PeriodEnd)},
		Currency: r.Currency, Unit: r.Unit, Scope: string(r.Scope), Method: string(r.Method),
		Inputs: forecastInputs{
			AsOf: instant(r.AsOf), ElapsedSeconds: seconds(int64(r.Elapsed)), PeriodSeconds: seconds(int64(r.Length)),
			Quantity: r.Quantity.String(), Subtotal: r.Subtotal.String(), Total: r.Total.String(),
		},
		Quantity: r.ForecastQuantity.String(), Subtotal: r.ForecastSubtotal.String(), Total: r.ForecastTotal.String(),
	}
}

// compareForecasts orders all that a document shows of a row but its figures,
// which follow.
func compareForecasts(a, b pricing.ForecastRow) int {
	return cmp.Or(
		cmp.Compare(a.BillingAccount, b.BillingAccount),
		cmp.Compare(a.Account, b.Account),
		cmp.Compare(a.Subscription, b.Subscription),
		cmp.Compare(a.Plan, b.Plan),
		cmp.Compare(a.Price, b.Price),
		a.PeriodStart.Compare(b.PeriodStart),
		cmp.Compare(a.BookVersion, b.BookVersion),
		cmp.Compare(a.Grouping, b.Grouping),
		cmp.Compare(a.Scope, b.Scope),
		a.PeriodEnd.Compare(b.PeriodEnd),
		cmp.Compare(a.Currency, b.Currency),
		a.ForecastTotal.Cmp(b.ForecastTotal),
		a.Total.Cmp(b.Total),
	)
}
