package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"daybook/jobs"
	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sinks/documents"
)

func newCosts(a *app) *cobra.Command {
	var account, from, to string
	var forecast bool
	c := &cobra.Command{
		Use: "costs", Short: "Show published daily costs", Args: cobra.NoArgs,
		Long: `Reads the published table daily_costs and shows, for each day, an account's cost since its billing
period began and the day's own cost. Amounts are exact and not rounded to cents; shares that an account
has in a pooled price are marked "own" and are not part of the bill twice.

With --forecast it shows what the billing periods that are open at the end of that day will cost when
they end: usage goes on at the run rate of the time that has passed, levels hold, and the price book is
applied to that. It reads the rollups that stand and publishes nothing. As JSON it is a document of its
own, with the method and the inputs of each figure.`,
		Example: `  daybook costs --account acme --from 2026-10-01 --to 2026-10-31
  daybook costs --account acme --from 2026-10-31 -o json
  daybook costs --account acme --from 2026-10-10 --forecast`,
		RunE: func(c *cobra.Command, _ []string) error {
			if to == "" {
				to = from
			}
			first, last, err := parseRange(c, from, to, pricing.ParseDate)
			if err != nil {
				return err
			}
			if last < first {
				return usageErrorf("the range ends on %s, before it begins on %s", last, first)
			}
			if forecast && first != last {
				return usageErrorf("a forecast is as of one day; write --from %s alone", last)
			}
			p, err := a.reader(c)
			if err != nil {
				return err
			}
			if forecast {
				return a.forecast(c, p, account, first)
			}
			rows, err := p.Costs(c.Context(), account, jobs.Span{From: first, To: last}.Days())
			if err != nil {
				return err
			}
			if a.json() {
				_, err := c.OutOrStdout().Write(append(documents.CostSeries(account, rows), '\n'))
				return err
			}
			if len(rows) == 0 {
				printNone(c.OutOrStdout(), "costs", account)
				return nil
			}
			printCosts(c.OutOrStdout(), rows, first == last)
			return nil
		},
	}
	flags := c.Flags()
	flags.StringVar(&account, "account", "", "account, or the account that pays for others (default: all)")
	flags.StringVar(&from, "from", "", "first day, YYYY-MM-DD (required)")
	flags.StringVar(&to, "to", "", "last day (default: the first)")
	flags.BoolVar(&forecast, "forecast", false, "what the periods that are open at the end of that day will cost")
	return c
}

// printCosts prints a line a day and account, or with detail a line a price.
func printCosts(w io.Writer, rows []pricing.CostRow, detail bool) {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	defer t.Flush()
	if detail {
		fmt.Fprintln(t, "ACCOUNT\tPRICE\tGROUP\tSCOPE\tQUANTITY SO FAR\tCOST SO FAR\tTHE DAY'S")
		for _, r := range rows {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s %s\t%s\t%s\n", r.Account, r.Price, group(r.Grouping), r.Scope, shortened(r.CumulativeQuantity.String()), r.Unit,
				shortened(r.CumulativeTotal.String()), shortened(r.Total.String()))
		}
		return
	}
	fmt.Fprintln(t, "DAY\tACCOUNT\tCURRENCY\tCOST SO FAR\tTHE DAY'S")
	for i := 0; i < len(rows); {
		first := rows[i]
		var cumulative, day money.Amount
		for ; i < len(rows) && rows[i].Day == first.Day && rows[i].Account == first.Account && rows[i].Currency == first.Currency; i++ {
			if rows[i].Scope == pricing.ScopeBilled {
				cumulative, day = cumulative.Add(rows[i].CumulativeTotal), day.Add(rows[i].Total)
			}
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", first.Day, first.Account, first.Currency, shortened(cumulative.String()), shortened(day.String()))
	}
}

// group writes a matrix group for people: its values in the order of their
// dimensions' names. What is not a group is written as it stands.
func group(grouping string) string {
	var values map[string]string
	if json.Unmarshal([]byte(grouping), &values) != nil {
		return grouping
	}
	var parts []string
	for _, dimension := range sortedKeys(values) {
		parts = append(parts, values[dimension])
	}
	return strings.Join(parts, "/")
}
