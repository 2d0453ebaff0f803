package pricing_test

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"daybook/pricing"
)

// A tree's terms spare the working out of its segments; those of another time do
// no harm.
func TestRaters_RateTheSameWithTermsAtHand(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := randomAccount(t)
		registry, _ := pricing.NewRegistry(w.accounts, w.subs, w.resources)
		rateSameWithTerms(t, w, []*pricing.Book{w.book}, registry)
	})
	w, books := twoBooks()
	registry, _ := pricing.NewRegistry(w.accounts, w.subs, nil)
	rateSameWithTerms(t, w, books, registry)
}

func rateSameWithTerms(t interface{ Fatal(...any) }, w *world, books []*pricing.Book, registry *pricing.Registry) {
	r, err := pricing.NewRaters(books, registry)
	if err != nil {
		t.Fatal(err)
	}
	for _, tree := range r.Trees() {
		rows := w.usageOf(tree)
		rate := func(date pricing.Date, terms *pricing.Terms) (pricing.DailyResult, pricing.ClosingResult) {
			usage := pricing.TreeUsage{Rows: rows, Terms: terms}
			daily, err := r.Daily(tree, usage, date, date.AddDays(7).UTC())
			if err != nil {
				t.Fatal(err)
			}
			month := pricing.MonthOf(date)
			closing, err := r.Close(tree, usage, pricing.Closing{Month: month, AsOf: month.Next().First().AddDays(3).UTC()})
			if err != nil {
				t.Fatal(err)
			}
			return daily, closing
		}
		for _, date := range []pricing.Date{day("2018-10-20"), day("2018-11-01"), day("2026-10-05")} {
			daily, closing := rate(date, nil)
			for what, terms := range map[string]pricing.Terms{
				"day": r.DailyTerms(tree, date), "closing": r.ClosingTerms(tree, pricing.MonthOf(date)),
				"day before": r.DailyTerms(tree, date-1), "closing before": r.ClosingTerms(tree, pricing.MonthOf(date).Previous()),
			} {
				otherDaily, otherClosing := rate(date, &terms)
				if !reflect.DeepEqual(daily, otherDaily) || !reflect.DeepEqual(closing, otherClosing) {
					t.Fatal(date, "costs otherwise with the terms of the", what)
				}
			}
		}
	}
}
