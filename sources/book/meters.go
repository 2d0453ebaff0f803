package book

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"daybook/pricing"
	"daybook/pricing/money"
)

// defaultCarryDays is how far back a level is looked for: over any month.
const defaultCarryDays = 31

// What was added to a running meter counts for longer: over any year, and ten
// of them where a book says so.
const (
	defaultRunningDays = 366
	maxCarryDays       = 366
	maxRunningDays     = 3660
)

// meter reads one meter (docs/billing-rules.md, Meters and aggregations).
func (c *checker) meter(r row[meter]) pricing.Meter {
	m := r.value
	c.nameAt(r.place, r.name)
	out := pricing.Meter{
		ID: r.name, Aggregate: pricing.Aggregation(m.Aggregate.value),
		Of: c.name(m.Of), Unit: c.name(m.Unit), DivideBy: money.QuantityOf(1),
		Grain:         pricing.Grain(cmp.Or(m.Grain.value, string(pricing.GrainDay))),
		Scale:         int32(c.whole(m.Scale, 0, pricing.DefaultScale, pricing.DefaultScale)),
		AllowNegative: m.AllowNegative.value, Exact: m.Exact.value,
	}
	if m.DivideBy.written() {
		out.DivideBy = c.quantity(m.DivideBy)
		if out.DivideBy.IsZero() && !m.DivideBy.bad {
			c.add(m.DivideBy.place, "is zero", "write how many of the raw value are one priced unit, for example 1000000000 for bytes in a GB")
		}
	}
	for _, dimension := range m.By.items {
		if !dimension.written() || dimension.bad {
			continue
		}
		if slices.Contains(out.By, c.name(dimension)) {
			c.add(dimension.place, quote(dimension.value)+" is listed twice", "list each dimension once")
			continue
		}
		out.By = append(out.By, dimension.value)
	}
	slices.Sort(out.By)
	if out.Aggregate == pricing.Count && m.Of.written() {
		c.add(m.Of.place, "a count looks at no value", "leave `of` out, or use sum")
	}
	c.keeps(&out, m)
	out.CarryDays = c.carry(m, out)
	out.AddSlots = c.thenSum(m, out.Aggregate)
	return out
}

// keeps reads what a meter keeps beyond its sums, and refuses what has no
// meaning together.
func (c *checker) keeps(out *pricing.Meter, m meter) {
	summed := out.Aggregate == pricing.Sum
	unique := out.Aggregate == pricing.Unique
	wrong := func(at place, is bool, reason, remedy string) bool {
		if is && at.written() && m.Aggregate.written() && !m.Aggregate.bad {
			c.add(at, reason, remedy)
		}
		return is
	}
	out.Running = m.Running.value && !wrong(m.Running.place, !summed && !unique, "only a sum or a unique count runs on", "leave it out")
	out.PerEvent = m.PerEvent.value && !wrong(m.PerEvent.place, !summed, "only the events of a sum are kept by themselves", "leave it out, or use sum")
	if out.Running || out.PerEvent {
		wrong(m.Grain.place, true, "events that are kept by themselves, and levels that hold, have no slots", "leave it out")
		out.Grain = pricing.GrainDay
	}
	wrong(m.AllowNegative.place, out.Aggregate == pricing.Counter, "a counter's readings are never below zero",
		"leave it out; a reading below the one before says that the counter began anew")
	if !unique {
		return
	}
	wrong(m.place, !m.Of.written(), "unique does not say which values are counted", "add `of: <column>`, for example `of: user_id`")
	for _, at := range []place{m.DivideBy.place, m.AllowNegative.place, m.Scale.place, m.Exact.place} {
		wrong(at, true, "unique counts values, whatever their quantity", "leave it out")
	}
	switch {
	case out.Running:
		wrong(m.By.place, true, "a value that is there or gone is so as a whole", "leave `by` out, or make a meter of each")
		out.By = nil
	case slices.Contains(out.By, out.Of):
		wrong(m.By.place, true, quote(out.Of)+" is what is counted", "leave it out of `by`")
		out.By = slices.DeleteFunc(out.By, func(d string) bool { return d == out.Of })
	}
	out.AllowNegative, out.Exact, out.Scale, out.DivideBy = false, false, pricing.DefaultScale, money.QuantityOf(1)
}

