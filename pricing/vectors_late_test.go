package pricing_test

import (
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

// checkLate closes a month for each run of a case, with the usage that the run
// knows of. A case's quantities run on from period to period. Where its tiers do
// too, its usage is of one billing period here, of which later runs know more.
func checkLate(t *testing.T, v vector) {
	var config struct {
		Unit, Mode string
		Tiers      []struct {
			UpTo *string `json:"up_to"`
			Unit string
		}
	}
	var input struct {
		Runs []struct{ Cumulative map[string]int64 }
	}
	v.read(t, &config, &input)
	var model pricing.Model
	if config.Mode == "" {
		model = unitOf(config.Unit)
	}
	if config.Mode == "volume" {
		var tiers []string
		for _, tier := range config.Tiers {
			bound := ""
			if tier.UpTo != nil {
				bound = *tier.UpTo
			}
			tiers = append(tiers, bound, tier.Unit)
		}
		model = pricing.Volume{Tiers: steps(tiers...)}
	}
	w := oneAccount(metered("used", "sum", model))
	ch := chained(w, pricing.NextInvoice)
	var nets []money.Amount
	lines := map[string]string{} // by run and period
	m, known := month("2026-10"), int64(0)
	for run, r := range input.Runs {
		w.usage = nil
		before, at := int64(0), month("2026-10")
		for _, period := range []string{"p1", "p2", "p3"}[:len(r.Cumulative)] {
			if n := r.Cumulative[period] - before; n != 0 {
				w.use("s", "sum", at.First().String()+"T12:00:00Z", money.QuantityOf(n).String())
			}
			if before = r.Cumulative[period]; config.Mode != "volume" {
				at = at.Next()
			}
		}
		if before < known {
			t.Fatalf("run %d knows of less than the one before", run+1)
		}
		known = before
		var net money.Amount
		for _, i := range ch.close(t, m).Invoices {
			net = net.Add(i.Total)
			for _, l := range i.Lines {
				lines[string(rune('1'+run))+" "+l.PeriodStart.Format("2006-01")] = l.Total.String()
			}
		}
		nets, m = append(nets, net), m.Next()
	}
	if config.Mode == "volume" {
		var want struct {
			Run1 string `json:"run1"`
			Net  string `json:"run2_net"`
		}
		v.want(t, &want)
		wantAmount(t, v.ID+" (run 1)", nets[0], want.Run1)
		wantAmount(t, v.ID+" (run 2)", nets[1], want.Net)
		return
	}
	want := map[string]map[string]string{}
	v.want(t, &want)
	total := 0
	for run, periods := range want {
		for period, amount := range periods {
			of := map[string]string{"p1": "2026-10", "p2": "2026-11", "p3": "2026-12"}[period]
			if got := lines[run[len("run"):]+" "+of]; got != amount {
				t.Errorf("%s: %s bills %s for %s, want %s", v.ID, run, got, period, amount)
			}
			total++
		}
	}
	if len(lines) != total {
		t.Errorf("%s: lines are %v, want %d", v.ID, lines, total)
	}
}
