package documents

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
)

// OrbView says what a point of a series is about: the billing period so far, or one
// day.
type OrbView string

// The views of Orb's series.
const (
	OrbCumulative OrbView = "cumulative"
	OrbPeriodic   OrbView = "periodic"
)

// OrbPriced is the price of a cost row, with the matrix dimensions that it is
// grouped by and the decimals of its currency.
type OrbPriced struct {
	ID     string
	Price  json.RawMessage // of an OrbPrice
	By     []string
	Digits int32
}

type orbPoint struct {
	Start    string         `json:"timeframe_start"`
	End      string         `json:"timeframe_end"`
	Subtotal string         `json:"subtotal"`
	Total    string         `json:"total"`
	Prices   []orbPriceCost `json:"per_price_costs"`
}

type orbPriceCost struct {
	ID       string          `json:"price_id"`
	Price    json.RawMessage `json:"price"`
	Quantity json.Number     `json:"quantity"`
	Subtotal string          `json:"subtotal"`
	Total    string          `json:"total"`
	Groups   *[]orbGroup     `json:"price_groups,omitempty"` // of matrix prices
}

type orbGroup struct {
	Key            string  `json:"grouping_key"`
	Value          *string `json:"grouping_value"`
	SecondaryKey   *string `json:"secondary_grouping_key"`
	SecondaryValue *string `json:"secondary_grouping_value"`
	Total          string  `json:"total"` // without minimums and discounts
}

// OrbCosts writes a cost series. Cumulative points begin with the billing period and
// end with each day; periodic ones are days. Rows of one window are one point,
// whose entries are the prices of each subscription; those of one price, which are
// the groups of a matrix, are added up. No rows are no points.
func OrbCosts(rows []pricing.CostRow, view OrbView, priced func(*pricing.CostRow) (OrbPriced, error)) ([]byte, error) {
	points := map[pricing.Period][]*pricing.CostRow{}
	for i := range rows {
		w := pricing.Period{Start: rows[i].PeriodStart.UTC(), End: rows[i].TimeframeEnd.UTC()}
		if view == OrbPeriodic {
			w.Start = rows[i].TimeframeStart.UTC()
		}
		points[w] = append(points[w], &rows[i])
	}
	windows := make([]pricing.Period, 0, len(points))
	for w := range points {
		windows = append(windows, w)
	}
	slices.SortFunc(windows, func(a, b pricing.Period) int { return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End)) })
	out := make([]orbPoint, len(windows))
	for i, w := range windows {
		var err error
		if out[i], err = orbPointOf(w, points[w], view, priced); err != nil {
			return nil, err
		}
	}
	return compact(struct {
		Data []orbPoint `json:"data"`
	}{out})
}

// priceOf is what rows of one entry have in common.
type priceOf struct {
	account, subscription, version, plan, price string
	period                                      time.Time
}

// entry adds up the rows of one price.
type entry struct {
	OrbPriced
	quantity        money.Quantity
	subtotal, total money.Amount
	groups          []orbGroup
}

func orbPointOf(w pricing.Period, rows []*pricing.CostRow, view OrbView, priced func(*pricing.CostRow) (OrbPriced, error)) (orbPoint, error) {
	at := map[priceOf]int{}
	var entries []entry
	var subtotal, total money.Amount
	var digits int32
	for _, r := range rows {
		key := priceOf{r.Account, r.Subscription, r.BookVersion, r.Plan, r.Price, r.PeriodStart.UTC()}
		i, again := at[key]
		if !again {
			p, err := priced(r)
			if err != nil {
				return orbPoint{}, err
			}
			i, digits = len(entries), p.Digits
			at[key], entries = i, append(entries, entry{OrbPriced: p})
		}
		quantity, sub, tot := r.CumulativeQuantity, r.CumulativeSubtotal, r.CumulativeTotal
		if view == OrbPeriodic {
			quantity, sub, tot = r.Quantity, r.Subtotal, r.Total
		}
		if err := entries[i].add(r, quantity, sub, tot); err != nil {
			return orbPoint{}, err
		}
		subtotal, total = subtotal.Add(sub), total.Add(tot)
	}
	out := orbPoint{orbTime(w.Start), orbTime(w.End), orbMoney(subtotal, digits), orbMoney(total, digits), make([]orbPriceCost, len(entries))}
	for i := range entries {
		out.Prices[i] = entries[i].cost()
	}
	return out, nil
}

func (e *entry) add(r *pricing.CostRow, quantity money.Quantity, subtotal, total money.Amount) error {
	e.quantity, e.subtotal, e.total = e.quantity.Add(quantity), e.subtotal.Add(subtotal), e.total.Add(total)
	if len(e.By) == 0 || r.Grouping == "{}" {
		return nil
	}
	values, err := group(r.Grouping)
	if err != nil {
		return fmt.Errorf("costs of price %s on %s: %w", r.Price, r.Day, err)
	}
	g := orbGroup{Key: e.By[0], Value: textOf(values[e.By[0]]), Total: orbMoney(subtotal, e.Digits)}
	if len(e.By) > 1 {
		g.SecondaryKey, g.SecondaryValue = &e.By[1], textOf(values[e.By[1]])
	}
	e.groups = append(e.groups, g)
	return nil
}

// textOf is a dimension's value; null where the events had none.
func textOf(value any) *string {
	text, _ := value.(string)
	return optional(text)
}

func (e *entry) cost() orbPriceCost {
	out := orbPriceCost{e.ID, e.Price, orbNumber(e.quantity), orbMoney(e.subtotal, e.Digits), orbMoney(e.total, e.Digits), nil}
	if len(e.By) > 0 {
		if e.groups == nil {
			e.groups = []orbGroup{}
		}
		slices.SortFunc(e.groups, func(a, b orbGroup) int {
			return cmp.Or(strings.Compare(orNull(a.Value), orNull(b.Value)), strings.Compare(orNull(a.SecondaryValue), orNull(b.SecondaryValue)))
		})
		out.Groups = &e.groups
	}
	return out
}

func orNull(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
