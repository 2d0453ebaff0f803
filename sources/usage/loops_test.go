package usage

import (
	"context"
	"testing"

	"daybook/sources/parquet"
)

// loops are the inner loops of a pass over one day, each ready to be run again and
// again over the same rows.
type loops struct {
	Rows     int
	pass     *pass
	day      *openDay
	tasks    []*task
	scanner  *scanner
	closing  *closing
	grouping *grouping
	kept     int64
}

// NewLoops opens the files of a request of one day and reads them once.
func NewLoops(t testing.TB, r Request) *loops {
	t.Helper()
	p, err := newPass(New(), r)
	if err != nil {
		t.Fatal(err)
	}
	l := &loops{pass: p, day: p.days[0], scanner: newScanner(p), grouping: new(grouping)}
	for _, s := range p.sources {
		if err := p.openSource(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		for group := range s.groups() {
			l.tasks = append(l.tasks, &task{source: s, group: group})
			l.Rows += int(s.file.RowGroupRows(group))
		}
	}
	p.sieves = []*sieve{new(sieve)}
	l.Check(t)
	l.Deduplicate(t)
	return l
}

// Decode only decodes the mapped columns.
func (l *loops) Decode(t testing.TB) {
	l.each(t, func(*parquet.Batch) error { return nil })
}

// Hash decodes the event ids and hashes them.
func (l *loops) Hash(t testing.TB) {
	l.each(t, func(b *parquet.Batch) error {
		l.scanner.batch = b
		for i := range b.N {
			l.scanner.identity(i)
		}
		return nil
	})
}

func (l *loops) each(t testing.TB, rows func(*parquet.Batch) error) {
	for _, k := range l.tasks {
		l.scanner.binding = k.source.binding
		if err := k.source.file.Scan(context.Background(), k.group, k.source.binding.columns, batchRows, rows); err != nil {
			t.Fatal(err)
		}
	}
}

// Check decodes, checks and attributes all rows, and partitions what passes.
func (l *loops) Check(t testing.TB) {
	l.pass.release(l.day)
	for _, k := range l.tasks {
		if _, err := l.scanner.run(context.Background(), k); err != nil {
			t.Fatal(err)
		}
	}
}

// Deduplicate decides the events that Check gave.
func (l *loops) Deduplicate(t testing.TB) {
	l.closing = l.pass.newClosing(l.day)
	s := l.pass.sieves[0]
	l.closing.sieves, l.grouping.closing = l.pass.sieves, l.closing
	s.begin(l.closing)
	for p := range parts {
		if err := s.partition(p); err != nil {
			t.Fatal(err)
		}
	}
	var all Counts
	for _, c := range s.counts {
		all = all.Add(c)
	}
	if l.kept = all.Kept; l.kept == 0 || l.kept+all.Duplicate != int64(l.Rows) {
		t.Fatalf("of %d rows %+v were decided", l.Rows, all)
	}
}

// Accumulate groups the events that Deduplicate kept.
func (l *loops) Accumulate(t testing.TB) {
	events := int64(0)
	for b := range l.pass.buckets {
		if err := l.grouping.bucket(b); err != nil {
			t.Fatal(err)
		}
		for i := range l.grouping.groups {
			events += l.grouping.groups[i].events
		}
	}
	if events != l.kept {
		t.Fatalf("%d events are in groups, %d were kept", events, l.kept)
	}
}
