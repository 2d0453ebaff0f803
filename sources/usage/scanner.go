package usage

import (
	"context"

	"github.com/zeebo/xxh3"

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
	staged  []staged // by day of the source
	counts  []Counts // by day of the source: what this task decided
	ledgers []ledger // the same by meter
	placed  []int64  // rows decided in each day of the source
	nowhere int64    // rows in none of them
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
		s.ledgers = append(s.ledgers, nil)
	}
	for i := range days {
		s.ledgers[i] = cleared(s.ledgers[i], len(s.pass.meters)+1)
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

// farAway reports whether the statistics promise that no time of the row group
// lies in a day of its file.
func (t *task) farAway() bool {
	b := t.source.binding
	if b.time.constant() || b.unit == timeText {
		return false
	}
	least, greatest, ok := t.source.file.IntStats(t.group, b.columns[b.time.slot])
	if !ok {
		return false
	}
	from, valid := b.unit.instant(least)
	to, alsoValid := b.unit.instant(greatest)
	if !valid || !alsoValid {
		return false
	}
	for _, d := range t.source.Days {
		if from < int64(d+1)*microsPerDay && to >= int64(d)*microsPerDay {
			return false
		}
	}
	return true
}

// skim reads the times alone and returns whether all rows are outside, as the
// statistics say: they spare decoding but are never trusted with a row.
func (s *scanner) skim(ctx context.Context) (done bool, err error) {
	time := s.binding.time
	defer func() { s.binding = s.task.source.binding }()
	alone := *s.binding
	alone.time.slot = 0
	s.binding = &alone
	done = true
	err = s.each(ctx, []int{s.task.source.binding.columns[time.slot]}, func() error {
		s.readTimes()
		for i := range s.batch.N {
			if s.timeFaults != nil && s.timeFaults[i] != "" || s.dayOf(s.times[i]) >= 0 {
				done = false
			}
			s.nowhere++
		}
		return nil
	})
	if err == nil && done {
		err = s.settle()
	}
	return done, err
}

// rows decides every row of the batch.
func (s *scanner) rows() error {
	s.readTimes()
	plain := s.plainRows()
	if plain && s.decidePlain() && s.pass.engine.drop == nil {
		if d, one := s.onlyDay(); one {
			return s.chunkPlain(d)
		}
	}
	for i := range s.batch.N {
		if plain && s.plain.rows[i].entry != unknown {
			if done, err := s.stagePlain(i); done || err != nil {
				if err != nil {
					return err
				}
				continue
			}
		}
		if err := s.row(i); err != nil {
			return err
		}
	}
	return nil
}

// row decides one row or, when it passes all checks, hands it to its day. The
// first check that fails gives the reason (docs/billing-rules.md, Usage that
// does not fit).
func (s *scanner) row(i int) error {
	if s.timeFaults != nil && s.timeFaults[i] != "" {
		s.rejectTime(i, s.timeFaults[i])
		return nil
	}
	d := s.dayOf(s.times[i])
	if d < 0 {
		s.nowhere++
		return nil
	}
	s.placed[d]++
	id, reason := s.identity(i)
	if reason != "" {
		s.reject(d, i, reason, s.idField(), "", "")
		return nil
	}
	meter := s.meter(i)
	if meter == unknown {
		s.rejectMeter(d, i)
		return nil
	}
	b := &s.binding.meters[meter]
	if b.fault != nil {
		return &FileError{File: b.fault.File, RowGroup: s.task.group, Column: b.fault.Column, Err: b.fault.Err}
	}
	key, from, reason := s.key(i)
	if reason != "" {
		s.rejectKey(d, i, reason, from)
		return nil
	}
	return s.attributed(d, i, id, meter, key, from)
}

// attributed goes on with a row whose key is known.
func (s *scanner) attributed(d, i int, id eventID, meter, key uint32, from *column) error {
	entry, reason := s.pass.attribution.at(key, s.times[i])
	if reason != "" {
		s.rejectKey(d, i, reason, from)
		return nil
	}
	m, b := &s.pass.meters[meter], &s.binding.meters[meter]
	keyText := s.pass.attribution.keys[key]
	if m.unique && len(s.textOf(&b.dimensions[b.value], i)) == 0 {
		s.reject(d, i, MissingQuantity, b.dimensions[b.value].name, "", keyText)
		return nil
	}
	qty, rounded, reason := s.quantity(m, &b.quantity, i)
	if reason != "" {
		s.reject(d, i, reason, b.quantity.name, s.value(&b.quantity, i), keyText)
		return nil
	}
	shape, bad := s.shape(meter, b.dimensions, i)
	if bad != nil {
		s.reject(d, i, InvalidText, bad.name, s.value(bad, i), keyText)
		return nil
	}
	s.ledgers[d].of(meter).Read.add(qty)
	e, err := s.stage(d, i, rounded)
	if e != nil {
		e.id, e.qty, e.entry, e.shape = id, qty, entry, shape
	}
	return err
}

// dayOf returns the number of an instant's day among the source's days; -1 when
// it is none of them or not before as_of.
func (s *scanner) dayOf(t int64) int {
	if t >= s.pass.asOf {
		return -1
	}
	date := pricing.Date(t / microsPerDay)
	if date != s.lastDate {
		s.lastDate, s.lastDay = date, -1
		if n, ok := s.task.source.days[date]; ok {
			s.lastDay = n
		}
	}
	return s.lastDay
}

// onlyDay returns the day that all of the batch's times lie in, if there is one.
func (s *scanner) onlyDay() (d int, ok bool) {
	if s.timeFaults != nil || s.batch.N == 0 {
		return 0, false
	}
	d = s.dayOf(s.earliest)
	return d, d >= 0 && d == s.dayOf(s.latest)
}

// identity returns the hash of the row's event id, or its place.
func (s *scanner) identity(i int) (eventID, Reason) {
	switch {
	case s.binding.hashed:
		return s.identityOfColumns(i)
	case s.binding.singly:
		return s.identityOfPlace(i), ""
	}
	text := s.textOf(&s.binding.eventID[0], i)
	switch {
	case len(text) == 0:
		return eventID{}, MissingEventID
	case !validText(text):
		return eventID{}, InvalidText
	}
	return xxh3.Hash128(text), ""
}
