package book

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

// apiCase is one line of testdata/vectors/billing-api-vectors.jsonl: a worked
// example of one of the five billing APIs. Left says what of it is not priced,
// and why.
type apiCase struct {
	Case                           int
	System, About, Source, Checked string
	Figures                        []apiFigure
	Left                           string
}

// apiFigure is one figure of a case: of a price alone (Price), of a closing
// (Month), of an open month (AsOf), of a cost series (Days) or of windows of time
// (Windows).
type apiFigure struct {
	Book, Plan, Price, Month, Meter, Zone string
	AsOf                                  string `json:"as_of"`
	Start, End                            string
	Periodic, Cut                         bool
	Quantity                              string
	Subscriptions                         []apiSubscription // instead of one to Plan
	Resources                             []apiResource
	Usage                                 []apiUsage
	Days, Windows                         []string

	Want, Subtotal, Gross, Discount, Billable, Units, Multiplier string
	Line                                                         string // Want is of this price's line, exact
	Lines, Plans, Own, Parts                                     map[string]string
	Steps, Subtotals, Totals                                     []string

	TaxRate             string `json:"tax_rate"` // per cent
	Tax, Due            string
	Payment, Adjustment string   // of the balance, in this order
	Chain               []string // what the adjustment's entry begins with, takes off and leaves
	Places              *int32
}

type apiSubscription struct{ Plan, Start, End string }

type apiResource struct{ Kind, SKU, Quantity, Created, Deleted string }

type apiUsage struct {
	Account, Meter, From, Time, Quantity string
	Dimensions                           map[string]string
}

// The cases, those of them that are priced in part, and those that are not.
const (
	apiCases  = 53
	apiPartly = 0
	apiLeft   = 6
)

