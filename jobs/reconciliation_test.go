package jobs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sinks/publish"
	"daybook/sources/usage"
)

// brokenEngine changes each day before it hands it over.
type brokenEngine struct {
	usage.Engine
	spoil func(*usage.Day)
}

func (e brokenEngine) Rollup(ctx context.Context, r usage.Request, deliver func(usage.Day) error) error {
	return e.Engine.Rollup(ctx, r, func(d usage.Day) error {
		if d.UTCDay == fifth {
			e.spoil(&d)
		}
		return deliver(d)
	})
}

// An engine that loses, doubles or invents rows or quantities publishes nothing.
func TestRollup_PublishesNothingThatDoesNotAddUp(t *testing.T) {
	one := money.Int128Of(1)
	for what, spoil := range map[string]func(*usage.Day){
		"a row read is in no count":      func(d *usage.Day) { d.Counts.Read++ },
		"a file's row is lost":           func(d *usage.Day) { d.Files[0].Counts.Kept-- },
		"a meter's row is lost":          func(d *usage.Day) { d.Files[0].Meters[0].Kept.Rows-- },
		"a quantity was never read":      func(d *usage.Day) { q := &d.Files[0].Meters[0].Kept.Quantity; *q = q.Add(one) },
		"a quantity of the table is off": func(d *usage.Day) { d.Batch.Sum[0], _ = d.Batch.Sum[0].Add(one) },
		"an event of the table is twice": func(d *usage.Day) { d.Batch.Events[0]++ },
		"the day's meters are not those": func(d *usage.Day) { d.Meters = nil },
	} {
		t.Run(what, func(t *testing.T) {
			w := newTestWorld(t)
			w.options.Engine = brokenEngine{usage.New(), spoil}
			_, err := w.pipeline(t).Rollup(t.Context(), []pricing.Date{fifth}, RunOptions{})
			if !errors.Is(err, usage.ErrMiscounted) {
				t.Errorf("%v, want %v", err, usage.ErrMiscounted)
			}
			for o, err := range w.out.List(t.Context(), "", "") {
				if err != nil {
					t.Fatal(err)
				}
				if strings.HasSuffix(o.Key, "manifest.json") || strings.HasPrefix(o.Key, "current/") {
					t.Errorf("%s was published", o.Key)
				}
			}
		})
	}
}

// A rollup whose manifest says another quantity than its table holds, if only by a
// digit, is rated by nobody: 10 of sub-a and 4 of sub-b are 14.
func TestOpenRollups_RefusesATableThatIsNotWhatItsManifestSays(t *testing.T) {
	w := newTestWorld(t)
	if _, err := w.pipeline(t).Rollup(t.Context(), []pricing.Date{fifth}, RunOptions{}); err != nil {
		t.Fatal(err)
	}
	r, err := rollupOf(w.history(t, "rollup", "2026-10-05").Published)
	if err != nil {
		t.Fatal(err)
	}
	for said, sound := range map[string]bool{"14": true, "14.000000000001": false} {
		sums := []pricing.MeterSum{{Meter: "traffic", UsageSum: pricing.UsageSum{Events: 2, Quantity: money.MustQuantity(said)}}}
		set := rollupSet{objects: []publish.Object{r.object}, sums: [][]pricing.MeterSum{sums}}
		days, err := w.pipeline(t).openRollups(t.Context(), set, carried{})
		if err != nil {
			t.Fatal(err)
		}
		defer days.close()
		_, err = rateTrees(t.Context(), nil, days, 1, nil)
		if (err == nil) != sound || err != nil && !strings.Contains(err.Error(), `usage of meter "traffic" does not add up: the manifest says 2 events of 14.000000000001, the table holds 2 of 14`) {
			t.Errorf("%s: %v", said, err)
		}
	}
}

