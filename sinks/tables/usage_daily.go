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
	b := &pricing.UsageBatch{
		Day: f.column("day").ints, Slot: f.column("slot_start").ints,
		Account: f.column("account_id").text, Subscription: f.column("subscription_id").text,
		Meter: f.column("meter").text, Dimensions: f.column("dimensions").text,
		Sum: f.column("sum").wides, Events: f.column("events").ints,
		Min: f.column("min").wides, Max: f.column("max").wides,
		First: f.column("first_value").wides, Last: f.column("last_value").wides,
		FirstTime: f.column("first_time").ints, LastTime: f.column("last_time").ints,
		LevelSeconds: f.column("level_seconds").wides, Increase: f.column("increase").wides,
	}
	days := f.column("utc_day").ints
	for i, day := range days {
		if day != days[0] {
			return nil, fmt.Errorf("decode usage_daily: %s: row %d is of another utc_day than the first", name, i)
		}
		b.UTCDay = pricing.Date(day)
	}
	return b, nil
}
