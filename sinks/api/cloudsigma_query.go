package api

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"daybook/pricing"
)

// cloudSigmaPage reads limit and offset; a limit of 0 is no limit.
func cloudSigmaPage(q url.Values, usual int) (limit, offset int, err error) {
	limit = usual
	for _, p := range []struct {
		name string
		to   *int
	}{{"limit", &limit}, {"offset", &offset}} {
		if !q.Has(p.name) {
			continue
		}
		n, err := strconv.ParseUint(q.Get(p.name), 10, 31)
		if err != nil {
			return 0, 0, BadParameter(p.name, p.name+" is a whole number of 0 or more")
		}
		*p.to = int(n)
	}
	return limit, offset, nil
}

// cloudSigmaTimes is a range of time by the filters of a field.
type cloudSigmaTimes struct {
	from, until            time.Time // zero: open
	fromIncluded, untilToo bool
}

// cloudSigmaBounds reads the filters of a field of time: field (exact),
// field__gt, __gte, __lt and __lte, each with one underscore too, as the API's
// own documentation prints some. A date is its midnight in UTC.
func cloudSigmaBounds(q url.Values, field string) (cloudSigmaTimes, error) {
	var out cloudSigmaTimes
	for _, f := range []string{"", "_gt", "_gte", "_lt", "_lte"} {
		for _, name := range []string{field + "_" + f, field + f} {
			if f == "" && name != field || !q.Has(name) {
				continue
			}
			for _, text := range q[name] { // the same filter twice means both
				t, err := cloudSigmaInstant(text)
				if err != nil {
					return out, BadParameter(name, name+" is a date or a time in ISO 8601, such as 2014-06-05 or 2014-06-05T09:06:00")
				}
				out.narrow(f, t)
			}
		}
	}
	return out, nil
}

func (c *cloudSigmaTimes) narrow(filter string, t time.Time) {
	if filter == "" || strings.HasPrefix(filter, "_gt") {
		if c.from.IsZero() || t.After(c.from) || t.Equal(c.from) && filter == "_gt" {
			c.from, c.fromIncluded = t, filter != "_gt"
		}
	}
	if filter == "" || strings.HasPrefix(filter, "_lt") {
		if c.until.IsZero() || t.Before(c.until) || t.Equal(c.until) && filter == "_lt" {
			c.until, c.untilToo = t, filter != "_lt"
		}
	}
}

func (c cloudSigmaTimes) holds(t time.Time) bool {
	if !c.from.IsZero() && (t.Before(c.from) || t.Equal(c.from) && !c.fromIncluded) {
		return false
	}
	return c.until.IsZero() || t.Before(c.until) || t.Equal(c.until) && c.untilToo
}

// cloudSigmaInstant reads a date or a time of ISO 8601; without an offset it is
// in UTC. A + that was not percent-encoded has become a space.
func cloudSigmaInstant(text string) (time.Time, error) {
	if len(text) > 40 {
		return time.Time{}, fmt.Errorf("is too long")
	}
	if n := len(text); n > 6 && text[n-6] == ' ' && text[n-3] == ':' {
		text = text[:n-6] + "+" + text[n-5:]
	}
	for _, layout := range []string{
		time.DateOnly, time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999",
	} {
		t, err := time.Parse(layout, text)
		if err == nil && t.Year() >= 1 && t.Year() <= 9998 {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("is no time")
}

// cloudSigmaDays reads the filters of a field of days into the first and the last
// that are meant, by default up to the newest, and 30 in all. Where inclusive, the
// day of __gt counts too: the API compares with its midnight.
func cloudSigmaDays(q url.Values, newest pricing.Date, inclusive bool) (from, to pricing.Date, err error) {
	to = newest
	begins := false
	for _, f := range []string{"", "__gt", "__gte", "__lt", "__lte", "_gt", "_gte", "_lt", "_lte"} {
		for _, text := range q["date"+f] {
			t, err := cloudSigmaInstant(text)
			if err != nil {
				return 0, 0, BadParameter("date"+f, "date"+f+" is a date, such as 2014-10-21")
			}
			first, last := pricing.LocalDay(t, time.UTC), newest
			switch strings.TrimLeft(f, "_") {
			case "":
				last = first
			case "gt":
				if !inclusive {
					first = first.AddDays(1)
				}
			case "lt":
				to = min(to, first.AddDays(-1))
				continue
			case "lte":
				to = min(to, first)
				continue
			}
			if !begins || first > from {
				from, begins = first, true
			}
			to = min(to, last)
		}
	}
	if !begins {
		from = to.AddDays(-29)
	}
	return from, to, nil
}

// cloudSigmaAny reads a filter whose values, split by commas, are alternatives;
// nil is any.
func cloudSigmaAny(q url.Values, name string) map[string]bool {
	if !q.Has(name) {
		return nil
	}
	out := map[string]bool{}
	for _, v := range strings.Split(q.Get(name), ",") {
		out[strings.TrimSpace(v)] = true
	}
	return out
}

// cloudSigmaIntegers is cloudSigmaAny of whole numbers.
func cloudSigmaIntegers(q url.Values, name string) (map[int64]bool, error) {
	var out map[int64]bool
	for text := range cloudSigmaAny(q, name) {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, BadParameter(name, name+" is a whole number, or several with commas between them")
		}
		if out == nil {
			out = map[int64]bool{}
		}
		out[n] = true
	}
	return out, nil
}
