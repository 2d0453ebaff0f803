package jobs

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"daybook/pricing"
	"daybook/sinks/webhooks"
	"daybook/sources/usage"
)

// Settings are what a configuration decides about the jobs. Only what changes
// results (mapping, issuer) enters a run's identity.
type Settings struct {
	Start        pricing.Date // first day of the first closing; nothing before is due
	Layout       Layout
	Mapping      usage.Mapping
	Checksums    usage.Checksums
	DailyGrace   time.Duration // after a day's end in the last zone
	ClosingGrace time.Duration // after a month's end in the last zone
	Expect       Expect        // of a month's usage before it is closed
	Issuer       Issuer
	Corrections  CorrectionSettings
	Endpoints    []Endpoint
	Workers      int    // 0: as many as processors
	Memory       int64  // of a pass over usage, in bytes; 0: 2 GiB
	Temporary    string // folder for events that do not fit it; "": the system's
}

// Layout says how usage files lie under their prefix and so which files may
// hold a UTC day's events.
type Layout struct {
	Partition  string         // hive partition column of dates; "" is a flat prefix
	ArrivalDay bool           // the partition is the day of arrival, not of the event
	Zone       *time.Location // of the partition's days
	LateDays   int            // arrival: days D to D+LateDays are searched for day D
}

// zone is the zone of the partition's days; a flat prefix has UTC days.
func (l Layout) zone() *time.Location {
	if l.Partition == "" || l.Zone == nil {
		return time.UTC
	}
	return l.Zone
}

// Issuer is who the invoices are from.
type Issuer struct {
	Name          string   `json:"name"`
	Address       []string `json:"address,omitempty"`
	TaxID         string   `json:"tax_id,omitempty"`
	TermsDays     int      `json:"terms_days"`
	InvoiceSeries string   `json:"invoice_series"`
	NoteSeries    string   `json:"note_series,omitempty"` // of credit and debit notes; "": DefaultNoteSeries
}

// DefaultNoteSeries numbers notes where the issuer does not say how.
const DefaultNoteSeries = "NOTE-{year}-{n:06}"

// series is the pattern that a kind of invoice is numbered by.
func (i Issuer) series(kind pricing.InvoiceKind) (name, pattern string) {
	if kind == pricing.KindInvoice {
		return seriesInvoice, i.InvoiceSeries
	}
	return seriesNote, cmp.Or(i.NoteSeries, DefaultNoteSeries)
}

// Endpoint is a webhook receiver, the first closing day it wants and the shape of
// the bodies that it is sent (Formats); "" is our own.
type Endpoint struct {
	webhooks.Endpoint
	Since  pricing.Date
	Format string
}

var seriesNumber = regexp.MustCompile(`\{n(?::0([1-9][0-9]?))?\}`)

// CheckSeries reports whether a series pattern is usable: it must contain {n}
// or {n:06} exactly once, and may contain {year}.
func CheckSeries(pattern string) error {
	if len(seriesNumber.FindAllString(pattern, -1)) != 1 {
		return fmt.Errorf("%q: write the running number once, as {n} or {n:06}", pattern)
	}
	rest := strings.ReplaceAll(seriesNumber.ReplaceAllString(pattern, ""), "{year}", "")
	if strings.ContainsAny(rest, "{}") {
		return fmt.Errorf("%q: only {year} and {n} are known", pattern)
	}
	return nil
}

// number writes the n-th number of a series for a closing.
func number(pattern string, closing pricing.Month, n int64) string {
	out := seriesNumber.ReplaceAllStringFunc(pattern, func(m string) string {
		width, _ := strconv.Atoi(seriesNumber.FindStringSubmatch(m)[1])
		return fmt.Sprintf("%0*d", width, n)
	})
	return strings.ReplaceAll(out, "{year}", fmt.Sprintf("%04d", closing.Year))
}
