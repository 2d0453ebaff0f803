package main

import (
	"context"
	"fmt"
	"os"
	"runtime/pprof"
	"time"

	"daybook/jobs"
	"daybook/pricing"
	"daybook/sources/blob"
	"daybook/sources/blob/dir"
	"daybook/sources/heap"
	"daybook/sources/usage"
)

// The steps. The last day's costs take the rollups of the whole month.
const (
	stepRollup     = "rollup"
	stepOneMoreDay = "one more day"
	stepDaily      = "daily, last day"
	stepMonthly    = "monthly"
	stepAllDays    = "daily, all days"
)

// step runs one job over the month in the folder, as a process of its own.
func step(ctx context.Context, name, folder, profile string) error {
	if profile != "" {
		f, err := os.Create(profile + "." + name)
		if err != nil {
			return err
		}
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	heap.Manage(usage.DefaultMemory)
	store, err := dir.New(folder, dir.Options{Create: true, NoSync: true})
	if err != nil {
		return err
	}
	p := jobs.New(jobs.Stores{
		Usage: blob.Under(store, "usage/"), Registry: blob.Under(store, "registry/"), Book: blob.Under(store, "book/"), Out: blob.Under(store, "out/"),
	}, jobs.Settings{
		Start: month.First(), Layout: jobs.Layout{Partition: "dt", Zone: time.UTC}, Workers: 2,
		Issuer: jobs.Issuer{Name: "Bench AG", TermsDays: 30, InvoiceSeries: "B-{n:07}"},
	}, jobs.Options{Version: "bench", ProbeKey: "probe"})
	now := month.Next().First().AddDays(3).UTC()
	days := allDays()
	var outcomes []jobs.Outcome
	switch name {
	case stepRollup, stepOneMoreDay:
		outcomes, err = p.Rollup(ctx, days, jobs.RunOptions{Now: now})
	case stepDaily:
		outcomes, err = p.Daily(ctx, days[len(days)-1:], jobs.RunOptions{Now: now})
	case stepAllDays:
		outcomes, err = p.Daily(ctx, days, jobs.RunOptions{Now: now, Recompute: true})
	case stepMonthly:
		outcomes, err = p.Monthly(ctx, []pricing.Month{month}, jobs.RunOptions{Now: now})
	default:
		return fmt.Errorf("no step %q", name)
	}
	for _, o := range outcomes {
		if len(o.Parked) > 0 {
			return fmt.Errorf("%s %s: %d accounts are parked, the first for %s", o.Job, o.Period, len(o.Parked), o.Parked[0].Reason)
		}
	}
	return err
}

// allDays are the month's days.
func allDays() []pricing.Date {
	var days []pricing.Date
	for d := month.First(); d < month.Next().First(); d++ {
		days = append(days, d)
	}
	return days
}
