package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"daybook/cmd/daybook/world"
	"daybook/jobs"
	"daybook/sinks/documents"
)

func newDemo(a *app) *cobra.Command {
	var dir, system string
	var only bool
	c := &cobra.Command{
		Use: "demo", Short: "Make a realistic month under a folder and bill it", Args: cobra.NoArgs,
		Long: `Writes a configuration and a bucket with a month of usage (300,000 events, duplicates and bad rows among
them; five subscriptions under two paying accounts in two time zones, one billed on its anniversary),
runs rollup, daily and monthly, receives its own webhooks on loopback, and says what it made and where.

With --system it makes a small world of one of the systems whose APIs Daybook answers, bills it, prints
tokens and requests to try, and serves that API on loopback until it is interrupted.`,
		Example: `  daybook demo --dir demo
  daybook demo --dir demo-orb --system orb`,
		RunE: func(c *cobra.Command, _ []string) error {
			if system != "" {
				return a.demoSystem(c, dir, system, only)
			}
			return a.demo(c, dir)
		},
	}
	c.Flags().StringVar(&system, "system", "", "serve a small world of orb, rokka, akkeris, cloudsigma or computestacks")
	c.Flags().BoolVar(&only, "no-serve", false, "with --system: make and bill the world, and serve nothing")
	c.Flags().StringVar(&dir, "dir", "demo", "folder to write to; must not exist or be a demo already")
	return c
}

// demoConfig is the demo's configuration. Its webhook receiver is added when it runs.
const demoConfig = `# The demo's configuration. docs/configuration.md explains every key.
usage:
  at: bucket/usage
  layout: {partition: dt, means: event_day, zone: UTC}
registry: bucket/registry
book: bucket/book
out: bucket/out
start: 2026-09-01            # the first month that is billed
daily: {grace: 2h}
closing: {every: month, grace: 36h}
issuer: {name: Northwind Cloud AG, terms: 30d, series: {invoice: "NW-{year}-{n:06}"}}
`

func (a *app) demo(c *cobra.Command, dir string) error {
	if err := makeDemo(dir); err != nil {
		return err
	}
	out := c.OutOrStdout()
	receiver, err := listen()
	if err != nil {
		return err
	}
	defer receiver.close()
	cfg, err := loadConfig(filepath.Join(dir, "daybook.yaml"))
	if err != nil {
		return err
	}
	cfg.settings.Endpoints = []jobs.Endpoint{receiver.endpoint()}
	stores, err := openStores(c.Context(), cfg)
	if err != nil {
		return err
	}
	story, err := runDemo(c.Context(), a.newPipeline(c, stores, cfg, nil))
	if err != nil {
		return err
	}
	story.received = receiver.events()
	if story.received != len(story.closing.Invoices) {
		return fmt.Errorf("the demo's story went wrong: %d invoices, but %d webhooks received", len(story.closing.Invoices), story.received)
	}
	if a.json() {
		return printJSON(out, story.outcomes)
	}
	return story.tell(out, dir)
}

// makeDemo writes the configuration and the bucket.
func makeDemo(dir string) error {
	if err := clearDemo(dir); err != nil {
		return err
	}
	if err := writeFile(filepath.Join(dir, "daybook.yaml"), []byte(demoConfig)); err != nil {
		return err
	}
	return world.Write(world.Demo, func(path string, body []byte) error {
		return writeFile(filepath.Join(dir, "bucket", filepath.FromSlash(path)), body)
	})
}

// story is what the demo has to tell.
type story struct {
	outcomes []jobs.Outcome
	closing  jobs.Outcome
	costs    []jobs.AccountCost
	received int
}

// runDemo bills the demo's month as the scheduler would.
func runDemo(ctx context.Context, p *jobs.Pipeline) (*story, error) {
	s := &story{}
	m := world.Demo.Month
	options := jobs.RunOptions{Now: m.Next().Next().First().UTC()}
	days := jobs.Span{From: m.First(), To: m.Next().First().AddDays(-1)}.Days()
	daily, err := p.Daily(ctx, days, options)
	s.outcomes = append(s.outcomes, daily...)
	if err != nil {
		return nil, err
	}
	monthly, err := p.Monthly(ctx, m.Through(m), options)
	s.outcomes = append(s.outcomes, monthly...)
	if err != nil {
		return nil, err
	}
	s.closing = monthly[len(monthly)-1]
	delivered, err := p.Deliver(ctx)
	s.outcomes = append(s.outcomes, delivered...)
	if err != nil {
		return nil, err
	}
	s.costs, err = p.AccountCosts(ctx, days[len(days)-1])
	return s, err
}

// tell prints the story for people.
func (s *story) tell(w io.Writer, dir string) error {
	var read, kept, duplicate, rejected, outside int64
	for _, o := range s.outcomes {
		if o.Counts == nil {
			continue
		}
		read, kept, duplicate = read+o.Counts.Read, kept+o.Counts.Kept, duplicate+o.Counts.Duplicate
		rejected, outside = rejected+o.Counts.Rejected, outside+o.Counts.Outside
	}
	fmt.Fprintf(w, "Billed %s from %d usage rows: %d kept, %d duplicate, %d rejected, %d outside.\n\n", world.Demo.Month, read, kept, duplicate, rejected, outside)
	fmt.Fprintln(w, "Cost of each account in its period so far, on the month's last day (not rounded to cents):")
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, c := range s.costs {
		fmt.Fprintf(t, "  %s\t%s\t%s\n", c.BillingAccount, c.Account, documents.FormatExact(c.Total, c.Currency))
	}
	t.Flush()
	fmt.Fprintln(w, "\nInvoices:")
	printInvoices(w, s.closing.Invoices)
	fmt.Fprintf(w, "\n%d signed webhooks were sent and received.\n", s.received)
	printReasons(w, s.outcomes)
	at := filepath.ToSlash(dir)
	fmt.Fprintf(w, `
Where things are, under %[1]s/bucket/out:
  current/tables/<table>/<partition>/part.parquet   usage_daily, daily_costs, invoices, …
  current/documents/invoices/<account>/…json        an invoice as a document
  runs/<job>/<period>/r000001/manifest.json         what each run read and wrote, with digests

Try next:
  bin/daybook run monthly --config %[1]s/daybook.yaml --period %[2]s      (finds nothing to do)
  bin/daybook invoices --config %[1]s/daybook.yaml --period %[2]s --account globex
  bin/daybook costs --config %[1]s/daybook.yaml --account initech --from %[3]s --to %[4]s
  bin/daybook costs --config %[1]s/daybook.yaml --account initech --from %[4]s --forecast
  bin/daybook explain --config %[1]s/daybook.yaml %[5]s 1    (an invoice line, down to its files)
`, at, world.Demo.Month, world.Demo.Month.First(), world.Demo.Month.First().AddDays(6), s.closing.Invoices[0].Number)
	return nil
}
