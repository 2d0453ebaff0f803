package jobs

import (
	"context"
	"errors"
	"fmt"
	"iter"
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
	files      []usageFile // of a flat prefix; nil: not listed
	flat       map[pricing.Date][]usageFile
	lost       []usageFile // of a flat prefix: files whose days are unknown
	tokens     map[pricing.Date]string
}

func (p *Pipeline) newListing() *listing {
	return &listing{p: p, partitions: map[pricing.Date][]usageFile{}, tokens: map[pricing.Date]string{}}
}

// partitionsOf returns the first and last partition that may hold events of a UTC
// day, which meets the zone's days at both of its ends.
func (l Layout) partitionsOf(d pricing.Date) (first, last pricing.Date) {
	first = pricing.DateOf(d.UTC().In(l.Zone))
	last = pricing.DateOf(d.AddDays(1).UTC().Add(-1).In(l.Zone))
	if l.ArrivalDay {
		last = last.AddDays(l.LateDays)
	}
	return first, last
}

// day returns the files that may hold events of UTC day d, sorted by key.
func (l *listing) day(ctx context.Context, d pricing.Date) ([]usageFile, error) {
	layout := l.p.settings.Layout
	if layout.Partition == "" {
		return l.flatDay(ctx, d)
	}
	if err := l.prepare(ctx, Span{d, d}); err != nil {
		return nil, err
	}
	var out []usageFile
	for part, last := layout.partitionsOf(d); part <= last; part++ {
		out = append(out, l.partitions[part]...)
	}
	slices.SortFunc(out, func(a, b usageFile) int { return strings.Compare(a.object.Key, b.object.Key) })
	return out, nil
}

// partitionOrDay returns the files of a day's partition or, of a flat prefix, those
// that may hold events of the UTC day.
func (l *listing) partitionOrDay(ctx context.Context, d pricing.Date) ([]usageFile, error) {
	if l.p.settings.Layout.Partition == "" {
		return l.flatDay(ctx, d)
	}
	if err := l.prepareParts(ctx, d, d); err != nil {
		return nil, err
	}
	return l.partitions[d], nil
}

// prepare lists the partitions of a span of days that are not known yet, together:
// in one listing, as partitions are in the order of their days.
func (l *listing) prepare(ctx context.Context, days Span) error {
	layout := l.p.settings.Layout
	if layout.Partition == "" || days.To < days.From {
		return nil
	}
	first, _ := layout.partitionsOf(days.From)
	_, last := layout.partitionsOf(days.To)
	return l.prepareParts(ctx, first, last)
}

// prepareParts lists the partitions from first to last that are not known yet.
func (l *listing) prepareParts(ctx context.Context, first, last pricing.Date) error {
	layout := l.p.settings.Layout
	for ; first <= last && l.partitions[first] != nil; first++ {
	}
	for ; first <= last && l.partitions[last] != nil; last-- {
	}
	if last < first {
		return nil
	}
	files, err := l.list(blob.Between(ctx, l.p.stores.Usage, layout.folder(first), layout.folder(last)))
	if err != nil {
		return err
	}
	byFolder := map[string]pricing.Date{}
	for part := first; part <= last; part++ {
		byFolder[layout.folder(part)], l.partitions[part] = part, []usageFile{}
	}
	for _, f := range files {
		folder := f.object.Key[:strings.IndexByte(f.object.Key, '/')+1]
		if part, ours := byFolder[folder]; ours {
			f.home = part
			l.partitions[part] = append(l.partitions[part], f)
		}
	}
	return nil
}

// folder is where a partition's files lie.
func (l Layout) folder(part pricing.Date) string { return fmt.Sprintf("%s=%s/", l.Partition, part) }

// token names the versions of the files that decide on a day: of a flat prefix, of
// all that there are, as only reading tells their days.
func (l *listing) token(ctx context.Context, d pricing.Date) (string, error) {
	flat := l.p.settings.Layout.Partition == ""
	if flat {
		d = 0
	}
	if token, ok := l.tokens[d]; ok {
		return token, nil
	}
	look := l.day
	if flat {
		look = func(ctx context.Context, _ pricing.Date) ([]usageFile, error) { return l.all(ctx) }
	}
	files, err := look(ctx, d)
	if err != nil {
		return "", err
	}
	objects := make([]blob.Object, len(files))
	for i, f := range files {
		objects[i] = f.object
	}
	l.tokens[d] = tokenOf(objects)
	return l.tokens[d], nil
}

// all lists a flat prefix.
func (l *listing) all(ctx context.Context) (_ []usageFile, err error) {
	if l.files == nil {
		l.files, err = l.list(l.p.stores.Usage.List(ctx, "", ""))
	}
	return l.files, err
}

// list returns the usage files among the objects. The result is not nil.
func (l *listing) list(objects iter.Seq2[blob.Object, error]) ([]usageFile, error) {
	files, sums := []usageFile{}, map[string]bool{}
	for o, err := range objects {
		if err != nil {
			return nil, fmt.Errorf("list usage: %w", err)
		}
		switch {
		case usage.IsChecksumFile(o.Key):
			sums[o.Key] = true
		case l.p.isUsage(o.Key):
			files = append(files, usageFile{object: o})
		}
	}
	for i := range files {
		files[i].sums = usage.ChecksumFilesOf(files[i].object.Key, sums)
	}
	return files, nil
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
	files, err := l.all(ctx)
	if err != nil {
		return err
	}
	for _, f := range files {
		o := f.object
		first, last, ok, err := usage.Span(ctx, l.p.stores.Usage, o, l.p.settings.Mapping)
		switch {
		case stopsRun(err) || errors.Is(err, blob.ErrChanged):
			return err
		case err == nil && !ok:
			err = fmt.Errorf("usage file %q: its time column has no statistics, so its days are unknown; write statistics or partition the files by day (usage.layout.partition)", o.Key)
		}
		if err != nil {
			err = fmt.Errorf("%w; repair the file and run again, or publish without it: `daybook backfill rollup --from DAY --to DAY --quarantine %s`", err, o.Key)
			f.unreadable = err
			lost = append(lost, f)
			continue
		}
		for d := first; d <= last; d++ {
			f.home = first
			flat[d] = append(flat[d], f)
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
