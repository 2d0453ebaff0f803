package tables

import (
	"fmt"

	"daybook/pricing"
	"daybook/pricing/columns"
	"daybook/pricing/money"
)

// EncodeUsageDaily writes one UTC day of usage_daily. Units are the priced units
// by meter id; a meter that is not among them is an error. The batch is left as
// it is; it need not be sorted, but is written faster when it is.
func EncodeUsageDaily(b *pricing.UsageBatch, units map[string]string) ([]byte, error) {
	s, err := usageSheet(b, units)
	if err != nil {
		return nil, fmt.Errorf("encode usage_daily: %w", err)
	}
	return s.encode()
}

func usageSheet(b *pricing.UsageBatch, units map[string]string) (*sheet, error) {
	unit := pricing.Strings{Values: make([]string, len(b.Meter.Values)), Index: b.Meter.Index}
	for i, meter := range b.Meter.Values {
		u, ok := units[meter]
		if !ok {
			return nil, fmt.Errorf("no unit given for meter %q", meter)
		}
		unit.Values[i] = u
	}
	s := newSheet(columns.UsageDaily, b.Len(), func(i int) string {
		return fmt.Sprintf("account %q, subscription %q, meter %q", b.Account.At(i), b.Subscription.At(i), b.Meter.At(i))
	})
	s.days("utc_day", func(int) pricing.Date { return b.UTCDay })
	s.ints("day", b.Day)
	s.ints("slot_start", b.Slot)
	s.dictionary("account_id", b.Account)
	s.dictionary("subscription_id", b.Subscription)
	s.dictionary("meter", b.Meter)
	s.dictionary("unit", unit)
	s.dictionary("dimensions", b.Dimensions)
	s.states("sum", b.Sum)
	s.ints("events", b.Events)
	s.states("min", b.Min)
	s.states("max", b.Max)
	s.states("first_value", b.First)
	s.ints("first_time", b.FirstTime)
	s.states("last_value", b.Last)
	s.ints("last_time", b.LastTime)
	s.states("level_seconds", b.LevelSeconds)
	increase := b.Increase
	if increase == nil {
		increase = make([]money.Int128, b.Len())
	}
	s.states("increase", increase)
	return s, nil
}

// DecodeUsageDaily reads one UTC day of usage_daily back in columns, sorted as
// the contract says; no row is a heap object on the way. name says in errors
// which file it is. A file with no rows does not say its day: UTCDay is 0 then.
func DecodeUsageDaily(name string, body []byte) (*pricing.UsageBatch, error) {
	f, err := readFrame(columns.UsageDaily, name, body)
	if err != nil {
		return nil, err
	}
	day := int64(0)
	if f.rows > 0 {
		day = f.column("utc_day").ints[0]
	}
	if err := f.ofDay(day, name, 0); err != nil {
		return nil, fmt.Errorf("decode usage_daily: %w", err)
	}
	return f.usage(0, day), nil
}

// ofDay is an error unless all rows are of a UTC day; the first is the file's row at.
func (f *frame) ofDay(day int64, name string, at int64) error {
	for i, d := range f.column("utc_day").ints {
		if d != day {
			return fmt.Errorf("%s: row %d is of another utc_day than the first", name, at+int64(i))
		}
	}
	return nil
}

// usage is the rows from one on as a batch.
func (f *frame) usage(from int, day int64) *pricing.UsageBatch {
	ints := func(name string) []int64 { return f.column(name).ints[from:] }
	wides := func(name string) []money.Int128 { return f.column(name).wides[from:] }
	text := func(name string) pricing.Strings {
		t := f.column(name).text
		return pricing.Strings{Values: t.Values, Index: t.Index[from:]}
	}
	return &pricing.UsageBatch{
		UTCDay: pricing.Date(day), Day: ints("day"), Slot: ints("slot_start"),
		Account: text("account_id"), Subscription: text("subscription_id"),
		Meter: text("meter"), Dimensions: text("dimensions"),
		Sum: wides("sum"), Events: ints("events"), Min: wides("min"), Max: wides("max"),
		First: wides("first_value"), Last: wides("last_value"), FirstTime: ints("first_time"), LastTime: ints("last_time"),
		LevelSeconds: wides("level_seconds"), Increase: wides("increase"),
	}
}
