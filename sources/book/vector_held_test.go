package book

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
)

// heldCase is a published case of usage that is told apart by event, value or
// time, as a price book and the events of one month: "day quantity [value]", day
// 0 is the last of the month before. A case of 31 days is of May, one of 30 of
// June 2026.
type heldCase struct {
	id, meter, price string
	days             int
	events           []string
	quantity         bool // what the case expects is the quantity, not the subtotal
	places           int32
}

const (
	seatsMeter = "{aggregate: unique, of: user_id, running: true}"
	podsMeter  = "{aggregate: sum, running: true, allow_negative: true}"
	paidMeter  = "{aggregate: sum, per_event: true}"
	ceil5      = "unit: 1, prorate: started_days, round_quantity: {places: 5, mode: up}"
	twoTiers   = "prorate: started_days, graduated: [{up_to: 5, unit: 10, flat: 100}, {unit: 5, flat: 50}]"
)

func heldCases() []heldCase {
	return []heldCase{
		{id: "uniq-prorated-added-day16", meter: seatsMeter, price: ceil5, days: 31, quantity: true, events: []string{"16 1 ann"}},
		{id: "uniq-prorated-added2-removed30", meter: seatsMeter, price: ceil5, days: 31, quantity: true, events: []string{"2 1 ann", "30 -1 ann"}},
		{id: "uniq-prorated-three-days", meter: seatsMeter, price: ceil5, days: 31, quantity: true, events: []string{
			"3 1 ann", "3 -1 ann", "9 1 ann", "9 -1 ann", "20 1 ann", "20 -1 ann",
		}},
		{id: "uniq-prorated-2", meter: seatsMeter, price: ceil5, days: 31, quantity: true, events: []string{"0 1 ann", "11 1 bob"}},
		{id: "sum-prorated", meter: podsMeter, price: ceil5, days: 31, quantity: true, events: []string{"0 5", "26 12", "26 12"}},
		{id: "vol-lago-prorated", meter: podsMeter, days: 30, events: []string{"0 180", "26 78", "27 42"}, // 180 + 78 × 5/30 + 42 × 4/30 = 198.6
			price: "prorate: started_days, volume: [{up_to: 100, unit: 2, flat: 10}, {up_to: 200, unit: 1}, {unit: 0.5, flat: 50}]"},
		{id: "pgrad-lago-c", meter: podsMeter, price: twoTiers, days: 31, places: 2, events: []string{"10 1", "20 4", "25 1", "27 -5", "30 -1"}},
		{id: "pgrad-lago-e", meter: podsMeter, price: twoTiers, days: 30, places: 2, events: []string{"10 4", "16 2", "25 -3"}},
		{id: "pgrad-lago-g", meter: podsMeter, price: twoTiers, days: 30, places: 2, events: []string{"10 1"}},
		{
			id: "pgrad-lago-i", meter: podsMeter, days: 30, places: 2, events: []string{"0 75"},
			price: "prorate: started_days, graduated: [{up_to: 5, unit: 10, flat: 100}, {up_to: 15, unit: 5, flat: 50}, {unit: 2}]",
		},
		{id: "pgrad-lago-neg", meter: podsMeter, price: twoTiers, days: 30, events: []string{"19 5", "21 -100"}},
		{
			id: "pct-lago-1", meter: paidMeter, days: 30, events: []string{"1 50", "2 100", "3 250", "4 400"},
			price: "percentage: {rate: 1.3, per_event: 2, free_events: 3, free_amount: 250}",
		},
		{
			id: "pct-lago-3", meter: paidMeter, days: 30, events: []string{"1 50", "2 100", "3 250", "4 400"},
			price: "percentage: {rate: 1.3, per_event: 2, free_events: 3}",
		},
		{
			id: "pct-lago-minmax", meter: paidMeter, days: 30, events: []string{"1 10", "2 80", "3 10000"},
			price: "percentage: {rate: 2.99, per_event_min: 1.75, per_event_max: 12}",
		},
		{
			id: "pct-lago-minmax-fe", meter: paidMeter, days: 30, events: []string{"1 10", "2 80", "3 10000"},
			price: "percentage: {rate: 2.99, per_event_min: 1.75, per_event_max: 12, free_events: 2}",
		},
		{
			id: "pct-lago-minmax-both", meter: paidMeter, days: 30, events: []string{"1 10", "2 80", "3 10000"},
			price: "percentage: {rate: 2.99, per_event_min: 1.75, per_event_max: 12, free_events: 3, free_amount: 10000}",
		},
	}
}

