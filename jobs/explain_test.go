package jobs

import (
	"errors"
	"strings"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
)

// explainedWorld closes October of the test world and explains acme's invoice:
// 40 GB at 0.50 and a fee of 10.00.
func explainedWorld(t *testing.T) (*testWorld, *Explained) {
	t.Helper()
	w := newTestWorld(t)
	if _, err := w.pipeline(t).Monthly(t.Context(), []pricing.Month{october}, RunOptions{Now: time.Date(2026, 11, 5, 0, 0, 0, 0, time.UTC)}); err != nil {
		t.Fatal(err)
	}
	e, err := w.pipeline(t).Explain(t.Context(), "2026-000001", 0)
	if err != nil {
		t.Fatal(err)
	}
	return w, e
}

func TestExplain_LeadsFromALineToItsRowsAndFiles(t *testing.T) {
	_, e := explainedWorld(t)
	if e.Invoice.BillingAccount != "acme" || e.Invoice.Total.Cmp(money.MustAmount("30")) != 0 || len(e.Lines) != 2 {
		t.Fatalf("explained %+v", e.Invoice)
	}
	var days, files []string
	var rows, events int64
	for _, r := range e.Lines[0].Rollups {
		days = append(days, r.UTCDay.String())
		rows, events = rows+r.Rows, events+r.Events
		for _, f := range r.Files {
			files = append(files, f.Key)
			if f.Counts.Read != f.Counts.Kept || f.Size == 0 || f.SHA256 == "" {
				t.Errorf("file %+v", f)
			}
		}
	}
	if strings.Join(days, " ") != "2026-10-05 2026-10-06" || strings.Join(files, " ") != "dt=2026-10-05/a.parquet dt=2026-10-06/a.parquet" {
		t.Errorf("the line was read from %v on %v", files, days)
	}
	for _, s := range e.Lines[0].Steps {
		if s.Kind == pricing.StepMeasure && (s.Rows != rows || s.Events != events || rows != 2 || events != 2) {
			t.Errorf("measured in %d events of %d rows, but the rollups have %d of %d", s.Events, s.Rows, events, rows)
		}
	}
	if len(e.Lines[1].Rollups) != 0 {
		t.Errorf("a fee is of no usage, but has %+v", e.Lines[1].Rollups)
	}
}

// A closing names the copies and revisions that it read, so what comes later
// explains nothing of it.
func TestExplain_ReadsWhatTheClosingReadAndNotWhatStandsNow(t *testing.T) {
	w, before := explainedWorld(t)
	w.put(t, "book/shop.yaml", strings.Replace(testBook, "unit: 0.50", "unit: 0.90", 1))
	w.usage(t, "dt=2026-10-05/late.parquet", usageRow{"e9", "2026-10-05T08:30:00Z", "sub-a", 500})
	p := w.pipeline(t)
	anew, err := p.Rollup(t.Context(), []pricing.Date{pricing.NewDate(2026, 10, 5)}, RunOptions{})
	if err != nil || anew[0].Revision != 2 || anew[0].Counts.Kept != 3 {
		t.Fatalf("the rollup was not made anew: %+v, %v", anew, err)
	}
	after, err := p.Explain(t.Context(), before.Invoice.ID, 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(after.Lines) != 1 || after.Lines[0].Line.Total.Cmp(money.MustAmount("20")) != 0 || len(after.Lines[0].Rollups) != 2 {
		t.Errorf("explained %+v, want 40 GB at 0.50 from two days", after.Lines)
	}
}

func TestExplain_UnknownInvoicesAndLinesAreRefused(t *testing.T) {
	w, _ := explainedWorld(t)
	for _, c := range []struct {
		invoice string
		line    int
	}{{"2026-000009", 0}, {"", 0}, {"2026-000001", 3}, {"2026-000001", -1}} {
		if _, err := w.pipeline(t).Explain(t.Context(), c.invoice, c.line); !errors.Is(err, ErrNoInvoice) {
			t.Errorf("invoice %q line %d: %v, want ErrNoInvoice", c.invoice, c.line, err)
		}
	}
}

// Every published figure is compared with the one that is explained.
func TestExplain_NamesTheFigureThatDiffers(t *testing.T) {
	_, e := explainedWorld(t)
	if what := differs(&e.Invoice, &e.Invoice); what != "" {
		t.Fatalf("an invoice differs from itself in %s", what)
	}
	if differs(&e.Invoice, nil) == "" {
		t.Error("a missing invoice is not told")
	}
	cent := money.MustAmount("0.01")
	for want, change := range map[string]func(*pricing.Invoice, *pricing.Line){
		"its number":              func(i *pricing.Invoice, _ *pricing.Line) { i.Number += "0" },
		"its total":               func(i *pricing.Invoice, _ *pricing.Line) { i.Total = i.Total.Add(cent) },
		"its subtotal":            func(i *pricing.Invoice, _ *pricing.Line) { i.Subtotal = i.Subtotal.Add(cent) },
		"its credits":             func(i *pricing.Invoice, _ *pricing.Line) { i.Credits = cent },
		"its balance applied":     func(i *pricing.Invoice, _ *pricing.Line) { i.BalanceApplied = cent },
		"its tax":                 func(i *pricing.Invoice, _ *pricing.Line) { i.Tax = cent },
		"its amount due":          func(i *pricing.Invoice, _ *pricing.Line) { i.AmountDue = cent },
		"its number of lines":     func(i *pricing.Invoice, _ *pricing.Line) { i.Lines = i.Lines[:1] },
		"line 1's quantity":       func(_ *pricing.Invoice, l *pricing.Line) { l.Quantity = money.QuantityOf(41) },
		"line 1's unit price":     func(_ *pricing.Invoice, l *pricing.Line) { l.UnitPrice = cent },
		"line 1's exact subtotal": func(_ *pricing.Invoice, l *pricing.Line) { l.ExactSubtotal = cent },
		"line 1's subtotal":       func(_ *pricing.Invoice, l *pricing.Line) { l.Subtotal = cent },
		"line 1's discount":       func(_ *pricing.Invoice, l *pricing.Line) { l.Discount = cent },
		"line 1's total":          func(_ *pricing.Invoice, l *pricing.Line) { l.Total = cent },
		"line 1's credits":        func(_ *pricing.Invoice, l *pricing.Line) { l.Credits = cent },
		"line 1's tax":            func(_ *pricing.Invoice, l *pricing.Line) { l.Tax = cent },
		"line 1's price":          func(_ *pricing.Invoice, l *pricing.Line) { l.Price = "other" },
		"line 1's grouping":       func(_ *pricing.Invoice, l *pricing.Line) { l.Grouping = `{"a":"b"}` },
		"line 1's end":            func(_ *pricing.Invoice, l *pricing.Line) { l.PeriodEnd = l.PeriodStart },
	} {
		other := e.Invoice
		other.Lines = append([]pricing.Line{}, e.Invoice.Lines...)
		change(&other, &other.Lines[0])
		if got := differs(&e.Invoice, &other); !strings.HasPrefix(got, want+" is ") {
			t.Errorf("%s differs, but told is %q", want, got)
		}
	}
}
