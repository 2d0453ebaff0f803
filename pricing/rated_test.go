package pricing_test

import (
	"strings"
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

// Every usage row has one place: billed, without a price, of a parked account or
// of another closing's period; in events and in quantities.
func TestRatedMeters_FollowEachRow(t *testing.T) {
	w := oneAccount(metered("sum", "sum", unitOf("1")))
	w.accounts = append(w.accounts, pricing.Account{ID: "gone", Kind: "user", Bills: true})
	w.use("s", "sum", "2026-10-05T00:00:00Z", "2.5")   // billed
	w.use("s", "sum", "2026-11-05T00:00:00Z", "4")     // November's
	w.use("s", "max", "2026-10-06T00:00:00Z", "8")     // no price
	w.use("lost", "sum", "2026-10-07T00:00:00Z", "16") // of a subscription that is not there
	w.usage[len(w.usage)-1].Account = "gone"
	got := w.closed(t, "2026-10", false).Meters
	sum := func(events int64, quantity string) pricing.UsageSum {
		return pricing.UsageSum{Events: events, Quantity: money.MustQuantity(quantity)}
	}
	want := []pricing.RatedMeter{
		{Meter: "max", Kept: sum(1, "8"), Unpriced: sum(1, "8")},
		{Meter: "sum", Kept: sum(1, "2.5"), Billed: sum(1, "2.5"), Parked: sum(1, "16"), Elsewhere: sum(1, "4")},
	}
	wantMeters(t, got, want)
	held := []pricing.MeterSum{{Meter: "max", UsageSum: sum(1, "8")}, {Meter: "sum", UsageSum: sum(3, "22.5")}}
	if err := got.Check(held); err != nil {
		t.Error(err)
	}
	wantMeters(t, got.AsParked(), []pricing.RatedMeter{
		{Meter: "max", Parked: sum(1, "8")}, {Meter: "sum", Parked: sum(2, "18.5"), Elsewhere: sum(1, "4")},
	})
	for what, change := range map[string]func(){
		"events":            func() { held[1].Events++ },
		"quantity":          func() { held[1].Quantity = money.QuantityOf(22) },
		"a meter unrated":   func() { held = append(held, pricing.MeterSum{Meter: "z", UsageSum: sum(1, "1")}) },
		"a meter not there": func() { held = held[:1] },
		"billed twice":      func() { got[1].Billed = got[1].Billed.Add(got[1].Billed) },
	} {
		kept, before := append(pricing.RatedMeters{}, got...), append([]pricing.MeterSum{}, held...)
		change()
		if err := got.Check(held); err == nil || !strings.Contains(err.Error(), "does not add up") {
			t.Errorf("%s: %v", what, err)
		}
		got, held = kept, before
	}
}

func wantMeters(t *testing.T, got pricing.RatedMeters, want []pricing.RatedMeter) {
	t.Helper()
	equal := len(got) == len(want)
	for i := range min(len(got), len(want)) {
		g, w := got[i], want[i]
		for _, pair := range [][2]pricing.UsageSum{
			{g.Kept, w.Kept}, {g.Billed, w.Billed}, {g.Unpriced, w.Unpriced}, {g.Late, w.Late}, {g.Parked, w.Parked}, {g.Elsewhere, w.Elsewhere},
		} {
			equal = equal && g.Meter == w.Meter && pair[0].Events == pair[1].Events && pair[0].Quantity.Cmp(pair[1].Quantity) == 0
		}
	}
	if !equal {
		t.Errorf("rated\n%+v, want\n%+v", got, want)
	}
}

// A sum of more than 38 digits is a figure like any other.
func TestUsageBatch_SumsPastThe38thDigit(t *testing.T) {
	most, _ := money.MustQuantity("99999999999999999999999999.5").Fixed(money.QuantityPlaces)
	b := pricing.UsageBatch{
		Meter: pricing.Strings{Values: []string{"b", "a"}, Index: []int32{0, 1, 0, 0}},
		Sum:   []money.Int128{most, money.Int128Of(1), most, most}, Events: []int64{1, 2, 3, 4},
	}
	got := b.Sums()
	if len(got) != 2 || got[0].Meter != "a" || got[0].Events != 2 || got[0].Quantity.String() != "0.000000000001" ||
		got[1].Events != 8 || got[1].Quantity.String() != "299999999999999999999999998.5" {
		t.Errorf("sums %+v", got)
	}
}

// Of 12 units, 5 come with the allowance; of the groups of a matrix price each
// has its part; what costs nothing yet is all free.
func TestLine_FreeAndBilledMakeTheQuantity(t *testing.T) {
	allowance := metered("sum", "sum", unitOf("1"))
	allowance.Allowance = money.QuantityOf(5)
	for what, c := range map[string]struct {
		used, free, billed string
		cliff              []pricing.FreeBelow
	}{
		"more than the allowance": {used: "12", free: "5", billed: "7"},
		"less":                    {used: "3.25", free: "3.25", billed: "0"},
		"given back":              {used: "-8", free: "-5", billed: "-3"},
		"below a cliff":           {used: "12", free: "12", billed: "0", cliff: []pricing.FreeBelow{{Meter: "sum", UpTo: money.QuantityOf(20)}}},
	} {
		w := oneAccount(allowance)
		w.plan().FreeBelow = c.cliff
		w.use("s", "sum", "2026-10-05T00:00:00Z", c.used)
		l := w.closed(t, "2026-10", false).Invoices[0].Lines[0]
		if l.Free.String() != c.free || l.Billed.String() != c.billed || l.Meter != "sum" {
			t.Errorf("%s: meter %s, free %s, billed %s, want %s and %s", what, l.Meter, l.Free, l.Billed, c.free, c.billed)
		}
	}
}

func TestCheckInvoice_RefusesALineWhoseQuantityIsNotFreeAndBilled(t *testing.T) {
	w := oneAccount(metered("sum", "sum", unitOf("1")))
	w.use("s", "sum", "2026-10-05T00:00:00Z", "12")
	i := w.closed(t, "2026-10", false).Invoices[0]
	i.Lines[0].Free = money.MustQuantity("0.000000000001")
	if err := pricing.CheckInvoice(i); err == nil || !strings.Contains(err.Error(), "line 1 has a quantity of 12") {
		t.Error(err)
	}
}
