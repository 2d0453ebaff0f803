package main

import (
	"fmt"
	"io"

	"daybook/jobs"
)

// incrementalDetails says what a run did not do again, and usage that is gone.
func incrementalDetails(o jobs.Outcome) []string {
	var parts []string
	if t := o.Trees; t != nil && t.Copied > 0 {
		parts = append(parts, fmt.Sprintf("%d of %s rated", t.Rated, counted(t.Rated+t.Copied, "tree")))
	}
	if len(o.VanishedUsage) > 0 {
		parts = append(parts, counted(len(o.VanishedUsage), "counted file")+" gone")
	}
	return parts
}

// printVanished names the usage files that were counted and are gone.
func printVanished(w io.Writer, outcomes []jobs.Outcome) {
	said := false
	for _, o := range outcomes {
		for _, file := range o.VanishedUsage {
			if !said {
				fmt.Fprintln(w, "\nUsage files that were counted and are gone; nothing was taken back.\nRestore them, or daybook withdraw --file FILE --reason TEXT:")
				said = true
			}
			fmt.Fprintf(w, "  %s  %s\n", o.Period, file)
		}
	}
}
