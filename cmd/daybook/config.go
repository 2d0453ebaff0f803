package main

import (
	"bytes"
	"cmp"
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/goccy/go-yaml"

	"daybook/jobs"
	"daybook/pricing"
	"daybook/sinks/api"
	"daybook/sources/usage"
)

// config is a checked configuration.
type config struct {
	path     string
	file     configFile
	settings jobs.Settings
	schedule jobs.Schedule
	sdk      *aws.Config // see loadSDK; nil until a bucket is opened

	serving        serving
	systems        []api.System       // whose pages are published
	signing        ed25519.PrivateKey // nil: manifests are not signed
	isolateMemory  int64              // bytes, of a usage decoder
	withoutSecrets bool               // for people who only look: endpoints are not checked for sending
}

// loadConfig reads and checks a configuration file. Every error names the file
// and the key, and says what to write instead.
func loadConfig(path string) (*config, error) {
	c, err := readConfig(path)
	if err != nil {
		return nil, err
	}
	return c, c.checked()
}

// readConfig reads a configuration file without checking it.
func readConfig(path string) (*config, error) {
	content, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, usageErrorf("no configuration at %s: name one with --config, or try `daybook demo` first", path)
	}
	if err != nil {
		return nil, usageErrorf("read configuration: %w; name a file with --config", err)
	}
	c := &config{path: path}
	if len(bytes.TrimSpace(content)) == 0 {
		return nil, usageErrorf("%s is empty; docs/configuration.md has an example", path)
	}
	if err := yaml.NewDecoder(bytes.NewReader(content), yaml.Strict()).Decode(&c.file); err != nil {
		return nil, usageErrorf("%s: %s", path, yamlFault(err))
	}
	return c, nil
}

// checked is check, with the file's name in its error.
func (c *config) checked() error {
	if err := c.check(); err != nil {
		return usageErrorf("%s: %w", c.path, err)
	}
	return nil
}

