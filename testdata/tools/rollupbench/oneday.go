package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"daybook/jobs"
	"daybook/pricing"
	"daybook/sources/blob"
	"daybook/sources/blob/dir"
	"daybook/sources/heap"
	"daybook/sources/usage"
)

// oneDay rolls the month up as `daybook run rollup` does, and then one more day,
// each by a process of its own that reads book and registry and publishes, and
// says which part of the month the day is.
func (o options) oneDay(self string) error {
	month := &side{name: "the month"}
	more := &side{name: "one more day"}
	for range o.pairs {
		world := filepath.Join(o.work, "oneday")
		if err := o.writeWorld(world); err != nil {
			return err
		}
		for _, s := range []*side{month, more} {
			from, to := 0, days-1
			if s == more {
				from, to = days, days
			}
			for d := from; d <= to; d++ {
				if err := o.data.placeDay(o.data.path(o.work), world, d); err != nil {
					return err
				}
			}
			s.command = []string{self, "-world", world, "-from", fmt.Sprint(from), "-to", fmt.Sprint(to)}
			if o.profile != "" {
				s.command = append(s.command, "-profile", o.profile+"."+strings.ReplaceAll(s.name, " ", "-"))
			}
			s.out = filepath.Join(o.work, "nothing")
			if err := s.run(); err != nil {
				return err
			}
		}
		if err := os.RemoveAll(world); err != nil {
			return err
		}
	}
	fmt.Printf("%d rows in %d days, %d subscriptions, seed %d, two threads, medians\n", o.data.rows, days, subscriptions, o.data.seed)
	fmt.Printf("%-18s %5s %9s %9s %10s\n", "", "runs", "CPU s", "wall s", "peak MiB")
	for _, s := range []*side{month, more} {
		fmt.Printf("%-18s %5d %9.3f %9.3f %10d\n", s.name, len(s.runs), seconds(s.median(cpu)), seconds(s.median(wall)), s.median(peak)>>10)
	}
	fmt.Printf("one more day is 1/%.1f of the month (processor time), 1/%.1f (wall)\n",
		float64(month.median(cpu))/float64(more.median(cpu)), float64(month.median(wall))/float64(more.median(wall)))
	return nil
}

// writeWorld makes the book and the registry that the data set's usage is of.
func (o options) writeWorld(dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	var accounts, subs, book strings.Builder
	for s := range subscriptions {
		if account(s) != account(s-1) || s == 0 {
			fmt.Fprintf(&accounts, `{"id":%q,"bills":true,"time_zone":%q}`+"\n", account(s), zone(s))
		}
		fmt.Fprintf(&subs, `{"id":"sub-%05d","account":%q,"plan":"plan","start":"2026-01-01"}`+"\n", s, account(s))
	}
	book.WriteString("book: bench\ncurrency: CHF\neffective: 2026-01-01\nmeters:\n")
	for m := range meters {
		fmt.Fprintf(&book, "  meter-%d: {aggregate: sum, unit: unit, by: [region, instance_type]}\n", m)
	}
	book.WriteString("plans:\n  plan:\n    prices:\n")
	for m := range meters {
		fmt.Fprintf(&book, "      price-%d: {meter: meter-%[1]d, unit: 0.01}\n", m)
	}
	for name, body := range map[string]string{
		"book/bench.yaml": book.String(), "registry/accounts.ndjson": accounts.String(), "registry/subscriptions.ndjson": subs.String(),
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(body), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// placeDay puts a day's files into a world, made where they are not there yet.
func (s dataset) placeDay(data, world string, d int) error {
	day := firstDay.AddDays(d)
	folder := filepath.Join(world, "usage", "dt="+day.String())
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for i := range filesPerDay {
		from := filepath.Join(data, fmt.Sprintf("%s-%d.parquet", day, i))
		if _, err := os.Stat(from); errors.Is(err, fs.ErrNotExist) {
			if err := s.writeDay(data, d); err != nil {
				return err
			}
		}
		if err := os.Link(from, filepath.Join(folder, fmt.Sprintf("part-%d.parquet", i))); err != nil {
			return err
		}
	}
	return nil
}

// publish is the job over days of a world.
func publish(ctx context.Context, world, profile string, from, to int) error {
	stop, err := profiled(profile)
	if err != nil {
		return err
	}
	defer stop()
	heap.Manage(usage.DefaultMemory)
	store, err := dir.New(world, dir.Options{NoSync: true})
	if err != nil {
		return err
	}
	p := jobs.New(jobs.Stores{
		Usage: blob.Under(store, "usage/"), Registry: blob.Under(store, "registry/"), Book: blob.Under(store, "book/"), Out: blob.Under(store, "out/"),
	}, jobs.Settings{Start: firstDay, Layout: jobs.Layout{Partition: "dt", Zone: time.UTC}, Workers: 2}, jobs.Options{Version: "bench", ProbeKey: "probe"})
	var wanted []pricing.Date
	for d := from; d <= to; d++ {
		wanted = append(wanted, firstDay.AddDays(d))
	}
	outcomes, err := p.Rollup(ctx, wanted, jobs.RunOptions{Now: firstDay.AddDays(days + 5).UTC()})
	if err != nil {
		return err
	}
	for _, o := range outcomes {
		if o.Counts == nil || o.Counts.Rejected > 0 || o.Counts.Kept == 0 {
			return fmt.Errorf("%s: %+v", o.Period, o.Counts)
		}
	}
	return nil
}
