package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"daybook/jobs"
)

// runAccount is what any job's manifest says of its rows: a rollup counts files,
// ratings what became of what rollups held.
type runAccount struct {
	Meters []struct {
		jobs.FileMeter
		Held      jobs.RowSum `json:"held"`
		Late      jobs.RowSum `json:"late"`
		Billed    jobs.RowSum `json:"billed"`
		Unpriced  jobs.RowSum `json:"unpriced"`
		Parked    jobs.RowSum `json:"parked"`
		Elsewhere jobs.RowSum `json:"elsewhere"`
	} `json:"meters"`
	Prices      []jobs.ChargedPrice `json:"prices"`
	Quarantined []string            `json:"quarantined"`
	Looked      []jobs.LookedAt     `json:"looked_at"`
	Missing     []jobs.Missing      `json:"missing"`
}

// printReconciliation shows a run's account of its rows (docs/reconciliation.md).
func printReconciliation(w io.Writer, body json.RawMessage) error {
	var a runAccount
	if err := json.Unmarshal(body, &a); err != nil {
		return fmt.Errorf("read reconciliation: %w", err)
	}
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', tabwriter.AlignRight)
	for _, m := range a.Meters {
		name := "meter " + cut(m.Meter, 40)
		if m.Meter == "" {
			name = "no known meter, or not looked at"
		}
		fmt.Fprintf(t, "\n%s\tROWS\tQUANTITY\t\n", padded(name))
		for _, line := range []struct {
			label string
			sum   jobs.RowSum
		}{
			{"read from the usage files", m.Read},
			{"held by the rollups", m.Held},
			{"late", m.Late},
			{"kept", m.Kept},
			{"duplicate", m.Duplicate},
			{"rejected", m.Rejected},
			{"outside", m.Outside},
			{"overflow", m.Overflow},
			{"billed", m.Billed},
			{"unpriced", m.Unpriced},
			{"parked", m.Parked},
			{"elsewhere", m.Elsewhere},
		} {
			if !line.sum.IsZero() {
				fmt.Fprintf(t, "%s\t%d\t%s\t\n", padded("  "+line.label), line.sum.Rows, line.sum.Quantity)
			}
		}
	}
	t.Flush()
	printCharged(w, a.Prices)
	for _, l := range a.Looked {
		fmt.Fprintf(w, "\nlooked at %s: %s rated again, %s corrected", l.Closing, counted(l.Trees, "paying account"), counted(l.Accounts, "account"))
		for _, code := range sortedKeys(l.Net) {
			fmt.Fprintf(w, ", %s %s", code, l.Net[code])
		}
	}
	if len(a.Looked) > 0 {
		fmt.Fprintln(w)
	}
	for _, file := range a.Quarantined {
		fmt.Fprintf(w, "\nwithout %s (quarantined)\n", file)
	}
	if len(a.Missing) > 0 {
		fmt.Fprintf(w, "\nmade without: %s; -o json has the list\n", counted(len(a.Missing), "finding"))
	}
	return nil
}
