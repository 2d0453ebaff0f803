package main

import (
	"crypto/rand"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"daybook/jobs"
)

func newWebhooksResend(a *app) *cobra.Command {
	var f deliveryFlags
	var all bool
	c := &cobra.Command{
		Use: "resend", Short: "Send events of a closing again, under the same ids",
		Long: `Makes the dead and the pending events of a closing due at once, with all their attempts, and delivers
them. An endpoint that was stopped by a 410, or left alone because it failed, is resumed. Skipped events
that the endpoint wants go out as well: those of a closing made with --no-notify, and of types added to
its configuration since. With --all it sends again what was delivered too, and with --event that one
alone. Receivers know repeats by their id. Exit code 5 when some are still pending.`,
		Example: `  daybook webhooks resend --period 2026-10 --endpoint erp
  daybook webhooks resend --period 2026-10 --endpoint erp --event evt_7bqpocrdh2snopq3emri2ccori
  daybook webhooks resend --period 2026-10 --endpoint erp --all`,
		RunE: func(c *cobra.Command, _ []string) error {
			if f.endpoint == "" || f.period == "" {
				return usageErrorf("name an --endpoint and a --period; see --help for examples")
			}
			q, err := f.query()
			if err != nil {
				return err
			}
			p, _, err := a.pipeline(c)
			if err != nil {
				return err
			}
			outcomes, err := p.Resend(c.Context(), q, all)
			return a.report(c, outcomes, err)
		},
	}
	f.add(c)
	c.Flags().StringVar(&f.event, "event", "", "id of one event, whatever its state")
	c.Flags().BoolVar(&all, "all", false, "also what was delivered")
	return c
}

// tested is what `webhooks test` reports.
type tested struct {
	Endpoint string `json:"endpoint"`
	Event    string `json:"event"`
	Status   int    `json:"status"`
}

func newWebhooksTest(a *app) *cobra.Command {
	var f deliveryFlags
	c := &cobra.Command{
		Use: "test", Short: "Send one signed test event to an endpoint",
		Long: `Sends an event of type ` + jobs.TypeTest + ` with the endpoint's own address, guard and secrets, once. A 2xx
answer resumes an endpoint that was stopped by a 410 or left alone because it failed; its pending
events go out with the next deliver. Exit code 1 when it is not acknowledged.`,
		Example: "  daybook webhooks test --endpoint erp",
		RunE: func(c *cobra.Command, _ []string) error {
			if f.endpoint == "" {
				return usageErrorf("name an --endpoint; see --help for examples")
			}
			p, _, err := a.pipeline(c)
			if err != nil {
				return err
			}
			id := "evt_test_" + strings.ToLower(rand.Text())
			receipt, err := p.TestEndpoint(c.Context(), f.endpoint, id)
			if err != nil {
				return err
			}
			if a.json() {
				return printJSON(c.OutOrStdout(), tested{f.endpoint, id, receipt.Status})
			}
			fmt.Fprintf(c.OutOrStdout(), "endpoint %s acknowledged %s with status %d\n", f.endpoint, id, receipt.Status)
			return nil
		},
	}
	c.Flags().StringVar(&f.endpoint, "endpoint", "", "id of an endpoint of the configuration (required)")
	return c
}
