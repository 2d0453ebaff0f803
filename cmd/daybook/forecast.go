package main

import (
	"fmt"
	"io"
	"strings"

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
		printNone(c.OutOrStdout(), "open billing periods", account)
		return nil
	}
	printForecast(c.OutOrStdout(), rows)
	return nil
}

// printForecast prints the prices of each account and billing period below one
// another, and then the sum of what is billed in each currency. It fits 100
// columns.
func printForecast(w io.Writer, rows []pricing.ForecastRow) {
	forecastLine(w, "PRICE", "METHOD", "USED SO FAR", "COST SO FAR", "USED AT END", "COST AT END")
	above := ""
	for _, r := range rows {
		if heading := fmt.Sprintf("%s, until %s UTC", r.Account, r.PeriodEnd.UTC().Format(shownTime)); heading != above {
			fmt.Fprintf(w, "\n%s\n", heading)
			above = heading
		}
		price := strings.TrimSpace(r.Price + " " + group(r.Grouping))
		if r.Scope == pricing.ScopeOwn {
			price += " (own)"
		}
		forecastLine(w, price, string(r.Method), shortened(r.Quantity.String())+" "+r.Unit, shortened(r.Total.String()),
			shortened(r.ForecastQuantity.String())+" "+r.Unit, shortened(r.ForecastTotal.String()))
	}
	fmt.Fprintln(w)
	for _, currency := range documents.ForecastCurrencies(rows) {
		var sum, forecast money.Amount
		for _, r := range rows {
			if r.Currency == currency && r.Scope == pricing.ScopeBilled {
				sum, forecast = sum.Add(r.Total), forecast.Add(r.ForecastTotal)
			}
		}
		forecastLine(w, currency+" together", "", "", shortened(sum.String()), "", shortened(forecast.String()))
	}
}

func forecastLine(w io.Writer, price, method, quantity, cost, quantityAtEnd, costAtEnd string) {
	fmt.Fprintf(w, "%-25s %-8s %17s %13s %17s %13s\n", price, method, strings.TrimSpace(quantity), cost, strings.TrimSpace(quantityAtEnd), costAtEnd)
}
