package jobs

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"daybook/pricing"
	"daybook/sources/blob"
	"daybook/sources/usage"
)

// usageFile is one usage file and the day that decides its rows without a
// readable time.
type usageFile struct {
	object     blob.Object
	home       pricing.Date
	sums       []string // keys of the checksum files that may hold its digest
	unreadable error    // of a flat prefix: why its days are unknown
}

// listing finds the usage files of UTC days, listing each partition once.
type listing struct {
	p          *Pipeline
	partitions map[pricing.Date][]usageFile
	flat       map[pricing.Date][]usageFile
	lost       []usageFile // of a flat prefix: files whose days are unknown
}

func (p *Pipeline) newListing() *listing {
	return &listing{p: p, partitions: map[pricing.Date][]usageFile{}}
}

// day returns the files that may hold events of UTC day d, sorted by key.
func (l *listing) day(ctx context.Context, d pricing.Date) ([]usageFile, error) {
	layout := l.p.settings.Layout
	if layout.Partition == "" {
		return l.flatDay(ctx, d)
	}
	// A UTC day meets the zone's days at both of its ends.
	first := pricing.DateOf(d.UTC().In(layout.Zone))
	last := pricing.DateOf(d.AddDays(1).UTC().Add(-1).In(layout.Zone))
	if layout.ArrivalDay {
		last = last.AddDays(layout.LateDays)
	}
	var out []usageFile
	for part := first; part <= last; part++ {
		files, err := l.partition(ctx, part)
		if err != nil {
			return nil, err
		}
		out = append(out, files...)
	}
	slices.SortFunc(out, func(a, b usageFile) int { return strings.Compare(a.object.Key, b.object.Key) })
	return out, nil
}

func (l *listing) partition(ctx context.Context, part pricing.Date) ([]usageFile, error) {
	if files, ok := l.partitions[part]; ok {
		return files, nil
	}
	files := []usageFile{}
	prefix := fmt.Sprintf("%s=%s/", l.p.settings.Layout.Partition, part)
	objects, sums, err := l.list(ctx, prefix)
	if err != nil {
		return nil, err
	}
	for _, o := range objects {
		files = append(files, usageFile{object: o, home: part, sums: usage.ChecksumFilesOf(o.Key, sums)})
	}
	l.partitions[part] = files
	return files, nil
}

// list returns the usage files under a prefix and the keys of the checksum files
// among them.
func (l *listing) list(ctx context.Context, prefix string) (files []blob.Object, sums map[string]bool, err error) {
	sums = map[string]bool{}
	for o, err := range l.p.stores.Usage.List(ctx, prefix, "") {
		switch {
		case err != nil:
			return nil, nil, fmt.Errorf("list usage: %w", err)
		case usage.IsChecksumFile(o.Key):
			sums[o.Key] = true
		case l.p.isUsage(o.Key):
			files = append(files, o)
		}
	}
	return files, sums, nil
}

// flatDay finds a flat prefix's files of day d by the time statistics of their
// footers. A file whose days are unknown stands on every day, until it is mended
// or quarantined there.
func (l *listing) flatDay(ctx context.Context, d pricing.Date) ([]usageFile, error) {
	if l.flat == nil {
		if err := l.readFlat(ctx); err != nil {
			return nil, err
		}
	}
	out := slices.Concat(l.flat[d], l.lost)
	slices.SortFunc(out, func(a, b usageFile) int { return strings.Compare(a.object.Key, b.object.Key) })
	return out, nil
}

func (l *listing) readFlat(ctx context.Context) error {
	flat := map[pricing.Date][]usageFile{}
	var lost []usageFile
	objects, sums, err := l.list(ctx, "")
	if err != nil {
		return err
	}
	for _, o := range objects {
		first, last, ok, err := usage.Span(ctx, l.p.stores.Usage, o, l.p.settings.Mapping)
		switch {
		case stopsRun(err) || errors.Is(err, blob.ErrChanged):
			return err
		case err == nil && !ok:
			err = fmt.Errorf("usage file %q: its time column has no statistics, so its days are unknown; write statistics or partition the files by day (usage.layout.partition)", o.Key)
		}
		if err != nil {
			err = fmt.Errorf("%w; repair the file and run again, or publish without it: `daybook backfill rollup --from DAY --to DAY --quarantine %s`", err, o.Key)
			lost = append(lost, usageFile{object: o, unreadable: err})
			continue
		}
		for d := first; d <= last; d++ {
			flat[d] = append(flat[d], usageFile{object: o, home: first, sums: usage.ChecksumFilesOf(o.Key, sums)})
		}
	}
	l.flat, l.lost = flat, lost
	return nil
}

// isUsage tells usage files from markers and other writers' leftovers, which
// begin with "_" or ".". Anything else that is not Parquet is reported.
func (p *Pipeline) isUsage(key string) bool {
	name := path.Base(key)
	if strings.HasPrefix(name, "_") || strings.HasPrefix(name, ".") {
		return false
	}
	switch ext := path.Ext(name); ext {
	case ".parquet", ".parq", "":
		return true
	default:
		p.log.Warn("a file under the usage prefix is not Parquet and is not read", "file", key)
		return false
	}
}
