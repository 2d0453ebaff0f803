package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sinks/documents"
)

const (
	orbMostDays   = 1100 // of one timeframe: three years
	orbMostGroups = 1000 // of one page, as Orb has it
)

// orbUsageQuery is what a request for usage asks.
type orbUsageQuery struct {
	s       *pricing.Subscription
	loc     *time.Location
	view    documents.OrbView
	frame   pricing.Period
	daily   bool
	metric  string // "" : all
	groupBy string // "" : not grouped
	where   map[string]string
}

// orbSubscriptionUsage answers with the usage of each meter that the plan's prices
// charge for: as one window or by local days, of the current billing period or of
// the timeframe given.
func orbSubscriptionUsage(ctx context.Context, r *Request) (Answer, error) {
	q, err := readOrbUsage(r)
	if err != nil {
		return Answer{}, err
	}
	meters, err := q.meters(r.Facts)
	if err != nil {
		return Answer{}, err
	}
	windows, err := q.windows(r.Facts)
	if err != nil {
		return Answer{}, err
	}
	rows, err := q.rows(ctx, r.Facts, meters, windows)
	if err != nil {
		return Answer{}, err
	}
	var out []documents.OrbUsage
	for _, m := range meters {
		usages, err := q.usageOf(m, rows, windows)
		if errors.Is(err, pricing.ErrWithinDay) {
			return Answer{}, BadParameter("timeframe_start", "a bound of the timeframe lies within a local day, and "+err.Error()+
				"; give local midnights of "+q.loc.String()+", or let the meter keep a finer grain")
		}
		if err != nil {
			return Answer{}, err
		}
		out = append(out, usages...)
	}
	if q.groupBy == "" {
		return orbBody(documents.OrbUsages(out, nil))
	}
	page, next, err := orbPageOf(r.Query, out, func(u documents.OrbUsage) string { return u.Value }, orbMostGroups, orbMostGroups)
	if err != nil {
		return Answer{}, err
	}
	return orbBody(documents.OrbUsages(page, documents.NewOrbPage(next)))
}

func readOrbUsage(r *Request) (q orbUsageQuery, err error) {
	if q.s, err = orbSubscription(r); err != nil {
		return q, err
	}
	_, q.loc, _ = r.Facts.Registry().Subscription(q.s.ID)
	if q.view, err = orbViewMode(r.Query, documents.OrbPeriodic); err != nil {
		return q, err
	}
	texts := map[string]string{}
	for _, name := range []string{"granularity", "billable_metric_id", "group_by", "first_dimension_key", "first_dimension_value", "second_dimension_key", "second_dimension_value"} {
		if texts[name], err = one(r.Query, name); err != nil {
			return q, err
		}
	}
	switch texts["granularity"] {
	case "", "day":
		q.daily = texts["granularity"] != ""
	default:
		return q, BadParameter("granularity", "granularity is day, or left out")
	}
	q.metric, q.groupBy, q.where = texts["billable_metric_id"], texts["group_by"], map[string]string{}
	for _, n := range []string{"first", "second"} {
		key, value := texts[n+"_dimension_key"], texts[n+"_dimension_value"]
		switch {
		case key == "" && value != "":
			return q, BadParameter(n+"_dimension_key", "give "+n+"_dimension_key with the value")
		case key != "":
			q.where[key] = value
		}
	}
	if q.metric == "" && (q.groupBy != "" || len(q.where) > 0) {
		return q, BadParameter("billable_metric_id", "give billable_metric_id: dimensions are of one metric")
	}
	given := false
	if q.frame, given, err = orbTimeframe(r, q.loc); err != nil || given {
		return q, err
	}
	period, ok := orbCurrent(r.Facts, orbWhose{q.s.Account, q.s.ID})[q.s.ID]
	if !ok {
		return q, nil // it has not begun: no window
	}
	q.frame = period.Upto(orbNow(r.Facts, q.s.ID))
	return q, nil
}

// metric is a meter with the name that its first price gives it.
type metric struct {
	pricing.Meter
	name string
}

// meters are those that the plan's prices charge for, in the order of the book.
func (q *orbUsageQuery) meters(f Facts) ([]metric, error) {
	var out []metric
	if book, ok := pricing.BookOf(f.Books(), f.Registry(), q.s.Account); ok && !q.frame.Empty() {
		last := min(pricing.LocalDay(q.frame.End.Add(-1), q.loc), pricing.LocalDay(orbNow(f, q.s.ID).Add(-1), q.loc))
		if version, ok := book.VersionOn(last); ok {
			if plan, ok := version.PlanOf(q.s.Plan); ok {
				out = metricsOf(version, plan)
			}
		}
	}
	if q.metric == "" {
		return out, nil
	}
	out = slices.DeleteFunc(out, func(m metric) bool { return m.ID != q.metric })
	if len(out) == 0 {
		return nil, NotFound("the subscription's plan charges for no billable metric of this id")
	}
	kept := out[0].By
	for _, dimension := range append(slices.Sorted(maps.Keys(q.where)), q.groupBy) {
		if dimension != "" && !slices.Contains(kept, dimension) {
			return nil, BadParameter("group_by", fmt.Sprintf("metric %s does not keep %q; it keeps %q", q.metric, dimension, kept))
		}
	}
	return out, nil
}

