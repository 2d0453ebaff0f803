package jobs

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"daybook/pricing"
	"daybook/sources/blob"
)

// Expect is what a configuration expects of a month's usage before it is closed;
// the zero value expects nothing. Only closings wait for it: a rollup or a day's
// costs are made again when more usage comes, an invoice is not.
type Expect struct {
	Marker      string        // object that says that a day is whole; "{day}" stands for the day
	FilesPerDay int           // usage files that a day has at least
	MinAge      time.Duration // since the newest usage file of the month was written
}

// MarkerDay is what a marker's name says instead of a day.
const MarkerDay = "{day}"

// Missing is something that a month's usage lacks.
type Missing struct {
	Day    string `json:"day,omitempty"`  // of the partition or, without one, the UTC day
	File   string `json:"file,omitempty"` // that is concerned, or that should be there
	What   string `json:"what"`
	Remedy string `json:"remedy"`
}

// IncompleteError is a closing that is refused because usage is known to be
// missing. It is an [ErrIncomplete].
type IncompleteError struct{ Missing []Missing }

// Unwrap says that it is an [ErrIncomplete].
func (e *IncompleteError) Unwrap() error { return ErrIncomplete }

// Error names what is missing, up to three times.
func (e *IncompleteError) Error() string {
	var said []string
	for n, m := range e.Missing {
		if n == 3 {
			said = append(said, fmt.Sprintf("and %d more", len(e.Missing)-n))
			break
		}
		said = append(said, strings.TrimSpace(m.Day+" "+m.text()))
	}
	return fmt.Sprintf("%s: %s; %s, or close without it by --allow-incomplete", ErrIncomplete, strings.Join(said, "; "), e.Missing[0].Remedy)
}

func (m Missing) text() string {
	if m.File == "" {
		return m.What
	}
	return m.File + " " + m.What
}

// missing lists what the usage of a month lacks of what the configuration
// expects of it. Ended is when the month has in every zone; the partitions that
// hold its last instants are asked for too, and where the partition is the day of
// arrival those in which the rest may come.
func (p *Pipeline) missing(ctx context.Context, list *listing, m pricing.Month, ended, now time.Time) ([]Missing, error) {
	expect, layout := p.settings.Expect, p.settings.Layout
	if expect == (Expect{}) {
		return nil, nil
	}
	last := pricing.DateOf(ended.Add(-time.Nanosecond).In(layout.zone()))
	if layout.ArrivalDay {
		last = last.AddDays(layout.LateDays)
	}
	if err := list.prepare(ctx, Span{m.First(), last}); err != nil {
		return nil, err
	}
	var out []Missing
	newest := blob.Object{}
	for d := m.First(); d <= last; d++ {
		if expect.Marker != "" {
			lacks, err := p.missingMarker(ctx, d)
			if err != nil {
				return nil, err
			}
			out = append(out, lacks...)
		}
		files, err := list.partitionOrDay(ctx, d)
		if err != nil {
			return nil, err
		}
		if n := len(files); n < expect.FilesPerDay {
			out = append(out, Missing{
				Day: d.String(), What: fmt.Sprintf("has %d of %d usage files", n, expect.FilesPerDay),
				Remedy: "bring the missing files and run again",
			})
		}
		for _, f := range files {
			if expect.MinAge > 0 && !f.oldEnough(now, expect.MinAge) && (newest.Key == "" || newest.Modified < f.object.Modified) {
				newest = f.object
			}
		}
	}
	if newest.Key != "" {
		out = append(out, tooYoung(newest, expect.MinAge))
	}
	return out, nil
}

func (p *Pipeline) missingMarker(ctx context.Context, d pricing.Date) ([]Missing, error) {
	key := strings.ReplaceAll(p.settings.Expect.Marker, MarkerDay, d.String())
	if partition := p.settings.Layout.Partition; partition != "" {
		key = path.Join(partition+"="+d.String(), key)
	}
	_, err := p.stores.Usage.Stat(ctx, key)
	if errors.Is(err, blob.ErrNotFound) {
		return []Missing{{
			Day: d.String(), File: key, What: "is not there",
			Remedy: "let who writes the day's usage put it when the day is whole, and run again",
		}}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for the marker of %s: %w", d, err)
	}
	return nil, nil
}

// oldEnough reports whether a file was written so long before now. One of which
// the store does not say when it was is not.
func (f usageFile) oldEnough(now time.Time, age time.Duration) bool {
	return f.object.Modified != 0 && !now.Before(time.UnixMicro(f.object.Modified).Add(age))
}

// tooYoung speaks of the newest file by its own time, not the clock's, so that
// whoever looks finds the same.
func tooYoung(o blob.Object, age time.Duration) Missing {
	if o.Modified == 0 {
		return Missing{
			File: o.Key, What: "the store does not say when it was written",
			Remedy: "leave closing.expect.min_age out for this store",
		}
	}
	written := time.UnixMicro(o.Modified).UTC()
	return Missing{
		File:   o.Key,
		What:   fmt.Sprintf("written %s, under %s ago", written.Format(time.RFC3339), age),
		Remedy: fmt.Sprintf("run again from %s on", written.Add(age+time.Second-1).Truncate(time.Second).Format(time.RFC3339)),
	}
}

// lacking lists what the rollups of a month are known to lack.
func (s rollupSet) lacking(metered bool) []Missing {
	var out []Missing
	for _, file := range s.quarantined {
		out = append(out, Missing{File: file, What: "quarantined: its day was rolled up without it", Remedy: "repair the file and run its day again"})
	}
	if s.read == 0 && metered {
		out = append(out, Missing{
			What:   "no usage row was read, but the book has meters",
			Remedy: "look at usage.at and usage.layout (`daybook doctor`)",
		})
	}
	return out
}

// completeRollups brings the rollups of a closing up to date once its usage is as
// complete as the configuration expects, and lists what it is closed without:
// nothing, unless RunOptions.AllowIncomplete says that it may. A refusal is an
// outcome too, with the list.
func (p *Pipeline) completeRollups(ctx context.Context, fresh *freshRollups, m pricing.Month, window Span, ended time.Time) (rollupSet, []Missing, []Outcome, error) {
	in, o := fresh.in, fresh.o
	var lacks []Missing
	if in.metered() {
		var err error
		if lacks, err = p.missing(ctx, fresh.list, m, ended, o.Now); err != nil {
			return rollupSet{}, nil, nil, err
		}
	}
	if len(lacks) > 0 && !o.AllowIncomplete {
		return rollupSet{}, nil, []Outcome{incomplete(m, lacks)}, &IncompleteError{lacks}
	}
	rollups, outcomes, err := fresh.of(ctx, window)
	if err != nil {
		return rollups, nil, outcomes, err
	}
	lacks = append(lacks, rollups.lacking(in.metered())...)
	if len(lacks) > 0 && !o.AllowIncomplete {
		return rollups, nil, append(outcomes, incomplete(m, lacks)), &IncompleteError{lacks}
	}
	return rollups, lacks, outcomes, nil
}

func incomplete(m pricing.Month, lacks []Missing) Outcome {
	return Outcome{Job: string(JobMonthly), Period: m.String(), State: StateIncomplete, Missing: lacks}
}
