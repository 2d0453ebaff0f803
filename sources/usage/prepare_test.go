package usage_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"daybook/pricing"
	"daybook/sources/blob/mem"
	"daybook/sources/usage"
)

// delivering is an engine that delivers days of so many rows, and then fails.
type delivering struct {
	days []pricing.Date
	rows int
	err  error
}

func (e delivering) Rollup(_ context.Context, _ usage.Request, deliver func(usage.Day) error) error {
	for _, d := range e.days {
		out := usage.Day{UTCDay: d}
		out.Batch.Day = make([]int64, e.rows)
		out.Batch.Account.Index = make([]int32, e.rows)
		if err := deliver(out); err != nil {
			return err
		}
	}
	return e.err
}

var manyDays = []pricing.Date{day, day + 1, day + 2, day + 3, day + 4}

// Two days are made into something at once: each of a pair ends only when the
// other has begun, so that one by one they would wait for ever. Those that come
// later end first, and are delivered in their order all the same.
func TestRollupPrepared_PreparesSeveralDaysAndDeliversThemInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := map[pricing.Date]chan struct{}{}
		for _, d := range manyDays {
			begun[d] = make(chan struct{})
		}
		var delivered []pricing.Date
		r := usage.Request{Workers: 2}
		err := usage.RollupPrepared(t.Context(), delivering{days: manyDays}, r, func(d usage.Day) (pricing.Date, error) {
			close(begun[d.UTCDay])
			if next := begun[d.UTCDay+1]; next != nil && (d.UTCDay-day)%2 == 0 {
				<-next
			}
			return d.UTCDay, nil
		}, func(d pricing.Date) error {
			delivered = append(delivered, d)
			return nil
		})
		if err != nil || !slices.Equal(delivered, manyDays) {
			t.Errorf("delivered %v, %v; want %v", delivered, err, manyDays)
		}
	})
}

// A day that takes all there is for it is prepared alone.
func TestRollupPrepared_PreparesLargeDaysOneByOne(t *testing.T) {
	r := usage.Request{Workers: 2, Memory: 8 << 20} // an eighth is 1 MiB: less than 2 × 1,000 rows of 800 bytes
	preparing := make(chan struct{}, 1)
	err := usage.RollupPrepared(t.Context(), delivering{days: manyDays, rows: 1000}, r, func(d usage.Day) (pricing.Date, error) {
		select {
		case preparing <- struct{}{}:
		default:
			return 0, errors.New("another day is being prepared")
		}
		<-preparing
		return d.UTCDay, nil
	}, func(pricing.Date) error { return nil })
	if err != nil {
		t.Error(err)
	}
}

func TestRollupPrepared_ReturnsTheFirstErrorAndDeliversTheDaysBeforeIt(t *testing.T) {
	broken, gone := errors.New("broken"), errors.New("gone")
	for name, c := range map[string]struct {
		engine, prepare, deliver error // of the engine at its end, of the fourth day, of the third
		want                     error
		delivered                int
	}{
		"nothing":                    {nil, nil, nil, nil, 5},
		"the engine":                 {broken, nil, nil, broken, 5},
		"prepare":                    {nil, broken, nil, broken, 3},
		"prepare, and the engine":    {gone, broken, nil, broken, 3},
		"deliver, and then prepare":  {nil, gone, broken, broken, 2},
		"deliver, before the engine": {gone, nil, broken, broken, 2},
	} {
		synctest.Test(t, func(t *testing.T) {
			delivered := 0
			err := usage.RollupPrepared(t.Context(), delivering{days: manyDays, err: c.engine}, usage.Request{Workers: 3}, func(d usage.Day) (pricing.Date, error) {
				if d.UTCDay == day+3 {
					return 0, c.prepare
				}
				return d.UTCDay, nil
			}, func(d pricing.Date) error {
				if d == day+2 && c.deliver != nil {
					return c.deliver
				}
				delivered++
				return nil
			})
			if !errors.Is(err, c.want) || delivered != c.delivered {
				t.Errorf("%s: %v after %d days, want %v after %d", name, err, delivered, c.want, c.delivered)
			}
		})
	}
}

// The columns of a day are those of later ones again, which must not show: rows are
// taken out of them while the next days are computed, and are those of a pass that
// keeps its days. Days of more and of fewer events than others, and of none.
func TestRollupPrepared_GivesTheDaysOfRollup(t *testing.T) {
	for _, aggregate := range []pricing.Aggregation{pricing.Sum, pricing.Counter} {
		r := request(mem.New("prepared"), manyDays...)
		r.Meters = append(r.Meters, pricing.Meter{ID: "n", Aggregate: aggregate, Scale: 12})
		for i, ids := range [][]string{{"e1", "e2"}, {"e3", "e4", "e5"}, {"e6"}, {}, {"e7", "e8", "e9"}} {
			add(t, &r, fmt.Sprintf("m%d.parquet", i), eventsOf(t, "m", manyDays[i], ids...), manyDays[i])
			add(t, &r, fmt.Sprintf("n%d.parquet", i), eventsOf(t, "n", manyDays[i], "r1", "r2"), manyDays[i])
		}
		r.Meters[0].PerEvent = true
		rows := func(d usage.Day) []pricing.UsageState {
			var out []pricing.UsageState
			for i := range d.Batch.Len() {
				out = append(out, d.Batch.Row(i))
			}
			return out
		}
		want, err := rollup(t, usage.New(), r)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		err = usage.RollupPrepared(t.Context(), usage.New(), r, func(d usage.Day) ([]pricing.UsageState, error) {
			return rows(d), nil
		}, func(got []pricing.UsageState) error {
			if diff := cmp.Diff(rows(want[manyDays[n]]), got); diff != "" {
				t.Errorf("%s of %s (-kept +prepared):\n%s", aggregate, manyDays[n], diff)
			}
			n++
			return nil
		})
		if err != nil || n != len(manyDays) || len(rows(want[manyDays[1]])) != 4 {
			t.Errorf("%d days, %v; want %d, of 4 rows the second", n, err, len(manyDays))
		}
	}
}
