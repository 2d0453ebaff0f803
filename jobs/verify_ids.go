package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"daybook/pricing"
	"daybook/sources/usage"
)

// ReusedID is an event id that was used on several UTC days. They are several
// events, each billed (docs/billing-rules.md, Identity of an event); a producer
// that counts again from the start, or repeats an event with another time, is
// found here.
type ReusedID struct {
	ID   string  `json:"id"`
	Uses []IDUse `json:"uses"` // by day
}

// IDUse is a day on which an id was used, and the first file that has it.
type IDUse struct {
	Day  pricing.Date `json:"-"`
	Text string       `json:"day"`
	File string       `json:"file"`
}

// idsAtOnce bounds the usage, in bytes, whose ids are in memory at once. Beyond
// it the files are read several times, each time for a part of all ids.
const idsAtOnce = 256 << 20

// ErrNoEventIDs is returned for ids of usage whose rows are mapped to have none.
var ErrNoEventIDs = errors.New("usage has no event ids")

// ReusedIDs reads the raw usage of the days and lists the ids that it has on
// several of them, by their text.
func (p *Pipeline) ReusedIDs(ctx context.Context, days Span) ([]ReusedID, error) {
	if p.settings.Mapping.EventID.None {
		return nil, fmt.Errorf("%w: usage.columns.event_id is {none: true}, so that each row is an event of its own", ErrNoEventIDs)
	}
	list := p.newListing()
	files := map[string]usageFile{}
	for _, d := range days.Days() {
		listed, err := list.day(ctx, d)
		if err != nil {
			return nil, err
		}
		for _, f := range listed {
			files[f.object.Key] = f
		}
	}
	keys := slices.Sorted(maps.Keys(files))
	var bytes int64
	for _, key := range keys {
		bytes += files[key].object.Size
	}
	var out []ReusedID
	passes := uint64(bytes/idsAtOnce) + 1
	for pass := range passes {
		seen := &idsSeen{first: map[[2]uint64]idPlace{}, reused: map[[2]uint64]*ReusedID{}, keys: keys}
		for n, key := range keys {
			err := usage.IDs(ctx, p.stores.Usage, files[key].object, p.settings.Mapping, func(id [2]uint64, day pricing.Date, text []byte) {
				if id[1]%passes == pass && days.From <= day && day <= days.To {
					seen.add(id, idPlace{day, int32(n)}, text)
				}
			})
			if err != nil {
				return nil, fmt.Errorf("read event ids: %w", err)
			}
		}
		for _, r := range seen.reused {
			slices.SortFunc(r.Uses, func(a, b IDUse) int { return cmp.Compare(a.Day, b.Day) })
			out = append(out, *r)
		}
	}
	slices.SortFunc(out, func(a, b ReusedID) int { return strings.Compare(a.ID, b.ID) })
	return out, nil
}

// idPlace is the first place of an id.
type idPlace struct {
	day  pricing.Date
	file int32
}

type idsSeen struct {
	first  map[[2]uint64]idPlace
	reused map[[2]uint64]*ReusedID
	keys   []string
}

func (s *idsSeen) add(id [2]uint64, at idPlace, text []byte) {
	first, known := s.first[id]
	if !known {
		s.first[id] = at
		return
	}
	if first.day == at.day && s.reused[id] == nil {
		return
	}
	r := s.reused[id]
	if r == nil {
		r = &ReusedID{ID: string(text), Uses: []IDUse{s.use(first)}}
		s.reused[id] = r
	}
	if !slices.ContainsFunc(r.Uses, func(u IDUse) bool { return u.Day == at.day }) {
		r.Uses = append(r.Uses, s.use(at))
	}
}

func (s *idsSeen) use(at idPlace) IDUse {
	return IDUse{at.day, at.day.String(), s.keys[at.file]}
}
