package pricing

import "daybook/pricing/money"

// UsageState is what a rollup keeps of one account, subscription, meter,
// dimension set and local day (or finer slot) within one UTC day: one column a
// state, each exactly mergeable. Quantities are in the event's own unit at 12
// decimal places; the meter's DivideBy is not applied.
type UsageState struct {
	Day          Date   // the account's local day
	Slot         int64  // finer meters: the slot's start, Unix microseconds; of per-event meters the event's time; else 0
	Meter        string // meter id
	Dimensions   string // canonical JSON object of the meter's By values (and a unique meter's Of), keys sorted; "{}" when none
	Account      string
	Subscription string

	Sum          money.Int128 // of quantities, 12 places
	Events       int64
	Min, Max     money.Int128
	First, Last  money.Int128 // ties of time by the greater event-id hash
	FirstTime    int64        // Unix microseconds
	LastTime     int64
	LevelSeconds money.Int128 // integral of the level (of running sums: of the sum) from FirstTime to LastTime, quantity × seconds, 12 places
	Increase     money.Int128 // counters: what the readings from FirstTime to LastTime rose by
}
