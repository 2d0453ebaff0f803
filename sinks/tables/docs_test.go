package tables

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"daybook/pricing/columns"
)

var update = flag.Bool("update", false, "rewrite docs/tables.md")

// docs is docs/tables.md, made of the contracts.
func docs() string {
	var b strings.Builder
	b.WriteString(`# Tables

Parquet files under ` + "`current/tables/<table>/<partition>/part.parquet`" + `, one a partition. Columns stand in the order given here, and rows in
the order given under "Sorted by", nulls first. Partition columns stand in the files too. Times are UTC instants in microseconds, dates are
calendar days, periods are half-open: the end is the first instant that is no longer in it. Quantities are DECIMAL(38,12), amounts of money and unit prices DECIMAL(38,20); neither is
ever a float. Later versions may add columns; these names stay.

Generated from ` + "`pricing/columns`" + ` by ` + "`make golden`" + `.
`)
	for _, t := range columns.Tables {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n", t.Name, t.Doc)
		fmt.Fprintf(&b, "Partitioned by %s. Sorted by %s.\n\n", codes(t.Partition), codes(t.SortedBy))
		b.WriteString("| column | type | null | unit | meaning |\n|---|---|---|---|---|\n")
		for _, c := range t.Columns {
			null := ""
			if c.Nullable {
				null = "yes"
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", c.Name, c.Type, null, c.Unit, strings.ReplaceAll(c.Doc, "|", `\|`))
		}
	}
	return b.String()
}

func codes(names []string) string { return "`" + strings.Join(names, "`, `") + "`" }

func TestDocs_SayWhatTheContractsSay(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "tables.md")
	if *update {
		if err := os.WriteFile(path, []byte(docs()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != docs() {
		t.Error("docs/tables.md is not what pricing/columns says; run make golden and read the diff")
	}
}
