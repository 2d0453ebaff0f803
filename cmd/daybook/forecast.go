package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"daybook/jobs"
	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sinks/documents"
)

// forecast shows what an account's open billing periods will cost.
func (a *app) forecast(c *cobra.Command, p *jobs.Pipeline, account string, day pricing.Date) error {
	rows, parked, err := p.Forecast(c.Context(), account, day)
	if err != nil {
		return err
	}
	for _, k := range parked {
		fmt.Fprintf(c.ErrOrStderr(), "no forecast for account %s (%s): %s\n", k.Account, k.Reason, k.Detail)
	}
	if a.json() {
		_, err := c.OutOrStdout().Write(append(documents.Forecast(account, day, rows), '\n'))
		return err
	}
	if len(rows) == 0 {
		fmt.Fprintln(c.OutOrStdout(), "no costs")
		return nil
	}
	printForecast(c.OutOrStdout(), rows)
	return nil
}

// printForecast prints a line a price, and the sum of what is billed in each
// currency.
func printForecast(w io.Writer, rows []pricing.ForecastRow) {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	defer t.Flush()
	fmt.Fprintln(t, "ACCOUNT\tPRICE\tGROUP\tSCOPE\tUNTIL (UTC)\tMETHOD\tQUANTITY SO FAR\tCOST SO FAR\tFORECAST QUANTITY\tFORECAST COST")
	for _, r := range rows {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s %s\t%s\t%s %s\t%s\n", r.Account, r.Price, group(r.Grouping), r.Scope,
			r.PeriodEnd.UTC().Format("01-02 15:04"), r.Method, shortened(r.Quantity.String()), r.Unit, shortened(r.Total.String()),
			shortened(r.ForecastQuantity.String()), r.Unit, shortened(r.ForecastTotal.String()))
	}
	for _, currency := range documents.ForecastCurrencies(rows) {
		var sum, forecast money.Amount
		for _, r := range rows {
			if r.Currency == currency && r.Scope == pricing.ScopeBilled {
				sum, forecast = sum.Add(r.Total), forecast.Add(r.ForecastTotal)
			}
		}
		fmt.Fprintf(t, "%s\t\t\ttogether\t\t\t\t%s\t\t%s\n", currency, shortened(sum.String()), shortened(forecast.String()))
	}
}
