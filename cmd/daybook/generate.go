package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"daybook/cmd/daybook/world"
	"daybook/pricing"
)

func newGenerate(a *app) *cobra.Command {
	c := &cobra.Command{Use: "generate", Short: "Make example inputs", Example: "  daybook generate usage --month 2026-09 --dir ./usage"}
	var dir, month string
	o := world.Demo
	usage := &cobra.Command{
		Use: "usage", Short: "Make a month of usage Parquet files", Args: cobra.NoArgs,
		Long: `Writes usage files of the demo's world, dt=YYYY-MM-DD/part-N.parquet, with duplicates and a few bad rows
among them. The same flags give the same bytes.`,
		Example: `  daybook generate usage --month 2026-09 --dir ./usage
  daybook generate usage --month 2026-09 --events 5000000 --seed 7 --dir ./usage`,
		RunE: func(c *cobra.Command, _ []string) error {
			m, err := pricing.ParseMonth(month)
			if err != nil {
				return usageErrorf("--month: %w", err)
			}
			if o.Events < 1 || o.FilesPerDay < 0 || o.RowGroupRows < 0 {
				return usageErrorf("--events, --files-per-day and --row-group-rows are numbers above zero")
			}
			o.Month = m
			files, size := 0, 0
			err = world.WriteUsage(o, func(path string, body []byte) error {
				files, size = files+1, size+len(body)
				return writeFile(filepath.Join(dir, filepath.FromSlash(path)), body)
			})
			if err != nil {
				return err
			}
			if a.json() {
				return printJSON(c.OutOrStdout(), map[string]any{"dir": dir, "files": files, "bytes": size})
			}
			fmt.Fprintf(c.OutOrStdout(), "wrote %d files, %d KiB, under %s\n", files, size>>10, dir)
			return nil
		},
	}
	flags := usage.Flags()
	flags.StringVar(&month, "month", world.Demo.Month.String(), "month to make, YYYY-MM")
	flags.StringVar(&dir, "dir", "usage", "folder to write to")
	flags.IntVar(&o.Events, "events", world.Demo.Events, "events in the month")
	flags.Uint64Var(&o.Seed, "seed", world.Demo.Seed, "the same seed gives the same events")
	flags.IntVar(&o.FilesPerDay, "files-per-day", 2, "usage files a day")
	flags.IntVar(&o.RowGroupRows, "row-group-rows", 0, "rows of a row group (default: the writer's)")
	c.AddCommand(usage)
	return c
}

func writeFile(path string, body []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.WriteFile(path, body, 0o644)
}
