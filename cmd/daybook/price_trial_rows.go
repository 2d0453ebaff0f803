package main

import (
	"fmt"
	"strings"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
)

// trialEvent is one usage event.
type trialEvent struct {
	meter, quantity string
	at              time.Time
	columns         map[string]string // dimensions and other columns
}

// addResource reads kind[:sku]=quantity[@from..to].
func (t *trial) addResource(text string) error {
	what, rest, ok := strings.Cut(text, "=")
	kind, sku, _ := strings.Cut(what, ":")
	if !ok || kind == "" {
		return usageErrorf("--resource %s: write kind[:sku]=quantity[@from..to], for example vm:large=2@2026-10-01..2026-10-16", text)
	}
	count, span, _ := strings.Cut(rest, "@")
	quantity, err := money.ParseQuantity(count)
	if err != nil {
		return unusable("resource", text, err)
	}
	r := pricing.Resource{
		ID: fmt.Sprintf("%s-%d", kind, len(t.resources)+1), Account: t.sub.Account, Subscription: t.sub.ID,
		Kind: kind, SKU: sku, Quantity: quantity, Created: t.sub.Start,
	}
	from, to, _ := strings.Cut(span, "..")
	if from != "" {
		if r.Created, err = t.instant("resource", from); err != nil {
			return err
		}
	}
	if to != "" {
		if r.Deleted, err = t.instant("resource", to); err != nil {
			return err
		}
	}
	t.resources = append(t.resources, r)
	return nil
}

// addUsage reads meter=quantity[@time][,column=value]….
func (t *trial) addUsage(text string) error {
	fields := strings.Split(text, ",")
	meter, rest, ok := strings.Cut(fields[0], "=")
	if !ok || meter == "" {
		return usageErrorf("--usage %s: write meter=quantity[@time][,column=value]…, for example traffic=5@2026-10-05T08:00,region=eu", text)
	}
	e := trialEvent{meter: meter, columns: map[string]string{}}
	if err := t.checkMeter(text, meter); err != nil {
		return err
	}
	quantity, at, timed := strings.Cut(rest, "@")
	q, err := money.ParseQuantity(quantity)
	if err != nil {
		return unusable("usage", text, err)
	}
	e.quantity = q.String()
	for _, field := range fields[1:] {
		column, value, ok := strings.Cut(field, "=")
		if !ok || column == "" {
			return usageErrorf("--usage %s: after the quantity come columns, as column=value", text)
		}
		e.columns[column] = value
	}
	if timed {
		if e.at, err = t.instant("usage", at); err != nil {
			return err
		}
	} else {
		period, err := t.billingPeriod()
		if err != nil {
			return err
		}
		e.at = period.Start
		if e.at.Before(t.sub.Start) {
			e.at = t.sub.Start
		}
	}
	t.usage = append(t.usage, e)
	return nil
}

// checkMeter refuses usage of what no version of the book counts.
func (t *trial) checkMeter(text, meter string) error {
	var known []string
	for i := range t.book.Versions {
		for _, m := range t.book.Versions[i].Meters {
			if m.ID == meter {
				return nil
			}
			known = append(known, m.ID)
		}
	}
	if len(known) == 0 {
		return usageErrorf("--usage %s: %s has no meters", text, t.bookFile.Name)
	}
	return usageErrorf("--usage %s: %s has no meter %q; it has %s", text, t.bookFile.Name, meter, strings.Join(unique(known), ", "))
}

// instant reads an instant with a zone, or a date or time in the customer's.
func (t *trial) instant(flag, text string) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at.UTC(), nil
	}
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if at, err := time.ParseInLocation(layout, text, t.zone); err == nil {
			return at.UTC(), nil
		}
	}
	if d, err := pricing.ParseDate(text); err == nil {
		return d.In(t.zone).UTC(), nil
	}
	return time.Time{}, usageErrorf("--%s %s: write an instant such as 2026-10-05T08:00:00Z, or a date or time such as 2026-10-05T08:00 in the customer's zone", flag, text)
}

// pair reads name=number.
func pair[T any](flag, text, example string, parse func(string) (T, error)) (string, T, error) {
	name, value, ok := strings.Cut(text, "=")
	number, err := parse(value)
	switch {
	case !ok || name == "":
		return "", number, usageErrorf("--%s %s: write price=number, for example %s", flag, text, example)
	case err != nil:
		return "", number, unusable(flag, text, err)
	}
	return name, number, nil
}
