package book

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"daybook/pricing/money"
)

// apiCase is one line of testdata/vectors/billing-api-vectors.jsonl: a worked
// example of one of the five billing APIs. Left says what of it is not priced,
// and why; Tested, which test checks what no price is about.
type apiCase struct {
	Case                           int
	System, About, Source, Checked string
	Figures                        []apiFigure
	Tested                         string // elsewhere: the package and test
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
	Levels                                []apiLevel
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

type apiLevel struct {
	Schedule, From string
	Level          int64
}

type apiSubscription struct{ Plan, Start, End string }

type apiResource struct{ Kind, SKU, Quantity, Created, Deleted string }

type apiUsage struct {
	Account, Meter, From, Time, Quantity string
	Dimensions                           map[string]string
}

// The cases, those that another test checks, and those of which something is not
// done.
const (
	apiCases  = 53
	apiTested = 5
	apiLeft   = 0
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
	count, tested, left, seen := 0, 0, 0, map[int]bool{}
	for _, c := range apiVectors(t) {
		if seen[c.Case] || c.System == "" || c.Source == "" || len(c.Figures) == 0 && c.Left+c.Tested == "" {
			t.Errorf("case %d of %s is there twice, or does not say what it is", c.Case, c.System)
		}
		seen[c.Case] = true
		count++
		switch {
		case c.Left != "":
			left++
		case c.Tested != "":
			tested++
		}
		for i, f := range c.Figures {
			t.Run(fmt.Sprintf("%d/%d", c.Case, i+1), func(t *testing.T) { f.check(t, c) })
		}
	}
	if count != apiCases || tested != apiTested || left != apiLeft {
		t.Errorf("%d cases, %d tested elsewhere, %d left; want %d, %d, %d", count, tested, left, apiCases, apiTested, apiLeft)
	}
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
