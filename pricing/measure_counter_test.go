package pricing_test

import (
	"fmt"
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

// docs/billing-rules.md, Meters and aggregations, Counters: 100 on 30 September,
// 130 and 150 on 1 October, then 20 after a restart: 30 + 20 + 20 = 70.
func TestMeasureCounter_CountsWhatReadingsRiseBy(t *testing.T) {
	w := oneAccount(metered("counter", "counter", unitOf("1.00")))
	w.use("s", "counter", "2026-09-30T23:00:00Z", "100")
	w.use("s", "counter", "2026-10-01T12:00:00Z", "150")
	w.use("s", "counter", "2026-10-02T00:00:00Z", "20")
	w.use("s", "counter", "2026-10-01T01:00:00Z", "130")
	w.use("s", "counter", "2026-11-01T00:00:00Z", "21")
	wantLines(t, w.closed(t, "2026-10", false), "counter 70.00 70.00")
	wantLines(t, w.closed(t, "2026-11", false), "counter 1.00 1.00")
	// Each rise is of the day of the later reading: 50 on the 1st, 20 on the 2nd.
	wantCost(t, w.daily(t, "2026-10-01").Rows, pricing.ScopeBilled, "50", "50")
	wantCost(t, w.daily(t, "2026-10-02").Rows, pricing.ScopeBilled, "70", "20")
}

func TestMeasureCounter_TakesWhatAStateHasAddedUp(t *testing.T) {
	w := oneAccount(metered("counter", "counter", unitOf("1.00")))
	w.use("s", "counter", "2026-10-10T10:00:00Z", "5")
	// From 50, past a restart, to 8 at 20:00: the state has added up 60.
	w.use("s", "counter", "2026-10-11T10:00:00Z", "50")
	u := &w.usage[1]
	u.Events, u.LastTime = 4, at("2026-10-11T20:00:00Z").UnixMicro()
	u.Last, u.Increase = fixed("8"), fixed("60")
	w.use("s", "counter", "2026-10-12T10:00:00Z", "9")
	wantLines(t, w.closed(t, "2026-10", false), "counter 106.00 106.00") // 45 + 60 + 1
}

func fixed(quantity string) money.Int128 {
	q, err := money.MustQuantity(quantity).Fixed(12)
	if err != nil {
		panic(err)
	}
	return q
}

func TestMeasureCounter_KnowsNothingBeforeItsFirstReading(t *testing.T) {
	for _, c := range []struct {
		carry int
		want  []string
	}{
		{3, []string{"counter 60.00 60.00"}}, // of 28 September
		{2, nil},                             // which is too long ago
	} {
		w := oneAccount(metered("counter", "counter", unitOf("1.00")))
		for i := range w.book.Versions[0].Meters {
			w.book.Versions[0].Meters[i].CarryDays = c.carry
		}
		w.use("s", "counter", "2026-09-28T00:00:00Z", "40")
		w.use("s", "counter", "2026-10-28T00:00:00Z", "100")
		t.Run(fmt.Sprint(c.carry, " days"), func(t *testing.T) { wantLines(t, w.closed(t, "2026-10", false), c.want...) })
	}
}

// Two counters of one meter never mix, and each lies in its group.
func TestMeasureCounter_EachSetOfDimensionsIsACounter(t *testing.T) {
	w := oneAccount(metered("counter", "counter", matrixOf("a", "x", "1", "b", "x", "10")))
	a, b := `{"region":"x","type":"a"}`, `{"region":"x","type":"b"}`
	w.use("s", "counter", "2026-10-01T00:00:00Z", "1000", a)
	w.use("s", "counter", "2026-10-02T00:00:00Z", "5", b)
	w.use("s", "counter", "2026-10-03T00:00:00Z", "1001", a)
	w.use("s", "counter", "2026-10-04T00:00:00Z", "7", b)
	wantLines(t, w.closed(t, "2026-10", false), "counter 1.00 1.00", "counter 20.00 20.00")
}

func TestMeasureCounter_ByTheDay(t *testing.T) {
	price := metered("counter", "counter", pricing.Package{Size: money.QuantityOf(10), Price: money.MustAmount("1.00")})
	price.Each = pricing.Each{Window: pricing.GrainDay}
	w := oneAccount(price)
	w.use("s", "counter", "2026-10-01T12:00:00Z", "0")
	w.use("s", "counter", "2026-10-01T13:00:00Z", "11") // two started blocks
	w.use("s", "counter", "2026-10-02T12:00:00Z", "12") // one
	wantLines(t, w.closed(t, "2026-10", false), "counter 3.00 3.00")
}
