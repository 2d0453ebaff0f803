package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"daybook/jobs"
)

// mostCorrections is how many corrections are shown; -o json has them all.
const mostCorrections = 40

// correctionDetails says how many corrections a closing made or waits for, or a
// draft shows.
func correctionDetails(o jobs.Outcome) []string {
	n := len(o.Corrections)
	switch {
	case o.State == jobs.StateStopped:
		return []string{"accept " + counted(n, "correction") + " first"}
	case n > 0 && o.Digest != "":
		return []string{counted(n, "correction") + ", which the closing will want --accept-corrections " + o.Digest + " for"}
	case n > 0:
		return []string{counted(n, "correction")}
	}
	return nil
}

// printCorrections lists what a closing corrects of the closings before, or would
// correct if it were accepted.
func printCorrections(w io.Writer, rows []jobs.CorrectionRow) {
	if len(rows) == 0 {
		return
	}
	fmt.Fprintln(w)
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "ACCOUNT\tCLOSING\tCURRENCY\tISSUED\tOWED\tCORRECTION\t")
	for n, r := range rows {
		if n == mostCorrections {
			break
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t\n", cut(r.Account, 32), r.Closing, r.Currency, r.Issued, r.Truth, r.Difference)
	}
	t.Flush()
	if more := len(rows) - mostCorrections; more > 0 {
		fmt.Fprintf(w, "… and %d more; -o json has them all\n", more)
	}
}

// printVanishedRows names the rows without which accounts are not corrected.
func printVanishedRows(w io.Writer, rows []jobs.Vanished) {
	for n, v := range rows {
		if n == mostCorrections {
			fmt.Fprintf(w, "… and %d more; -o json has them all\n", len(rows)-n)
			return
		}
		fmt.Fprintf(w, "vanished %s: %s is no longer in the registry; nothing is corrected until it is back or withdrawn\n", v.BillingAccount, v.Row)
	}
}
