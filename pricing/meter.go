package pricing

import (
	"fmt"
	"slices"

	"daybook/pricing/money"
)

// Aggregation says how a meter's events become a quantity
// (docs/billing-rules.md, Meters and aggregations).
type Aggregation string

// The aggregations that the engine keeps states for.
const (
	Sum         Aggregation = "sum"
	Count       Aggregation = "count"
	Maximum     Aggregation = "max"
	Minimum     Aggregation = "min"
	First       Aggregation = "first"
	Latest      Aggregation = "latest"
	TimeAverage Aggregation = "time_average"
	Average     Aggregation = "average" // of samples, each alike
	Unique      Aggregation = "unique"  // how many different values
	Counter     Aggregation = "counter" // readings of a counter: what they rose by
)

// Level reports whether the aggregation follows a level through time, so that
// the last level of an earlier day carries into the next.
func (a Aggregation) Level() bool { return a == TimeAverage }

// Grain is the slot by which a meter's usage is kept: a local day, an hour or
// five minutes. Finer slots are UTC instants.
type Grain string

// The grains a meter may declare.
const (
	GrainDay         Grain = "day"
	GrainHour        Grain = "hour"
	GrainFiveMinutes Grain = "5m"
)

// DefaultScale is the number of decimal places to which each event's quantity
// is rounded half-even before it is summed, unless the meter says otherwise.
const DefaultScale = 12

// Meter declares what a rollup keeps of one kind of usage. Changing a meter
// reads usage again; changing a price never does.
type Meter struct {
	ID            string
	Aggregate     Aggregation
	Of            string         // usage column that holds the value; "" is the mapped quantity
	Unit          string         // unit of the priced quantity, for people: "GB", "hour"
	DivideBy      money.Quantity // units of the raw value in one priced unit; never zero
	Grain         Grain
	By            []string // dimension columns kept, sorted
	Scale         int32    // decimal places kept of each event, 0 to 12
	AllowNegative bool     // events below zero are accepted
	Exact         bool     // events with more places than Scale are rejected, not rounded
	CarryDays     int      // meters that carry: how many days before a period their last state is looked for
	AddSlots      bool     // each slot (of Grain) is aggregated by itself, and the slots are added up
	PerEvent      bool     // of a sum: each event is kept as a state of its own, whose slot is its time
	Running       bool     // of a sum or unique: what was added holds until it is taken away
}

// Carries reports whether usage of the days before a period counts in it: the
// last level, the last reading, or what was added and holds.
func (m Meter) Carries() bool { return m.Aggregate.Level() || m.Aggregate == Counter || m.Running }

// Check reports what has no meaning together. Whoever makes meters and does not
// say so to people first may rely on it.
func (m Meter) Check() error {
	var wrong string
	switch fine := m.Grain != GrainDay && m.Grain != ""; {
	case m.Aggregate == Counter && m.AllowNegative:
		wrong = "a counter's readings are never below zero: leave allow_negative out"
	case m.Aggregate == Unique && m.Of == "":
		wrong = "unique needs the column whose values are counted: write of"
	case m.Aggregate == Unique && slices.Contains(m.By, m.Of):
		wrong = "unique counts the values of a dimension that it keeps: leave it out of by"
	case m.Aggregate == Unique && m.Running && len(m.By) > 0:
		wrong = "a value that is there or gone is so as a whole: leave by out"
	case m.PerEvent && (m.Aggregate != Sum || fine):
		wrong = "per_event keeps the events of a sum, with their times: leave grain out"
	case m.Running && (m.Aggregate != Sum && m.Aggregate != Unique || fine):
		wrong = "running is for a sum or unique whose changes count by the day: leave grain out"
	case m.AddSlots && (m.Aggregate == Sum || m.Aggregate == Count || m.Aggregate == Unique || m.Carries()):
		wrong = "its slots cannot be added up: leave then out"
	default:
		return nil
	}
	return fmt.Errorf("meter %q: %s", m.ID, wrong)
}
