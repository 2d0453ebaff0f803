package usage

import (
	"encoding/binary"
	"unicode/utf8"

	"github.com/zeebo/xxh3"
)

// Answers of the caches that are not numbers.
const (
	unknown uint32 = 1<<32 - 2 - iota
	badText
	missing
)

// cache remembers what the entries of a column's dictionary mean, by number + 1,
// so that a text is looked up once a dictionary and not once a row.
type cache struct {
	dictionary int
	learnt     bool // all entries have been asked for
	numbers    []uint32
}

func (c *cache) forget() { c.dictionary = -1 }

// cell returns where the answer for row i is kept: 0 when it is not known yet;
// nil when the column is not in dictionary form.
func (s *scanner) cell(c *column, i int) *uint32 {
	k := &s.caches[c.cache]
	if c.constant() {
		if k.dictionary != 0 {
			k.dictionary, k.numbers = 0, cleared(k.numbers, 1)
		}
		return &k.numbers[0]
	}
	v := &s.batch.Cols[c.slot]
	if v.DictID == 0 || len(v.Dict) == 0 {
		return nil
	}
	if k.dictionary != v.DictID {
		k.dictionary, k.learnt, k.numbers = v.DictID, false, cleared(k.numbers, len(v.Dict))
	}
	return &k.numbers[v.Index[i]]
}

// meaning finds what a text means: its number, unknown, badText or missing.
type meaning func(*vocabulary, []byte) uint32

// lookup answers what row i's text in c means; find is asked once for each
// dictionary entry, or for each row without dictionary. Null is missing.
func (s *scanner) lookup(c *column, i int, find meaning) uint32 {
	if !c.constant() && s.batch.Cols[c.slot].IsNull(i) {
		return missing
	}
	cell := s.cell(c, i)
	if cell != nil && *cell != 0 {
		return *cell - 1
	}
	n := find(s.words, s.textOf(c, i))
	if cell != nil {
		*cell = n + 1
	}
	return n
}

// learn asks for all of a column's dictionary at once: its texts lie one after
// the other, and what is asked for does not wait for the answer before.
func (s *scanner) learn(c *column, find meaning) {
	k := &s.caches[c.cache]
	for n, text := range s.batch.Cols[c.slot].Dict {
		if k.numbers[n] == 0 {
			k.numbers[n] = find(s.words, text) + 1
		}
	}
}

// validText reports whether an id or dimension value may be used.
func validText(b []byte) bool { return len(b) <= maxText && utf8.Valid(b) }

// textOf returns row i's text, nil when it is null. It is valid until the next
// call.
func (s *scanner) textOf(c *column, i int) []byte {
	if c.constant() {
		return c.text
	}
	v := &s.batch.Cols[c.slot]
	if v.IsNull(i) {
		return nil
	}
	if plainBytes(&v.Field) {
		return v.Str(i)
	}
	s.scratch = appendText(s.scratch[:0], v, i)
	return s.scratch
}

// meter returns row i's meter number or unknown.
func (s *scanner) meter(i int) uint32 {
	n := s.lookup(&s.binding.meter, i, (*vocabulary).meter)
	if n == badText || n == missing {
		return unknown
	}
	return n
}

// key returns row i's attribution key and the column that gave it: the
// subscription, or the account where the subscription is not mapped or null.
func (s *scanner) key(i int) (key uint32, from *column, reason Reason) {
	n := missing
	if from = s.binding.subscription; from != nil {
		n = s.lookup(from, i, (*vocabulary).subscription)
	}
	if account := s.binding.account; n == missing && account != nil {
		if k := s.lookup(account, i, (*vocabulary).account); k != missing || from == nil {
			n, from = k, account
		}
	}
	switch n {
	case missing:
		return 0, from, MissingSubscription
	case badText:
		return 0, from, InvalidText
	case unknown:
		return 0, from, UnknownSubscription
	}
	return n, from, ""
}

// shape returns the number of the meter with row i's dimension values, or the
// column whose text is invalid. Null leaves the dimension out; an empty text is
// a value.
func (s *scanner) shape(meter uint32, dimensions []column, i int) (uint32, *column) {
	if len(dimensions) == 0 {
		return meter, nil
	}
	state := meter
	for k := range dimensions {
		c := &dimensions[k]
		value := s.dimensionValue(c, i)
		if value == badText {
			return 0, c
		}
		state = s.words.step(state, value)
	}
	return s.words.shape(state), nil
}

// dimensionValue returns the number of row i's value, noValue for null.
func (s *scanner) dimensionValue(c *column, i int) uint32 {
	if s.batch.Cols[c.slot].IsNull(i) {
		return noValue
	}
	return s.lookup(c, i, (*vocabulary).value)
}

// identityOfColumns hashes the values of the mapped columns, each with its
// length, so that ("ab", "c") and ("a", "bc") differ. All null is missing.
func (s *scanner) identityOfColumns(i int) (eventID, Reason) {
	s.hashed = s.hashed[:0]
	some := false
	for k := range s.binding.eventID {
		c := &s.binding.eventID[k]
		if s.batch.Cols[c.slot].IsNull(i) {
			s.hashed = append(s.hashed, 0)
			continue
		}
		some = true
		text := s.textOf(c, i)
		s.hashed = binary.AppendUvarint(s.hashed, uint64(len(text))+1)
		s.hashed = append(s.hashed, text...)
	}
	if !some {
		return eventID{}, MissingEventID
	}
	return xxh3.Hash128(s.hashed), ""
}
