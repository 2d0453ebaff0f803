package pricing_test

import (
	"errors"
	"fmt"
	"math/big"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/pricing/pricingtest"
)

// TestCases_AgreeWithTheOracle prices random quantities three ways: by the
// oracle in big.Rat, by Price.Charge and Adjust, and by a Tariff. `make fuzz`
// runs DAYBOOK_CASES of them from a new DAYBOOK_SEED, `make test` a few of
// fixed ones. A failure names its case; DAYBOOK_CASE=number runs that one alone.
func TestCases_AgreeWithTheOracle(t *testing.T) {
	seed, count, only := envNumber(t, "DAYBOOK_SEED", 1), envNumber(t, "DAYBOOK_CASES", 20_000), os.Getenv("DAYBOOK_CASE")
	if only != "" {
		number := envNumber(t, "DAYBOOK_CASE", 0)
		if _, err := checkCase(seed, number); err != nil {
			t.Fatal(err)
		}
		return
	}
	started := time.Now()
	var next, quick, failed atomic.Uint64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for number := next.Add(1); number <= count && failed.Load() < 10; number = next.Add(1) {
				fast, err := checkCase(seed, number)
				if fast {
					quick.Add(1)
				}
				if err != nil {
					failed.Add(1)
					t.Errorf("DAYBOOK_SEED=%d DAYBOOK_CASE=%d: %v", seed, number, err)
				}
			}
		})
	}
	workers.Wait()
	share := 100 * quick.Load() / max(count, 1)
	t.Logf("seed %d: %d cases in %s, %d mismatches; %d %% of them also by a tariff", seed, count, time.Since(started).Round(time.Millisecond), failed.Load(), share)
	// Fees, thresholds and fees for each event are a fifth of the cases and have
	// no tariff. Much more than that would mean that it is not tested at all.
	if count >= 1000 && share < 60 {
		t.Errorf("only %d %% of the cases have a tariff", share)
	}
}

func envNumber(t *testing.T, name string, otherwise uint64) uint64 {
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s=%q: want a whole number", name, text)
	}
	return n
}

// checkCase reports whether a tariff priced the case, and what disagrees.
func checkCase(seed, number uint64) (fast bool, err error) {
	c := pricingtest.NewCase(pricingtest.NewDice(seed, number))
	charge, err := c.Price.Charge(pricing.Measured{Quantity: c.Quantity(), Events: c.Events}, c.Scale)
	if err != nil {
		return false, fmt.Errorf("charge %s of %+v: %w", c.Quantity(), *c.Price, err)
	}
	adjusted, err := pricing.Adjust([]pricing.Adjustable{{Price: c.Price, Charge: charge, Months: c.Months}}, nil)
	if err != nil {
		return false, fmt.Errorf("adjust %+v: %w", *c.Price, err)
	}
	fast, err = checkTariff(c, charge, adjusted[0].Total)
	return fast, errors.Join(checkCharge(c, charge, adjusted[0].Total), err)
}

// checkCharge compares with the oracle: the subtotal to its last digit, the
// total to 18 places, as some of the steps to it divide once more each.
func checkCharge(c pricingtest.Case, charge pricing.Charge, total money.Amount) error {
	quantity := c.ExactQuantity()
	percentage, byEvent := c.Price.Model.(pricing.Percentage)
	var exact *big.Rat
	if byEvent {
		exact = pricingtest.Percentage(c.Price, percentage, quantity, c.Events)
	} else {
		exact = pricingtest.Subtotal(c.Price, quantity, nil, c.Scale.Rat())
	}
	want := pricingtest.Round(exact, money.SeriesPlaces, money.HalfEven)
	if got := pricingtest.Rat(charge.Subtotal); got.Cmp(want) != 0 {
		return fmt.Errorf("%s of %+v costs %s, want %s", c.Quantity(), *c.Price, charge.Subtotal, want.FloatString(money.SeriesPlaces))
	}
	if byEvent {
		return nil // the oracle's adjustments know prices of the quantity alone
	}
	line := pricingtest.Line{Price: c.Price, Quantity: charge.Billable.Rat(), Total: want, Months: c.Months}
	if _, fee := c.Price.Model.(pricing.Fixed); fee {
		return nil // and fees of a whole period
	}
	wantTotal := pricingtest.Adjust([]pricingtest.Line{line}, nil)[0]
	gap := new(big.Rat).Sub(pricingtest.Rat(total), wantTotal)
	if gap.Abs(gap).Cmp(atLeast18) > 0 {
		return fmt.Errorf("%s of %+v after adjustments is %s, want %s", c.Quantity(), *c.Price, total, wantTotal.FloatString(money.SeriesPlaces))
	}
	return nil
}

var atLeast18 = pricingtest.RatOf("0.000000000000000001")

// checkTariff compares the fast path with the slow one, digit by digit.
func checkTariff(c pricingtest.Case, charge pricing.Charge, total money.Amount) (fast bool, err error) {
	tariff, ok := pricing.NewTariff(c.Price, c.Meter)
	if !ok {
		return false, nil
	}
	cost, ok := tariff.Cost(c.Units, c.Months)
	if !ok {
		return false, nil
	}
	if got := cost.Quantity.Quantity(money.QuantityPlaces); got.Cmp(charge.Measured) != 0 {
		return true, fmt.Errorf("%s of %+v measures %s by tariff, %s by charge", c.Quantity(), *c.Price, got, charge.Measured)
	}
	if got := money.AmountFromFixed(cost.Subtotal, money.SeriesPlaces); got.Cmp(charge.Subtotal) != 0 {
		return true, fmt.Errorf("%s of %+v costs %s by tariff, %s by charge", c.Quantity(), *c.Price, got, charge.Subtotal)
	}
	if got := money.AmountFromFixed(cost.Total, money.SeriesPlaces); got.Cmp(total) != 0 {
		return true, fmt.Errorf("%s of %+v after adjustments is %s by tariff, %s by adjust", c.Quantity(), *c.Price, got, total)
	}
	return true, nil
}
