package jobs

import (
	"errors"
	"strings"
	"testing"

	"daybook/pricing"
	"daybook/sinks/publish"
	"daybook/sources/blob"
)

func TestCostIndex_FindsEachDocumentOfItsDay(t *testing.T) {
	x := &costIndex{day: pricing.NewDate(2026, 10, 31)}
	packs := []blob.Object{{Key: "one", Size: 900}, {Key: "two", Size: 500}}
	sum := func(digit string) string { return strings.Repeat(digit, 64) }
	want := map[string]placedDocument{
		"acme":   {packs[0], publish.Document{Path: "costs/acme/2026-10/2026-10-31.json", Offset: 0, Length: 300, SHA256: sum("a")}},
		"be/ta":  {packs[0], publish.Document{Path: "costs/be%2Fta/2026-10/2026-10-31.json", Offset: 300, Length: 600, SHA256: sum("b")}},
		"corp":   {packs[1], publish.Document{Path: "costs/corp/2026-10/2026-10-31.json", Offset: 0, Length: 500, SHA256: sum("c")}},
		"Zürich": {packs[1], publish.Document{Path: "costs/Z%C3%BCrich/2026-10/2026-10-31.json", Offset: 500, Length: 1, SHA256: sum("d")}},
	}
	for _, account := range []string{"acme", "be/ta", "corp", "Zürich"} {
		if err := x.add(want[account]); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{"invoices/acme/INV-1.json", "costs/acme/2026-10/2026-10-30.json", "costs/acme.json"} {
		if err := x.add(placedDocument{packs[0], publish.Document{Path: path, SHA256: sum("e")}}); err != nil {
			t.Fatal(err)
		}
	}
	x.sort()
	for account, w := range want {
		if got, ok := x.find(account); !ok || got != w {
			t.Errorf("%s stands at %+v, %v; want %+v", account, got, ok, w)
		}
	}
	for _, account := range []string{"", "acm", "acme2", "zeta"} {
		if got, ok := x.find(account); ok {
			t.Errorf("%q stands at %+v; want nowhere", account, got)
		}
	}
	for _, bad := range []string{"", sum("a")[1:], sum("a") + "a", sum("g")} {
		d := want["acme"]
		d.document.SHA256 = bad
		if err := x.add(d); !errors.Is(err, publish.ErrDamaged) {
			t.Errorf("the digest %q is %v; want ErrDamaged", bad, err)
		}
	}
}
