package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func newScheduleCommand(a *app) *cobra.Command {
	var list bool
	c := &cobra.Command{
		Use: "schedule", Short: "Stay and run the jobs by the configured cron times", Args: cobra.NoArgs,
		Long: `Wakes each job at its cron time (UTC) and runs everything that is due and not yet done. Cron only
wakes: what is due comes from the store, so missed and doubled wake-ups do no harm, and several
schedulers may run side by side. Everything due is run once at the start. SIGTERM stops it at
once; the next start takes up what was not finished.`,
		Example: `  daybook schedule --config /etc/daybook/daybook.yaml
  daybook schedule --list`,
		RunE: func(c *cobra.Command, _ []string) error {
			p, cfg, err := a.pipeline(c)
			if err != nil {
				return err
			}
			lines := cfg.schedule.WakeUps(wallClock().Now())
			if list && a.json() {
				return printJSON(c.OutOrStdout(), lines)
			}
			if list || !a.json() {
				for _, line := range lines {
					fmt.Fprintln(c.OutOrStdout(), line)
				}
			}
			if list {
				return nil
			}
			return p.Serve(c.Context(), cfg.schedule)
		},
	}
	c.Flags().BoolVar(&list, "list", false, "print the times and exit")
	return c
}