func apiVectors(t *testing.T) []apiCase {
	t.Helper()
	content, err := os.ReadFile("../../testdata/vectors/billing-api-vectors.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var out []apiCase
	for d := json.NewDecoder(bytes.NewReader(content)); d.More(); {
		d.DisallowUnknownFields()
		var c apiCase
		if err := d.Decode(&c); err != nil {
			t.Fatal(err)
		}
		out = append(out, c)
	}
	return out
}

// Every worked example of the five APIs comes out of the price books of
// testdata/books, to the last digit, or says why it does not.
func TestBillingAPIs_WorkedExamplesPriceThroughTheirBooks(t *testing.T) {
	count, partly, left, seen := 0, 0, 0, map[int]bool{}
	for _, c := range apiVectors(t) {
		if seen[c.Case] || c.System == "" || c.Source == "" || len(c.Figures) == 0 && c.Left == "" {
			t.Errorf("case %d of %s is there twice, or does not say what it is", c.Case, c.System)
		}
		seen[c.Case] = true
		count++
		switch {
		case len(c.Figures) == 0:
			left++
		case c.Left != "":
			partly++
		}
		for i, f := range c.Figures {
			t.Run(fmt.Sprintf("%d/%d", c.Case, i+1), func(t *testing.T) { f.check(t, c) })
		}
	}
	if count != apiCases || partly != apiPartly || left != apiLeft {
		t.Errorf("%d cases, %d priced in part, %d not priced; want %d, %d, %d", count, partly, left, apiCases, apiPartly, apiLeft)
	}
}

// The table of docs/conformance.md stands between these lines.
const (
	apiTableBegins = "<!-- billing APIs: written by go test ./sources/book -update -->\n"
	apiTableEnds   = "<!-- end of billing APIs -->\n"
)

func TestBillingAPIs_TheTableTellsTheCases(t *testing.T) {
	const name = "../../docs/conformance.md"
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begins := strings.Cut(string(content), apiTableBegins)
	table, after, ends := strings.Cut(rest, apiTableEnds)
	if !begins || !ends {
		t.Fatalf("%s has lost the lines around the table of the billing APIs", name)
	}
	want := apiTable(apiVectors(t))
	if *update {
		if err := os.WriteFile(name, []byte(before+apiTableBegins+want+apiTableEnds+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if table != want {
		t.Errorf("%s tells other cases than the file of vectors; run this test with -update\n%s", name, want)
	}
}

// apiTable has a line for each system.
func apiTable(cases []apiCase) string {
	var b strings.Builder
	b.WriteString("| API | price book | cases | priced | in part | not priced | what is missing |\n|---|---|--:|--:|--:|--:|---|\n")
	var all [4]int
	for _, system := range []string{"rokka", "ComputeStacks", "Akkeris", "CloudSigma", "Orb"} {
		var n [4]int
		var missing []string
		for _, c := range cases {
			if c.System != system {
				continue
			}
			n[0]++
			switch {
			case c.Left == "":
				n[1]++
			case len(c.Figures) > 0:
				n[2]++
			default:
				n[3]++
			}
			if c.Left != "" {
				missing = append(missing, fmt.Sprintf("%d: %s", c.Case, c.Left))
			}
		}
		for i := range all {
			all[i] += n[i]
		}
		book := strings.ToLower(system) + ".yaml"
		fmt.Fprintf(&b, "| %s | [%s](../testdata/books/%s) | %d | %d | %d | %d | %s |\n", system, book, book, n[0], n[1], n[2], n[3], strings.Join(missing, "; "))
	}
	fmt.Fprintf(&b, "| **all** | | **%d** | **%d** | **%d** | **%d** | |\n", all[0], all[1], all[2], all[3])
	return b.String()
}

func (f apiFigure) check(t *testing.T, c apiCase) {
	name := f.Book
	if name == "" {
		name = strings.ToLower(c.System)
	}
	w := apiWorld{figure: f, book: parseFile(t, name+".yaml")}
	switch {
	case f.Multiplier != "":
		w.checkMultiplier(t)
	case f.Price != "":
		w.checkPrice(t)
	case f.Month != "":
		w.checkMonth(t)
	case f.AsOf != "":
		w.checkOpenMonth(t)
	case len(f.Days) > 0:
		w.checkSeries(t)
	case len(f.Windows) > 0:
		w.checkWindows(t)
	default:
		t.Fatal("no check fits this figure")
	}
}

// same compares a figure at its places: rounded half up, as all five APIs round,
// or cut where the case cuts it.
func (f apiFigure) same(t *testing.T, what string, got money.Fraction, want string) {
	t.Helper()
	places, mode := int32(2), money.HalfUp
	if f.Places != nil {
		places = *f.Places
	}
	if f.Cut {
		mode = money.Down
	}
	rounded, expected := got.Round(places, mode), money.MustQuantity(want).Fraction().Round(places, mode)
	if rounded.Sub(expected).Sign() != 0 {
		t.Errorf("%s is %s (exactly %s), want %s", what, rounded.Quantity(), got.Quantity(), want)
	}
}

// checkPrice charges a quantity under one price and applies the adjustments of
// the price and its plan.
func (w apiWorld) checkPrice(t *testing.T) {
	f := w.figure
	planID, id, _ := strings.Cut(f.Price, "/")
	price := priceOf(t, w.book, 0, planID, id)
	plan, _ := w.book.Versions[0].PlanOf(planID)
	charge, err := price.Charge(f.measured(&price), money.Ratio(1, 1))
	if err != nil {
		t.Fatal(err)
	}
	adjusted, err := pricing.Adjust([]pricing.Adjustable{{Price: &price, Charge: charge}}, plan.Adjust)
	if err != nil {
		t.Fatal(err)
	}
	f.same(t, "total", adjusted[0].Total.Fraction(), f.Want)
	if f.Subtotal != "" {
		f.same(t, "subtotal", charge.Subtotal.Fraction(), f.Subtotal)
	}
	if f.Billable != "" {
		f.same(t, "billable quantity", charge.Billable, f.Billable)
	}
	if f.Units != "" { // of whole packages
		f.same(t, "billed units", charge.Parts[0].Quantity.Fraction().Mul(price.Model.(pricing.Package).Size.Fraction()), f.Units)
	}
	for label, want := range f.Parts {
		f.same(t, label, partsNamed(charge.Parts, label), want)
	}
	running := charge.Subtotal
	for i, step := range adjusted[0].Steps {
		running = running.Add(step.Amount)
		if i < len(f.Steps) {
			f.same(t, fmt.Sprintf("step %d", i+1), running.Fraction(), f.Steps[i])
		}
	}
	if len(f.Steps) > 0 && len(f.Steps) != len(adjusted[0].Steps) {
		t.Errorf("%d adjustments changed the amount, want %d", len(adjusted[0].Steps), len(f.Steps))
	}
}

// measured is the quantity, used in one window of time where that matters.
func (f apiFigure) measured(p *pricing.Price) pricing.Measured {
	out := pricing.Measured{Quantity: qty(f.Quantity).Fraction()}
	if p.Each.Window != "" {
		out.Groups = []pricing.Group{{Values: []string{"the one window"}, Quantity: out.Quantity}}
	}
	return out
}

// checkMultiplier compares for how many units × seconds a burst price is.
func (w apiWorld) checkMultiplier(t *testing.T) {
	planID, id, _ := strings.Cut(w.figure.Price, "/")
	price := priceOf(t, w.book, 0, planID, id)
	m, _ := w.book.Versions[0].MeterOf(price.Meter)
	seconds := money.Whole(price.Model.(pricing.Burst).PerSeconds)
	w.figure.same(t, "multiplier", m.DivideBy.Fraction().Mul(seconds), w.figure.Multiplier)
}

// partsNamed adds up the parts whose label says so.
func partsNamed(parts []pricing.Part, name string) (sum money.Fraction) {
	for _, p := range parts {
		if strings.Contains(p.Label, name) {
			sum = sum.Add(p.Amount.Fraction())
		}
	}
	return sum
}
