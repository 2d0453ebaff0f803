package main

import (
	"encoding/json"
	"time"

	"daybook/jobs"
	"daybook/pricing"
	"daybook/pricing/money"
)

// The JSON of `daybook price` and `daybook explain` (docs/explain.md). Numbers
// are text, so that no reader rounds them; an amount of an invoice has the
// currency's decimals, an exact one up to 20.
type explainedDocument struct {
	Invoice        string          `json:"invoice,omitempty"`
	InvoiceID      string          `json:"invoice_id,omitempty"`
	Closing        string          `json:"closing"`
	AsOf           string          `json:"as_of,omitempty"`
	BillingAccount string          `json:"billing_account,omitempty"`
	Currency       string          `json:"currency"`
	Lines          []explainedLine `json:"lines"`
	ExactSubtotal  string          `json:"exact_subtotal"`
	ExactTotal     string          `json:"exact_total"`
	Subtotal       string          `json:"subtotal"`
	Discount       string          `json:"discount"`
	Total          string          `json:"total"`
	Credits        string          `json:"credits"`
	Tax            string          `json:"tax"`
	BalanceApplied string          `json:"balance_applied"`
	AmountDue      string          `json:"amount_due"`
	Series         []seriesRow     `json:"series,omitempty"`
	Inputs         []inputFile     `json:"inputs,omitempty"`
}

type explainedLine struct {
	Line           int             `json:"line"`
	AccountID      string          `json:"account_id"`
	SubscriptionID string          `json:"subscription_id,omitempty"`
	PlanID         string          `json:"plan_id"`
	PriceID        string          `json:"price_id"`
	BookVersion    string          `json:"book_version"`
	Description    string          `json:"description"`
	Model          string          `json:"model"`
	Grouping       json.RawMessage `json:"grouping"`
	Quantity       string          `json:"quantity"`
	Unit           string          `json:"unit,omitempty"`
	PricingUnit    *pricingUnit    `json:"pricing_unit,omitempty"` // what the steps before `worth` are in
	UnitPrice      string          `json:"unit_price,omitempty"`
	Period         spanOfTime      `json:"period"`
	BillingPeriod  spanOfTime      `json:"billing_period"` // as the plan's cycle has it
	Covered        spanOfTime      `json:"covered"`        // what of it the subscription holds
	ExactSubtotal  string          `json:"exact_subtotal"`
	ExactTotal     string          `json:"exact_total"`
	Subtotal       string          `json:"subtotal"`
	Discount       string          `json:"discount"`
	Total          string          `json:"total"`
	Credits        string          `json:"credits"`
	Tax            string          `json:"tax"`
	Steps          []explainedStep `json:"steps"`
	Rollups        []rollupUse     `json:"rollups,omitempty"`
}

type pricingUnit struct {
	Name  string `json:"name"`
	Worth string `json:"worth"`
}

type spanOfTime struct {
	Start string `json:"start"`
	End   string `json:"end"`
}

type explainedStep struct {
	Step         string `json:"step"`
	Label        string `json:"label"`
	Quantity     string `json:"quantity,omitempty"`
	UnitPrice    string `json:"unit_price,omitempty"`
	Flat         string `json:"flat,omitempty"`
	Amount       string `json:"amount,omitempty"`
	Subscription string `json:"subscription_id,omitempty"`
	Meter        string `json:"meter,omitempty"`
	From         string `json:"from,omitempty"`
	To           string `json:"to,omitempty"`
	Events       *int64 `json:"events,omitempty"`
	Rows         *int64 `json:"rollup_rows,omitempty"`
}

