package book

import (
	"strconv"
	"strings"

	"daybook/pricing"
	"daybook/sources/spelling"
)

// once is the word for a fee that is owed when a subscription begins.
const once = "once"

// cycle reads how often and from which day a plan bills.
func (c *checker) cycle(cy cycle) pricing.Cycle {
	out := pricing.Cycle{Months: 1}
	if cy.Every.value == once {
		c.add(cy.Every.place, "a plan goes on, it is not billed once", "write `every: once` at the fixed fee that is owed once")
	} else if cy.Every.written() && !cy.Every.bad {
		out = c.every(cy.Every)
	}
	out.Anchor = pricing.Anchor{Day: 1}
	counted := out.Days > 0 && cy.Every.value != "day" && cy.Every.value != "week"
	switch word := cy.Anchor.value; {
	case cy.Anchor.bad:
	case !cy.Anchor.written():
		out.Anchor.Subscription = counted
	case word == "subscription":
		out.Anchor = pricing.Anchor{Subscription: true}
	case word == "calendar" && counted:
		c.add(cy.Anchor.place, "no calendar has periods of "+cy.Every.value, "write `anchor: subscription`, or leave it out")
	case word == "calendar":
	case out.Days > 0:
		c.add(cy.Anchor.place, "a day of the month does not begin periods of days", "write calendar or subscription")
	default:
		day, err := strconv.Atoi(word)
		if err != nil || day < 1 || day > 31 || strconv.Itoa(day) != word {
			c.add(cy.Anchor.place, quote(word)+" is not an anchor", "write calendar, subscription or a day from 1 to 31")
			return out
		}
		out.Anchor.Day = day
	}
	if out.Anchor.Subscription {
		out.Anchor.Day = 0
	}
	return out
}

// every reads the length of a period: `month`, `week`, `30d`.
func (c *checker) every(t text) pricing.Cycle {
	words := map[string]pricing.Cycle{
		"day": {Days: 1}, "week": {Days: 7}, "month": {Months: 1}, "quarter": {Months: 3}, "half_year": {Months: 6}, "year": {Months: 12},
	}
	if cycle, known := words[t.value]; known {
		return cycle
	}
	count, isDays := strings.CutSuffix(t.value, "d")
	n, err := strconv.Atoi(count)
	if !isDays || err != nil || n < 1 || n > 366 || strconv.Itoa(n) != count {
		remedy := "write day, week, month, quarter, half_year, year, or a number of days such as 30d"
		if near := spelling.DidYouMean(t.value, []string{"day", "week", "month", "quarter", "half_year", "year"}); near != "" {
			remedy = near
		}
		c.add(t.place, quote(t.value)+" is not a length of a period", remedy)
		return pricing.Cycle{Months: 1}
	}
	return pricing.Cycle{Days: n}
}

// feeCycle gives a fixed fee the cycle that it has beside its plan's, whose
// anchor it shares.
func (c *checker) feeCycle(p *pricing.Price, every text, plan pricing.Cycle) {
	if _, fixed := p.Model.(pricing.Fixed); !fixed || !every.written() || every.bad || every.value == once {
		return
	}
	cycle := c.every(every)
	cycle.Anchor = plan.Anchor
	if cycle.Days > 0 {
		// Days of the month begin no periods of days.
		cycle.Anchor = pricing.Anchor{Subscription: plan.Anchor.Subscription || cycle.Days != 1 && cycle.Days != 7}
		if !cycle.Anchor.Subscription {
			cycle.Anchor.Day = 1
		}
	}
	if cycle != plan {
		p.Cycle = cycle
	}
}
