package usage

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sources/blob"
	"daybook/sources/parquet"
)

// maxShown is the most characters of a value in the list of rejected rows.
const maxShown = 200

func (r Rejected) compare(o Rejected) int {
	return cmp.Or(strings.Compare(r.File, o.File), cmp.Compare(r.RowGroup, o.RowGroup), cmp.Compare(r.Row, o.Row))
}

// reject lists row i in day d of the source. key is the attribution key that it
// was looked up by, "" when it did not come to that.
func (s *scanner) reject(d, i int, reason Reason, field, value, key string) {
	to := s.share(d)
	s.counts[d].Rejected++
	meter, qty := s.refused(i)
	into := s.ledgers[d].of(meter)
	into.Read.add(qty)
	into.Rejected.add(qty)
	to.rejected = append(to.rejected, Rejected{
		File: s.task.source.Object.Key, RowGroup: int64(s.task.group), Row: s.batch.Row + int64(i),
		Reason: reason, Field: field, Value: value,
		EventID: s.idText(i), Time: s.times[i],
	})
	if key == "" {
		return
	}
	if to.keys == nil {
		to.keys = map[string]struct{}{}
	}
	to.keys[key] = struct{}{}
}

// refused returns what of a rejected row counts: its meter, unknown where it has
// none, and the quantity that the meter would have taken.
func (s *scanner) refused(i int) (meter uint32, qty money.Int128) {
	if meter = s.meter(i); meter == unknown {
		return meter, qty
	}
	m, b := &s.pass.meters[meter], &s.binding.meters[meter]
	if b.fault != nil || m.unique && len(s.textOf(&b.dimensions[b.value], i)) == 0 {
		return meter, qty
	}
	if taken, _, reason := s.quantity(m, &b.quantity, i); reason == "" {
		qty = taken
	}
	return meter, qty
}

// rejectTime rejects a row without a readable time in the file's home day; it is
// outside for the file's other days.
func (s *scanner) rejectTime(i int, reason Reason) {
	d, listed := s.task.source.days[s.task.source.Home]
	if !listed {
		s.nowhere++
		return
	}
	s.placed[d]++
	s.reject(d, i, reason, s.binding.time.name, s.value(&s.binding.time, i), "")
}

func (s *scanner) rejectMeter(d, i int) {
	c, reason := &s.binding.meter, UnknownMeter
	if len(s.textOf(c, i)) == 0 {
		reason = MissingMeter
	}
	s.reject(d, i, reason, c.name, s.value(c, i), "")
}

// rejectKey rejects a row by its subscription or account.
func (s *scanner) rejectKey(d, i int, reason Reason, from *column) {
	key := ""
	if reason != MissingSubscription && reason != InvalidText {
		if key = pricing.AccountKey(string(s.textOf(from, i))); from == s.binding.subscription {
			key = pricing.SubscriptionKey(string(s.textOf(from, i)))
		}
	}
	s.reject(d, i, reason, from.name, s.value(from, i), key)
}

// value returns row i's value in c for people, at most 200 characters.
func (s *scanner) value(c *column, i int) string {
	if c.constant() {
		return shown(c.text)
	}
	v := &s.batch.Cols[c.slot]
	if v.IsNull(i) {
		return ""
	}
	return shown(appendText(nil, v, i))
}

// shown cuts a text to 200 characters of valid UTF-8.
func shown(b []byte) string {
	if len(b) > maxShown*utf8.UTFMax {
		b = b[:maxShown*utf8.UTFMax]
	}
	text := strings.ToValidUTF8(string(b), "\uFFFD")
	n := 0
	for i := range text {
		if n == maxShown {
			return text[:i]
		}
		n++
	}
	return text
}

// idField names the event id's columns.
func (s *scanner) idField() string {
	var names []string
	for _, c := range s.binding.eventID {
		names = append(names, c.name)
	}
	return strings.Join(names, ",")
}

// idText returns row i's event id, "" when it is missing or invalid; ids hashed
// of columns as 32 hexadecimal digits.
func (s *scanner) idText(i int) string {
	id, reason := s.identity(i)
	switch {
	case reason != "" || s.binding.singly:
		return ""
	case s.binding.hashed:
		return fmt.Sprintf("%016x%016x", id.Hi, id.Lo)
	}
	return string(s.textOf(&s.binding.eventID[0], i))
}

// conflicting lists the rows whose event id stands for different payloads. Their
// ids are read again from the pinned files: keeping millions of texts for the
// few that conflict would cost more than reading those row groups twice.
func (c *closing) conflicting(ctx context.Context) ([]Rejected, error) {
	rows := c.total.conflicts
	if len(rows) == 0 {
		return nil, nil
	}
	out := make([]Rejected, 0, len(rows))
	var again *source
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[n].task == rows[0].task {
			n++
		}
		t := rows[0].task
		if again == nil || again.Object != t.source.Object {
			var err error
			if again, err = c.pass.reopen(ctx, t.source); err != nil {
				return nil, err
			}
		}
		var err error
		if out, err = c.pass.conflictsOf(ctx, &task{source: again, group: t.group}, rows[:n], out); err != nil {
			return nil, err
		}
		rows = rows[n:]
	}
	return out, nil
}

// reopen binds a file anew to read some of its columns by ranges.
func (p *pass) reopen(ctx context.Context, s *source) (*source, error) {
	again := &source{File: s.File}
	again.content = &ranged{reader: blob.ReaderAt(ctx, p.store, s.Object), size: s.Object.Size}
	var err error
	if again.file, err = parquet.Open(s.Object.Key, again.content, s.Object.Size, parquet.Limits{}); err == nil {
		again.binding, err = p.bind(again)
	}
	if err != nil {
		return nil, fileFault(s.Object.Key, -1, "", err)
	}
	return again, nil
}

// conflictsOf appends the conflicting rows of one row group, ascending.
func (p *pass) conflictsOf(ctx context.Context, t *task, rows []locator, out []Rejected) ([]Rejected, error) {
	s := newScanner(p)
	s.begin(t)
	ids, columns := s.binding.eventIDColumns()
	alone := *s.binding
	alone.eventID = ids
	s.binding = &alone
	err := s.each(ctx, columns, func() error {
		end := s.batch.Row + int64(s.batch.N)
		for len(rows) > 0 && rows[0].row < end {
			i := int(rows[0].row - s.batch.Row)
			id := s.idText(i)
			out = append(out, Rejected{
				File: t.source.Object.Key, RowGroup: int64(t.group), Row: rows[0].row, Reason: ConflictingEvent,
				Field: s.idField(), Value: shown([]byte(id)), EventID: id, Time: rows[0].time,
			})
			rows = rows[1:]
		}
		return nil
	})
	return out, err
}

// eventIDColumns returns the event id's columns in slots of their own, and the
// file's columns to read for them; at least one column, to count the rows by.
func (b *binding) eventIDColumns() (ids []column, columns []int) {
	for _, c := range b.eventID {
		if !c.constant() {
			columns = append(columns, b.columns[c.slot])
			c.slot = len(columns) - 1
		}
		ids = append(ids, c)
	}
	if len(columns) == 0 {
		columns = b.columns[:min(1, len(b.columns))]
	}
	return ids, columns
}