func (c *config) check() error {
	f := &c.file
	for _, need := range []struct{ key, value string }{
		{"usage.at", f.Usage.At}, {"registry", f.Registry}, {"book", f.Book}, {"out", f.Out}, {"start", f.Start}, {"issuer.name", f.Issuer.Name},
	} {
		if need.value == "" {
			return fmt.Errorf("%s is missing", need.key)
		}
	}
	start, err := pricing.ParseDate(f.Start)
	if err != nil {
		return fmt.Errorf("start: %w", err)
	}
	if start != pricing.MonthOf(start).First() {
		return fmt.Errorf("start: %s must be the first day of a month: the first closing is that month's", f.Start)
	}
	if f.Closing.Every != "" && f.Closing.Every != "month" {
		return fmt.Errorf("closing.every: %q is not supported; write month", f.Closing.Every)
	}
	if f.Workers < 0 {
		return fmt.Errorf("workers: %d; write a number of processors, or 0 for all", f.Workers)
	}
	c.settings = jobs.Settings{Start: start, Workers: f.Workers}
	steps := []func() error{
		c.checkPlaces, c.checkLayout, c.checkColumns, c.checkChecksums, c.checkMemory, c.checkGraces, c.checkExpect,
		c.checkCorrections, c.checkIssuer, c.checkWebhooks, c.checkSchedule, c.checkSigning, c.checkServe,
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (c *config) checkLayout() error {
	l := c.file.Usage.Layout
	out := jobs.Layout{Partition: l.Partition, Zone: time.UTC}
	switch l.Means {
	case "", "event_day":
	case "arrival_day":
		out.ArrivalDay = true
	default:
		return fmt.Errorf("usage.layout.means: %q; write event_day or arrival_day", l.Means)
	}
	if l.Zone != "" {
		zone, err := time.LoadLocation(l.Zone)
		if err != nil {
			return fmt.Errorf("usage.layout.zone: unknown time zone %q; write an IANA name such as Europe/Zurich", l.Zone)
		}
		out.Zone = zone
	}
	days, err := parseDays("usage.layout.late", l.Late)
	if err != nil {
		return err
	}
	out.LateDays = days
	c.settings.Layout = out
	return nil
}

// parseDays reads "3d" as 3; empty is 0.
func parseDays(key, s string) (int, error) {
	if s == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(strings.TrimSuffix(s, "d"))
	if err != nil || !strings.HasSuffix(s, "d") || n < 0 || n > 400 {
		return 0, fmt.Errorf("%s: %q; write a number of days such as 1d", key, s)
	}
	return n, nil
}

func (c *config) checkColumns() error {
	m := usage.Mapping{Dimensions: map[string]string{}}
	fields := map[string]*usage.Source{
		"event_id": &m.EventID, "time": &m.Time, "subscription_id": &m.Subscription,
		"account_id": &m.Account, "meter": &m.Meter, "quantity": &m.Quantity,
	}
	for name, src := range c.file.Usage.Columns {
		set := 0
		for _, given := range []bool{src.Column != "", src.Const != "", len(src.HashOf) > 0, src.None} {
			if given {
				set++
			}
		}
		if set != 1 {
			return fmt.Errorf("usage.columns.%s: give a column name, or one of {const: …}, {hash_of: […]} and {none: true}", name)
		}
		if len(src.HashOf) > 0 && name != "event_id" {
			return fmt.Errorf("usage.columns.%s: hash_of makes event ids only", name)
		}
		if src.None && name != "event_id" {
			return fmt.Errorf("usage.columns.%s: only event ids can be none", name)
		}
		if field, ok := fields[name]; ok {
			*field = usage.Source{Column: src.Column, Const: src.Const, HashOf: src.HashOf, None: src.None}
			continue
		}
		if src.Column == "" {
			return fmt.Errorf("usage.columns.%s: a dimension is read from a column; write its name", name)
		}
		m.Dimensions[name] = src.Column
	}
	c.settings.Mapping = m
	return nil
}

func (c *config) checkGraces() error {
	grace := func(key, s string, otherwise time.Duration) (time.Duration, error) {
		if s == "" {
			return otherwise, nil
		}
		d, err := time.ParseDuration(s)
		if err != nil || d < 0 || d > 40*24*time.Hour {
			return 0, fmt.Errorf("%s: %q; write hours such as 36h", key, s)
		}
		return d, nil
	}
	var err error
	if c.settings.DailyGrace, err = grace("daily.grace", c.file.Daily.Grace, 2*time.Hour); err != nil {
		return err
	}
	c.settings.ClosingGrace, err = grace("closing.grace", c.file.Closing.Grace, 36*time.Hour)
	return err
}

func (c *config) checkIssuer() error {
	i := c.file.Issuer
	terms, err := parseDays("issuer.terms", i.Terms)
	if err != nil {
		return err
	}
	series := i.Series["invoice"]
	if series == "" {
		series = "{year}-{n:06}"
	}
	for name := range i.Series {
		if name != "invoice" && name != "note" {
			return fmt.Errorf("issuer.series.%s: the series are invoice and note", name)
		}
	}
	if err := jobs.CheckSeries(series); err != nil {
		return fmt.Errorf("issuer.series.invoice: %w", err)
	}
	notes := cmp.Or(i.Series["note"], jobs.DefaultNoteSeries)
	if err := jobs.CheckSeries(notes); err != nil {
		return fmt.Errorf("issuer.series.note: %w", err)
	}
	if notes == series {
		return fmt.Errorf("issuer.series: invoices and notes are both numbered %q, so that two would have one number; give the notes another pattern", series)
	}
	c.settings.Issuer = jobs.Issuer{Name: i.Name, Address: i.Address, TaxID: i.TaxID, TermsDays: terms, InvoiceSeries: series, NoteSeries: notes}
	return nil
}

func (c *config) checkSchedule() error {
	var err error
	c.schedule, err = jobs.ParseSchedule(c.file.Schedule)
	if err != nil {
		return fmt.Errorf("schedule: %w", err)
	}
	return nil
}
