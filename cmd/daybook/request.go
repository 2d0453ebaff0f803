package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"daybook/jobs"
	"daybook/pricing"
	"daybook/sinks/publish"
)

// askFlags are what every request says.
type askFlags struct{ reason, at string }

func (f *askFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.reason, "reason", "", "why, for whoever looks later (required)")
	c.Flags().StringVar(&f.at, "time", "", "when it was decided, RFC 3339 (optional; kept as given)")
}

func (f *askFlags) check() error {
	if strings.TrimSpace(f.reason) == "" {
		return usageErrorf("no --reason given; say why, for whoever looks later")
	}
	_, err := parseInstant("time", f.at)
	return err
}

func newVoid(a *app) *cobra.Command {
	var f askFlags
	var usage usageFlags
	var invoice string
	var line int
	c := &cobra.Command{
		Use: "void", Short: "Ask that a line of an issued invoice, or usage, be owed no more", Args: cobra.NoArgs,
		Long: `Leaves a request that the charge of an invoice's line be owed no more. The invoice stays as it was issued;
the next closing (with closing.corrections: note, the next run of the month) takes back what was billed for
it, by all lines of the same subscription, price and period, whoever pays for them by then. A request is
kept for good; the same one made again is the same request. ` + "`daybook invoices --account A`" + ` shows the
numbers of lines.

With --subscription, it is what that used of a --meter --from one instant on --until another, where the meter
has a grain finer than a day: costs are rated without it from their next run on, its month is closed without
it, and of a month that is closed the next closing takes back what was billed for it.`,
		Example: `  daybook void --invoice ACME-2026-000042 --line 3 --reason "disputed, ticket 811"
  daybook void --subscription sub-17 --meter hours \
      --from 2026-10-05T08:00:00Z --until 2026-10-05T08:05:00Z \
    --dimensions '{"container":"c1"}' --reason "read twice"`,
		RunE: func(c *cobra.Command, _ []string) error {
			if usage.subscription != "" && invoice == "" {
				return a.voidUsage(c, &usage, &f)
			}
			if invoice == "" || line < 1 || usage.subscription != "" {
				return usageErrorf("name an --invoice by its number or id, and a --line from 1 on, or usage of a --subscription; see `%s --help`", c.CommandPath())
			}
			if err := f.check(); err != nil {
				return err
			}
			p, err := a.reader(c)
			if err != nil {
				return err
			}
			placed, err := p.Void(c.Context(), invoice, line, f.reason, f.at)
			if errors.Is(err, jobs.ErrNoInvoice) {
				err = usageError{err}
			}
			return a.reportRequest(c, placed, err, "the next closing takes back what was billed for it")
		},
	}
	c.Flags().StringVar(&invoice, "invoice", "", "number or id of the invoice")
	c.Flags().IntVar(&line, "line", 0, "number of its line")
	usage.add(c)
	f.add(c)
	return c
}

// usageFlags name usage to take back.
type usageFlags struct{ subscription, meter, from, until, dimensions string }

func (u *usageFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&u.subscription, "subscription", "", "id of a subscription, of whose usage")
	c.Flags().StringVar(&u.meter, "meter", "", "which meter")
	c.Flags().StringVar(&u.from, "from", "", "from which instant on, RFC 3339")
	c.Flags().StringVar(&u.until, "until", "", "before which instant, RFC 3339")
	c.Flags().StringVar(&u.dimensions, "dimensions", "{}", "JSON object of dimensions that it has")
}

// voidUsage asks that usage be taken back.
func (a *app) voidUsage(c *cobra.Command, u *usageFlags, f *askFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	from, err := parseInstant("from", u.from)
	if err != nil {
		return err
	}
	until, err := parseInstant("until", u.until)
	if err != nil {
		return err
	}
	if u.meter == "" || from.IsZero() || !from.Before(until) {
		return usageErrorf("name a --meter, and --from which instant on and --until which later one; see `%s --help`", c.CommandPath())
	}
	v := pricing.VoidUsage{Subscription: u.subscription, Meter: u.meter, From: from.UnixMicro(), Until: until.UnixMicro(), Dimensions: u.dimensions}
	if v.Check() != nil {
		return usageErrorf(`--dimensions %q: write a JSON object of texts, such as {"container":"c1"}`, u.dimensions)
	}
	p, err := a.reader(c)
	if err != nil {
		return err
	}
	if err := p.CheckVoidUsage(c.Context(), v); errors.Is(err, jobs.ErrNoUsage) {
		return usageError{err}
	} else if err != nil {
		return err
	}
	placed, err := p.VoidUsage(c.Context(), v, f.reason, f.at)
	return a.reportRequest(c, placed, err, "it is priced no more by the next runs, and given back where it was billed")
}

// withdrawable are the kinds of registry row that may be withdrawn.
var withdrawable = []string{"account", "subscription", "resource"}

func newWithdraw(a *app) *cobra.Command {
	var f askFlags
	var file string
	rows := map[string]*string{}
	c := &cobra.Command{
		Use: "withdraw", Short: "Say that a usage file, or a registry row, is gone on purpose", Args: cobra.NoArgs,
		Long: `A usage file or a row of the registry that is simply gone changes nothing that was billed: it may be a broken
export. This leaves a request that says it is gone on purpose. A withdrawn file's days are read without it,
even while it is still there; of a withdrawn row that is no longer in the registry, the next closing takes back what was
billed. To end a subscription or resource, write its end into the registry instead.`,
		Example: `  daybook withdraw --file dt=2026-10-05/part-3.parquet --reason "written twice"
  daybook withdraw --subscription sub-17 --reason "test account, never a customer"`,
		RunE: func(c *cobra.Command, _ []string) error {
			kind, id := "", ""
			for _, k := range withdrawable {
				if *rows[k] == "" {
					continue
				}
				if id != "" || file != "" {
					return usageErrorf("withdraw one thing at a time: a --file, or one of --%s", strings.Join(withdrawable, ", --"))
				}
				kind, id = k, *rows[k]
			}
			if file == "" && id == "" {
				return usageErrorf("name a --file by its key, or one of --%s; see `%s --help`", strings.Join(withdrawable, ", --"), c.CommandPath())
			}
			if err := f.check(); err != nil {
				return err
			}
			p, err := a.reader(c)
			if err != nil {
				return err
			}
			if file != "" {
				placed, err := p.WithdrawFile(c.Context(), file, f.reason, f.at)
				return a.reportRequest(c, placed, err, "its days are rolled up without it by their next run")
			}
			placed, err := p.WithdrawRow(c.Context(), kind, id, f.reason, f.at)
			return a.reportRequest(c, placed, err, "the next closing takes back what was billed for it, once it is gone from the registry")
		},
	}
	c.Flags().StringVar(&file, "file", "", "key of a usage file, under usage.at")
	for _, k := range withdrawable {
		rows[k] = c.Flags().String(k, "", "id of a row of the registry")
	}
	f.add(c)
	return c
}

// request is what the commands that leave one report.
type request struct {
	Key     string            `json:"key"`
	Kind    string            `json:"kind"`
	Subject map[string]string `json:"subject"`
	Reason  string            `json:"reason"`
	Time    string            `json:"time,omitempty"`
}

func (a *app) reportRequest(c *cobra.Command, placed publish.PlacedRequest, err error, then string) error {
	if err != nil {
		return err
	}
	if a.json() {
		return printJSON(c.OutOrStdout(), request{placed.Input.Key, placed.Kind, placed.Subject, placed.Reason, placed.Time})
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "asked: %s\n%s\n", placed.Input.Key, then)
	return err
}
