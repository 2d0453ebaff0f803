package documents

import (
	"bytes"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"daybook/pricing"
)

func TestCostSeries_Golden(t *testing.T) {
	checkGolden(t, "costs.json", CostSeries("globex", twoDays()))
	checkGolden(t, "costs-empty.json", CostSeries("globex", nil))
}

// The figures are those of the fixture's comment, worked by hand.
func TestCostSeries_SumsBilledRowsOnly(t *testing.T) {
	d := parsed(t, CostSeries("globex", twoDays()))
	days := d["days"].([]any)
	if len(days) != 2 {
		t.Fatalf("%d days, want 2", len(days))
	}
	for n, want := range []map[string]any{
		{"day": "2026-10-01", "timeframe_start": "2026-09-30T22:00:00Z", "timeframe_end": "2026-10-01T22:00:00Z", "total": "2", "cumulative_total": "2", "subtotal": "2", "cumulative_subtotal": "2", "currency": "CHF"},
		{"day": "2026-10-02", "total": "1.5", "cumulative_total": "3.5", "subtotal": "1.5", "cumulative_subtotal": "3.5"},
	} {
		for key, value := range want {
			if got := days[n].(map[string]any)[key]; got != value {
				t.Errorf("day %d: %s is %v, want %v", n+1, key, got, value)
			}
		}
	}
	if own := days[0].(map[string]any)["per_price"].([]any)[0].(map[string]any); own["scope"] != "own" || own["total"] != "0.123456789" {
		t.Errorf("the own share is listed exactly, got %v", own)
	}
}

func TestCostSeries_OrderOfRowsDoesNotMatter(t *testing.T) {
	want := CostSeries("globex", twoDays())
	rapid.Check(t, func(t *rapid.T) {
		if got := CostSeries("globex", rapid.Permutation(twoDays()).Draw(t, "rows")); !bytes.Equal(got, want) {
			t.Fatalf("another order gave\n%s\nwant\n%s", got, want)
		}
	})
}

func TestCostSeries_LeavesItsRowsAsTheyAre(t *testing.T) {
	rows := twoDays()
	slices.Reverse(rows)
	first := rows[0].Price
	CostSeries("globex", rows)
	if rows[0].Price != first || rows[0].Day != pricing.NewDate(2026, 10, 2) {
		t.Error("the caller's rows were sorted")
	}
}

func TestCostSeries_NeverSumsOverCurrenciesOrTimeframes(t *testing.T) {
	rows := twoDays()[:2]
	rows[1].Currency = "EUR"
	d := parsed(t, CostSeries("", rows))
	if d["account_id"] != nil || d["currency"] != nil || d["billing_account_id"] != "globex" {
		t.Errorf("account_id %v, currency %v, billing_account_id %v; want null, null, globex", d["account_id"], d["currency"], d["billing_account_id"])
	}
	if days := d["days"].([]any); len(days) != 2 {
		t.Errorf("%d days, want one for each currency", len(days))
	}
	rows = twoDays()[:2]
	rows[1].TimeframeStart = rows[1].TimeframeStart.Add(1)
	if days := parsed(t, CostSeries("", rows))["days"].([]any); len(days) != 2 {
		t.Errorf("%d days, want one for each timeframe", len(days))
	}
}

func TestCostSeries_OddGroupingIsShownAndHidesNothing(t *testing.T) {
	rows := twoDays()[:1]
	rows[0].Grouping = `{"a":`
	item := parsed(t, CostSeries("globex", rows))["days"].([]any)[0].(map[string]any)["per_price"].([]any)[0].(map[string]any)
	if item["grouping"].(map[string]any)["unreadable"] != `{"a":` || item["total"] != "1" {
		t.Errorf("got %v", item)
	}
}
