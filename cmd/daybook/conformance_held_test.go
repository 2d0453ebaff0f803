package main

import (
	"fmt"
	"strings"
)

// heldCase is a case of usage that is told apart by event, value or time: a meter,
// a price and the events of one month, as "day quantity [value]". Day 0 is the
// last of the month before; a case of 31 days is of May 2026, one of 30 of June.
type heldCase struct {
	meter, price string
	days         int
	events       []string
	quantity     bool // what the case expects is the quantity, not what it costs
}

const (
	seatsMeter = "{aggregate: unique, of: user_id, running: true}"
	podsMeter  = "{aggregate: sum, running: true, allow_negative: true}"
	paidMeter  = "{aggregate: sum, per_event: true}"
	ceil5      = "unit: 1, prorate: started_days, round_quantity: {places: 5, mode: up}"
	twoTiers   = "prorate: started_days, graduated: [{up_to: 5, unit: 10, flat: 100}, {unit: 5, flat: 50}]"
)

// heldCases have the days that the systems' tests give their changes, which the
// vectors tell as parts of the month: 3 of 31 days, 0.7 of 30.
func heldCases() map[string]heldCase {
	return map[string]heldCase{
		"uniq-prorated-added-day16":      {meter: seatsMeter, price: ceil5, days: 31, quantity: true, events: []string{"16 1 ann"}},
		"uniq-prorated-added2-removed30": {meter: seatsMeter, price: ceil5, days: 31, quantity: true, events: []string{"2 1 ann", "30 -1 ann"}},
		"uniq-prorated-three-days": {meter: seatsMeter, price: ceil5, days: 31, quantity: true, events: []string{
			"3 1 ann", "3 -1 ann", "9 1 ann", "9 -1 ann", "20 1 ann", "20 -1 ann",
		}},
		"uniq-prorated-2": {meter: seatsMeter, price: ceil5, days: 31, quantity: true, events: []string{"0 1 ann", "11 1 bob"}},
		"sum-prorated":    {meter: podsMeter, price: ceil5, days: 31, quantity: true, events: []string{"0 5", "26 12", "26 12"}},
		"vol-lago-prorated": { // 180 + 78 x 5/30 + 42 x 4/30 = 198.6
			meter: podsMeter, days: 30, events: []string{"0 180", "26 78", "27 42"},
			price: "prorate: started_days, volume: [{up_to: 100, unit: 2, flat: 10}, {up_to: 200, unit: 1}, {unit: 0.5, flat: 50}]",
		},
		"pgrad-lago-c": {meter: podsMeter, price: twoTiers, days: 31, events: []string{"10 1", "20 4", "25 1", "27 -5", "30 -1"}},
		"pgrad-lago-e": {meter: podsMeter, price: twoTiers, days: 30, events: []string{"10 4", "16 2", "25 -3"}},
		"pgrad-lago-g": {meter: podsMeter, price: twoTiers, days: 30, events: []string{"10 1"}},
		"pgrad-lago-i": {
			meter: podsMeter, days: 30, events: []string{"0 75"},
			price: "prorate: started_days, graduated: [{up_to: 5, unit: 10, flat: 100}, {up_to: 15, unit: 5, flat: 50}, {unit: 2}]",
		},
		"pgrad-lago-neg": {meter: podsMeter, price: twoTiers, days: 30, events: []string{"19 5", "21 -100"}},
		"pct-lago-1": {
			meter: paidMeter, days: 30, events: []string{"1 50", "2 100", "3 250", "4 400"},
			price: "percentage: {rate: 1.3, per_event: 2, free_events: 3, free_amount: 250}",
		},
		"pct-lago-3": {
			meter: paidMeter, days: 30, events: []string{"1 50", "2 100", "3 250", "4 400"},
			price: "percentage: {rate: 1.3, per_event: 2, free_events: 3}",
		},
		"pct-lago-minmax": {
			meter: paidMeter, days: 30, events: []string{"1 10", "2 80", "3 10000"},
			price: "percentage: {rate: 2.99, per_event_min: 1.75, per_event_max: 12}",
		},
		"pct-lago-minmax-fe": {
			meter: paidMeter, days: 30, events: []string{"1 10", "2 80", "3 10000"},
			price: "percentage: {rate: 2.99, per_event_min: 1.75, per_event_max: 12, free_events: 2}",
		},
		"pct-lago-minmax-both": {
			meter: paidMeter, days: 30, events: []string{"1 10", "2 80", "3 10000"},
			price: "percentage: {rate: 2.99, per_event_min: 1.75, per_event_max: 12, free_events: 3, free_amount: 10000}",
		},
	}
}

// ask prices the events, an hour apart.
func (c heldCase) ask(k *trialCase) {
	month, before := "2026-05", "2026-04-30"
	if c.days == 30 {
		month, before = "2026-06", "2026-05-31"
	}
	args := []string{"--period", month, "--start", "2026-04-01"}
	for i, event := range c.events {
		fields := strings.Fields(event)
		date := fmt.Sprintf("%s-%02s", month, fields[0])
		if fields[0] == "0" {
			date = before
		}
		flag := fmt.Sprintf("m=%s@%sT%02d:00", fields[1], date, i)
		if len(fields) > 2 {
			flag += ",user_id=" + fields[2]
		}
		args = append(args, "--usage", flag)
	}
	d := k.price(bookHead+"meters: {m: "+c.meter+"}\nplans: {p: {prices: {x: {meter: m, "+c.price+"}}}}\n", args...)
	switch round := say(k.v.Config, "round"); {
	case c.quantity:
		k.wants("the quantity", k.onlyLine(d).Quantity, k.v.Expected)
	case round == "half_up2":
		k.wants("the total", rounded(d.ExactTotal, 2), k.v.Expected)
	default:
		k.wants("the exact total", d.ExactTotal, k.v.Expected)
	}
}