type seriesRow struct {
	Day                string          `json:"day"`
	PriceID            string          `json:"price_id"`
	Grouping           json.RawMessage `json:"grouping"`
	Scope              string          `json:"scope"`
	Timeframe          spanOfTime      `json:"timeframe"` // the local day
	Period             spanOfTime      `json:"period"`
	CumulativeQuantity string          `json:"cumulative_quantity"`
	CumulativeSubtotal string          `json:"cumulative_subtotal"`
	CumulativeTotal    string          `json:"cumulative_total"`
	Quantity           string          `json:"quantity"`
	Subtotal           string          `json:"subtotal"`
	Total              string          `json:"total"`
}

type rollupUse struct {
	UTCDay string      `json:"utc_day"`
	Key    string      `json:"key"`
	SHA256 string      `json:"sha256"`
	Rows   int64       `json:"rows"`   // of the line's usage
	Events int64       `json:"events"` // of the line's usage
	Files  []inputFile `json:"files"`
}

type inputFile struct {
	Kind   string    `json:"kind"`
	Key    string    `json:"key"`
	SHA256 string    `json:"sha256,omitempty"`
	Counts *fileRows `json:"rows,omitempty"`
}

type fileRows struct {
	Read      int64 `json:"read"`
	Kept      int64 `json:"kept"`
	Duplicate int64 `json:"duplicate"`
	Rejected  int64 `json:"rejected"`
	Outside   int64 `json:"outside"`
}

// document is the answer of `daybook price`; a month without an invoice is one
// of nothing.
func (r *trialResult) document() explainedDocument {
	d := explainedDocument{Closing: r.trial.month.String(), Currency: r.currency, Lines: []explainedLine{}}
	explained := r.invoice
	if explained == nil {
		explained = &jobs.Explained{Invoice: pricing.Invoice{Currency: r.trial.book.Currency, BillingAccount: r.trial.billingAccount()}}
	}
	fillDocument(&d, explained)
	for i := range d.Lines { // of a world that is gone
		d.Lines[i].Rollups = nil
	}
	for _, row := range r.series {
		d.Series = append(d.Series, seriesRow{
			Day: row.Day.String(), PriceID: row.Price, Grouping: json.RawMessage(row.Grouping), Scope: string(row.Scope),
			Timeframe:          span(pricing.Period{Start: row.TimeframeStart, End: row.TimeframeEnd}),
			Period:             span(pricing.Period{Start: row.PeriodStart, End: row.PeriodEnd}),
			CumulativeQuantity: row.CumulativeQuantity.String(), CumulativeSubtotal: row.CumulativeSubtotal.String(), CumulativeTotal: row.CumulativeTotal.String(),
			Quantity: row.Quantity.String(), Subtotal: row.Subtotal.String(), Total: row.Total.String(),
		})
	}
	return d
}

// explainDocument is the answer of `daybook explain`.
func explainDocument(e *jobs.Explained) explainedDocument {
	d := explainedDocument{Invoice: e.Invoice.Number, InvoiceID: e.Invoice.ID, Closing: e.Closing.String(), Lines: []explainedLine{}}
	fillDocument(&d, e)
	for _, i := range e.Inputs {
		d.Inputs = append(d.Inputs, inputFile{Kind: i.Kind, Key: i.Key, SHA256: i.SHA256})
	}
	return d
}

func fillDocument(d *explainedDocument, e *jobs.Explained) {
	i, digits := &e.Invoice, e.Invoice.Currency.Digits
	d.BillingAccount, d.Currency = i.BillingAccount, i.Currency.Code
	if !e.AsOf.IsZero() {
		d.AsOf = e.AsOf.UTC().Format(time.RFC3339)
	}
	var subtotal, total money.Amount
	for _, l := range e.Lines {
		subtotal, total = subtotal.Add(l.Line.ExactSubtotal), total.Add(exactTotal(l))
		d.Lines = append(d.Lines, lineDocument(l, digits))
	}
	d.ExactSubtotal, d.ExactTotal = subtotal.String(), total.String()
	d.Subtotal, d.Discount, d.Total = places(i.Subtotal, digits), places(i.Discount, digits), places(i.Total, digits)
	d.Credits, d.Tax = places(i.Credits, digits), places(i.Tax, digits)
	d.BalanceApplied, d.AmountDue = places(i.BalanceApplied, digits), places(i.AmountDue, digits)
}