func (c heldCase) text() string {
	return head + "meters: {m: " + c.meter + "}\nplans: {p: {prices: {x: {meter: m, " + c.price + "}}}}\n"
}

// states are the case's events as a rollup keeps them, an hour apart.
func (c heldCase) states(t *testing.T, m pricing.Meter) []pricing.UsageState {
	t.Helper()
	first := c.month().First()
	var out []pricing.UsageState
	for i, event := range c.events {
		var day int
		var quantity, value string
		if n, _ := fmt.Sscan(event, &day, &quantity, &value); n < 2 {
			t.Fatalf("event %q", event)
		}
		q := fixed(t, quantity)
		u := pricing.UsageState{Day: first.AddDays(day - 1), Meter: "m", Dimensions: "{}", Account: "acme", Subscription: "s", Events: 1}
		if m.Aggregate == pricing.Unique {
			u.Dimensions = `{"user_id":"` + value + `"}`
			if q = fixed(t, "1"); strings.HasPrefix(quantity, "-") {
				q = money.Int128{}
			}
		}
		u.FirstTime = u.Day.UTC().Add(time.Duration(i) * time.Hour).UnixMicro()
		u.LastTime, u.Sum, u.Min, u.Max, u.First, u.Last = u.FirstTime, q, q, q, q, q
		if m.PerEvent {
			u.Slot = u.FirstTime
		}
		out = append(out, u)
	}
	return out
}

func fixed(t *testing.T, quantity string) money.Int128 {
	t.Helper()
	v, err := qty(quantity).Fixed(12)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func (c heldCase) month() pricing.Month {
	if c.days == 30 {
		return pricing.Month{Year: 2026, Month: time.June}
	}
	return pricing.Month{Year: 2026, Month: time.May}
}

// expectedFigures are the figures of testdata/vectors by the ids of their cases.
func expectedFigures(t *testing.T) map[string]string {
	t.Helper()
	content, err := os.ReadFile("../../testdata/vectors/pricing-vectors.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for d := json.NewDecoder(bytes.NewReader(content)); d.More(); {
		d.UseNumber()
		var v struct {
			ID       string
			Expected any
		}
		if err := d.Decode(&v); err != nil {
			t.Fatal(err)
		}
		out[v.ID] = fmt.Sprint(v.Expected)
	}
	return out
}

func TestConformance_CasesOfSingleEventsAndHeldLevels(t *testing.T) {
	expected := expectedFigures(t)
	schema := compiledSchema(t)
	for _, c := range heldCases() {
		t.Run(c.id, func(t *testing.T) {
			if err := validate(t, schema, c.text()); err != nil {
				t.Errorf("the schema refuses it: %v", err)
			}
			b, err := parseText(c.text())
			if err != nil {
				t.Fatal(err)
			}
			row := c.lastDay(t, b)
			got := row.CumulativeSubtotal
			if c.quantity {
				got = amt(row.CumulativeQuantity.String())
			}
			if c.places > 0 {
				got = got.Round(c.places, money.HalfUp)
			}
			if got.Cmp(amt(expected[c.id])) != 0 {
				t.Errorf("comes to %s, want %s", got, expected[c.id])
			}
		})
	}
}

// lastDay rates the month's last day, on which the period's cost is whole.
func (c heldCase) lastDay(t *testing.T, b *pricing.Book) pricing.CostRow {
	t.Helper()
	registry, problems := pricing.NewRegistry(
		[]pricing.Account{{ID: "acme", Bills: true}},
		[]pricing.Subscription{{ID: "s", Account: "acme", Plan: "p", Start: c.month().Previous().First().UTC()}}, nil)
	rater, err := pricing.NewRater(b, registry)
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	end := c.month().Next().First()
	usage := pricing.TreeUsage{Rows: c.states(t, b.Versions[0].Meters[0])}
	got, err := rater.Daily(rater.Trees()[0], usage, end.AddDays(-1), end.AddDays(2).UTC())
	if err != nil || len(got.Rows) != 1 || len(got.Parked) > 0 {
		t.Fatalf("%d rows, parked %v, error %v", len(got.Rows), got.Parked, err)
	}
	return got.Rows[0]
}
