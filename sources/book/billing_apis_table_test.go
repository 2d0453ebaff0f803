package book

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

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
