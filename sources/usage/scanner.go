package usage

import (
	"context"

	"daybook/pricing"
	"daybook/sources/parquet"
)

const (
	// batchRows is how many rows are decoded at a time.
	batchRows = 4096
	// maxText is the longest id or dimension value, in bytes.
	maxText = 1024
)

// scanner checks the rows of one row group after the other. Each worker has its
// own; what it has learnt of the dimensions stays with it.
type scanner struct {
	pass  *pass
	words *vocabulary

	task    *task
	binding *binding
	batch   *parquet.Batch
	caches  []cache // by column.cache
	plain   plain
	scratch []byte
	hashed  []byte
	home    uint64 // of the row group's first row, where rows have no ids

	times      []int64  // of the batch
	timeFaults []Reason // "" where there is a time; nil: there are all
	earliest   int64    // of the times, where there are all
	latest     int64
	converted  []int64  // memory of times
	faults     []Reason // and of timeFaults
	lastDate   pricing.Date
	lastDay    int     // of lastDate in the source's days; -1: none of them
	starts     []int64 // of the source's days, Unix microseconds

	shares  []*share
	staged  []staged   // by day of the source
	counts  []Counts   // by day of the source: what this task decided
	ledgers []ledger   // the same by meter
	seen    []entrySet // by day of the source: of the events
	tallies []Tally    // of a batch, by meter
	placed  []int64    // rows decided in each day of the source
	nowhere int64      // rows in none of them
	read    int64
}

func newScanner(p *pass) *scanner {
	return &scanner{pass: p, words: newVocabulary(p)}
}

// run reads one row group and returns what it gave to each day of its file; nil
// where that is nothing. Its counts are in s.counts until the next run.
func (s *scanner) run(ctx context.Context, t *task) ([]*share, error) {
	s.begin(t)
	if t.fault != nil {
		return nil, fileFault(t.source.Object.Key, t.group, "", t.fault)
	}
	if t.farAway() {
		done, err := s.skim(ctx)
		if done || err != nil {
			return s.shares, err
		}
		s.begin(t)
	}
	if err := s.each(ctx, s.binding.columns, s.rows); err != nil {
		return nil, err
	}
	return s.shares, s.settle()
}

func (s *scanner) begin(t *task) {
	days := len(t.source.Days)
	s.task, s.binding = t, t.source.binding
	s.caches = resized(s.caches, s.binding.caches)
	for i := range s.caches {
		s.caches[i].forget()
	}
	if s.binding.singly {
		s.home = homeOf(t)
	}
	s.lastDate, s.lastDay = -1, -1
	s.shares, s.starts = make([]*share, days), resized(s.starts, days)
	for len(s.staged) < days {
		s.staged = append(s.staged, staged{})
	}
	for i := range days {
		s.staged[i].events = s.staged[i].events[:0]
		s.starts[i] = int64(t.source.Days[i]) * microsPerDay
	}
	s.counts, s.placed = cleared(s.counts, days), cleared(s.placed, days)
	for len(s.ledgers) < days {
		s.ledgers, s.seen = append(s.ledgers, nil), append(s.seen, nil)
	}
	for i := range days {
		s.ledgers[i] = cleared(s.ledgers[i], len(s.pass.meters)+1)
		s.seen[i] = s.pass.attribution.emptySet(s.seen[i])
	}
	s.nowhere, s.read = 0, 0
}

// each decodes columns of the row group batch by batch.
func (s *scanner) each(ctx context.Context, columns []int, rows func() error) error {
	source, group := s.task.source, s.task.group
	release, err := func() {}, error(nil)
	if s.task.release == nil {
		release, err = source.hold(ctx, group, columns)
	}
	if err == nil {
		defer release()
		err = source.file.Scan(ctx, group, columns, batchRows, func(b *parquet.Batch) error {
			s.batch = b
			s.read += int64(b.N)
			if err := s.contradiction(columns); err != nil {
				return err
			}
			return rows()
		})
	}
	if err != nil {
		return fileFault(source.Object.Key, group, "", err)
	}
	return nil
}
