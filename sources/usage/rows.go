package usage

import (
	"github.com/zeebo/xxh3"

	"daybook/pricing"
)

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
	return s.accept(d, i, id, &plainRow{qty, entry, shape, meter, rounded})
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
