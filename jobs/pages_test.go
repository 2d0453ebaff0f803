package jobs

import (
	"context"
	"fmt"
	"iter"
	"testing"

	"daybook/pricing"
	"daybook/sinks/api"
	"daybook/sources/blob"
)

func TestDocuments_AreWhatIsServedAndVerify(t *testing.T) {
	w := newTestWorld(t)
	shop := api.System{Name: "shop", Pages: shopPages}
	w.options.Systems = []api.System{shop}
	if _, err := w.billOctober(t); err != nil {
		t.Fatal(err)
	}
	p := w.pipeline(t)
	run := func(want State) Outcome {
		t.Helper()
		out, err := p.Documents(t.Context(), RunOptions{})
		if err != nil || len(out) != 1 || out[0].State != want {
			t.Fatalf("%+v, %v, want %s", out, err, want)
		}
		return out[0]
	}
	run(StatePublished)
	run(StateAlready)

	f := w.factsOf(t, p.Published(0))
	pages := 0
	for page, err := range shopPages(t.Context(), f, pricing.Month{}) {
		if err != nil {
			t.Fatal(err)
		}
		pages++
		key := fmt.Sprintf("current/documents/shop/%s/%s.json", page.Account, page.Path)
		if got, _, err := blob.ReadAll(t.Context(), w.out, key, 1<<20); err != nil || string(got) != string(page.Body)+"\n" {
			t.Errorf("%s is %s, %v, want %s", key, got, err, page.Body)
		}
	}
	if pages != 4 { // two accounts: costs, and the invoice of October
		t.Errorf("%d pages", pages)
	}
	// The next day shows itself; a closing that stands is not written again.
	if _, err := p.Daily(t.Context(), []pricing.Date{pricing.NewDate(2026, 10, 7)}, wellAfter); err != nil {
		t.Fatal(err)
	}
	out := run(StatePublished)
	plan, err := p.publisher.Plan(t.Context(), string(JobDocuments), pagesPeriod, out.Revision)
	if err != nil || plan.Identity.Parameters[parameterSince] != "2026-11" {
		t.Errorf("since %v, %v: October stands already", plan.Identity.Parameters, err)
	}
	// Another issuer is another page, and what stands is proven by its own.
	w.settings.Issuer.Name = "Acme Renamed"
	p = w.pipeline(t)
	verified := func() []VerifiedRun {
		t.Helper()
		runs, err := p.Verify(t.Context(), VerifyOptions{Job: string(JobDocuments), All: true})
		if err != nil {
			t.Fatal(err)
		}
		return runs
	}
	runs := verified()
	run(StatePublished)
	run(StateAlready)
	if runs = append(runs, verified()...); len(runs) != 2+3 {
		t.Fatal(runs)
	}
	for _, r := range runs {
		if len(r.Faults) > 0 || !r.Rederived {
			t.Errorf("r%d: faults %v, unproven %v", r.Revision, r.Faults, r.Unproven)
		}
	}
}

// shopPages are the costs of each account, and its invoices.
func shopPages(ctx context.Context, f api.Facts, since pricing.Month) iter.Seq2[api.Page, error] {
	return func(yield func(api.Page, error) bool) {
		for _, a := range f.Registry().Accounts {
			rows, err := f.Costs(ctx, a.ID, f.Days()[0], f.Days()[len(f.Days())-1])
			if !yield(api.Page{Account: a.ID, Path: "v1/costs", Body: fmt.Appendf(nil, `{"rows":%d,"by":%q}`, len(rows), f.Issuer())}, err) {
				return
			}
			for _, m := range f.Closings() {
				if m.Before(since) {
					continue
				}
				issued, err := f.Invoices(ctx, m, a.ID)
				if !yield(api.Page{Account: a.ID, Path: "v1/invoices/" + m.String(), Body: fmt.Appendf(nil, `{"total":%q}`, issued[0].Total)}, err) {
					return
				}
			}
		}
	}
}
