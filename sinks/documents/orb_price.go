package documents

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"daybook/pricing"
)

// OrbPrice is a price as Orb shows it in costs and on lines.
type OrbPrice struct {
	fields orbPriceFields
	model  orbModel
}

// orbPriceFields are what all of Orb's prices have, in the order of its reference.
type orbPriceFields struct {
	ID                   string            `json:"id"`
	Name                 string            `json:"name"`
	ExternalPriceID      *string           `json:"external_price_id"`
	PriceType            string            `json:"price_type"`
	ModelType            string            `json:"model_type"`
	Cadence              string            `json:"cadence"`
	BillingMode          string            `json:"billing_mode"`
	BillingCycle         orbCycle          `json:"billing_cycle_configuration"`
	InvoicingCycle       *orbCycle         `json:"invoicing_cycle_configuration"`
	BillableMetric       *orbID            `json:"billable_metric"`
	FixedPriceQuantity   *json.Number      `json:"fixed_price_quantity"`
	PlanPhaseOrder       *int              `json:"plan_phase_order"`
	Currency             string            `json:"currency"`
	ConversionRate       *json.Number      `json:"conversion_rate"`
	ConversionRateConfig *orbConversion    `json:"conversion_rate_config"`
	Item                 orbNamed          `json:"item"`
	CreditAllocation     *struct{}         `json:"credit_allocation"`
	Discount             *orbDiscount      `json:"discount"`
	Minimum              *orbMinimum       `json:"minimum"`
	MinimumAmount        *string           `json:"minimum_amount"`
	Maximum              *orbMaximum       `json:"maximum"`
	MaximumAmount        *string           `json:"maximum_amount"`
	InvoiceGroupingKey   *string           `json:"invoice_grouping_key"`
	CompositeFilters     *struct{}         `json:"composite_price_filters"`
	ReplacesPriceID      *string           `json:"replaces_price_id"`
	Metadata             map[string]string `json:"metadata"`
	CreatedAt            string            `json:"created_at"`
	Dimensional          *struct{}         `json:"dimensional_price_configuration"`
}

type orbID struct {
	ID string `json:"id"`
}

type orbNamed struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type orbCycle struct {
	Duration int    `json:"duration"`
	Unit     string `json:"duration_unit"`
}

type orbConversion struct {
	Type string  `json:"conversion_rate_type"`
	Unit orbUnit `json:"unit_config"`
}

// MarshalJSON implements json.Marshaler: the fields of every price, then the
// configuration under the name of its model.
func (p OrbPrice) MarshalJSON() ([]byte, error) {
	head, err := compact(p.fields)
	if err != nil {
		return nil, err
	}
	config, err := compact(p.model.config)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.Write(head[:len(head)-1])
	fmt.Fprintf(&out, ",%q:%s}", p.model.name+"_config", config)
	return out.Bytes(), nil
}

// OrbPriceID names a price of a book version, plan and phase, or the one that a
// subscription has instead.
func OrbPriceID(h *pricing.HeldPrice, subscription string) string {
	id := h.Version.ID + ":" + h.Plan.ID + ":" + h.Price.ID
	if h.Phase > 0 {
		id += ":" + strconv.Itoa(h.Phase)
	}
	if h.Own {
		id += ":" + subscription
	}
	return id
}

// NewOrbPrice is a price as a subscription has it.
func NewOrbPrice(h *pricing.HeldPrice, subscription string) OrbPrice {
	p := &h.Price
	id, external, name := OrbPriceID(h, subscription), h.Plan.ID+":"+p.ID, cmp.Or(p.Description, p.ID)
	digits := h.Book.Currency.Digits
	if h.Book.Unit != nil {
		digits = h.Book.Unit.Digits
	}
	out := OrbPrice{model: orbModelOf(p)}
	out.fields = orbPriceFields{
		ID: id, Name: name, ExternalPriceID: &external, PriceType: "usage_price", ModelType: out.model.name,
		BillingMode: "in_arrear", BillingCycle: orbCycleOf(h.Cycle()), Cadence: orbCadence(h.Cycle()),
		Currency: h.Book.Currency.Code, Item: orbNamed{p.ID, name}, Metadata: map[string]string{},
		CreatedAt: orbTime(h.Version.Effective.UTC()),
	}
	f := &out.fields
	if p.Meter != "" {
		f.BillableMetric = &orbID{p.Meter}
	}
	if p.Due == pricing.InAdvance {
		f.BillingMode = "in_advance"
	}
	if _, fee := p.Model.(pricing.Fixed); fee {
		n := orbNumber(h.Quantity)
		f.PriceType, f.FixedPriceQuantity = "fixed_price", &n
	}
	if p.Once {
		f.Cadence = "one_time"
	}
	if h.Phase > 0 {
		f.PlanPhaseOrder = &h.Phase
	}
	if len(p.Each.By) == 1 {
		f.InvoiceGroupingKey = &p.Each.By[0]
	}
	if h.Own {
		book := *h
		book.Own = false
		replaced := OrbPriceID(&book, "")
		f.ReplacesPriceID = &replaced
	}
	if u := h.Book.Unit; u != nil {
		rate := json.Number(h.Version.Worth.String())
		f.Currency, f.ConversionRate = u.Name, &rate
		f.ConversionRateConfig = &orbConversion{"unit", orbUnit{orbRate(h.Version.Worth)}}
	}
	f.adjusted(p.Adjust, id, digits)
	if h.Free {
		f.Discount = orbTrial([]string{id})
	}
	maps.Copy(f.Metadata, out.model.notes)
	return out
}

// adjusted shows the adjustments that a price has of its own: of a kind the first,
// of discounts the one that applies first.
func (f *orbPriceFields) adjusted(adjustments []pricing.Adjustment, id string, digits int32) {
	sorted := slices.Clone(adjustments)
	slices.SortStableFunc(sorted, func(a, b pricing.Adjustment) int { return cmp.Compare(a.Kind, b.Kind) })
	on := []string{id}
	for i := range sorted {
		a := &sorted[i]
		switch {
		case a.Kind == pricing.MinimumCharge && f.Minimum == nil:
			f.Minimum = &orbMinimum{on, filtersOf(on), orbMoney(a.Amount, digits)}
			f.MinimumAmount = &f.Minimum.Amount
		case a.Kind == pricing.MaximumCharge && f.Maximum == nil:
			f.Maximum = &orbMaximum{on, filtersOf(on), orbMoney(a.Amount, digits)}
			f.MaximumAmount = &f.Maximum.Amount
		case a.Kind <= pricing.PercentDiscount && f.Discount == nil:
			f.Discount = orbDiscountOf(a, on, digits)
		}
	}
}

// orbCadence names how often a price is billed.
func orbCadence(c pricing.Cycle) string {
	if c.Days > 0 {
		return "custom"
	}
	switch max(c.Months, 1) {
	case 1:
		return "monthly"
	case 3:
		return "quarterly"
	case 6:
		return "semi_annual"
	case 12:
		return "annual"
	}
	return "custom"
}

func orbCycleOf(c pricing.Cycle) orbCycle {
	if c.Days > 0 {
		return orbCycle{c.Days, "day"}
	}
	return orbCycle{max(c.Months, 1), "month"}
}
