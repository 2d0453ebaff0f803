package usage

import (
	"context"
	"errors"

	"daybook/pricing"
	"daybook/sources/blob"
	"daybook/sources/parquet"
)

// Span reads a file's footer and returns the first and last UTC day of its
// times, by their statistics; first > last for a file without rows. ok is false
// where a row group has no statistics of the time column, or the column is text.
// A file that cannot be used is a *[FileError].
func Span(ctx context.Context, s blob.Store, o blob.Object, m Mapping) (first, last pricing.Date, ok bool, err error) {
	fault := func(err error) error { return fileFault(o.Key, -1, "", err) }
	if m, err = m.resolved(); err != nil {
		return 0, 0, false, err
	}
	body := &ranged{reader: blob.ReaderAt(ctx, s, o), size: o.Size}
	release, err := body.want(ctx, []stretch{{max(0, o.Size-tailBytes), tailBytes}})
	if err != nil {
		return 0, 0, false, fault(err)
	}
	defer release()
	file, err := parquet.Open(o.Key, body, o.Size, parquet.Limits{})
	if err != nil {
		return 0, 0, false, fault(err)
	}
	b := &binding{source: &source{File: File{Object: o}, file: file}, slots: map[int]int{}}
	if b.time, err = b.bindTime(m.Time); err != nil {
		return 0, 0, false, err
	}
	if b.time.constant() || b.unit == timeText {
		return 0, 0, false, nil
	}
	return b.span()
}

// tailBytes is what is read of a file's end at once; most footers fit.
const tailBytes = 64 << 10

func (b *binding) span() (first, last pricing.Date, ok bool, err error) {
	file := b.source.file
	first, last = 0, -1
	for group := range file.RowGroups() {
		if file.RowGroupRows(group) == 0 {
			continue
		}
		least, greatest, known := file.IntStats(group, b.columns[b.time.slot])
		if !known {
			return 0, 0, false, nil
		}
		from, valid := b.unit.instant(least)
		to, alsoValid := b.unit.instant(greatest)
		if !valid || !alsoValid {
			return 0, 0, false, b.unusable(b.time, errors.New("its statistics hold times outside the years 1970 to 2262, so the file's days are unknown; partition the files by day (usage.layout.partition)"))
		}
		a, z := pricing.Date(from/microsPerDay), pricing.Date(to/microsPerDay)
		if first > last {
			first, last = a, z
		}
		first, last = min(first, a), max(last, z)
	}
	return first, last, true, nil
}
