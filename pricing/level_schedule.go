package pricing

import (
	"cmp"
	"slices"
)

// ScheduledLevel is a row of the registry's schedules: the level that holds from
// an instant on, under the schedule's name.
type ScheduledLevel struct {
	Schedule string
	LevelChange
}

// contradicted is the level of an instant for which a schedule says several.
const contradicted = -1

// AddLevels keeps the schedules of price levels that burst prices name. It is
// called once, before the registry is used. Rows may come in any order, and
// twice; where two of a schedule say different levels from one instant on,
// neither is taken and usage from there on has no price until the next row.
func (r *Registry) AddLevels(levels []ScheduledLevel) {
	r.levels = map[string][]LevelChange{}
	for _, l := range levels {
		l.From = l.From.UTC()
		r.levels[l.Schedule] = append(r.levels[l.Schedule], l.LevelChange)
	}
	for name, changes := range r.levels {
		slices.SortFunc(changes, func(a, b LevelChange) int {
			return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.Level, b.Level))
		})
		out := changes[:0]
		for _, c := range changes {
			n := len(out)
			switch {
			case n == 0 || !out[n-1].From.Equal(c.From):
				out = append(out, c)
			case out[n-1].Level != c.Level:
				out[n-1].Level = contradicted
			}
		}
		r.levels[name] = out
	}
}

// scheduled returns the burst with the registry's schedule where it names one.
func (r *Registry) scheduled(b Burst) Burst {
	if b.ScheduleName != "" {
		b.Schedule = r.levels[b.ScheduleName]
	}
	return b
}
