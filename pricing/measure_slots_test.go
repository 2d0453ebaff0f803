package pricing_test

import (
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

// docs/billing-rules.md, Meters and aggregations: samples of 4, 10 and 6 average
// 20 ÷ 3, however long each held; the average of the month is that of all its
// samples, not of its days.
func TestMeasure_AverageOfSamples(t *testing.T) {
	w := oneAccount(metered("average", "average", unitOf("3.00")))
	w.use("s", "average", "2026-10-10T10:00:00Z", "4")
	w.use("s", "average", "2026-10-10T14:00:00Z", "10")
	wantLines(t, w.closed(t, "2026-10", false), "average 21.00 21.00") // 7 × 3
	w.use("s", "average", "2026-10-20T20:00:00Z", "6")
	wantLines(t, w.closed(t, "2026-10", false), "average 20.00 20.00") // 20 ÷ 3 × 3
}

// docs/billing-rules.md, Meters and aggregations, Slots added up: the maximums
// of three slots, 7 + 2 + 5 = 14 with slots of five minutes, 7 + 5 = 12 with
// those of an hour, 7 with those of a day; the rows are in any order.
func TestMeasure_SlotsAddedUp(t *testing.T) {
	for grain, want := range map[pricing.Grain]string{
		pricing.GrainFiveMinutes: "peak 14.00 14.00", pricing.GrainHour: "peak 12.00 12.00", pricing.GrainDay: "peak 7.00 7.00",
	} {
		w := oneAccount(metered("peak", "peak", unitOf("1.00")))
		w.book.Versions[0].Meters = []pricing.Meter{{
			ID: "peak", Aggregate: pricing.Maximum, AddSlots: true, Grain: grain, DivideBy: money.QuantityOf(1), By: []string{"type"},
		}}
		w.slotted("peak", "2026-10-10T11:00:00Z", "5", grain, `{"type":"a"}`)
		w.slotted("peak", "2026-10-10T10:05:00Z", "2", grain, `{"type":"a"}`)
		w.slotted("peak", "2026-10-10T10:01:00Z", "7", grain, `{"type":"b"}`)
		w.slotted("peak", "2026-10-10T10:00:00Z", "3", grain, `{"type":"a"}`)
		wantLines(t, w.closed(t, "2026-10", false), want)
	}
}

// slotted is use for a meter with a grain.
func (w *world) slotted(meter, when, quantity string, grain pricing.Grain, dimensions string) {
	w.use("s", meter, when, quantity, dimensions)
	u := &w.usage[len(w.usage)-1]
	switch grain {
	case pricing.GrainHour:
		u.Slot = u.FirstTime - u.FirstTime%3_600_000_000
	case pricing.GrainFiveMinutes:
		u.Slot = u.FirstTime - u.FirstTime%300_000_000
	}
}

// Unlike with `each`, tiers and blocks are those of the period.
func TestMeasure_SlotsAddedUpAreOneQuantity(t *testing.T) {
	w := oneAccount(metered("peak", "peak", pricing.Graduated{Tiers: steps("10", "1.00", "", "0.50")}))
	w.book.Versions[0].Meters = []pricing.Meter{{ID: "peak", Aggregate: pricing.Maximum, AddSlots: true, Grain: pricing.GrainHour, DivideBy: money.QuantityOf(1)}}
	w.slotted("peak", "2026-10-10T10:00:00Z", "9", pricing.GrainHour, "{}")
	w.slotted("peak", "2026-10-10T11:00:00Z", "15", pricing.GrainHour, "{}")
	wantLines(t, w.closed(t, "2026-10", false), "peak 17.00 17.00") // 10 × 1.00 + 14 × 0.50
}
