package pricing

import (
	"fmt"
	"slices"
	"time"

	"daybook/pricing/money"
)

// Burst prices what exceeds the subscription in each five minutes, times how
// long it did, at the price level in force when the interval began
// (docs/billing-rules.md, Price models, Burst). Measuring finds the excess and its level;
// the model prices the groups, one for each level.
//
// The level comes from Schedule, from the registry's schedule of ScheduleName,
// from UsageLevels, or there is one level alone.
type Burst struct {
	Over        string       // OverSubscribed, or the kind of resource that covers usage while it exists
	PerSeconds  int64        // the time that a level's price is for: 3600 for a GHz hour
	Seconds     string       // dimension that says how many seconds an event stands for; "" : the interval's 300
	Levels      []LevelPrice // sorted by Level, at least one
	Schedule    []LevelChange
	UsageLevels []UsageLevel
	// ScheduleName is a schedule of the registry; "" : none.
	ScheduleName string
}

// OverSubscribed is a Burst.Over: the subscription's quantity for the price.
const OverSubscribed = "subscribed"

// LevelPrice is the price of one unit for PerSeconds at a level.
type LevelPrice struct {
	Level int64
	Unit  money.Amount
}

// LevelChange is a level that holds for intervals that begin at From or later,
// until the next change. Changes are sorted by From.
type LevelChange struct {
	From  time.Time
	Level int64
}

// UsageLevel is the level for the interval that follows one in which From or
// more was used. They are sorted by From, and the first one's is 0.
type UsageLevel struct {
	From  money.Quantity // in the priced unit
	Level int64
}

// Name implements Model.
func (Burst) Name() string { return "burst" }

// interval is the length of a slot of five minutes.
const interval = 5 * time.Minute

// levelAt returns the level in force for the interval that begins at start.
// Before is what was used in the interval before.
func (b Burst) levelAt(start time.Time, before money.Fraction) (int64, error) {
	switch {
	case len(b.Schedule) > 0 || b.ScheduleName != "":
		// The first change after start; the one before it holds.
		i, _ := slices.BinarySearchFunc(b.Schedule, start, func(c LevelChange, t time.Time) int {
			if c.From.After(t) {
				return 1
			}
			return -1
		})
		if i == 0 || b.Schedule[i-1].Level == contradicted {
			return 0, &MissingLevelError{At: start, Schedule: b.ScheduleName, Contradicted: i > 0}
		}
		return b.Schedule[i-1].Level, nil
	case len(b.UsageLevels) > 0:
		level := b.UsageLevels[0].Level
		for _, u := range b.UsageLevels {
			if before.Cmp(u.From.Fraction()) >= 0 {
				level = u.Level
			}
		}
		return level, nil
	}
	return b.Levels[0].Level, nil
}

// priceOf returns the price of a level: its own, or that of the highest level
// below it that has one.
func (b Burst) priceOf(level int64) (LevelPrice, bool) {
	for _, p := range slices.Backward(b.Levels) {
		if p.Level <= level {
			return p, true
		}
	}
	return LevelPrice{}, false
}

// billLevels prices the excess of each level. What an allowance or a usage
// discount left of the whole is left of each level in proportion.
func (b Burst) billLevels(c *Charge) (bill, error) {
	left := c.left()
	var out bill
	for _, g := range c.groups {
		level, err := levelOfText(g.Values)
		if err != nil {
			return bill{}, err
		}
		price, ok := b.priceOf(level)
		if !ok {
			return bill{}, &MissingLevelError{Level: level, HasLevel: true}
		}
		label := fmt.Sprintf("level %d", level)
		if price.Level != level {
			label += fmt.Sprintf(" at the price of level %d", price.Level)
		}
		units := g.Quantity.Mul(left)
		out.add(billPart{label: label, quantity: units, unitPrice: price.Unit, amount: units.Mul(price.Unit.Fraction())})
	}
	out.unitPriceOfOnlyPart()
	return out, nil
}

// MissingLevelError says that burst has no price: no level is known at an
// instant, or no listed level is as low as the one in force.
type MissingLevelError struct {
	At       time.Time
	Level    int64
	HasLevel bool // Level is known, its price is not

	Schedule     string // of the registry; "" : the price's own
	Contradicted bool   // it says two levels
}

// Error implements error; it names what is missing and the remedy.
func (e *MissingLevelError) Error() string {
	at := e.At.UTC().Format(time.RFC3339)
	switch {
	case e.HasLevel:
		return fmt.Sprintf("level %d is in force, and the price lists no level as low as that: add it to `levels`", e.Level)
	case e.Contradicted:
		return fmt.Sprintf("schedule %.60q of the registry says two levels for %s: keep one of the rows", e.Schedule, at)
	case e.Schedule != "":
		return fmt.Sprintf("no level is known for %s: add a row to schedule %.60q of the registry", at, e.Schedule)
	}
	return fmt.Sprintf("no level is known for %s: begin the price's `schedule` earlier", at)
}
