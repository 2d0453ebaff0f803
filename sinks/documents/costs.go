package documents

import (
	"cmp"
	"slices"

	"daybook/pricing"
	"daybook/pricing/money"
)

// CostsSchema is the schema that a cost series names
// (docs/schemas/costs.schema.json).
const CostsSchema = "daybook/costs/1"

type costsDocument struct {
	Schema           string    `json:"schema"`
	AccountID        *string   `json:"account_id"`
	BillingAccountID *string   `json:"billing_account_id"`
	Currency         *string   `json:"currency"`
	Days             []costDay `json:"days"`
}

type costDay struct {
	Day                string      `json:"day"`
	TimeframeStart     string      `json:"timeframe_start"`
	TimeframeEnd       string      `json:"timeframe_end"`
	Currency           string      `json:"currency"`
	Subtotal           string      `json:"subtotal"`
	Total              string      `json:"total"`
	CumulativeSubtotal string      `json:"cumulative_subtotal"`
	CumulativeTotal    string      `json:"cumulative_total"`
	PerPrice           []priceCost `json:"per_price"`
}

type priceCost struct {
	PriceID            string         `json:"price_id"`
	PlanID             string         `json:"plan_id"`
	BookVersion        string         `json:"book_version"`
	AccountID          string         `json:"account_id"`
	SubscriptionID     *string        `json:"subscription_id"`
	Grouping           map[string]any `json:"grouping"`
	Period             period         `json:"period"`
	Unit               string         `json:"unit"`
	Quantity           string         `json:"quantity"`
	CumulativeQuantity string         `json:"cumulative_quantity"`
	Subtotal           string         `json:"subtotal"`
	Total              string         `json:"total"`
	CumulativeSubtotal string         `json:"cumulative_subtotal"`
	CumulativeTotal    string         `json:"cumulative_total"`
	Scope              string         `json:"scope"`
}

// CostSeries writes the canonical cost series of an account: for each day what
// it cost so far in its billing periods and the day's own difference, exact and
// not rounded to cents (docs/billing-rules.md, Cost series). Only rows of scope
// billed are in a day's sums; own rows are listed beside them. The order of the
// rows does not matter.
//
// The account may be "", for rows of several accounts: then account_id is null.
// billing_account_id and currency are null where the rows have more than one;
// days are never summed over different currencies or timeframes, but stand once
// for each.
func CostSeries(account string, rows []pricing.CostRow) []byte {
	if !slices.IsSortedFunc(rows, compareCosts) { // as daily rows are
		rows = slices.SortedFunc(slices.Values(rows), compareCosts)
	}
	d := costsDocument{
		Schema: CostsSchema, AccountID: optional(account), Days: []costDay{},
		BillingAccountID: only(rows, func(r pricing.CostRow) string { return r.BillingAccount }),
		Currency:         only(rows, func(r pricing.CostRow) string { return r.Currency }),
	}
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && sameDay(rows[0], rows[n]) {
			n++
		}
		d.Days = append(d.Days, dayOf(rows[:n]))
		rows = rows[n:]
	}
	body, err := compact(d)
	if err != nil {
		return nil // cannot be: the document is text and text-keyed maps of text, whatever the rows
	}
	return body
}

func dayOf(rows []pricing.CostRow) costDay {
	var subtotal, total, cumulativeSubtotal, cumulativeTotal money.Amount
	day := costDay{
		Day: rows[0].Day.String(), TimeframeStart: instant(rows[0].TimeframeStart), TimeframeEnd: instant(rows[0].TimeframeEnd),
		Currency: rows[0].Currency, PerPrice: make([]priceCost, len(rows)),
	}
	for i, r := range rows {
		day.PerPrice[i] = priceCostOf(r)
		if r.Scope != pricing.ScopeBilled {
			continue
		}
		subtotal, total = subtotal.Add(r.Subtotal), total.Add(r.Total)
		cumulativeSubtotal, cumulativeTotal = cumulativeSubtotal.Add(r.CumulativeSubtotal), cumulativeTotal.Add(r.CumulativeTotal)
	}
	day.Subtotal, day.Total = subtotal.String(), total.String()
	day.CumulativeSubtotal, day.CumulativeTotal = cumulativeSubtotal.String(), cumulativeTotal.String()
	return day
}

func priceCostOf(r pricing.CostRow) priceCost {
	grouping, err := group(r.Grouping)
	if err != nil { // shown as it is: one odd row must not hide the others' costs
		grouping = map[string]any{"unreadable": r.Grouping}
	}
	return priceCost{
		PriceID: r.Price, PlanID: r.Plan, BookVersion: r.BookVersion, AccountID: r.Account, SubscriptionID: optional(r.Subscription),
		Grouping: grouping, Period: period{instant(r.PeriodStart), instant(r.PeriodEnd)}, Unit: r.Unit,
		Quantity: r.Quantity.String(), CumulativeQuantity: r.CumulativeQuantity.String(),
		Subtotal: r.Subtotal.String(), Total: r.Total.String(),
		CumulativeSubtotal: r.CumulativeSubtotal.String(), CumulativeTotal: r.CumulativeTotal.String(), Scope: string(r.Scope),
	}
}

// only returns the value that all rows share, and nil when they differ.
func only(rows []pricing.CostRow, of func(pricing.CostRow) string) *string {
	if len(rows) == 0 || slices.ContainsFunc(rows, func(r pricing.CostRow) bool { return of(r) != of(rows[0]) }) {
		return nil
	}
	return optional(of(rows[0]))
}

func sameDay(a, b pricing.CostRow) bool { return compareDays(a, b) == 0 }

func compareDays(a, b pricing.CostRow) int {
	return cmp.Or(
		cmp.Compare(a.Day, b.Day),
		a.TimeframeStart.Compare(b.TimeframeStart),
		a.TimeframeEnd.Compare(b.TimeframeEnd),
		cmp.Compare(a.Currency, b.Currency),
	)
}

// compareCosts orders all that a document shows of a row, so that equal sets of
// rows give equal bytes.
func compareCosts(a, b pricing.CostRow) int {
	if c := cmp.Or(
		compareDays(a, b),
		cmp.Compare(a.BillingAccount, b.BillingAccount),
		cmp.Compare(a.Account, b.Account),
		cmp.Compare(a.Subscription, b.Subscription),
		cmp.Compare(a.Plan, b.Plan),
		cmp.Compare(a.Price, b.Price),
	); c != 0 { // as of most, whose decimals need not be compared
		return c
	}
	return cmp.Or(
		cmp.Compare(a.BookVersion, b.BookVersion),
		cmp.Compare(a.Grouping, b.Grouping),
		cmp.Compare(a.Scope, b.Scope),
		a.PeriodStart.Compare(b.PeriodStart),
		a.PeriodEnd.Compare(b.PeriodEnd),
		cmp.Compare(a.Unit, b.Unit),
		a.CumulativeQuantity.Cmp(b.CumulativeQuantity),
		a.CumulativeSubtotal.Cmp(b.CumulativeSubtotal),
		a.CumulativeTotal.Cmp(b.CumulativeTotal),
		a.Quantity.Cmp(b.Quantity),
		a.Subtotal.Cmp(b.Subtotal),
		a.Total.Cmp(b.Total),
	)
}
