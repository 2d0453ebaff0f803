package main

import (
	"crypto/ed25519"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"daybook/jobs"
	"daybook/sinks/publish"
)

func newVerify(a *app) *cobra.Command {
	var f periodFlags
	var all, ids bool
	var keyFiles []string
	c := &cobra.Command{
		Use: "verify", Short: "Derive what was published again, and name all that differs", Args: cobra.NoArgs,
		Long: `Proves published revisions from what is stored: digests of plans, manifests, input copies and objects; table
rows summed to lines, invoices and totals; ledgers and invoice numbers followed along the chain of closings;
documents held against tables, events against documents, the current view against the manifests. Then it
computes each revision again from its plan and pinned inputs, raw usage included, and compares every row and
member. What is wrong is named by file, row and column, with what was expected and found: exit code 1.

It says what it could not prove, and why: raw usage that has expired, or results of another version of
daybook that this one computes otherwise. --all takes superseded and abandoned revisions too. With
--public-key each manifest must be signed by one of the keys. --ids reads the raw usage of --from to --to for
event ids that are used on several days, which are several events; not where usage is mapped to have no
ids. Only reads.`,
		Example: `  daybook verify
  daybook verify --period 2026-10
  daybook verify --job monthly --all --public-key daybook.pub.pem
  daybook verify --ids --from 2026-10-01 --to 2026-10-31`,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := f.checked(); err != nil {
				return err
			}
			keys, err := readPublicKeys(keyFiles)
			if err != nil {
				return err
			}
			p, err := a.reader(c)
			if err != nil {
				return err
			}
			if ids {
				return a.reusedIDs(c, p, f)
			}
			runs, err := p.Verify(c.Context(), jobs.VerifyOptions{Job: f.job, From: f.from, To: f.to, All: all, Keys: keys})
			if err == nil && len(runs) == 0 {
				if err = f.none(); err != nil {
					return err
				}
			}
			if a.json() {
				if printErr := printJSON(c.OutOrStdout(), append([]jobs.VerifiedRun{}, runs...)); printErr != nil {
					return printErr
				}
			} else {
				printVerified(c.OutOrStdout(), runs)
			}
			if err != nil {
				return err
			}
			return faulty(runs)
		},
	}
	f.add(c)
	c.Flags().BoolVar(&all, "all", false, "superseded and abandoned revisions too")
	c.Flags().BoolVar(&ids, "ids", false, "look for event ids used on several days, in the raw usage of --from to --to")
	c.Flags().StringArrayVar(&keyFiles, "public-key", nil, "file with an Ed25519 public key that signs manifests (repeatable)")
	return c
}

func readPublicKeys(files []string) ([]ed25519.PublicKey, error) {
	var keys []ed25519.PublicKey
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, usageErrorf("--public-key: %w", err)
		}
		key, err := publish.ParsePublicKey(string(text))
		if err != nil {
			return nil, usageErrorf("--public-key %s: %w", path, err)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// faulty is the error of a verification that found something wrong.
func faulty(runs []jobs.VerifiedRun) error {
	faults, bad := 0, 0
	for _, r := range runs {
		faults += len(r.Faults)
		if len(r.Faults) > 0 {
			bad++
		}
	}
	if faults == 0 {
		return nil
	}
	return fmt.Errorf("%s found in %d of %s; docs/verify.md says what each one means", counted(faults, "fault"), bad, counted(len(runs), "revision"))
}

func printVerified(w io.Writer, runs []jobs.VerifiedRun) {
	if len(runs) == 0 {
		fmt.Fprintln(w, "nothing has been run yet")
		return
	}
	type sum struct{ revisions, objects, rederived, unproven, faults int }
	var names []string
	sums := map[string]*sum{}
	for _, r := range runs {
		if sums[r.Job] == nil {
			sums[r.Job] = &sum{}
			names = append(names, r.Job)
		}
		s := sums[r.Job]
		s.revisions++
		s.objects += r.Objects
		s.unproven += len(r.Unproven)
		s.faults += len(r.Faults)
		if r.Rederived {
			s.rederived++
		}
	}
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "JOB\tREVISIONS\tOBJECTS READ\tCOMPUTED AGAIN\tUNPROVEN\tFAULTS")
	for _, name := range names {
		s := sums[name]
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t%d\n", name, s.revisions, s.objects, s.rederived, s.unproven, s.faults)
	}
	t.Flush()
	for _, r := range runs {
		for _, text := range r.Unproven {
			fmt.Fprintf(w, "\nunproven: %s %s r%d: %s\n", r.Job, r.Period, r.Revision, text)
		}
	}
	for _, r := range runs {
		printFaults(w, r)
	}
}

// shownFaults bounds the faults shown of one revision: what follows from the first
// ones says little more.
const shownFaults = 20

func printFaults(w io.Writer, r jobs.VerifiedRun) {
	if len(r.Faults) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s %s r%d is not as it should be:\n", r.Job, r.Period, r.Revision)
	key := ""
	for n, f := range r.Faults {
		if n == shownFaults {
			fmt.Fprintf(w, "  … and %d more; -o json has them\n", len(r.Faults)-n)
			return
		}
		if f.Key != key {
			key = f.Key
			fmt.Fprintf(w, "  %s\n", key)
		}
		where := f.Where
		if where != "" {
			where += ": "
		}
		fmt.Fprintf(w, "    %sexpected %s, found %s\n", where, f.Expected, f.Found)
	}
}

// reusedIDs lists event ids that were used on several days.
func (a *app) reusedIDs(c *cobra.Command, p *jobs.Pipeline, f periodFlags) error {
	first, last, err := f.days()
	if err != nil {
		return err
	}
	reused, err := p.ReusedIDs(c.Context(), jobs.Span{From: first, To: last})
	if err != nil {
		return err
	}
	if a.json() {
		return printJSON(c.OutOrStdout(), append([]jobs.ReusedID{}, reused...))
	}
	w := c.OutOrStdout()
	if len(reused) == 0 {
		fmt.Fprintln(w, "no event id is used on more than one day")
		return nil
	}
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "EVENT ID\tDAYS\tUTC DAY\tFILE")
	for _, r := range reused[:min(len(reused), 100)] {
		for n, use := range r.Uses[:min(len(r.Uses), 3)] {
			id, days := cut(r.ID, 36), fmt.Sprint(len(r.Uses))
			if n > 0 {
				id, days = "", ""
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", id, days, use.Day, end(use.File, 40))
		}
	}
	t.Flush()
	fmt.Fprintf(w, "%s used on more than one day, and billed on each: the same id on another day is another event\n", counted(len(reused), "event id"))
	return nil
}
