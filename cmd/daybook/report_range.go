package main

import (
	"fmt"
	"io"

	"daybook/jobs"
	"daybook/pricing"
	"daybook/sources/usage"
)

// gathered puts a long row of rollups of days on end with one result together,
// as people want to read it; -o json has them one by one.
func gathered(outcomes []jobs.Outcome) []jobs.Outcome {
	var out []jobs.Outcome
	for len(outcomes) > 0 {
		first := outcomes[0]
		n := 1
		for n < len(outcomes) && gathers(first, outcomes[n]) && isDayAfter(outcomes[n].Period, outcomes[n-1].Period) {
			n++
		}
		if n > 3 {
			if first.Counts != nil {
				sum := usage.Counts{}
				for _, o := range outcomes[:n] {
					sum = sum.Add(*o.Counts)
				}
				first.Counts = &sum
			}
			first.Period += " … " + outcomes[n-1].Period
			out = append(out, first)
		} else {
			out = append(out, outcomes[:n]...)
		}
		outcomes = outcomes[n:]
	}
	return out
}

// gathers reports whether two outcomes say the same but for counts of rows.
func gathers(a, b jobs.Outcome) bool {
	plain := func(o jobs.Outcome) bool { return o.Totals == nil && o.VanishedUsage == nil }
	return plain(a) && plain(b) && a.Job == b.Job && (a.Counts == nil) == (b.Counts == nil) && result(a) == result(b)
}

// isDayAfter reports whether two periods are days, one right after the other.
func isDayAfter(period, before string) bool {
	d, err := pricing.ParseDate(period)
	b, errBefore := pricing.ParseDate(before)
	return err == nil && errBefore == nil && d == b.AddDays(1)
}

// printVanished names the usage files that were counted and are gone.
func printVanished(w io.Writer, outcomes []jobs.Outcome) {
	said := false
	for _, o := range outcomes {
		for _, file := range o.VanishedUsage {
			if !said {
				fmt.Fprintln(w, "\nUsage files that were counted and are gone; nothing was taken back. Restore them, or daybook withdraw --file FILE --reason TEXT:")
				said = true
			}
			fmt.Fprintf(w, "  %s  %s\n", o.Period, file)
		}
	}
}
