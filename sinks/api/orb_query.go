package api

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"daybook/pricing"
	"daybook/sinks/documents"
)

// one is a parameter that may stand once; "" where it is absent or empty, as
// clients write null.
func one(q url.Values, name string) (string, error) {
	if len(q[name]) > 1 {
		return "", BadParameter(name, name+" is given more than once")
	}
	return q.Get(name), nil
}

// orbViewMode reads view_mode.
func orbViewMode(q url.Values, otherwise documents.OrbView) (documents.OrbView, error) {
	text, err := one(q, "view_mode")
	switch view := documents.OrbView(text); {
	case err != nil:
		return "", err
	case text == "":
		return otherwise, nil
	case view == documents.OrbCumulative || view == documents.OrbPeriodic:
		return view, nil
	}
	return "", BadParameter("view_mode", "view_mode is cumulative or periodic")
}

// orbTimeframe reads timeframe_start, inclusive, and timeframe_end, exclusive. given
// is false without them; one without the other is refused, as by Orb.
func orbTimeframe(r *Request, loc *time.Location) (p pricing.Period, given bool, err error) {
	start, err := one(r.Query, "timeframe_start")
	if err != nil {
		return p, false, err
	}
	end, err := one(r.Query, "timeframe_end")
	switch {
	case err != nil:
		return p, false, err
	case start == "" && end == "":
		return p, false, nil
	case start == "":
		return p, false, BadParameter("timeframe_start", "give timeframe_start too: both bounds, or none")
	case end == "":
		return p, false, BadParameter("timeframe_end", "give timeframe_end too: both bounds, or none")
	}
	if p.Start, err = orbInstant("timeframe_start", start, loc); err != nil {
		return p, false, err
	}
	if p.End, err = orbInstant("timeframe_end", end, loc); err != nil {
		return p, false, err
	}
	if p.Empty() {
		return p, false, BadParameter("timeframe_end", "timeframe_end is not after timeframe_start")
	}
	return p, true, nil
}

// orbInstant reads an ISO 8601 time: with an offset, in UTC without one, or a date
// for the customer's local midnight. Clients that do not escape the plus of an
// offset send a space.
func orbInstant(name, text string, loc *time.Location) (time.Time, error) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04", "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(layout, strings.Replace(text, " ", "+", 1)); err == nil && sound(t) {
			return t.UTC(), nil
		}
	}
	if d, err := pricing.ParseDate(text); err == nil && sound(d.UTC()) {
		return d.In(loc).UTC(), nil
	}
	return time.Time{}, BadParameter(name, name+" is no time such as 2022-02-01T05:00:00Z, nor a date")
}

// sound reports whether an instant is one that a bill could be about.
func sound(t time.Time) bool { return t.Year() >= 1970 && t.Year() < 9000 }

// orbSubscription is the subscription of the path.
func orbSubscription(r *Request) (*pricing.Subscription, error) {
	return orbSubscriptionOf(r, r.Path("subscription_id"))
}

// orbSubscriptionOf is a subscription that the token may see.
func orbSubscriptionOf(r *Request, id string) (*pricing.Subscription, error) {
	s, _, ok := r.Facts.Registry().Subscription(id)
	if !ok || !r.Sees(s.Account) {
		return nil, NotFound("there is no subscription of this id")
	}
	return s, nil
}

// orbPageOf cuts a list at cursor and limit. A cursor is the key of the last item
// before, so that what is new at the front moves nothing.
func orbPageOf[T any](q url.Values, all []T, key func(T) string, otherwise, most int) (page []T, next string, err error) {
	cursor, err := one(q, "cursor")
	if err != nil {
		return nil, "", err
	}
	text, err := one(q, "limit")
	if err != nil {
		return nil, "", err
	}
	limit := otherwise
	if text != "" {
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > most {
			return nil, "", BadParameter("limit", "limit is a number from 1 to "+strconv.Itoa(most))
		}
	}
	if cursor != "" {
		at := slices.IndexFunc(all, func(item T) bool { return key(item) == cursor })
		if at < 0 {
			return nil, "", BadParameter("cursor", "this is no cursor that this list gave; begin without one")
		}
		all = all[at+1:]
	}
	if len(all) <= limit {
		return all, "", nil
	}
	return all[:limit], key(all[limit-1]), nil
}
