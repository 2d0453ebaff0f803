package documents

import (
	"bytes"
	"encoding/json"
	"math/big"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"daybook/pricing"
	"daybook/pricing/money"
)

func mustInvoice(t *testing.T, i pricing.Invoice, p Parties) []byte {
	t.Helper()
	body, err := Invoice(i, p)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestInvoice_Golden(t *testing.T) {
	checkGolden(t, "invoice.json", mustInvoice(t, octoberInvoice(), zurichParty))
	checkGolden(t, "invoice-note.json", mustInvoice(t, octoberNote(), zurichParty))
	checkGolden(t, "invoice-bare.json", mustInvoice(t, pricing.Invoice{
		ID: "inv_0", Kind: pricing.KindInvoice, Status: "draft", BillingAccount: "globex", Currency: money.Currency{Code: "JPY"}, PeriodStart: october, PeriodEnd: november,
	}, Parties{}))
}

// The figures are those of the fixture's comment, worked by hand.
func TestInvoice_ShowsTheWorkedFigures(t *testing.T) {
	d := parsed(t, mustInvoice(t, octoberInvoice(), zurichParty))
	for key, want := range map[string]string{
		"subtotal": "326.17", "discount": "32.00", "total": "294.17", "credits": "94.17", "tax": "16.20", "amount_due": "216.20",
		"issued_at": "2026-11-02T11:00:00Z", "due_at": "2026-12-02T11:00:00Z", "schema": "daybook/invoice/1",
	} {
		if d[key] != want {
			t.Errorf("%s is %v, want %s", key, d[key], want)
		}
	}
	traffic := d["lines"].([]any)[1].(map[string]any)
	for key, want := range map[string]any{"quantity": "12.345", "unit_price": "0.5", "exact_subtotal": "6.1725", "total": "6.17", "discount": "0.00", "subscription_id": "sub/2\u2028<b>"} {
		if traffic[key] != want {
			t.Errorf("traffic: %s is %v, want %v", key, traffic[key], want)
		}
	}
	if storage := d["lines"].([]any)[0].(map[string]any); storage["unit_price"] != nil || storage["subscription_id"] != nil {
		t.Errorf("a tiered, pooled line has no unit price and no subscription, got %v and %v", storage["unit_price"], storage["subscription_id"])
	}
}

func TestInvoice_SaysWhatItCorrects(t *testing.T) {
	if err := pricing.CheckInvoice(octoberNote()); err != nil {
		t.Fatal(err)
	}
	d := parsed(t, mustInvoice(t, octoberNote(), zurichParty))
	line := d["lines"].([]any)[0].(map[string]any)
	for what, of := range map[string]any{"the note": d["corrects"], "its line": line["corrects"]} {
		if of, ok := of.(map[string]any); !ok || of["closing"] != "2026-10" || of["invoice_id"] != "inv_7k2m" {
			t.Errorf("%s corrects %v, want closing 2026-10 and inv_7k2m", what, of)
		}
	}
	if d["kind"] != "credit_note" || line["for_closing"] != "2026-10" || line["total"] != "-0.50" {
		t.Errorf("kind %v, line for %v of %v", d["kind"], line["for_closing"], line["total"])
	}
	bill := parsed(t, mustInvoice(t, octoberInvoice(), zurichParty))
	if _, there := bill["corrects"]; there {
		t.Error("an invoice corrects something")
	}
}

// Reading the text back with exact fractions is independent of how it was made.
func TestInvoice_LinesAndPartsAddUpAsText(t *testing.T) {
	d := parsed(t, mustInvoice(t, octoberInvoice(), zurichParty))
	lines := d["lines"].([]any)
	for _, key := range []string{"subtotal", "discount", "total", "credits", "tax"} {
		sum := new(big.Rat)
		for _, l := range lines {
			sum.Add(sum, rat(t, l.(map[string]any)[key]))
		}
		if sum.Cmp(rat(t, d[key])) != 0 {
			t.Errorf("lines' %s makes %s, the invoice says %v", key, sum.FloatString(4), d[key])
		}
	}
	for n, l := range lines {
		sum := new(big.Rat)
		for _, p := range l.(map[string]any)["parts"].([]any) {
			sum.Add(sum, rat(t, p.(map[string]any)["amount"]))
		}
		gap := sum.Sub(sum, rat(t, l.(map[string]any)["subtotal"]))
		if gap.Abs(gap).Cmp(big.NewRat(1, 200)) > 0 {
			t.Errorf("line %d: parts are %s away from the subtotal, rounding explains half a cent", n+1, gap.FloatString(6))
		}
	}
}

func rat(t *testing.T, v any) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(v.(string))
	if !ok {
		t.Fatalf("%v is no number", v)
	}
	return r
}

