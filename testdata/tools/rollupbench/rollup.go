package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime/pprof"

	"daybook/pricing"
	"daybook/sinks/tables"
	"daybook/sources/blob/dir"
	"daybook/sources/heap"
	"daybook/sources/usage"
)

// rollup is Daybook's side: every guard, the attribution and all columns of
// usage_daily, one file a day; plain rows have no event ids.
func rollup(ctx context.Context, in, out, profile string, plain bool) error {
	stop, err := profiled(profile)
	if err != nil {
		return err
	}
	defer stop()
	heap.Manage(usage.DefaultMemory)
	store, err := dir.New(in, dir.Options{})
	if err != nil {
		return err
	}
	r := usage.Request{Store: store, AsOf: math.MaxInt64, Workers: 2, Attribution: attribution()}
	r.Mapping.EventID.None = plain
	units := map[string]string{}
	for m := range meters {
		id := fmt.Sprintf("meter-%d", m)
		units[id] = "unit"
		r.Meters = append(r.Meters, pricing.Meter{ID: id, Aggregate: pricing.Sum, Scale: 12, By: []string{"region", "instance_type"}})
	}
	for o, err := range store.List(ctx, "", "") {
		if err != nil {
			return err
		}
		if filepath.Ext(o.Key) != ".parquet" {
			continue
		}
		day, err := pricing.ParseDate(o.Key[:10])
		if err != nil {
			return err
		}
		if n := len(r.Days); n == 0 || r.Days[n-1] != day {
			r.Days = append(r.Days, day)
		}
		r.Files = append(r.Files, usage.File{Object: o, Days: []pricing.Date{day}, Home: day})
	}
	type table struct {
		name string
		body []byte
	}
	return usage.RollupPrepared(ctx, usage.New(), r, func(d usage.Day) (table, error) {
		if d.Counts.Rejected > 0 {
			return table{}, fmt.Errorf("%s: %d rows were rejected, the first for %s", d.UTCDay, d.Counts.Rejected, d.Rejected[0].Reason)
		}
		body, err := tables.EncodeUsageDaily(&d.Batch, units)
		return table{d.UTCDay.String() + ".parquet", body}, err
	}, func(t table) error { return os.WriteFile(filepath.Join(out, t.name), t.body, 0o644) })
}

// profiled writes a processor profile, where one is asked for, until it is stopped.
func profiled(path string) (stop func(), err error) {
	if path == "" {
		return func() {}, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return pprof.StopCPUProfile, pprof.StartCPUProfile(f)
}

// attribution gives each account three subscriptions, and one in two accounts a
// zone of its own.
func attribution() pricing.Attribution {
	var a pricing.Attribution
	for s := range subscriptions {
		id := fmt.Sprintf("sub-%05d", s)
		a.Set(pricing.SubscriptionKey(id), pricing.AttributionEntry{Account: account(s), Subscription: id, End: math.MaxInt64, Zone: zone(s)})
	}
	return a
}

func account(subscription int) string { return fmt.Sprintf("account-%04d", subscription/3) }

func zone(subscription int) string {
	if subscription/3%2 == 0 {
		return "UTC"
	}
	return "Europe/Zurich"
}
