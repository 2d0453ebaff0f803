package main

import "github.com/spf13/cobra"

func newPrice(a *app) *cobra.Command {
	f := &priceFlags{}
	c := &cobra.Command{
		Use: "price", Short: "Price usage by hand and show each step", Args: cobra.NoArgs,
		Long: `Prices usage that you name with a price book, and shows how every line of the invoice comes about:
what was measured, tiers, adjustments, rounding, total. Nothing is written anywhere: the usage is made a
Parquet file in memory, rolled up, rated and closed by the same code that bills, so that what is printed
is what a customer would be billed.

The period is a closing: the month in which the billing periods end (and fees in advance start). Without
--start the subscription begins with the billing period in which the month begins, and usage without a
time lies at its start.
Times are instants (2026-10-05T08:00:00Z), or dates and times in --time-zone (2026-10-05, 2026-10-05T08:00).
Amounts are in the book's currency; -o json has every figure exactly, rounded and unrounded.`,
		Example: `  daybook price --book shop.yaml --plan standard --period 2026-10 --usage traffic=500
  daybook price --book shop.yaml --plan standard --period 2026-10 \
      --usage gpu=3@2026-10-05T08:00,region=eu --usage gpu=5@2026-10-05T09:00,region=us
  daybook price --book shop.yaml --plan team --period 2026-10 --start 2026-10-11 --quantity seats=25
  daybook price --book vps.yaml --plan vps --period 2026-10 --resource vm:l=2@2026-10-01..2026-10-16
  daybook price --book shop.yaml --period 2026-10 --registry ./registry --subscription sub-1 \
      --usage traffic=500 --series -o json`,
		RunE: func(c *cobra.Command, _ []string) error {
			t, err := f.trial()
			if err != nil {
				return err
			}
			result, err := t.price(c.Context())
			if err != nil {
				return err
			}
			if a.json() {
				return printJSON(c.OutOrStdout(), result.document())
			}
			result.print(c.OutOrStdout())
			return nil
		},
	}
	flags := c.Flags()
	flags.StringVar(&f.book, "book", "", "price book file (required)")
	flags.StringVar(&f.period, "period", "", "month whose closing bills, YYYY-MM (required)")
	flags.StringVar(&f.plan, "plan", "", "plan (required without --registry)")
	flags.StringArrayVar(&f.usage, "usage", nil, "meter=quantity[@time][,column=value]…: one usage event (repeatable)")
	flags.StringVar(&f.asOf, "as-of", "", "what is known and when it is issued (default: a day and a half after the month)")
	flags.StringVar(&f.start, "start", "", "start of the subscription")
	flags.StringVar(&f.end, "end", "", "end of the subscription, exclusive")
	flags.IntVar(&f.anchor, "anchor", 0, "day of the month on which the subscription bills, 1 to 31")
	flags.StringVar(&f.zone, "time-zone", "", "IANA time zone of the customer (default UTC)")
	flags.StringArrayVar(&f.quantities, "quantity", nil, "price=n: how many of a fixed fee (repeatable)")
	flags.StringArrayVar(&f.overrides, "override", nil, "price=amount: the subscription's own unit price (repeatable)")
	flags.StringArrayVar(&f.resources, "resource", nil, "kind[:sku]=quantity[@from..to]: a resource (repeatable)")
	flags.StringVar(&f.registry, "registry", "", "folder with a registry: accounts, subscriptions and all else come from it")
	flags.StringVar(&f.subscription, "subscription", "", "with --registry: whose usage and invoice it is")
	flags.BoolVar(&f.series, "series", false, "show the cost of each day of the period too")
	return c
}

// priceFlags are the flags as they were given.
type priceFlags struct {
	book, period, plan, asOf, start, end, zone, registry, subscription string
	anchor                                                             int
	usage, quantities, overrides, resources                            []string
	series                                                             bool
}

// check refuses flags that are missing or do not go together.
func (f *priceFlags) check() error {
	for _, need := range []struct{ flag, value, example string }{
		{"book", f.book, "--book shop.yaml"},
		{"period", f.period, "--period 2026-10"},
	} {
		if need.value == "" {
			return usageErrorf("no --%s given, for example %s; see `daybook price --help`", need.flag, need.example)
		}
	}
	if f.registry == "" {
		switch {
		case f.plan == "":
			return usageErrorf("no --plan given; name one of the book's plans, or a customer's with --registry and --subscription")
		case f.subscription != "":
			return usageErrorf("--subscription names one of a registry; give --registry too, or leave it out")
		}
		return nil
	}
	if f.subscription == "" {
		return usageErrorf("no --subscription given; name the one of --registry %s to look at", f.registry)
	}
	for _, own := range []struct {
		flag  string
		given bool
	}{
		{"plan", f.plan != ""},
		{"start", f.start != ""},
		{"end", f.end != ""},
		{"anchor", f.anchor != 0},
		{"time-zone", f.zone != ""},
		{"quantity", len(f.quantities) > 0},
		{"override", len(f.overrides) > 0},
		{"resource", len(f.resources) > 0},
	} {
		if own.given {
			return usageErrorf("--%s does not go with --registry, whose rows say it; leave out one of the two", own.flag)
		}
	}
	return nil
}

// unusable is the error of a flag whose value cannot be read.
func unusable(flag, value string, reason any) error {
	return usageErrorf("--%s %s: %v", flag, value, reason)
}
