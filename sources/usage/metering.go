package usage

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"daybook/pricing"
)

// fiveMinutes is the shortest grain, in which slots are counted.
const fiveMinutes = 300 * microsPerSecond

// slotMicros are the lengths of the grains finer than a day.
var slotMicros = map[pricing.Grain]int64{
	pricing.GrainHour:        3_600 * microsPerSecond,
	pricing.GrainFiveMinutes: fiveMinutes,
}

// meter is a pricing.Meter checked and ready for rows.
type meter struct {
	pricing.Meter
	slot    int64 // microseconds; 0: a local day
	level   bool
	counter bool
	count   bool // quantities are not read
	unique  bool
	running bool // a sum whose integral is kept
}

// newMeters checks the meters and sorts them by id.
func newMeters(in []pricing.Meter) ([]meter, *words, error) {
	sorted := slices.SortedFunc(slices.Values(in), func(a, b pricing.Meter) int { return strings.Compare(a.ID, b.ID) })
	out := make([]meter, len(sorted))
	numbers := newWords(len(sorted))
	for i, m := range sorted {
		if m.ID == "" || numbers.number([]byte(m.ID)) < uint32(i) {
			return nil, nil, fmt.Errorf("prepare meters: meter %q is declared twice or has no id", m.ID)
		}
		if m.Scale < 0 || m.Scale > places {
			return nil, nil, fmt.Errorf("prepare meters: meter %q: scale %d: write 0 to %d", m.ID, m.Scale, places)
		}
		slot, fine := slotMicros[m.Grain]
		if !fine && m.Grain != pricing.GrainDay && m.Grain != "" {
			return nil, nil, fmt.Errorf("prepare meters: meter %q: grain %q: write day, hour or 5m", m.ID, m.Grain)
		}
		if err := m.Check(); err != nil {
			return nil, nil, fmt.Errorf("prepare meters: %w", err)
		}
		unique := m.Aggregate == pricing.Unique
		if unique {
			// The values that are counted are kept as a dimension is.
			m.By = append(slices.Clone(m.By), m.Of)
			m.AllowNegative = m.Running
		}
		m.By = slices.Compact(slices.Sorted(slices.Values(m.By)))
		out[i] = meter{
			Meter: m, slot: slot,
			level: m.Aggregate.Level() || unique && m.Running, counter: m.Aggregate == pricing.Counter,
			count: m.Aggregate == pricing.Count || unique && !m.Running, unique: unique,
			running: m.Running && !unique && !m.PerEvent,
		}
	}
	return out, numbers, nil
}

// shape is a meter with one combination of its dimensions' values.
type shape struct {
	meter      uint32
	dimensions string // canonical JSON
}

// shapes numbers the shapes that the pass has met. Numbers depend on who met a
// shape first and so never reach an output; shape m of meter m without
// dimensions is there from the start.
type shapes struct {
	mu      sync.Mutex
	numbers map[shape]uint32
	list    []shape
	ranks   []uint32 // by number: the place in the order of the output
}

func newShapes(meters int) *shapes {
	s := &shapes{numbers: map[shape]uint32{}}
	for m := range meters {
		s.number(shape{uint32(m), "{}"})
	}
	return s
}

func (s *shapes) number(sh shape) uint32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, ok := s.numbers[sh]
	if !ok {
		n = uint32(len(s.list))
		s.numbers[sh] = n
		s.list = append(s.list, sh)
	}
	return n
}

// known returns the shapes met so far, by number, and the rank of each by meter
// and dimensions.
func (s *shapes) known() (list []shape, ranks []uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list = s.list[:len(s.list):len(s.list)]
	if len(s.ranks) == len(list) {
		return list, s.ranks
	}
	order := make([]uint32, len(list))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(list[a].meter, list[b].meter), strings.Compare(list[a].dimensions, list[b].dimensions))
	})
	s.ranks = make([]uint32, len(list))
	for rank, n := range order {
		s.ranks[n] = uint32(rank)
	}
	return list, s.ranks
}

// dimension is one dimension's value of a row.
type dimension struct{ name, value string }

// canonical writes dimensions, sorted by name, as a JSON object without spaces.
func canonical(ds []dimension) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	text := func(s string) {
		_ = e.Encode(s) // a string into a buffer cannot fail
		b.Truncate(b.Len() - 1)
	}
	b.WriteByte('{')
	for i, d := range ds {
		if i > 0 {
			b.WriteByte(',')
		}
		text(d.name)
		b.WriteByte(':')
		text(d.value)
	}
	b.WriteByte('}')
	return b.String()
}
