package pricing_test

import (
	"cmp"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
)

func checkPercentage(t *testing.T, v vector) {
	var config struct {
		Rate     string `json:"rate_percent"`
		PerEvent string `json:"fixed_per_event"`
	}
	v.read(t, &config, &struct{}{})
	p := &pricing.Price{ID: v.ID, Model: pricing.Percentage{Rate: money.MustQuantity(config.Rate), PerEvent: money.MustAmount(config.PerEvent)}}
	m := pricing.Measured{Events: int64(len(v.Input.Rows))}
	for _, row := range v.Input.Rows {
		m.Quantity = m.Quantity.Add(money.MustQuantity(row).Fraction())
	}
	c, err := p.Charge(m, unscaled)
	if err != nil {
		t.Fatal(err)
	}
	v.wantTotal(t, c.Subtotal)
}

// checkGraduatedPercentage has the setting of its system that the cases do not
// spell out: the first flat fee is owed for nothing too.
func checkGraduatedPercentage(t *testing.T, v vector) {
	var config struct {
		Tiers []struct {
			UpTo *string `json:"up_to"`
			Rate string  `json:"rate_percent"`
			Flat string
		}
	}
	v.read(t, &config, &struct{}{})
	model := pricing.GraduatedPercentage{FlatOnZero: true}
	for _, c := range config.Tiers {
		tier := pricing.Tier{Open: c.UpTo == nil, Unit: cents(json.Number(c.Rate)), Flat: money.MustAmount(c.Flat)}
		if c.UpTo != nil {
			tier.UpTo = money.MustQuantity(*c.UpTo)
		}
		model.Tiers = append(model.Tiers, tier)
	}
	v.wantTotal(t, mustCharge(t, &pricing.Price{ID: v.ID, Model: model}, v.Input.Quantity.String()).Subtotal)
}

func checkDynamic(t *testing.T, v vector) {
	var input struct {
		Cents json.Number `json:"precise_total_amount_cents"`
	}
	v.read(t, &struct{}{}, &input)
	p := &pricing.Price{ID: v.ID, Model: pricing.Dynamic{Multiplier: money.QuantityOf(1)}}
	v.wantTotal(t, mustCharge(t, p, cents(input.Cents).String()).Subtotal)
}

// checkDynamicDelta finds what was used before from what it was billed at, and
// the second bill as the cents of the whole less those.
func checkDynamicDelta(t *testing.T, v vector) {
	var config struct{ Multiplier string }
	var input struct {
		New string `json:"new_amount"`
	}
	v.read(t, &config, &input)
	p := v.price()
	p.Model = pricing.Dynamic{Multiplier: money.MustQuantity(config.Multiplier)}
	billed := money.MustAmount(v.Input.AlreadyAmount)
	before, err := billed.Fraction().Quo(money.MustQuantity(config.Multiplier).Fraction())
	if err != nil {
		t.Fatal(err)
	}
	v.wantTotal(t, totalOf(t, p, before.Add(money.MustQuantity(input.New).Fraction())).Sub(billed).Round(2, money.HalfUp))
}

// checkEach rates the events of a case, an hour apart or of different regions.
func checkEach(t *testing.T, v vector) {
	var config struct{ Aggregation string }
	var input struct {
		Windows []json.RawMessage
		Groups  map[string]string
	}
	v.read(t, &config, &input)
	p := *v.price()
	p.Meter, p.Each = "hourly", pricing.Each{By: []string{"region"}}
	if len(input.Windows) > 0 {
		p.Each = pricing.Each{Window: pricing.GrainHour}
	}
	w := oneAccount(p)
	w.addHourly(pricing.Aggregation(cmp.Or(config.Aggregation, "sum")))
	for i, window := range input.Windows {
		var several []string
		if err := json.Unmarshal(window, &several); err != nil {
			several = []string{strings.Trim(string(window), `"`)}
		}
		for minute, quantity := range several {
			w.useIn("s", at("2026-10-07T00:00:00Z").Add(time.Duration(i)*time.Hour+time.Duration(minute)*time.Minute), quantity, "{}")
		}
	}
	for region, quantity := range input.Groups {
		w.useIn("s", at("2026-10-07T00:00:00Z"), quantity, `{"region":"`+region+`"}`)
	}
	got := w.daily(t, "2026-10-31").Rows
	v.wantTotal(t, got[0].CumulativeTotal)
}
