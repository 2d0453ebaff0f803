package book

import (
	"cmp"
	"slices"

	"daybook/pricing"
	"daybook/sources/spelling"
)

// each reads whether a price is for each window of time or each group by itself:
// `hour`, a dimension of the meter, or a list of one window and dimensions. A
// price may ask only for what its meter keeps.
func (c *checker) each(w words, m pricing.Meter, known bool) pricing.Each {
	var out pricing.Each
	for _, t := range w.items {
		if !t.written() || t.bad {
			continue
		}
		window := pricing.Grain(t.value)
		isWindow := window == pricing.GrainDay || window == pricing.GrainHour || window == pricing.GrainFiveMinutes
		isDimension := slices.Contains(m.By, t.value)
		switch {
		case isWindow && isDimension:
			c.add(t.place, quote(t.value)+" is a window of time and a dimension of the meter", "give the dimension another name")
		case isWindow && out.Window != "", slices.Contains(out.By, t.value):
			c.add(t.place, quote(t.value)+" is one too many", "name one window at most, and each dimension once")
		case isWindow:
			out.Window = window
			c.keepsWindow(t, window, m, known)
		case known && !isDimension:
			c.add(t.place, quote(t.value)+" is not a window of time, and the meter "+quote(m.ID)+" does not keep such a dimension",
				cmp.Or(spelling.DidYouMean(t.value, append([]string{"day", "hour", "5m"}, m.By...)), "write day, hour, 5m or a dimension of the meter's `by`"))
		default:
			out.By = append(out.By, t.value)
		}
	}
	if w.written() && !w.bad && len(w.items) == 0 {
		c.add(w.place, "names no window and no dimension", "write `each: hour`, or leave it out")
	}
	if w.written() && known && (m.Aggregate.Level() || m.Running) {
		c.add(w.place, "the meter "+quote(m.ID)+" follows a level, which is one for the period", "leave `each` out, or price a meter with `aggregate: max`")
	}
	return out
}

// keepsWindow checks that the meter's slots are no longer than the window.
func (c *checker) keepsWindow(t text, window pricing.Grain, m pricing.Meter, known bool) {
	slots := []pricing.Grain{pricing.GrainDay, pricing.GrainHour, pricing.GrainFiveMinutes}
	if known && !m.PerEvent && slices.Index(slots, window) > slices.Index(slots, m.Grain) {
		c.add(t.place, "the meter "+quote(m.ID)+" keeps usage by the "+string(m.Grain), "give the meter `grain: "+t.value+"`; usage is then read again")
	}
}
