package documents

import (
	"fmt"
	"regexp"
	"time"

	"daybook/pricing"
)

// rokkaMonthsAtMost is how many months a request may ask for.
const rokkaMonthsAtMost = 120

// RokkaMonths returns the months that a request of rokka's API asks for
// (rokka.io GET /billing/$org, Endpoint and parameters), in order:
// every month that from and to touch, both included, always
// in full. A date may lack leading zeros, as the API's own dashboard writes
// "2019-08-1". What is not given is taken from the other; where neither is, the
// month of now in UTC is meant.
func RokkaMonths(from, to string, now time.Time) ([]pricing.Month, error) {
	if from == "" && to == "" {
		from = now.UTC().Format(time.DateOnly)
	}
	if from == "" {
		from = to
	}
	if to == "" {
		to = from
	}
	first, err := rokkaMonth("from", from)
	if err != nil {
		return nil, err
	}
	last, err := rokkaMonth("to", to)
	if err != nil {
		return nil, err
	}
	if last.Before(first) {
		return nil, fmt.Errorf("from=%s is in a later month than to=%s: exchange them", from, to)
	}
	if first.AddDate(0, rokkaMonthsAtMost, 0).Before(last.AddDate(0, 1, 0)) {
		return nil, fmt.Errorf("from=%s to=%s are more than %d months: ask for fewer at once", from, to, rokkaMonthsAtMost)
	}
	return pricing.MonthOf(pricing.DateOf(first)).Through(pricing.MonthOf(pricing.DateOf(last))), nil
}

// rokkaMonth returns the first of a date's month. The API's dates are only
// ever the digits of a year, a month and a day.
func rokkaMonth(name, text string) (time.Time, error) {
	if rokkaDate := regexp.MustCompile(`^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$`); rokkaDate.MatchString(text) {
		if day, err := time.Parse("2006-1-2", text); err == nil {
			return day.AddDate(0, 0, 1-day.Day()), nil
		}
	}
	return time.Time{}, fmt.Errorf("%s=%q is no date: write a year, a month and a day of it, as in 2019-08-01", name, text)
}
