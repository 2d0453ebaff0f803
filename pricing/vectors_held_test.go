package pricing_test

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

// namedVectors returns the published cases of those ids.
func namedVectors(t *testing.T, ids ...string) []vector {
	t.Helper()
	file, err := os.Open("../testdata/vectors/pricing-vectors.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	byID := map[string]vector{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var v vector
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		byID[v.ID] = v
	}
	var out []vector
	for _, id := range ids {
		if byID[id].ID == "" {
			t.Fatalf("no case %s", id)
		}
		out = append(out, byID[id])
	}
	return out
}

func (v vector) wantAmount(t *testing.T, p *pricing.Price, m pricing.Measured, places int32) {
	t.Helper()
	c, err := p.Charge(m, unscaled)
	if err != nil {
		t.Fatal(err)
	}
	got := c.Subtotal
	if places > 0 {
		got = got.Round(places, money.HalfUp)
	}
	var want string
	v.want(t, &want)
	if got.Cmp(money.MustAmount(want)) != 0 {
		t.Errorf("%s (%s) costs %s, want %s: %+v", v.ID, v.Source, got, want, c.Parts)
	}
}

// Lago's cases of graduated tiers that changes cross, with the cases' own
// changes and what they come to by time.
func TestVectors_GraduatedTiersCrossedByChanges(t *testing.T) {
	for _, v := range namedVectors(t, "pgrad-lago-a", "pgrad-lago-c", "pgrad-lago-e", "pgrad-lago-g", "pgrad-lago-i", "pgrad-lago-neg") {
		var input struct {
			Deltas, Held []string
			Weighted     []string `json:"time_weighted_deltas"`
		}
		v.read(t, &v.Config, &input)
		held := &pricing.Held{}
		m := pricing.Measured{Held: held}
		for i, delta := range input.Deltas {
			move := pricing.Move{By: money.MustQuantity(delta).Fraction(), Held: money.MustQuantity(input.Weighted[i]).Fraction()}
			held.Moves, held.Level = append(held.Moves, move), held.Level.Add(move.By)
			m.Quantity = m.Quantity.Add(move.Held)
		}
		v.wantAmount(t, &pricing.Price{ID: "p", Model: pricing.Graduated{Tiers: v.tiers()}}, m, 2)
	}
}

func TestVectors_VolumeOfAHeldLevel(t *testing.T) {
	for _, v := range namedVectors(t, "vol-lago-prorated") {
		var input struct {
			Prorated string `json:"prorated_quantity"`
			Full     string `json:"full_quantity"`
		}
		v.read(t, &v.Config, &input)
		v.wantAmount(t, &pricing.Price{ID: "p", Model: pricing.Volume{Tiers: v.tiers()}}, pricing.Measured{
			Quantity: money.MustQuantity(input.Prorated).Fraction(), Held: &pricing.Held{Level: money.MustQuantity(input.Full).Fraction()},
		}, 0)
	}
}

func TestVectors_PercentagesOfSingleEvents(t *testing.T) {
	for _, v := range namedVectors(t, "pct-lago-1", "pct-lago-3", "pct-lago-minmax", "pct-lago-minmax-fe", "pct-lago-minmax-both") {
		var config struct {
			Rate       string `json:"rate_percent"`
			Fixed      string `json:"fixed_per_event"`
			Min        string `json:"per_event_min"`
			Max        string `json:"per_event_max"`
			FreeEvents int64  `json:"free_events"`
			FreeAmount string `json:"free_amount"`
		}
		var input struct{ Rows []string }
		v.read(t, &config, &input)
		or0 := func(s string) string {
			if s == "" {
				return "0"
			}
			return s
		}
		model := pricing.Percentage{
			Rate: money.MustQuantity(config.Rate), PerEvent: money.MustAmount(or0(config.Fixed)),
			FreeEvents: config.FreeEvents, FreeAmount: money.MustQuantity(or0(config.FreeAmount)),
			EventMin: money.MustAmount(or0(config.Min)), EventMax: money.MustAmount(or0(config.Max)),
		}
		var m pricing.Measured
		for i, row := range input.Rows {
			q := money.MustQuantity(row).Fraction()
			m.Quantity, m.Events = m.Quantity.Add(q), m.Events+1
			m.ByEvent = append(m.ByEvent, pricing.EventAmount{Time: int64(i), Amount: q})
		}
		v.wantAmount(t, &pricing.Price{ID: "p", Model: model}, m, 0)
	}
}
