package pricing_test

import (
	"fmt"
	"testing"

	"daybook/pricing"
)

// BenchmarkDaily rates the last day of a month for one account a time: five
// metered prices with usage on each day, a fee and a resource.
func BenchmarkDaily(b *testing.B) {
	w := oneAccount(
		metered("sum", "sum", rokkaStorage()), metered("storage", "storage", rokkaStorage()), metered("count", "count", unitOf("0.01")),
		metered("max", "max", unitOf("0.01")), metered("compute", "traffic", matrixOf("a", "x", "2.00")), fixedFee("fee", "9"), monthly("5"),
	)
	w.accounts[0].TimeZone = "Europe/Zurich"
	w.resources = []pricing.Resource{vm("r", "2026-01-01T00:00:00Z", "")}
	for d := range 31 {
		for _, meter := range []string{"sum", "storage", "count", "max", "traffic"} {
			w.use("s", meter, fmt.Sprintf("2026-10-%02dT12:00:00Z", d+1), "123.456")
		}
	}
	r := w.rater(b)
	tree, usage, asOf := r.Trees()[0], pricing.TreeUsage{Rows: w.usage}, at("2026-11-02T00:00:00Z")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Daily(tree, usage, day("2026-10-31"), asOf); err != nil {
			b.Fatal(err)
		}
	}
}