func TestInvoice_BeginsWithItsSchema(t *testing.T) {
	if body := mustInvoice(t, octoberInvoice(), zurichParty); !bytes.HasPrefix(body, []byte(`{"schema":"daybook/invoice/1","id":"inv_7k2m",`)) {
		t.Errorf("begins with %.60s", body)
	}
}

func TestInvoice_AmountWithTooManyDecimalsIsRefused(t *testing.T) {
	i := octoberInvoice()
	i.Lines[1].Total = a("6.1725")
	_, err := Invoice(i, Parties{})
	if err == nil {
		t.Fatal("6.1725 CHF was written as an invoice amount")
	}
	for _, part := range []string{"inv_7k2m", "globex", "line 2", "total", "6.1725", "CHF"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not name %s", err, part)
		}
	}
}

func TestInvoice_GroupingThatIsNoObjectIsRefused(t *testing.T) {
	for _, grouping := range []string{"[]", "null", "{", `{"a":1} {}`, `"x"`, "{}]"} {
		i := octoberInvoice()
		i.Lines[0].Grouping = grouping
		if _, err := Invoice(i, Parties{}); err == nil || !strings.Contains(err.Error(), "line 1") {
			t.Errorf("grouping %s: error %v, want one that names line 1", grouping, err)
		}
	}
}

func TestInvoice_InstantsAreUTCWhateverTheirZone(t *testing.T) {
	i := octoberInvoice()
	want := mustInvoice(t, i, zurichParty)
	zone := time.FixedZone("UTC+5:45", 20700)
	i.PeriodStart, i.PeriodEnd, i.IssuedAt, i.DueAt = i.PeriodStart.In(zone), i.PeriodEnd.In(zone), i.IssuedAt.In(zone), i.DueAt.In(zone)
	for n := range i.Lines {
		i.Lines[n].PeriodStart = i.Lines[n].PeriodStart.In(zone)
	}
	if got := mustInvoice(t, i, zurichParty); !bytes.Equal(got, want) {
		t.Errorf("the zone of an instant changes the document:\n%s\n%s", got, want)
	}
}

func TestInvoice_MarkupStaysAndLineSeparatorsAreEscaped(t *testing.T) {
	i := octoberInvoice()
	i.Lines[0].Description = "<script>&'\"\\ \u2028\u2029\x00\r\n\x7f=1+1"
	i.Lines[0].Grouping = `{"k\u2028":"` + "\u2028" + `"}`
	body := mustInvoice(t, i, Parties{})
	if !bytes.Contains(body, []byte(`<script>&'\"\\ \u2028\u2029\u0000\r\n`)) {
		t.Errorf("markup or escapes are not as promised: %s", body)
	}
	for _, raw := range []string{"\u2028", "\u2029", "\x00", "\n", "\r"} {
		if bytes.Contains(body, []byte(raw)) {
			t.Errorf("document contains a raw %q", raw)
		}
	}
}

func TestInvoice_AnyTextRoundTrips(t *testing.T) {
	text := rapid.StringOfN(rapid.RuneFrom([]rune("a\x00\n\r\"\\<>&'=+-@/.%\u2028\u2029\u202e\ufeff😀ü")), 0, 20, -1)
	rapid.Check(t, func(t *rapid.T) {
		i := octoberInvoice()
		i.BillingAccount, i.Lines[0].Account, i.Lines[0].Description = text.Draw(t, "payer"), text.Draw(t, "account"), text.Draw(t, "description")
		grouping, err := json.Marshal(map[string]string{text.Draw(t, "key"): text.Draw(t, "value")})
		if err != nil {
			t.Fatal(err)
		}
		i.Lines[0].Grouping = string(grouping)
		body, err := Invoice(i, Parties{Name: text.Draw(t, "name")})
		if err != nil {
			t.Fatal(err)
		}
		var d struct {
			BillingAccount struct{ ID string } `json:"billing_account"`
			Lines          []struct {
				AccountID   string `json:"account_id"`
				Description string
				Grouping    json.RawMessage
			}
		}
		if err := json.Unmarshal(body, &d); err != nil || !utf8.Valid(body) {
			t.Fatalf("document is not JSON: %v", err)
		}
		if d.BillingAccount.ID != i.BillingAccount || d.Lines[0].AccountID != i.Lines[0].Account || d.Lines[0].Description != i.Lines[0].Description {
			t.Fatalf("text did not survive: %s", body)
		}
		var got, want map[string]string
		if json.Unmarshal(d.Lines[0].Grouping, &got) != nil || json.Unmarshal(grouping, &want) != nil || len(got) != 1 {
			t.Fatalf("grouping did not survive: %s", d.Lines[0].Grouping)
		}
		for k, v := range want {
			if got[k] != v {
				t.Fatalf("grouping %q became %q", want, got)
			}
		}
	})
}
