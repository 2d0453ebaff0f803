package usage

import "github.com/zeebo/xxh3"

// words numbers texts, looked up by their bytes: a table of open addressing in
// which a slot has half of the text's hash beside its number, so that a text
// that is there costs one look at the table and one comparison, and allocates
// nothing.
type words struct {
	slots []slot // a power of two of them, at most half taken
	texts []byte // one after the other
	ends  []int  // of the texts
}

type slot struct {
	tag    uint32
	number uint32 // of the text, + 1; 0: free
}

// newWords makes room for n texts.
func newWords(n int) *words {
	size := 16
	for size < 2*n {
		size *= 2
	}
	return &words{slots: make([]slot, size), ends: append(make([]int, 0, n+1), 0)}
}

// len returns how many texts there are.
func (w *words) len() int { return len(w.ends) - 1 }

// text returns a text by its number.
func (w *words) text(n uint32) []byte { return w.texts[w.ends[n]:w.ends[n+1]] }

// find returns the number of a text, or unknown.
func (w *words) find(text []byte) uint32 {
	at, ok := w.place(xxh3.Hash(text), text)
	if !ok {
		return unknown
	}
	return w.slots[at].number - 1
}

// nearby is where texts that are looked up one after another were found: those that
// come in the order in which they were numbered lie close behind each other, but for
// some that nobody looks up.
type nearby struct{ last, reach uint32 }

// farthest is the most texts that are cheaper to compare than one is to find.
const farthest = 8

// findNear is find for a text that may lie close behind the last one.
func (w *words) findNear(text []byte, near *nearby) uint32 {
	for n := near.last + 1; n <= near.last+1+near.reach && int(n) < w.len(); n++ {
		if string(w.text(n)) == string(text) {
			near.last, near.reach = n, farthest
			return n
		}
	}
	near.reach /= 2 // texts in no order are not looked for where they are not
	n := w.find(text)
	if n != unknown {
		near.last = n
	}
	return n
}

// number returns the number of a text, a new one where it is not known.
func (w *words) number(text []byte) uint32 {
	h := xxh3.Hash(text)
	at, ok := w.place(h, text)
	if !ok {
		if 2*w.len() >= len(w.slots) {
			w.grow()
			at, _ = w.place(h, text)
		}
		w.texts = append(w.texts, text...)
		w.ends = append(w.ends, len(w.texts))
		w.slots[at] = slot{uint32(h >> 32), uint32(w.len())}
	}
	return w.slots[at].number - 1
}

// place returns the slot of a text, or the free one where it belongs.
func (w *words) place(h uint64, text []byte) (at uint64, ok bool) {
	tag, mask := uint32(h>>32), uint64(len(w.slots)-1)
	for at = h & mask; ; at = (at + 1) & mask {
		s := w.slots[at]
		if s.number == 0 {
			return at, false
		}
		if s.tag == tag && string(w.text(s.number-1)) == string(text) {
			return at, true
		}
	}
}

func (w *words) grow() {
	w.slots = make([]slot, 2*len(w.slots))
	mask := uint64(len(w.slots) - 1)
	for i := range w.len() {
		h := xxh3.Hash(w.text(uint32(i)))
		at := h & mask
		for w.slots[at].number != 0 {
			at = (at + 1) & mask
		}
		w.slots[at] = slot{uint32(h >> 32), uint32(i) + 1}
	}
}

// steps is where a state of a vocabulary leads to with one more value, in the
// same way.
type steps struct {
	slots []leap // a power of two of them, at most half taken
	taken int
}

type leap struct {
	from, value uint32
	to          uint32 // + 1; 0: free
}

// next returns the place of a step; its to is 0 where it has not been taken yet.
func (s *steps) next(from, value uint32) *leap {
	if 2*s.taken >= len(s.slots) {
		s.grow()
	}
	mask := uint64(len(s.slots) - 1)
	h := (uint64(from)<<32 | uint64(value)) * 0x9E3779B97F4A7C15
	for at := h >> 32 & mask; ; at = (at + 1) & mask {
		l := &s.slots[at]
		if l.to == 0 || l.from == from && l.value == value {
			return l
		}
	}
}

func (s *steps) grow() {
	old := s.slots
	s.slots = make([]leap, max(64, 2*len(old)))
	for _, l := range old {
		if l.to != 0 {
			*s.next(l.from, l.value) = l
		}
	}
}
