package main

import (
	"cmp"
	"fmt"
	"io"
	"text/tabwriter"

	"daybook/jobs"
)

// mostMissing is how many findings are shown; -o json has them all.
const mostMissing = 40

// printMissing lists the usage that a closing waits for, or was made without.
func printMissing(w io.Writer, o jobs.Outcome) {
	if len(o.Missing) == 0 {
		return
	}
	fmt.Fprintf(w, "\nUsage of %s that is missing:\n", o.Period)
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "DAY\tFILE\tFINDING")
	remedies := []string{}
	seen := map[string]bool{}
	for n, m := range o.Missing {
		if !seen[m.Remedy] {
			seen[m.Remedy] = true
			remedies = append(remedies, m.Remedy)
		}
		if n < mostMissing {
			fmt.Fprintf(t, "%s\t%s\t%s\n", cmp.Or(m.Day, "-"), cmp.Or(cut(m.File, 40), "-"), cut(m.What, 46))
		}
	}
	t.Flush()
	if more := len(o.Missing) - mostMissing; more > 0 {
		fmt.Fprintf(w, "… and %d more; -o json lists them all\n", more)
	}
	for _, r := range remedies {
		fmt.Fprintf(w, "→ %s\n", r)
	}
	if o.State == jobs.StateIncomplete {
		fmt.Fprintln(w, "→ or close without it: --allow-incomplete, which the closing's manifest records with this list")
	}
}