func lineDocument(e jobs.ExplainedLine, digits int32) explainedLine {
	l := &e.Line
	out := explainedLine{
		Line: l.Number, AccountID: l.Account, SubscriptionID: l.Subscription, PlanID: l.Plan, PriceID: l.Price,
		BookVersion: l.BookVersion, Description: l.Description, Model: l.Model, Grouping: json.RawMessage(l.Grouping),
		Quantity: l.Quantity.String(), Unit: l.Unit,
		Period:        span(pricing.Period{Start: l.PeriodStart, End: l.PeriodEnd}),
		BillingPeriod: span(e.BillingPeriod), Covered: span(e.Covered),
		ExactSubtotal: l.ExactSubtotal.String(), ExactTotal: exactTotal(e).String(),
		Subtotal: places(l.Subtotal, digits), Discount: places(l.Discount, digits), Total: places(l.Total, digits),
		Credits: places(l.Credits, digits), Tax: places(l.Tax, digits), Steps: []explainedStep{},
	}
	if l.HasUnitPrice {
		out.UnitPrice = l.UnitPrice.String()
	}
	if u := l.InUnit; u != nil {
		out.PricingUnit = &pricingUnit{u.Name, u.Worth.String()}
	}
	for _, s := range e.Steps {
		out.Steps = append(out.Steps, stepDocument(s, digits))
	}
	for _, r := range e.Rollups {
		use := rollupUse{UTCDay: r.UTCDay.String(), Key: r.Object.Key, SHA256: r.Object.SHA256, Rows: r.Rows, Events: r.Events}
		for _, f := range r.Files {
			c := f.Counts
			use.Files = append(use.Files, inputFile{Kind: f.Kind, Key: f.Key, SHA256: f.SHA256, Counts: &fileRows{c.Read, c.Kept, c.Duplicate, c.Rejected, c.Outside}})
		}
		out.Rollups = append(out.Rollups, use)
	}
	return out
}

func stepDocument(s pricing.Step, digits int32) explainedStep {
	out := explainedStep{Step: string(s.Kind), Label: s.Label}
	switch s.Kind {
	case pricing.StepMeasure:
		out.Quantity, out.Subscription, out.Meter = s.Quantity.String(), s.Subscription, s.Meter
		out.From, out.To, out.Events, out.Rows = s.From.String(), s.To.String(), &s.Events, &s.Rows
	case pricing.StepPart:
		out.Quantity, out.UnitPrice, out.Flat, out.Amount = s.Quantity.String(), s.UnitPrice.String(), s.Flat.String(), s.Amount.String()
	case pricing.StepWorth:
		out.Amount = places(s.Amount, digits)
	case pricing.StepRound, pricing.StepSubtotal, pricing.StepAdjust, pricing.StepTotal, pricing.StepCredit, pricing.StepTax:
		out.Amount = s.Amount.String()
	default:
		out.Quantity = s.Quantity.String()
	}
	return out
}

// exactTotal is a line's total in the currency before it was rounded.
func exactTotal(e jobs.ExplainedLine) money.Amount {
	for _, s := range e.Steps {
		if s.Kind == pricing.StepTotal && e.Line.InUnit != nil {
			return s.Amount.Fraction().Mul(e.Line.InUnit.Worth.Fraction()).Amount()
		}
		if s.Kind == pricing.StepTotal {
			return s.Amount
		}
	}
	return money.Amount{}
}

// places writes an invoice amount with its currency's decimals.
func places(a money.Amount, digits int32) string { return a.Decimal().StringFixed(digits) }

func span(p pricing.Period) spanOfTime {
	return spanOfTime{p.Start.UTC().Format(time.RFC3339), p.End.UTC().Format(time.RFC3339)}
}
