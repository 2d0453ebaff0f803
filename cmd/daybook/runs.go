package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"daybook/jobs"
	"daybook/pricing"
	"daybook/sinks/publish"
)

// periodFlags say which revisions of which job are meant.
type periodFlags struct{ job, period, from, to string }

func (f *periodFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.job, "job", "", "one job: rollup, daily, monthly …")
	c.Flags().StringVar(&f.period, "period", "", "a day, YYYY-MM-DD, or a month with its days, YYYY-MM")
	c.Flags().StringVar(&f.from, "from", "", "the first day or month")
	c.Flags().StringVar(&f.to, "to", "", "the last day or month")
}

// checked makes a period both ends of the range.
func (f *periodFlags) checked() error {
	if f.period != "" && (f.from != "" || f.to != "") {
		return usageErrorf("write --period, or --from and --to, but not both")
	}
	if f.period != "" {
		f.from, f.to = f.period, f.period
	}
	for flag, text := range map[string]string{"from": f.from, "to": f.to} {
		if text == "" {
			continue
		}
		if _, err := pricing.ParseDate(text); err == nil {
			continue
		}
		if _, err := pricing.ParseMonth(text); err != nil {
			if f.period != "" {
				flag = "period"
			}
			return usageErrorf("--%s %q: write a day, YYYY-MM-DD, or a month, YYYY-MM", flag, text)
		}
	}
	return nil
}

// days reads the range as days: of raw usage, which has no months.
func (f *periodFlags) days() (first, last pricing.Date, err error) {
	if first, err = pricing.ParseDate(f.from); err == nil {
		last, err = pricing.ParseDate(f.to)
	}
	if err != nil || last < first {
		return 0, 0, usageErrorf("--ids reads the raw usage of days: write --from YYYY-MM-DD --to YYYY-MM-DD")
	}
	return first, last, nil
}

// none says that nothing was found, which is most likely a slip of the pen where
// something was asked for.
func (f *periodFlags) none() error {
	if *f == (periodFlags{}) {
		return nil
	}
	known := []jobs.Job{jobs.JobRollup, jobs.JobDaily, jobs.JobDraft, jobs.JobMonthly}
	if f.job != "" && !slices.Contains(known, jobs.Job(f.job)) {
		return usageErrorf("--job %q: write rollup, daily, draft or monthly", f.job)
	}
	return usageErrorf("there is no run of that job and period; `daybook runs` lists all there are")
}

func newRuns(a *app) *cobra.Command {
	var f periodFlags
	c := &cobra.Command{
		Use: "runs", Short: "List what has been decided: revisions, verdicts, totals", Args: cobra.NoArgs,
		Long: `Lists the revisions of each job and period: what became of them (published, unchanged, abandoned,
sealed, or planned and not decided yet), the version and as_of that made them, the rows of their main table
(usage_daily, daily_costs, invoices), and their totals or the reason. OVER is the revision that one took the
place of.

With --job and one --period it also shows where the last revision's figures come from: its inputs, its
objects and its account of the rows. -o json has plan and manifest of each revision then. Only reads.`,
		Example: `  daybook runs --job monthly
  daybook runs --from 2026-10-01 --to 2026-10-07
  daybook runs --job monthly --period 2026-10
  daybook runs --job rollup --period 2026-10-05 -o json`,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := f.checked(); err != nil {
				return err
			}
			p, err := a.reader(c)
			if err != nil {
				return err
			}
			detail := f.job != "" && f.period != ""
			runs, err := p.Runs(c.Context(), f.job, f.from, f.to, detail)
			if err != nil {
				return err
			}
			if len(runs) == 0 {
				if err := f.none(); err != nil {
					return err
				}
			}
			if a.json() {
				return printJSON(c.OutOrStdout(), append([]jobs.RunSummary{}, runs...))
			}
			printRuns(c.OutOrStdout(), runs)
			if last := len(runs) - 1; detail && last >= 0 && runs[0].Period == runs[last].Period {
				return printRun(c.OutOrStdout(), runs)
			}
			return nil
		},
	}
	f.add(c)
	return c
}

func printRuns(w io.Writer, runs []jobs.RunSummary) {
	if len(runs) == 0 {
		fmt.Fprintln(w, "nothing has been run yet")
		return
	}
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "JOB\tPERIOD\tREV\tOVER\tVERDICT\tVERSION\tAS OF (UTC)\tROWS\tTOTALS OR REASON")
	for _, r := range runs {
		over, rows := "", ""
		if r.Supersedes > 0 {
			over = fmt.Sprintf("r%d", r.Supersedes)
		}
		if r.Rows > 0 {
			rows = fmt.Sprint(r.Rows)
		}
		fmt.Fprintf(t, "%s\t%s\tr%d\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Job, r.Period, r.Revision, over, r.Verdict, cut(r.Engine, 8),
			r.AsOf.UTC().Format("2006-01-02 15:04"), rows, cut(totalsOrReason(r), 24))
	}
	t.Flush()
}

func totalsOrReason(r jobs.RunSummary) string {
	if r.Reason != "" {
		return r.Reason
	}
	if r.Collected {
		return "data collected"
	}
	var parts []string
	for _, key := range sortedKeys(r.Totals) {
		if code, kind, _ := strings.Cut(key, " "); kind == "" {
			parts = append(parts, code+" "+shortened(r.Totals[key]))
		}
	}
	return strings.Join(parts, "; ")
}

// printRun shows where the figures of the last revision with a result come from.
func printRun(w io.Writer, runs []jobs.RunSummary) error {
	i := len(runs) - 1
	for i > 0 && (runs[i].Manifest == nil || len(runs[i].Manifest.Objects) == 0) {
		i--
	}
	m := runs[i].Manifest
	if m == nil {
		return nil
	}
	fmt.Fprintf(w, "\n%s %s r%d, %s\n", m.Job, m.Period, m.Revision, m.Verdict)
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "\nINPUT\tBYTES\tSHA-256\tNAME")
	for _, in := range m.Inputs {
		fmt.Fprintf(t, "%s\t%d\t%s\t%s\n", in.Kind, in.Size, cut(in.SHA256, 13), inputName(in))
	}
	t.Flush()
	t = tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "\nOBJECT\tROWS\tBYTES\tSHA-256\tWHAT")
	for _, o := range m.Objects {
		what := o.Role
		if o.Table != "" {
			what = o.Partition
		}
		name, _, _ := strings.Cut(o.Key[strings.LastIndexByte(o.Key, '/')+1:], ".")
		fmt.Fprintf(t, "%s\t%d\t%d\t%s\t%s\n", name, o.Rows, o.Size, cut(o.SHA256, 13), what)
	}
	t.Flush()
	if len(m.Totals) > 0 {
		fmt.Fprintln(w, "\nTotals:")
		for _, key := range sortedKeys(m.Totals) {
			fmt.Fprintf(w, "  %-20s %s\n", key, m.Totals[key])
		}
	}
	if len(m.Reconciliation) == 0 {
		return nil
	}
	return printReconciliation(w, m.Reconciliation)
}

// inputName says what an input is: a rollup by the revision that made it.
func inputName(i publish.Input) string {
	if job, period, revision, ok := publish.MadeBy(i.Key); ok {
		return fmt.Sprintf("%s %s r%d", job, period, revision)
	}
	return end(i.Key, 55)
}

// end shortens text to its last n characters for a table: the end of a key says
// more than its beginning.
func end(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return "…" + string(slices.Clone(r[len(r)-n+1:]))
}