func metricsOf(version *pricing.Version, plan *pricing.Plan) []metric {
	var out []metric
	for _, p := range plan.Prices {
		if slices.ContainsFunc(out, func(m metric) bool { return m.ID == p.Meter }) {
			continue
		}
		if m, ok := version.MeterOf(p.Meter); ok {
			out = append(out, metric{m, cmp.Or(p.Description, m.ID)})
		}
	}
	return out
}

// windows cuts the timeframe at the customer's local midnights. Cumulative windows
// begin with the billing period that holds their end.
func (q *orbUsageQuery) windows(f Facts) ([]pricing.Period, error) {
	if !q.frame.Empty() && pricing.LocalDay(q.frame.End.Add(-1), q.loc)-pricing.LocalDay(q.frame.Start, q.loc) >= orbMostDays {
		return nil, BadParameter("timeframe_end", "the timeframe has more than "+strconv.Itoa(orbMostDays)+" days; ask for less")
	}
	var out []pricing.Period
	for at := q.frame.Start; at.Before(q.frame.End); {
		w := pricing.Period{Start: at, End: q.frame.End}
		if q.daily {
			w = w.Upto(pricing.LocalDay(at, q.loc).AddDays(1).In(q.loc).UTC())
		}
		at = w.End
		if q.view == documents.OrbCumulative {
			if p, ok := pricing.BillingPeriod(f.Books(), f.Registry(), q.s.ID, w.End.Add(-1)); ok {
				w.Start = p.Start
			}
		}
		out = append(out, w)
	}
	return out, nil
}

// rows are the subscription's states of all windows, and of the days before that
// its meters carry from.
func (q *orbUsageQuery) rows(ctx context.Context, f Facts, meters []metric, windows []pricing.Period) ([]pricing.UsageState, error) {
	if len(windows) == 0 || len(meters) == 0 {
		return nil, nil
	}
	first, carry := windows[0].Start, 0
	for _, w := range windows {
		if w.Start.Before(first) {
			first = w.Start
		}
	}
	for _, m := range meters {
		carry = max(carry, m.CarryDays)
	}
	rows, err := f.Usage(ctx, q.s.Account, pricing.LocalDay(first, q.loc).AddDays(-carry), pricing.LocalDay(q.frame.End.Add(-1), q.loc))
	if err != nil {
		return nil, fmt.Errorf("read usage of %q: %w", q.s.Account, err)
	}
	return slices.DeleteFunc(slices.Clone(rows), func(u pricing.UsageState) bool {
		return u.Subscription != q.s.ID || !holds(u.Dimensions, q.where)
	}), nil
}

// holds reports whether dimensions have some values.
func holds(dimensions string, values map[string]string) bool {
	if len(values) == 0 {
		return true
	}
	var of map[string]string
	if json.Unmarshal([]byte(dimensions), &of) != nil {
		return false
	}
	for key, value := range values {
		if of[key] != value {
			return false
		}
	}
	return true
}

// usageOf measures one metric in each window; by groups, those without a value left
// out, as by Orb.
func (q *orbUsageQuery) usageOf(m metric, rows []pricing.UsageState, windows []pricing.Period) ([]documents.OrbUsage, error) {
	var by []string
	if q.groupBy != "" {
		by = []string{q.groupBy}
	}
	of := map[string][]money.Quantity{}
	if by == nil {
		of[""] = make([]money.Quantity, len(windows))
	}
	for i, w := range windows {
		measured, err := m.Over(rows, w, q.loc, by)
		if err != nil {
			return nil, err
		}
		if by == nil {
			of[""][i] = measured.Quantity.Quantity()
		}
		for _, g := range measured.Groups {
			value := g.Values[0]
			if value != "" && of[value] == nil {
				of[value] = make([]money.Quantity, len(windows))
			}
			if value != "" {
				of[value][i] = g.Quantity.Quantity()
			}
		}
	}
	var out []documents.OrbUsage
	for _, value := range slices.Sorted(maps.Keys(of)) {
		out = append(out, documents.OrbUsage{
			Metric: m.ID, Name: m.name, Key: q.groupBy, Value: value, View: q.view, Windows: windows, Quantities: of[value],
		})
	}
	return out, nil
}
