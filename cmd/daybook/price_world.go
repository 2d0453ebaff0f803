package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"daybook/jobs"
	"daybook/pricing"
	"daybook/sources/blob"
	"daybook/sources/blob/dir"
	"daybook/sources/blob/mem"
	"daybook/sources/parquet"
)

// trialResult is what a trial comes to.
type trialResult struct {
	trial    *trial
	currency string
	invoice  *jobs.Explained // nil: nothing is billed
	series   []pricing.CostRow
	events   int64 // that the closing priced
}

// price makes the trial's world in memory, closes its month as any other and
// explains the invoice. No figure has a way of its own.
func (t *trial) price(ctx context.Context) (*trialResult, error) {
	stores, err := t.stores(ctx)
	if err != nil {
		return nil, err
	}
	settings := jobs.Settings{Start: t.month.First(), ClosingGrace: 36 * time.Hour, DailyGrace: 2 * time.Hour}
	settings.Issuer = jobs.Issuer{Name: "daybook price", InvoiceSeries: "{n}"}
	p := jobs.New(stores, settings, jobs.Options{Version: version, Clock: wallClock(), ProbeKey: "probe"})
	// In memory every month is over; usage may well be missing.
	options := jobs.RunOptions{AsOf: t.asOf, Now: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), AllowIncomplete: true, NoNotify: true}
	outcomes, err := p.Monthly(ctx, []pricing.Month{t.month}, options)
	if err != nil {
		return nil, t.refused(err)
	}
	if err := t.complete(outcomes); err != nil {
		return nil, err
	}
	if err := t.meant(ctx, p); err != nil {
		return nil, err
	}
	closing := outcomes[len(outcomes)-1]
	result := &trialResult{trial: t, currency: t.book.Currency.Code, events: closing.Rated.Billed}
	billing := t.billingAccount()
	for _, i := range closing.Invoices {
		if i.BillingAccount != billing {
			continue
		}
		if result.invoice, err = p.Explain(ctx, i.ID, 0); err != nil {
			return nil, err
		}
	}
	if t.series {
		result.series, err = t.costs(ctx, p, options)
	}
	return result, err
}

// meant refuses resources and quantities of the one customer that no price
// counts: given by hand, they are slips. A registry's may be for other plans.
func (t *trial) meant(ctx context.Context, p *jobs.Pipeline) error {
	if t.registry != "" {
		return nil
	}
	s, err := p.Validate(ctx)
	if err == nil && len(s.Idle) > 0 {
		err = usageErrorf("%s", s.Idle[0])
	}
	return err
}

// costs rates each day of the month.
func (t *trial) costs(ctx context.Context, p *jobs.Pipeline, o jobs.RunOptions) ([]pricing.CostRow, error) {
	days := jobs.Span{From: t.month.First(), To: t.month.Next().First().AddDays(-1)}.Days()
	o.AllowIncomplete = false
	outcomes, err := p.Daily(ctx, days, o)
	if err != nil {
		return nil, t.refused(err)
	}
	if err := t.complete(outcomes); err != nil {
		return nil, err
	}
	return p.Costs(ctx, t.billingAccount(), days)
}

// refused names the flag behind an error of a run.
func (t *trial) refused(err error) error {
	if errors.Is(err, jobs.ErrNotDue) {
		return usageErrorf("--as-of: %w; for costs within the month use --series", err)
	}
	return err
}

// complete refuses a result that leaves something out: rejected usage, a parked
// account.
func (t *trial) complete(outcomes []jobs.Outcome) error {
	for _, o := range outcomes {
		for _, reason := range sortedKeys(o.Reasons) {
			return usageErrorf("--usage: %d of the events on %s (UTC) would be rejected as %s; docs/operations.md says what each reason means", o.Reasons[reason], o.Period, reason)
		}
		for _, parked := range o.Parked {
			return usageErrorf("account %s cannot be billed (%s): %s", parked.Account, parked.Reason, parked.Detail)
		}
	}
	return nil
}

// billingAccount is whose invoice is looked at.
func (t *trial) billingAccount() string {
	registry, _ := pricing.NewRegistry(t.accounts, nil, nil)
	return registry.BillingAccount(t.sub.Account)
}

