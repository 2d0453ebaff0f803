package book

import (
	"strings"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
)

// checkOpenMonth compares what a month has come to at an instant within it.
func (w apiWorld) checkOpenMonth(t *testing.T) {
	rater, tree := w.rater(t)
	asOf := moment(w.figure.AsOf)
	got, err := rater.Daily(tree, pricing.TreeUsage{}, pricing.LocalDay(asOf, time.UTC), asOf)
	if err != nil || len(got.Parked) > 0 {
		t.Fatalf("parked %+v, error %v", got.Parked, err)
	}
	var sum money.Amount
	for _, r := range got.Rows {
		sum = sum.Add(r.CumulativeTotal)
	}
	w.figure.same(t, "total so far", sum.Fraction(), w.figure.Want)
}

// checkSeries rates the first days of a month, cumulatively or day by day.
func (w apiWorld) checkSeries(t *testing.T) {
	f := w.figure
	first, err := pricing.ParseDate("2022-02-01")
	if err != nil {
		t.Fatal(err)
	}
	rater, tree := w.rater(t)
	var usage pricing.TreeUsage
	for i, quantity := range f.Days {
		day := first.AddDays(i)
		usage.Rows = append(usage.Rows, w.event(t, apiUsage{Meter: f.Meter, Time: day.String() + "T12:00:00Z", Quantity: quantity}))
		got, err := rater.Daily(tree, usage, day, day.AddDays(2).UTC())
		if err != nil || len(got.Parked) > 0 || len(got.Rows) != 1 {
			t.Fatalf("%s: %d rows, parked %+v, error %v", day, len(got.Rows), got.Parked, err)
		}
		subtotal, total := got.Rows[0].CumulativeSubtotal, got.Rows[0].CumulativeTotal
		if f.Periodic {
			subtotal, total = got.Rows[0].Subtotal, got.Rows[0].Total
		}
		f.same(t, day.String()+" subtotal", subtotal.Fraction(), f.Subtotals[i])
		f.same(t, day.String()+" total", total.Fraction(), f.Totals[i])
	}
}

// checkWindows compares the days of the daily rows, cut to the time asked for.
func (w apiWorld) checkWindows(t *testing.T) {
	f := w.figure
	loc, err := time.LoadLocation(f.Zone)
	if err != nil {
		t.Fatal(err)
	}
	w.figure.Plan = w.book.Versions[0].Plans[0].ID
	rater, tree := w.rater(t)
	asked := pricing.Period{Start: moment(f.Start), End: moment(f.End)}
	var got []string
	for day := pricing.LocalDay(asked.Start, loc); day <= pricing.LocalDay(asked.End.Add(-1), loc); day++ {
		rows, err := rater.Daily(tree, pricing.TreeUsage{}, day, asked.End)
		if err != nil || len(rows.Rows) == 0 {
			t.Fatalf("%s: no row; %v", day, err)
		}
		window := pricing.Period{Start: rows.Rows[0].TimeframeStart, End: rows.Rows[0].TimeframeEnd}.Cut(asked)
		got = append(got, window.Start.UTC().Format(time.RFC3339)+"/"+window.End.UTC().Format(time.RFC3339))
	}
	if strings.Join(got, " ") != strings.Join(f.Windows, " ") {
		t.Errorf("windows are %v, want %v", got, f.Windows)
	}
}
