package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"daybook/jobs"
	"daybook/pricing"
)

func newWebhooks(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "webhooks",
		Short: "See, test and send again the webhooks of closings",
		Long: `Every event of a closing is delivered to each endpoint at least once, under one id and with one body
(` + "`daybook run deliver`" + `). An event that fails ten times over three days is dead: it is kept, listed here
and can be sent again.`,
		Example: `  daybook webhooks list
  daybook webhooks show   --period 2026-10 --state dead
  daybook webhooks resend --period 2026-10 --endpoint erp
  daybook webhooks test   --endpoint erp`,
	}
	c.AddCommand(newWebhooksList(a), newWebhooksShow(a), newWebhooksResend(a), newWebhooksTest(a))
	return c
}

// deliveryFlags are the flags that say which deliveries are meant.
type deliveryFlags struct{ endpoint, period, event, state string }

func (f *deliveryFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.endpoint, "endpoint", "", "id of an endpoint of the configuration")
	c.Flags().StringVar(&f.period, "period", "", "closing, YYYY-MM")
}

func (f *deliveryFlags) query() (jobs.DeliveryQuery, error) {
	q := jobs.DeliveryQuery{Endpoint: f.endpoint, Event: f.event, State: jobs.DeliveryState(f.state)}
	if f.period != "" {
		m, err := pricing.ParseMonth(f.period)
		if err != nil {
			return q, usageError{err}
		}
		q.Period = m.String()
	}
	known := []jobs.DeliveryState{"", jobs.DeliveryPending, jobs.DeliveryDelivered, jobs.DeliveryDead, jobs.DeliverySkipped}
	if !slices.Contains(known, q.State) {
		return q, usageErrorf("--state %s: write pending, delivered, dead or skipped", f.state)
	}
	return q, nil
}

func newWebhooksList(a *app) *cobra.Command {
	var f deliveryFlags
	c := &cobra.Command{
		Use: "list", Short: "Count the events of each closing by endpoint and state",
		Long: `Shows for each closing and endpoint how many events are delivered, pending and dead. Skipped are those
that the endpoint does not want, and those of closings made with --no-notify. Only reads; needs no
webhook secrets.`,
		Example: `  daybook webhooks list
  daybook webhooks list --endpoint erp -o json`,
		RunE: func(c *cobra.Command, _ []string) error {
			p, q, err := a.deliveries(c, &f)
			if err != nil {
				return err
			}
			counts, err := p.DeliveryCounts(c.Context(), q)
			if err != nil {
				return err
			}
			if a.json() {
				return printJSON(c.OutOrStdout(), append([]jobs.DeliveryCount{}, counts...))
			}
			printDeliveryCounts(c.OutOrStdout(), counts)
			return nil
		},
	}
	f.add(c)
	return c
}

func printDeliveryCounts(w io.Writer, counts []jobs.DeliveryCount) {
	if len(counts) == 0 {
		fmt.Fprintln(w, "no webhook events: no endpoint under `webhooks` of the configuration wants an event of a closed month")
		return
	}
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "ENDPOINT\tPERIOD\tREVISION\tEVENTS\tDELIVERED\tPENDING\tDEAD\tSKIPPED\tNEXT ATTEMPT")
	for _, n := range counts {
		next := moment(n.Next)
		switch {
		case n.Pending == 0:
			next = "-"
		case !n.Stopped.IsZero():
			next = "stopped by 410 at " + moment(n.Stopped)
		case n.Next.IsZero():
			next = "by the next deliver"
		}
		fmt.Fprintf(t, "%s\t%s\tr%d\t%d\t%d\t%d\t%d\t%d\t%s\n", n.Endpoint, n.Period, n.Revision, n.Events, n.Delivered, n.Pending, n.Dead, n.Skipped, next)
	}
	t.Flush()
	for _, n := range counts {
		if n.Failure != "" && n.Pending+n.Dead > 0 {
			fmt.Fprintf(w, "%s %s, last failure: %s\n", n.Endpoint, n.Period, n.Failure)
		}
	}
}

func newWebhooksShow(a *app) *cobra.Command {
	var f deliveryFlags
	c := &cobra.Command{
		Use: "show", Short: "List events one by one, or show one with its body",
		Long: `Lists the events of a closing at each endpoint: id, type, subject (the invoice), state, failed attempts,
status of the last answer. With --event also the body, byte for byte as it is sent. Only reads; needs
no webhook secrets.`,
		Example: `  daybook webhooks show --period 2026-10
  daybook webhooks show --period 2026-10 --endpoint erp --state dead
  daybook webhooks show --event evt_7bqpocrdh2snopq3emri2ccoriaonetp -o json`,
		RunE: func(c *cobra.Command, _ []string) error {
			if f.period == "" && f.event == "" {
				return usageErrorf("name a --period or an --event; see --help for examples")
			}
			p, q, err := a.deliveries(c, &f)
			if err != nil {
				return err
			}
			found, err := p.Deliveries(c.Context(), q)
			if err != nil {
				return err
			}
			if f.event != "" && len(found) == 0 {
				return usageErrorf("no event %s; `daybook webhooks show --period …` lists them", f.event)
			}
			if a.json() {
				return printJSON(c.OutOrStdout(), append([]jobs.EndpointDelivery{}, found...))
			}
			printDeliveries(c.OutOrStdout(), found)
			return nil
		},
	}
	f.add(c)
	c.Flags().StringVar(&f.event, "event", "", "id of one event: show its body too")
	c.Flags().StringVar(&f.state, "state", "", "pending, delivered, dead or skipped")
	return c
}

func printDeliveries(w io.Writer, found []jobs.EndpointDelivery) {
	if len(found) == 0 {
		fmt.Fprintln(w, "no such events")
		return
	}
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "EVENT\tTYPE\tSUBJECT\tENDPOINT\tPERIOD\tSTATE\tFAILED\tSTATUS\tLAST ATTEMPT\tNEXT ATTEMPT")
	for _, d := range found {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\t%s\n", d.ID, d.Type, d.Subject, d.Endpoint, d.Period, d.State, d.Attempts,
			orDash(d.Status != 0, fmt.Sprint(d.Status)), moment(d.At), moment(d.Next))
	}
	t.Flush()
	for _, d := range found {
		if d.Body != nil {
			fmt.Fprintf(w, "%s\n", d.Body)
			return // it is the same for every endpoint
		}
	}
}

// deliveries opens a pipeline that looks at deliveries: it knows the endpoints
// by id and what they take, and not their secrets.
func (a *app) deliveries(c *cobra.Command, f *deliveryFlags) (*jobs.Pipeline, jobs.DeliveryQuery, error) {
	q, err := f.query()
	if err != nil {
		return nil, q, err
	}
	cfg, err := readConfig(a.configPath)
	if err != nil {
		return nil, q, err
	}
	cfg.withoutSecrets = true
	if err := cfg.checked(); err != nil {
		return nil, q, err
	}
	p, err := a.open(c, cfg)
	return p, q, err
}

// moment writes an instant for a table, "-" for none.
func moment(t time.Time) string {
	return orDash(!t.IsZero(), t.UTC().Format("2006-01-02 15:04:05"))
}

func orDash(have bool, text string) string {
	if have {
		return text
	}
	return "-"
}
