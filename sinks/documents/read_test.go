package documents

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daybook/pricing"
)

func TestReadCostSeries_ReadsWhatWasWritten(t *testing.T) {
	body := CostSeries("globex", twoDays())
	rows, err := ReadCostSeries(body)
	if err != nil {
		t.Fatal(err)
	}
	if again := CostSeries("globex", rows); string(again) != string(body) {
		t.Errorf("got  %s\nwant %s", again, body)
	}
	if len(rows) != len(twoDays()) || rows[0].BillingAccount != "globex" || rows[0].Grouping != "{}" {
		t.Errorf("rows are %+v", rows)
	}
}

func TestReadInvoiceLines_ReadsWhatWasWritten(t *testing.T) {
	for _, i := range []pricing.Invoice{octoberInvoice(), octoberNote()} {
		body, err := Invoice(i, zurichParty)
		if err != nil {
			t.Fatal(err)
		}
		id, lines, shares, err := ReadInvoiceLines(body)
		if err != nil || id != i.ID {
			t.Fatalf("read %q, %v", id, err)
		}
		again := i
		again.Lines, again.Own = lines, shares
		got, err := Invoice(again, zurichParty)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(body), string(got)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestReadCostSeries_NamesWhatIsWrong(t *testing.T) {
	for body, want := range map[string]string{
		`{"schema":"daybook/invoice/1"}`:                                              `its schema is "daybook/invoice/1", not "daybook/costs/1"`,
		`{"schema":"daybook/costs/1","days":[{"day":"2026-13-01","per_price":[{}]}]}`: `day "2026-13-01"`,
		`{"schema":"daybook/costs/1"`:                                                 "unexpected end",
	} {
		if _, err := ReadCostSeries([]byte(body)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error is %v, want %q", body, err, want)
		}
	}
}
