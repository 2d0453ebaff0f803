package main

import (
	"fmt"
	"io"
	"regexp"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"daybook/jobs"
	"daybook/sinks/publish"
)

func newGC(a *app) *cobra.Command {
	var o jobs.CollectOptions
	c := &cobra.Command{
		Use: "gc", Short: "Delete what runs that died or lost have left", Args: cobra.NoArgs,
		Long: `Deletes objects under data/ that belong to a decided revision and that its manifest does not name: what a
run had stored that died, lost to another runner, or was abandoned. On a folder it also removes temporary
files of dead processes. It goes by what is decided and by no age or clock, so it may run at any time,
beside runs and beside another gc.

With --superseded it also deletes the data of revisions that later ones took the place of, all but the
--keep latest published ones of each period. Closings, and whatever a surviving manifest, an open plan or
the current view names, stay: nothing that an issued invoice stands on is ever deleted. Plans and manifests
always stay.`,
		Example: `  daybook gc --dry-run
  daybook gc
  daybook gc --superseded --keep 2 --dry-run`,
		RunE: func(c *cobra.Command, _ []string) error {
			if c.Flags().Changed("keep") && !o.Superseded {
				return usageErrorf("--keep says how many revisions --superseded leaves; write both")
			}
			if o.Keep < 1 {
				return usageErrorf("--keep %d: at least 1 published revision of each period stays", o.Keep)
			}
			p, err := a.reader(c)
			if err != nil {
				return err
			}
			gone, err := p.Collect(c.Context(), o)
			if a.json() {
				if printErr := printJSON(c.OutOrStdout(), append([]publish.Garbage{}, gone...)); printErr != nil {
					return printErr
				}
				return err
			}
			printGarbage(c.OutOrStdout(), gone, o.DryRun)
			return err
		},
	}
	c.Flags().BoolVar(&o.DryRun, "dry-run", false, "say what would be deleted, and delete nothing")
	c.Flags().BoolVar(&o.Superseded, "superseded", false, "the data of superseded revisions too")
	c.Flags().IntVar(&o.Keep, "keep", 2, "with --superseded: published revisions of each period that stay")
	return c
}

// abridged finds the digest in a key, of which a table shows the first part.
var abridged = regexp.MustCompile(`([0-9a-f]{12})[0-9a-f]{52}`)

func printGarbage(w io.Writer, gone []publish.Garbage, dry bool) {
	said := "deleted"
	if dry {
		said = "would be deleted"
	}
	var bytes int64
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for n, g := range gone {
		bytes += g.Size
		switch {
		case n == 0:
			fmt.Fprintln(t, "WHY\tBYTES\tOBJECT")
			fallthrough
		case n < 50:
			fmt.Fprintf(t, "%s\t%d\t%s\n", g.Why, g.Size, abridged.ReplaceAllString(g.Key, "$1…"))
		}
	}
	t.Flush()
	if len(gone) > 50 {
		fmt.Fprintf(w, "… and %d more; -o json has them all\n", len(gone)-50)
	}
	if len(gone) == 0 {
		fmt.Fprintln(w, "nothing to delete")
		return
	}
	fmt.Fprintf(w, "%s, %d bytes, %s\n", counted(len(gone), "object"), bytes, said)
}
