package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sinks/documents"
)

// cloudSigmaOrder is what a request of the calculator asks for.
type cloudSigmaOrder struct {
	Amount    *json.Number `json:"amount"`
	Resource  string       `json:"resource"`
	Period    string       `json:"period"`
	StartTime string       `json:"start_time"`
	EndTime   string       `json:"end_time"`
	AutoRenew bool         `json:"auto_renew"`
	Object    string       `json:"subscribed_object"`
}

// cloudSigmaOrders is how many may be asked for at once.
const cloudSigmaOrders = 500

// cloudSigmaCalculator answers POST /subscriptioncalculator/: what subscriptions
// would cost, by the price that the bill would take.
func cloudSigmaCalculator(_ context.Context, r *Request) ([]byte, error) {
	v, err := cloudSigmaViewOf(r)
	if err != nil {
		return nil, err
	}
	orders, err := cloudSigmaOrdersOf(r.Body)
	if err != nil {
		return nil, err
	}
	out := make([]documents.CloudSigmaSubscription, 0, len(orders))
	for _, o := range orders {
		s, err := v.calculate(o)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return documents.CloudSigmaCalculated(out)
}

// cloudSigmaOrdersOf reads a body: {"objects":[…]} or one object.
func cloudSigmaOrdersOf(body []byte) ([]cloudSigmaOrder, error) {
	var many struct {
		Objects []cloudSigmaOrder `json:"objects"`
		cloudSigmaOrder
	}
	d := json.NewDecoder(bytes.NewReader(body))
	if err := d.Decode(&many); err != nil {
		return nil, BadParameter("", "the body is no JSON object such as {\"objects\":[{\"resource\":\"dssd\",\"amount\":\"1073741824\",\"period\":\"1 month\"}]}")
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, BadParameter("", "the body is more than one JSON object")
	}
	switch {
	case many.Objects == nil:
		return []cloudSigmaOrder{many.cloudSigmaOrder}, nil
	case len(many.Objects) > cloudSigmaOrders:
		return nil, BadParameter("objects", fmt.Sprintf("at most %d subscriptions can be asked for at once", cloudSigmaOrders))
	}
	return many.Objects, nil
}

func (v *cloudSigmaView) calculate(o cloudSigmaOrder) (documents.CloudSigmaSubscription, error) {
	s := documents.CloudSigmaSubscription{Resource: o.Resource, Status: "inactive", AutoRenew: o.AutoRenew, Object: o.Object, Amount: money.QuantityOf(1)}
	if o.Resource == "" {
		return s, BadParameter("resource", "this field is required")
	}
	if o.Amount != nil {
		q, err := money.ParseQuantity(o.Amount.String())
		if err != nil || q.Sign() < 0 || q.Check() != nil {
			return s, BadParameter("amount", "amount is a number of 0 or more")
		}
		s.Amount = q
	}
	start, end, err := o.times(v.facts.AsOf())
	if err != nil {
		return s, err
	}
	term, loc, ok := v.termOf(o.Resource, start)
	if !ok {
		return s, BadParameter("resource", "the account's plan does not sell this by time")
	}
	s.Bought, _ = term.Purchase(&pricing.Resource{Quantity: s.Amount, Created: start, Deleted: end}, loc) // the times say the length
	if err := s.Bought.Gross.Amount().Check(); err != nil {
		return s, BadParameter("amount", "that is more than can be priced")
	}
	// What is bought for the future starts at the noon before, and all ends at the
	// noon after; neither costs anything.
	s.Start, s.End = start, documents.CloudSigmaNoon(end)
	if noon := documents.CloudSigmaNoonBefore(start); noon.After(v.facts.AsOf()) {
		s.Start = noon
	}
	if !s.Start.After(v.facts.AsOf()) {
		s.Status = "active"
	}
	return s, nil
}

// termOf is the price by which the account, or one below it, may buy a resource.
func (v *cloudSigmaView) termOf(resource string, at time.Time) (pricing.Term, *time.Location, bool) {
	accounts := slices.DeleteFunc(slices.Clone(v.tree.Accounts), func(id string) bool { return !v.mine[id] || id == v.account })
	for _, id := range append([]string{v.account}, accounts...) {
		if terms, loc := v.raters.TermsOf(id, resource, at); len(terms) > 0 {
			return terms[0], loc, true
		}
	}
	return pricing.Term{}, nil, false
}

// times are the start and the end that an order means. A start before now is now.
func (o cloudSigmaOrder) times(now time.Time) (start, end time.Time, err error) {
	given := func(name, text string) (time.Time, error) {
		t, err := cloudSigmaInstant(text)
		if err != nil {
			return t, BadParameter(name, name+" is a time in ISO 8601, such as 2015-03-19T13:55:00")
		}
		return t, nil
	}
	start = now
	if o.StartTime != "" {
		if start, err = given("start_time", o.StartTime); err != nil {
			return start, end, err
		}
		if start.Before(now) {
			start = now
		}
	}
	if o.EndTime != "" {
		if end, err = given("end_time", o.EndTime); err != nil {
			return start, end, err
		}
	}
	period, err := cloudSigmaLength(o.Period)
	if err != nil {
		return start, end, err
	}
	switch {
	case o.Period == "" && o.EndTime == "":
		return start, end, BadParameter("period", "not specific enough: give a period or an end_time")
	case o.Period != "" && o.EndTime != "" && o.StartTime != "":
		return start, end, BadParameter("period", "ambiguous: give two of start_time, end_time and period")
	case o.Period != "" && o.EndTime != "":
		start = period.from(end, -1)
		if start.Before(now) {
			start = now
		}
	case o.Period != "":
		end = period.from(start, 1)
	}
	if !end.After(start) {
		return start, end, BadParameter("end_time", "it ends before it starts")
	}
	if end.Year() > start.Year()+100 {
		return start, end, BadParameter("period", "that is too long")
	}
	return start, end, nil
}

// cloudSigmaTime is a length in words: months by the calendar, then days and
// shorter ones.
type cloudSigmaTime struct {
	months, days int
	rest         time.Duration
}

// from is the instant so long after t, or before it for a direction of -1. A
// month leads to the same day of another month, or to its last.
func (c cloudSigmaTime) from(t time.Time, direction int) time.Time {
	year, month, day := t.UTC().Date()
	first := time.Date(year, month+time.Month(direction*c.months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	clock := t.UTC().Sub(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
	return first.AddDate(0, 0, min(day, last)-1+direction*c.days).Add(clock + time.Duration(direction)*c.rest)
}

// cloudSigmaLength reads a period: "2 months 1 week", "1 year, 3 days and 6
// hours". The empty one is no time.
func cloudSigmaLength(text string) (cloudSigmaTime, error) {
	var out cloudSigmaTime
	bad := BadParameter("period", "period is a length such as 1 month, or 2 months 1 week")
	part := regexp.MustCompile(`^\s*([0-9]{1,5})\s*(year|month|week|day|hour|minute|second)s?\b(?:\s*,|\s+and\b)?`)
	rest := strings.ToLower(text)
	for strings.TrimSpace(rest) != "" {
		m := part.FindStringSubmatch(rest)
		if m == nil || len(text) > 100 {
			return out, bad
		}
		rest = rest[len(m[0]):]
		n, _ := strconv.Atoi(m[1]) // at most five digits
		switch m[2] {
		case "year":
			out.months += 12 * n
		case "month":
			out.months += n
		case "week":
			out.days += 7 * n
		case "day":
			out.days += n
		case "hour":
			out.rest += time.Duration(n) * time.Hour
		case "minute":
			out.rest += time.Duration(n) * time.Minute
		case "second":
			out.rest += time.Duration(n) * time.Second
		}
	}
	return out, nil
}