// Beta is parked: its 4 GB stand there, acme's 10 and 30 GB are billed, and a day
// that is copied from the revision before has the account that it had.
func TestReconciliation_OfParkedAndCopiedTrees(t *testing.T) {
	w := newTestWorld(t)
	w.put(t, "registry/subscriptions.ndjson", `{"id":"sub-a","account":"acme","plan":"standard","start":"2026-10-01"}
{"id":"sub-b","account":"beta","plan":"gone","start":"2026-10-01"}
`)
	outcomes, err := w.billOctober(t)
	if err != nil {
		t.Fatal(err)
	}
	if last := outcomes[len(outcomes)-1]; len(last.Parked) != 1 {
		t.Fatalf("parked %+v, want beta", last.Parked)
	}
	account, err := w.pipeline(t).Reconcile(t.Context(), october)
	if err != nil {
		t.Fatal(err)
	}
	text := func(s RowSum) string { return s.Quantity.String() }
	if len(account.Rating) != 1 || text(account.Rating[0].Held) != "44" || text(account.Rating[0].Billed) != "40" || text(account.Rating[0].Parked) != "4" {
		t.Errorf("rating %+v, want 44 held, 40 billed, 4 parked", account.Rating)
	}
	if account.Files != 2 || account.Parked != 1 || len(account.Usage) != 1 || account.Usage[0].Kept.Rows != 3 {
		t.Errorf("account %+v, want two files, one parked account and three rows kept", account)
	}
	// Acme's tree is copied when beta's name changes; its account is the same.
	before := string(w.history(t, "daily", "2026-10-06").Published.Reconciliation)
	w.usage(t, "dt=2026-10-05/b.parquet", usageRow{"e9", "2026-10-05T08:00:00Z", "sub-b", 1})
	done, err := w.pipeline(t).Daily(t.Context(), []pricing.Date{sixth}, wellAfter)
	if err != nil {
		t.Fatal(err)
	}
	last := done[len(done)-1]
	after := string(w.history(t, "daily", "2026-10-06").Published.Reconciliation)
	if last.Trees == nil || last.Trees.Copied != 1 || !strings.Contains(before, `"quantity": "4"`) || !strings.Contains(after, `"quantity": "5"`) {
		t.Errorf("%+v: before %s, after %s: want one tree copied, and 5 parked instead of 4", last, before, after)
	}
}

// October is closed with 40 GB of acme; beta's 4 are parked. November then counts 3
// GB of its own; 6 that came late and beta's 4 are October's, and billed by it. In
// December October's file of 30 GB is withdrawn, and beta cannot be rated: what was
// billed to it stays.
func TestReconciliation_LateUsageIsOfIssuedMonths(t *testing.T) {
	w := unplanned(t)
	w.closeUntil(t, october)
	w.mend(t)
	w.usage(t, "dt=2026-10-07/late.parquet", usageRow{"e8", "2026-10-07T08:00:00Z", "sub-a", 6})
	w.usage(t, "dt=2026-11-05/a.parquet", usageRow{"e9", "2026-11-05T08:00:00Z", "sub-a", 3})
	november, december := october.Next(), october.Next().Next()
	if _, err := w.pipeline(t).Monthly(t.Context(), []pricing.Month{november}, closingOptions); err != nil {
		t.Fatal(err)
	}
	if _, err := w.pipeline(t).WithdrawFile(t.Context(), "dt=2026-10-06/a.parquet", "written twice", ""); err != nil {
		t.Fatal(err)
	}
	w.put(t, "registry/subscriptions.ndjson", strings.Replace(testSubscriptions, `"beta","plan":"standard"`, `"beta","plan":"standart"`, 1))
	w.closeUntil(t, december)
	for m, want := range map[pricing.Month]string{
		october:  "held 3 rows of 44, late 0 of 0, kept 2 of 40, billed 2 of 40, parked 1 of 4",
		november: "held 1 rows of 3, late 2 of 10, kept 3 of 13, billed 1 of 3, parked 0 of 0",
		december: "held 0 rows of 0, late -1 of -30, kept -1 of -30, billed 0 of 0, parked 0 of 0",
	} {
		account, err := w.pipeline(t).Reconcile(t.Context(), m)
		if err != nil {
			t.Fatal(err)
		}
		r := account.Rating[0]
		got := fmt.Sprintf("held %d rows of %s, late %d of %s, kept %d of %s, billed %d of %s, parked %d of %s", r.Held.Rows, r.Held.Quantity,
			r.Late.Rows, r.Late.Quantity, r.Kept.Rows, r.Kept.Quantity, r.Billed.Rows, r.Billed.Quantity, r.Parked.Rows, r.Parked.Quantity)
		if got != want {
			t.Errorf("%s: %s\nwant %s", m, got, want)
		}
	}
	rec, err := ratingOf(w.history(t, "monthly", november.String()).Published)
	if err != nil || len(rec.Looked) != 1 || len(rec.Looked[0].Late) != 1 || rec.Looked[0].Late[0] != (MeterRows{"traffic", RowSum{2, rec.Looked[0].Late[0].Quantity}}) || rec.Looked[0].Late[0].Quantity.String() != "10" {
		t.Errorf("November looked at %+v, %v; want 2 late rows of 10", rec.Looked, err)
	}
}

