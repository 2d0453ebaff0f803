package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"daybook/jobs"
	"daybook/pricing"
	"daybook/sources/heap"
	"daybook/sources/usage"
)

// app is what every subcommand shares: the global flags.
type app struct {
	configPath string
	output     string
	quiet      bool
}

func newRoot() *cobra.Command {
	a := &app{}
	root := &cobra.Command{
		Use:   "daybook",
		Short: "Turn usage Parquet in a bucket into costs, invoices and webhooks",
		Long: `Daybook is a batch billing engine. It reads raw usage Parquet from a bucket, computes daily
cumulative costs and monthly invoices in exact decimals, and writes them back as Parquet tables and
JSON documents. The same input gives the same bytes; nothing is billed twice.

Exit codes: 0 done or already done · 1 failed · 2 usage or input mistake · 4 published, with rejected
rows or parked accounts · 5 published, webhooks pending · 6 unsafe store · 7 not due or incomplete.`,
		Example: `  daybook demo                                          a month of billing under ./demo
  daybook run monthly --config daybook.yaml --period 2026-10
  daybook backfill daily --config daybook.yaml --from 2026-09-01 --to 2026-09-30
  daybook costs --config daybook.yaml --account acme --from 2026-10-01 --to 2026-10-31`,
		SilenceUsage:  true,
		SilenceErrors: true,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			if a.output != "table" && a.output != "json" {
				return usageErrorf("-o %s: write table or json", a.output)
			}
			return nil
		},
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usageErrorf("%w; see `%s --help`", err, c.CommandPath())
	})
	flags := root.PersistentFlags()
	flags.StringVarP(&a.configPath, "config", "c", "daybook.yaml", "configuration file")
	flags.StringVarP(&a.output, "output", "o", "table", "output: table or json")
	flags.BoolVarP(&a.quiet, "quiet", "q", false, "no progress on standard error")
	root.AddCommand(
		newDemo(a), newGenerate(a), newValidate(a), newRun(a), newBackfill(a), newScheduleCommand(a),
		newCosts(a), newInvoices(a), newReconcile(a), newExplain(a), newVoid(a), newWithdraw(a),
		newRuns(a), newVerify(a), newGC(a), newPrice(a), newWebhooks(a), newDoctor(a), newServe(a), newToken(a),
		newBook(a), newRegistry(a), newVersion(a), newUsageDecoder(),
	)
	mistakesAreUsage(root)
	fitHelp(root)
	return root
}

// takesArguments marks a command that checks its own arguments.
const takesArguments = "takes arguments"

// mistakesAreUsage makes wrong arguments exit 2, here and below.
func mistakesAreUsage(c *cobra.Command) {
	switch {
	case c.HasSubCommands():
		unknownIsUsage(c)
	case c.Annotations[takesArguments] == "":
		c.Args = func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageErrorf("`%s` takes no arguments, only flags; %q is none; see `%s --help`", c.CommandPath(), args[0], c.CommandPath())
			}
			return nil
		}
	}
	for _, sub := range c.Commands() {
		mistakesAreUsage(sub)
	}
}

// unknownIsUsage makes a wrong or missing subcommand exit 2 with the choices.
func unknownIsUsage(c *cobra.Command) {
	c.Args = func(c *cobra.Command, args []string) error {
		if len(args) == 0 && c.HasParent() {
			return usageErrorf("`%s` needs one of %s; see `%s --help`", c.CommandPath(), strings.Join(names(c.Commands()), ", "), c.CommandPath())
		}
		if len(args) == 0 {
			return nil
		}
		if near := c.SuggestionsFor(args[0]); len(near) > 0 {
			return usageErrorf("unknown command %q; did you mean %q?", c.CommandPath()+" "+args[0], near[0])
		}
		return usageErrorf("unknown command %q; see `%s --help`", c.CommandPath()+" "+args[0], c.CommandPath())
	}
	c.SuggestionsMinimumDistance = 2
	c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
}

func names(commands []*cobra.Command) []string {
	list := make([]string, 0, len(commands))
	for _, c := range commands {
		list = append(list, c.Name())
	}
	return list
}

// json reports whether results go out as JSON.
func (a *app) json() bool { return a.output == "json" }

func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// logger writes warnings and job results to standard error: plain text for
// people, JSON lines for collectors.
func (a *app) logger(w io.Writer) *slog.Logger {
	level := slog.LevelInfo
	if a.quiet {
		level = slog.LevelWarn
	}
	if a.json() {
		return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level}))
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
}

// pipeline opens the configuration, its stores and a pipeline over them, for one job.
func (a *app) pipeline(c *cobra.Command) (*jobs.Pipeline, *config, error) {
	cfg, err := loadConfig(a.configPath)
	if err != nil {
		return nil, nil, err
	}
	heap.Manage(cfg.settings.Memory)
	p, err := a.open(c, cfg)
	return p, cfg, err
}

// reader opens a pipeline that only shows what is published. It leaves webhooks
// and signing out: their secrets are no business of people who look up a cost.
func (a *app) reader(c *cobra.Command) (*jobs.Pipeline, error) {
	cfg, err := readConfig(a.configPath)
	if err != nil {
		return nil, err
	}
	cfg.file.Webhooks, cfg.file.Signing = nil, signingConfig{}
	if err := cfg.checked(); err != nil {
		return nil, err
	}
	return a.open(c, cfg)
}

func (a *app) open(c *cobra.Command, cfg *config) (*jobs.Pipeline, error) {
	stores, err := openStores(c.Context(), cfg)
	if err != nil {
		return nil, err
	}
	engine, err := cfg.engine()
	if err != nil {
		return nil, err
	}
	return a.newPipeline(c, stores, cfg, engine), nil
}

// newPipeline opens a pipeline; without an engine usage is decoded in this process.
func (a *app) newPipeline(c *cobra.Command, stores jobs.Stores, cfg *config, engine usage.Engine) *jobs.Pipeline {
	o := jobs.Options{
		Version: version, Engine: engine, Signing: cfg.signing, Log: a.logger(c.ErrOrStderr()), Clock: wallClock(), ProbeKey: "probe/" + rand.Text(), Systems: cfg.systems,
	}
	if !a.quiet {
		o.Progress = newProgress(os.Stderr)
	}
	return jobs.New(stores, cfg.settings, o)
}

// parseInstant reads --as-of: an ISO instant with a zone, or a date in UTC.
func parseInstant(flag, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t.UTC(), nil
	}
	if d, err := pricing.ParseDate(s); err == nil {
		return d.UTC(), nil
	}
	return time.Time{}, usageErrorf("--%s %q: write an instant such as 2026-11-03T00:00:00Z, or a date", flag, s)
}

func newVersion(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Example: "  daybook version", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if a.json() {
				return printJSON(c.OutOrStdout(), map[string]string{"version": version, "revision": buildRevision()})
			}
			_, err := fmt.Fprintf(c.OutOrStdout(), "daybook %s (%s)\n", version, buildRevision())
			return err
		},
	}
}