// stores puts the trial's world into stores in memory.
func (t *trial) stores(ctx context.Context) (jobs.Stores, error) {
	s := jobs.Stores{Usage: mem.New("usage"), Registry: mem.New("registry"), Book: mem.New("book"), Out: mem.New("out")}
	put := func(to blob.Store, key string, body []byte) error {
		_, err := to.Put(ctx, key, body, blob.Cond{})
		return err
	}
	if t.registry != "" {
		var err error
		if s.Registry, err = dir.New(t.registry, dir.Options{}); err != nil {
			return s, usageErrorf("--registry: %w", err)
		}
	} else {
		accounts, subscriptions, resources := t.rows()
		err := errors.Join(
			put(s.Registry, "accounts.ndjson", accounts),
			put(s.Registry, "subscriptions.ndjson", subscriptions),
			put(s.Registry, "resources.ndjson", resources),
		)
		if err != nil {
			return s, err
		}
	}
	if len(t.usage) > 0 {
		body, err := t.parquet()
		if err != nil {
			return s, err
		}
		if err := put(s.Usage, "usage.parquet", body); err != nil {
			return s, err
		}
	}
	return s, put(s.Book, "book.yaml", t.bookFile.Content)
}

// rows writes the one customer as a registry's files.
func (t *trial) rows() (accounts, subscriptions, resources []byte) {
	moment := func(at time.Time) any {
		if at.IsZero() {
			return nil
		}
		return at.Format(time.RFC3339Nano)
	}
	accounts = ndjson(map[string]any{"id": t.sub.Account, "bills": true, "time_zone": t.accounts[0].TimeZone})
	quantities, overrides := map[string]string{}, map[string]string{}
	for price, n := range t.sub.Quantities {
		quantities[price] = n.String()
	}
	for price, amount := range t.sub.PriceOverrides {
		overrides[price] = amount.String()
	}
	sub := map[string]any{
		"id": t.sub.ID, "account": t.sub.Account, "plan": t.sub.Plan, "start": moment(t.sub.Start), "end": moment(t.sub.End),
		"quantities": quantities, "price_overrides": overrides,
	}
	if t.sub.Anchor > 0 {
		sub["anchor"] = t.sub.Anchor
	}
	subscriptions = ndjson(sub)
	var rows []map[string]any
	for _, r := range t.resources {
		rows = append(rows, map[string]any{
			"id": r.ID, "account": r.Account, "subscription": r.Subscription, "kind": r.Kind, "sku": r.SKU,
			"quantity": r.Quantity.String(), "created": moment(r.Created), "deleted": moment(r.Deleted),
		})
	}
	return accounts, subscriptions, ndjson(rows...)
}

func ndjson(rows ...map[string]any) []byte {
	var out bytes.Buffer
	for _, row := range rows {
		line, _ := json.Marshal(row) // texts and numbers only
		out.Write(append(line, '\n'))
	}
	return out.Bytes()
}

// parquet writes the usage under the default column names. The value of a meter
// that reads a column of its own stands there too.
func (t *trial) parquet() ([]byte, error) {
	of, names := map[string]string{}, []string{"event_id", "meter", "quantity", "subscription_id"}
	for i := range t.book.Versions {
		for _, m := range t.book.Versions[i].Meters {
			of[m.ID] = m.Of
			names = append(names, m.By...) // a column that a meter asks for must be there
			if m.Of != "" {
				names = append(names, m.Of)
			}
		}
	}
	n := len(t.usage)
	rows := make([]map[string]string, n)
	times := make([]int64, n)
	for i, e := range t.usage {
		rows[i] = map[string]string{"event_id": fmt.Sprintf("usage-%d", i+1), "meter": e.meter, "quantity": e.quantity, "subscription_id": t.sub.ID}
		if column := of[e.meter]; column != "" {
			rows[i][column] = e.quantity
		}
		for column, value := range e.columns {
			rows[i][column] = value
			names = append(names, column)
		}
		times[i] = e.at.UnixMicro()
	}
	columns := []parquet.Column{{Name: "time", Type: parquet.TimestampMicrosUTC, Ints: times}}
	for _, name := range unique(names) {
		if strings.EqualFold(name, "time") {
			return nil, usageErrorf("--usage: an event's time stands after @, not in a column")
		}
		c := parquet.Column{Name: name, Type: parquet.String, Nullable: true}
		for _, row := range rows {
			value, given := row[name]
			c.Strings, c.Valid = append(c.Strings, value), append(c.Valid, given)
		}
		columns = append(columns, c)
	}
	return parquet.Encode(columns, n)
}

func unique(names []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(names)))
}
