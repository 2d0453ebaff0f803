package pricing

import "daybook/pricing/money"

// Strings is a column of strings in dictionary form: row i is Values[Index[i]].
type Strings struct {
	Values []string
	Index  []int32
}

// At returns row i.
func (s Strings) At(i int) string { return s.Values[s.Index[i]] }

// UsageBatch is usage_daily in columns: every slice has one element a row, but
// for the dictionaries of Strings. It is the shape in which an engine hands
// over a day and in which a table is decoded, so that no row is ever a heap
// object on the way. States are in raw event units (see UsageState).
type UsageBatch struct {
	UTCDay                Date
	Day                   []int64 // days since 1970-01-01, local
	Slot                  []int64 // Unix microseconds; 0: none
	Account, Subscription Strings
	Meter, Dimensions     Strings
	Sum                   []money.Int128
	Events                []int64
	Min, Max              []money.Int128
	First, Last           []money.Int128
	FirstTime, LastTime   []int64
	LevelSeconds          []money.Int128
	Increase              []money.Int128 // nil where every one is 0
}

// Len returns the number of rows.
func (b *UsageBatch) Len() int { return len(b.Events) }

// Row returns row i as a state.
func (b *UsageBatch) Row(i int) UsageState { return b.AppendRow(nil, i)[0] }

// AppendRow appends row i as a state.
func (b *UsageBatch) AppendRow(rows []UsageState, i int) []UsageState {
	rows = append(rows, UsageState{})
	u := &rows[len(rows)-1] // filled in place: a state is wide
	u.Day, u.Slot, u.Events = Date(b.Day[i]), b.Slot[i], b.Events[i]
	u.Account, u.Subscription = b.Account.At(i), b.Subscription.At(i)
	u.Meter, u.Dimensions = b.Meter.At(i), b.Dimensions.At(i)
	u.Sum, u.Min, u.Max = b.Sum[i], b.Min[i], b.Max[i]
	u.First, u.Last, u.FirstTime, u.LastTime = b.First[i], b.Last[i], b.FirstTime[i], b.LastTime[i]
	u.LevelSeconds = b.LevelSeconds[i]
	if b.Increase != nil {
		u.Increase = b.Increase[i]
	}
	return rows
}

// Only returns the rows of the meters that keep says, in their order.
func (b *UsageBatch) Only(keep func(meter string) bool) *UsageBatch {
	kept := make([]bool, len(b.Meter.Values))
	for i, meter := range b.Meter.Values {
		kept[i] = keep(meter)
	}
	var rows []int
	for i, meter := range b.Meter.Index {
		if kept[meter] {
			rows = append(rows, i)
		}
	}
	if len(rows) == b.Len() {
		return b
	}
	texts := func(s Strings) Strings { return Strings{s.Values, picked(s.Index, rows)} }
	return &UsageBatch{
		UTCDay: b.UTCDay, Day: picked(b.Day, rows), Slot: picked(b.Slot, rows),
		Account: texts(b.Account), Subscription: texts(b.Subscription), Meter: texts(b.Meter), Dimensions: texts(b.Dimensions),
		Sum: picked(b.Sum, rows), Events: picked(b.Events, rows), Min: picked(b.Min, rows), Max: picked(b.Max, rows),
		First: picked(b.First, rows), Last: picked(b.Last, rows), FirstTime: picked(b.FirstTime, rows), LastTime: picked(b.LastTime, rows),
		LevelSeconds: picked(b.LevelSeconds, rows), Increase: picked(b.Increase, rows),
	}
}

// picked returns the values of those rows; nil stays nil.
func picked[T any](values []T, rows []int) []T {
	if values == nil {
		return nil
	}
	out := make([]T, len(rows))
	for i, row := range rows {
		out[i] = values[row]
	}
	return out
}
