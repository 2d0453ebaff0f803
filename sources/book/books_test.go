package book

import (
	"strings"
	"testing"

	"daybook/pricing"
)

func bookIn(name, currency, effective, meter string) string {
	return "book: " + name + "\ncurrency: " + currency + "\neffective: " + effective +
		"\nmeters: {traffic: " + meter + "}\nplans: {p: {prices: {traffic: {meter: traffic, unit: 1}}}}\n"
}

func TestCheckAll_TakesOneBookForEachCurrency(t *testing.T) {
	files := []File{
		{Name: "shop.yaml", Content: []byte(bookIn("shop", "CHF", "2026-01-01", "{aggregate: sum}") + "---\n" + bookIn("euros", "EUR", "2026-01-01", "{aggregate: sum}"))},
		{Name: "later.yaml", Content: []byte(bookIn("shop", "CHF", "2026-07-01", "{aggregate: sum}"))},
	}
	books, warnings, err := CheckAll(files)
	if err != nil || len(warnings) > 0 {
		t.Fatal(err, warnings)
	}
	if len(books) != 2 || books[0].Name != "euros" || books[1].Name != "shop" || len(books[1].Versions) != 2 {
		t.Errorf("books %+v, want euros and shop with two versions", books)
	}
	if m := Meters(books, pricing.NewDate(2026, 8, 1)); len(m) != 1 || m[0].ID != "traffic" {
		t.Errorf("meters %+v, want traffic once", m)
	}
	if _, err := Parse(files); err == nil || !strings.Contains(err.Error(), "all versions of a book have one name") {
		t.Errorf("as one book: %v", err)
	}
}

func TestCheckAll_RefusesBooksThatCannotStandTogether(t *testing.T) {
	for _, c := range []struct{ what, first, second, want string }{
		{"one currency", bookIn("a", "CHF", "2026-01-01", "{aggregate: sum}"), bookIn("b", "CHF", "2026-01-01", "{aggregate: sum}"), "b.yaml:1:7: book: books `b` and `a` (a.yaml:1) are both in CHF"},
		{"another meter", bookIn("a", "CHF", "2026-01-01", "{aggregate: sum}"), bookIn("b", "EUR", "2026-01-01", "{aggregate: max}"), "meter `traffic` is not the same in book `a`"},
		{
			"another meter later", bookIn("a", "CHF", "2026-01-01", "{aggregate: sum}"),
			bookIn("b", "EUR", "2026-01-01", "{aggregate: sum}") + "---\n" + bookIn("b", "EUR", "2026-03-01", "{aggregate: sum, unit: GB}"), "on 2026-03-01",
		},
	} {
		_, _, err := CheckAll([]File{{Name: "a.yaml", Content: []byte(c.first)}, {Name: "b.yaml", Content: []byte(c.second)}})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.what, err, c.want)
		}
	}
}
