package documents

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

func rokkaParts(n int) (parts []pricing.Part, total money.Amount) {
	for i := range n {
		label := fmt.Sprintf("tier %d (%d to %d)", i+1, i*10, i*10+10)
		if i == n-1 {
			label = fmt.Sprintf("tier %d (above %d)", i+1, i*10)
		}
		amount := money.MustAmount("1")
		parts = append(parts, pricing.Part{Label: label, Quantity: money.QuantityOf(10), UnitPrice: money.MustAmount("0.1"), Amount: amount})
		total = total.Add(amount)
	}
	return parts, total
}

func mustRokka(t *testing.T, bill RokkaBill) string {
	t.Helper()
	august := pricing.Month{Year: 2019, Month: 8}
	month := RokkaMonth{Month: august, Organizations: []RokkaOrganization{{"acme-shop", bill}, {"acme-blog", nil}}, Combined: &bill, Forecast: &bill}
	body, err := RokkaBilling("acme", []RokkaMonth{month}, chf)
	if err != nil {
		t.Fatal(err)
	}
	for _, strict := range []bool{false, true} {
		if err := validate(schemas(t, strict)["rokka-billing"], body); err != nil {
			t.Errorf("strict %t: %v\n%s", strict, err, body)
		}
	}
	return string(body)
}

// The dashboard prints keys in their order, in which a sorted map would have tier10
// before tier2.
func TestRokkaBilling_TiersAscendAndTotalIsLast(t *testing.T) {
	parts, total := rokkaParts(12)
	parts[0], parts[11] = parts[11], parts[0]
	body := mustRokka(t, RokkaBill{{Category: "storage", Unit: "GB", Quantity: money.QuantityOf(120), Total: total, Parts: parts}})
	combined := body[strings.Index(body, `"combined":`):strings.Index(body, `"combined_forecast":`)]
	var keys, from []string
	for _, m := range regexp.MustCompile(`"(tier[0-9]+|total)":\{(?:"range":\{"from":([0-9]+))?`).FindAllStringSubmatch(combined, -1) {
		keys, from = append(keys, m[1]), append(from, m[2])
	}
	if got, want := strings.Join(keys, " "), "tier1 tier2 tier3 tier4 tier5 tier6 tier7 tier8 tier9 tier10 tier11 tier12 total total"; got != want {
		t.Errorf("keys are %s, want %s", got, want)
	}
	if got, want := strings.Join(from[:12], " "), "0 10 20 30 40 50 60 70 80 90 100 110"; got != want {
		t.Errorf("tiers begin at %s, want %s", got, want)
	}
	if !strings.Contains(combined, `"range":{"from":110,"to":999999999}`) {
		t.Errorf("the last tier has a bound: %s", combined)
	}
}

// A price that changed within the month has two lines, whose tiers stand apart;
// equal tiers of two subscriptions are one.
func TestRokkaBilling_LinesOfOnePriceAreOneCategory(t *testing.T) {
	line := func(price, total string) RokkaCharge {
		return RokkaCharge{Category: "traffic", Unit: "GB", Quantity: money.QuantityOf(10), Total: money.MustAmount(total), Parts: []pricing.Part{
			{Label: "tier 1 (0 to 2000)", Quantity: money.QuantityOf(10), UnitPrice: money.MustAmount(price), Amount: money.MustAmount(total)},
		}}
	}
	body := mustRokka(t, RokkaBill{line("0.5", "5"), line("0.4", "4"), line("0.5", "5")})
	for _, want := range []string{
		`"tier1":{"range":{"from":0,"to":2000},"unit":"GB","price_per_unit":0.4,"units_consumed":10,"price_per_gb":0.4,"amount_in_gb":10,"price_in_chf":4}`,
		`"tier2":{"range":{"from":0,"to":2000},"unit":"GB","price_per_unit":0.5,"units_consumed":20,"price_per_gb":0.5,"amount_in_gb":20,"price_in_chf":10}`,
		`"total":{"units_consumed":30,"unit":"GB","amount_in_gb":30,"price_in_chf":14}`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("%s is not in %s", want, body)
		}
	}
}

// Tiers of 0.335 and 0.335 make 0.67: rounded one by one they would make 0.68. And
// where the plan is free, all are for nothing.
func TestRokkaBilling_TiersAddUpToTheirTotal(t *testing.T) {
	parts, _ := rokkaParts(2)
	parts[0].Amount, parts[1].Amount = money.MustAmount("0.335"), money.MustAmount("0.335")
	charge := RokkaCharge{Category: "storage", Unit: "GB", Quantity: money.QuantityOf(20), Total: money.MustAmount("0.67"), Parts: parts}
	if body := mustRokka(t, RokkaBill{charge}); strings.Count(body, `"price_in_chf":0.34}`) != 3 || strings.Count(body, `"price_in_chf":0.33}`) != 3 {
		t.Errorf("tiers do not add up: %s", body)
	}
	charge.Total = money.Amount{}
	if body := mustRokka(t, RokkaBill{charge}); strings.Count(body, `"price_in_chf":0}`) != 3*4+1 {
		t.Errorf("something costs: %s", body)
	}
}

func TestRokkaBilling_RefusesWhatCannotBeOneAnswer(t *testing.T) {
	charge := RokkaCharge{Category: "storage", Unit: "GB"}
	other, total := charge, charge
	other.Unit, total.Category = "TB", "total"
	for want, bill := range map[string]RokkaBill{"cannot be added": {charge, other}, "is a key of the answer": {total}} {
		_, err := RokkaBilling("acme", []RokkaMonth{{Combined: &bill}}, chf)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	twice := RokkaMonth{Organizations: []RokkaOrganization{{"shop", nil}, {"shop", nil}}}
	if _, err := RokkaBilling("acme", []RokkaMonth{twice}, chf); err == nil || !strings.Contains(err.Error(), "organization shop: two accounts are called that") {
		t.Errorf("two organizations of one name: %v", err)
	}
}