// thenSum reads whether each slot is aggregated by itself and the slots are
// added up.
func (c *checker) thenSum(m meter, a pricing.Aggregation) bool {
	switch a {
	case pricing.Maximum, pricing.Minimum, pricing.Average, pricing.First, pricing.Latest:
		return m.Then.written()
	}
	if m.Then.written() && m.Aggregate.written() {
		c.add(m.Then.place, "`then: sum` adds up the slots of a max, min, average, first or latest", "leave it out")
	}
	return false
}

// carry reads how far back meters look that carry something from the days
// before; other meters say nothing of it.
func (c *checker) carry(m meter, of pricing.Meter) int {
	if m.Gaps.written() && m.Aggregate.written() && !of.Aggregate.Level() {
		c.add(m.Gaps.place, "only a time_average has gaps to fill", "leave it out")
	}
	if !of.Carries() {
		if m.Carry.written() && m.Aggregate.written() {
			c.add(m.Carry.place, "only a time_average, a counter or a running meter carries something from the days before", "leave it out")
		}
		return 0
	}
	usual, most := defaultCarryDays, maxCarryDays
	if of.Running {
		usual, most = defaultRunningDays, maxRunningDays
	}
	if !m.Carry.written() || m.Carry.bad {
		return usual
	}
	days, unit := strings.CutSuffix(m.Carry.value, "d")
	n, err := strconv.Atoi(days)
	if !unit || err != nil || n < 0 || n > most {
		c.add(m.Carry.place, quote(m.Carry.value)+" is not a number of days", fmt.Sprintf("write 0d to %dd, for example 31d", most))
		return usual
	}
	return n
}

// metersOf is how MetersJSON writes the meters of a stretch of time.
type metersOf struct {
	Effective pricing.Date  `json:"effective"`
	Meters    []meterRecipe `json:"meters"`
}

// meterRecipe is a meter's canonical form: all of it, in a fixed order.
type meterRecipe struct {
	ID            string   `json:"id"`
	Aggregate     string   `json:"aggregate"`
	Of            string   `json:"of"`
	Unit          string   `json:"unit"`
	DivideBy      string   `json:"divide_by"`
	Grain         string   `json:"grain"`
	By            []string `json:"by"`
	Scale         int32    `json:"scale"`
	AllowNegative bool     `json:"allow_negative"`
	Exact         bool     `json:"exact"`
	CarryDays     int      `json:"carry_days"`
	Then          string   `json:"then,omitempty"`
	PerEvent      bool     `json:"per_event,omitempty"`
	Running       bool     `json:"running,omitempty"`
}

// MetersJSON returns the canonical bytes of everything that rollups take from a
// book: its meters. Prices and plans never reach it, and a version that changes
// only prices leaves it as it was, so equal bytes mean that no usage has to be
// read again (docs/billing-rules.md, Meters and aggregations).
func MetersJSON(b *pricing.Book) []byte {
	stretches := []metersOf{}
	var last string
	for _, v := range b.Versions {
		of := metersOf{Effective: v.Effective, Meters: []meterRecipe{}}
		for _, m := range v.Meters {
			then := ""
			if m.AddSlots {
				then = "sum"
			}
			of.Meters = append(of.Meters, meterRecipe{
				m.ID, string(m.Aggregate), m.Of, m.Unit, m.DivideBy.String(), string(m.Grain),
				append([]string{}, m.By...), m.Scale, m.AllowNegative, m.Exact, m.CarryDays, then, m.PerEvent, m.Running,
			})
		}
		if now := string(canonical(of.Meters)); now != last || len(stretches) == 0 {
			stretches, last = append(stretches, of), now
		}
	}
	return canonical(stretches)
}

// canonical encodes plain structs of text and numbers, which cannot fail.
func canonical(v any) []byte {
	b, _ := json.Marshal(v)
	return b
}