// Late usage of which no price is known to be, or not to be, does not add up, and
// its closing publishes nothing.
func TestRateClosing_RefusesLateUsageThatDoesNotAddUp(t *testing.T) {
	rows := func(n int64) RowSum { return RowSum{n, money.QuantityOf(n)} }
	c := &comparison{
		trees: []treeTrace{{BillingAccount: "a", Meters: []RatedMeter{{Meter: "m", Kept: rows(5), Billed: rows(3), Unpriced: rows(2)}}}},
		then:  issuedMonth{traces: map[string]treeTrace{"a": {Meters: []RatedMeter{{Meter: "m", Kept: rows(2), Billed: rows(2)}}}}},
	}
	if err := c.late(nil).CheckParts(); err != nil || len(c.report.Late) != 1 || c.report.Late[0].Rows != 3 {
		t.Errorf("%v, %+v: want 3 late rows", err, c.report.Late)
	}
	c.trees[0].Meters[0].Billed = rows(2)
	if err := c.late(nil).CheckParts(); err == nil || !strings.Contains(err.Error(), `meter "m" does not add up: kept 3 events of 3, but billed, unpriced and late are 2 of 2`) {
		t.Errorf("%v, want that meter m does not add up", err)
	}
	if late := c.late(map[string]bool{"a": true}); late != nil {
		t.Errorf("late %v of an account that is not settled, want none", late)
	}
}

func TestMonthAccount_CheckNamesTheSumThatBreaks(t *testing.T) {
	sum := func(n int64) RowSum { return RowSum{n, money.QuantityOf(n)} }
	sound := func() MonthAccount {
		return MonthAccount{
			Usage:  []FileMeter{{Meter: "m", Read: sum(9), Kept: sum(5), Duplicate: sum(1), Rejected: sum(2), Outside: sum(1), Overflow: sum(1)}},
			Rating: []RatedMeter{{Meter: "m", Held: sum(4), Kept: sum(3), Billed: sum(1), Unpriced: sum(1), Late: sum(1), Parked: sum(1), Elsewhere: sum(1)}},
			Prices: []ChargedPrice{{Price: "p", Measured: sum(3), Free: sum(1), Charged: sum(2)}},
		}
	}
	if err := sound().Check(); err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]func(*MonthAccount){
		"read":    func(a *MonthAccount) { a.Usage[0].Read = sum(11) },
		"kept":    func(a *MonthAccount) { a.Usage[0].Overflow = sum(0) },
		"held":    func(a *MonthAccount) { a.Rating[0].Elsewhere = sum(2) },
		"rated":   func(a *MonthAccount) { a.Rating[0].Billed.Quantity = money.QuantityOf(2) },
		"price p": func(a *MonthAccount) { a.Prices[0].Free = sum(2) },
		`of meter "n"`: func(a *MonthAccount) {
			a.Rating = append(a.Rating, RatedMeter{Meter: "n", Held: sum(1), Kept: sum(1), Billed: sum(1)})
		},
	} {
		a := sound()
		change(&a)
		if err := a.Check(); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
