package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"daybook/pricing"
	"daybook/sinks/documents"
	"daybook/sinks/publish"
	"daybook/sinks/tables"
	"daybook/sinks/webhooks"
)

// checkClosing sums a closing: lines to invoices to totals, numbers without a
// gap, ledgers from the balances of the closing before, documents as the tables
// say, events as the documents say.
func (c *runCheck) checkClosing(ctx context.Context) error {
	if err := c.checkChain(ctx); err != nil {
		return err
	}
	invoices, ok := c.invoices()
	if !ok {
		return nil
	}
	c.compareTotals(pricing.ClosingTotals(invoices))
	key, _ := c.table("invoices")
	for _, i := range invoices {
		if err := pricing.CheckInvoice(i); err != nil {
			c.fault(key, fmt.Sprintf("invoice %s of account %q", i.Number, i.BillingAccount), "sums of its lines and taxes", err.Error())
		}
	}
	if err := c.checkInvoiceDocuments(ctx, invoices); err != nil {
		return err
	}
	c.checkEvents()
	return nil
}

// invoices reads the invoices with their lines and taxes from the tables as
// found; ok is false where one of them cannot be read, which has been said.
func (c *runCheck) invoices() (invoices []pricing.Invoice, ok bool) {
	key, body := c.table("invoices")
	linesKey, linesBody := c.table("invoice_line_items")
	taxesKey, taxesBody := c.table("invoice_taxes")
	if body == nil || linesBody == nil || taxesBody == nil {
		return nil, false
	}
	invoices, err := tables.DecodeInvoices(key, body)
	if err != nil {
		return nil, false
	}
	lines, err := tables.DecodeLines(linesKey, linesBody)
	if err != nil {
		return nil, false
	}
	taxes, err := tables.DecodeTaxes(taxesKey, taxesBody)
	if err != nil {
		return nil, false
	}
	for i := range invoices {
		id := invoices[i].ID
		invoices[i].Lines, invoices[i].Taxes = lines[id], taxes[id]
		delete(lines, id)
		delete(taxes, id)
	}
	for id := range lines {
		c.fault(linesKey, "lines of invoice "+id, "an invoice of that id in "+key, "none")
	}
	for id := range taxes {
		c.fault(taxesKey, "taxes of invoice "+id, "an invoice of that id in "+key, "none")
	}
	return invoices, true
}

// checkInvoiceDocuments holds the revision's own documents against the tables: a
// revision that adds to a closing has documents of what it added alone.
func (c *runCheck) checkInvoiceDocuments(ctx context.Context, invoices []pricing.Invoice) error {
	own := c.ownDocuments()
	for _, i := range invoices {
		path := own[i.ID]
		if path == "" {
			if c.m.Supersedes == 0 && c.hasIndex() {
				c.fault(c.manifestKey(), fmt.Sprintf("document of invoice %s of account %q", i.Number, i.BillingAccount), "one", "none")
			}
			continue
		}
		body, err := documents.Invoice(i, documents.Parties{})
		if err != nil {
			c.fault(path, "", "an invoice that can be written", err.Error())
			continue
		}
		// Who the parties are, how a line is made up, shares and amounts in a
		// pricing unit stand in no table; computing the closing again has them.
		err = c.compareDocument(ctx, path, body, "issuer", "name", "external_id", "parts", "shares", "pricing_unit")
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *runCheck) hasIndex() bool {
	return slices.ContainsFunc(c.m.Objects, func(o publish.Object) bool { return o.Role == publish.RoleIndex && c.bodies[o.Key] != nil })
}

// ownDocuments returns the paths of the revision's invoice documents by the id
// that each one says.
func (c *runCheck) ownDocuments() map[string]string {
	own := map[string]string{}
	for _, o := range c.m.Objects {
		if o.Role != publish.RoleIndex {
			continue
		}
		for _, d := range decodeLines[publish.Document](c.bodies[o.Key]) {
			body, _, err := c.document(context.Background(), d.Path)
			if err != nil || body == nil {
				continue
			}
			var says struct {
				ID string `json:"id"`
			}
			if json.Unmarshal(body, &says) == nil && says.ID != "" {
				own[says.ID] = d.Path
			}
		}
	}
	return own
}

// checkEvents holds every event against its id and the document that it is about.
func (c *runCheck) checkEvents() {
	for _, e := range c.m.Events {
		where := "event " + e.ID
		if id := webhooks.EventID(c.m.Job, c.m.Period, c.m.Revision, e.Type, e.Subject, e.Format); id != e.ID {
			c.fault(c.manifestKey(), where, "id "+id, "id "+e.ID)
		}
		pack := c.bodies[e.Pack]
		if pack == nil {
			if !slices.ContainsFunc(c.m.Objects, func(o publish.Object) bool { return o.Key == e.Pack }) {
				c.fault(c.manifestKey(), where, "a pack that the manifest names", e.Pack)
			}
			continue
		}
		if e.Offset < 0 || e.Length < 0 || e.Offset > int64(len(pack)) || e.Length > int64(len(pack))-e.Offset {
			c.fault(c.manifestKey(), where, fmt.Sprintf("bytes within the %d of its pack", len(pack)), fmt.Sprintf("bytes %d+%d", e.Offset, e.Length))
			continue
		}
		c.checkEvent(e, pack[e.Offset:e.Offset+e.Length])
	}
}

func (c *runCheck) checkEvent(e publish.Event, body []byte) {
	var says struct {
		ID       string `json:"id"`
		Type     string `json:"type"`
		Document string `json:"document"`
		Revision int    `json:"revision"`
	}
	where := "event " + e.ID
	if err := json.Unmarshal(body, &says); err != nil {
		c.fault(e.Pack, where, "JSON", err.Error())
		return
	}
	if says.ID != e.ID || says.Type != e.Type {
		c.fault(e.Pack, where+", id and type, against the manifest", e.ID+" "+e.Type, says.ID+" "+says.Type)
	}
	if e.Type != documents.TypeInvoiceIssued || e.Format != formatCanonical {
		return
	}
	document, _, err := c.document(context.Background(), says.Document)
	if err != nil || document == nil {
		c.fault(e.Pack, where+", document", "a document of this revision", says.Document)
		return
	}
	var invoice struct {
		Invoice json.RawMessage `json:"invoice"`
	}
	if json.Unmarshal(body, &invoice) != nil {
		return
	}
	for _, d := range diffJSON(document, invoice.Invoice) {
		c.fault(e.Pack, where+", invoice."+d.path+", against its document", d.expected, d.found)
	}
}

// checkChain holds a closing against the one before it.
func (c *runCheck) checkChain(ctx context.Context) error {
	if c.m.Chain == nil {
		c.fault(c.manifestKey(), "chain", "a link to the closing before", "nothing")
		return nil
	}
	first := map[string]int64{}
	var opening pricing.Opening
	if named := c.m.Chain.Predecessor; named != "" {
		period, revision, sum, ok := parseLink(named)
		if !ok {
			c.fault(c.manifestKey(), "chain.predecessor", "a month, a revision and a sha256", named)
			return nil
		}
		before, err := c.p.publisher.ManifestOf(ctx, c.m.Job, period, revision)
		if err != nil {
			c.damaged(publish.ManifestKey(c.m.Job, period, revision), err)
			return unanswered(err)
		}
		if have, err := publish.ManifestDigest(before); err == nil && have != sum {
			c.fault(publish.ManifestKey(c.m.Job, period, revision), fmt.Sprintf("sha256, which closing %s r%06d names as its predecessor's", c.m.Period, c.m.Revision), sum, have)
		}
		if before.Chain != nil {
			first = before.Chain.Numbers
		}
		if opening, err = c.p.opening(ctx, &before); err != nil {
			c.unproven("the ledgers cannot be followed from %s: %v", period, err)
			return unanswered(err)
		}
	}
	c.checkNumbers(first)
	c.checkLedger(opening)
	return nil
}

// parseLink reads "2026-09 r000001 <manifest digest>".
func parseLink(named string) (period string, revision int, sum string, ok bool) {
	_, err := fmt.Sscanf(named, "%s r%d %s", &period, &revision, &sum)
	return period, revision, sum, err == nil
}

// checkLedger follows the ledgers from the balances of the closing before.
func (c *runCheck) checkLedger(opening pricing.Opening) {
	key, body := c.table("ledger_entries")
	balancesKey, balancesBody := c.table("balances")
	if body == nil || balancesBody == nil {
		return
	}
	entries, err := tables.DecodeLedger(key, body)
	if err != nil {
		return
	}
	balances, err := tables.DecodeBalances(balancesKey, balancesBody)
	if err != nil {
		return
	}
	if err := pricing.CheckLedger(opening.Balances, pricing.Settlement{Entries: entries, Balances: balances}); err != nil {
		c.fault(key, "with balances", "ledgers that follow from the closing before", err.Error())
	}
	if c.m.Chain.Posted == nil {
		c.fault(c.manifestKey(), "chain.posted", "what the books have entered", "nothing")
		return
	}
	posted := map[pricing.Posted]bool{}
	for _, row := range decodeLines[pricing.Posted](c.bodies[c.m.Chain.Posted.Key]) {
		posted[row] = true
	}
	for _, row := range opening.Posted {
		if !posted[row] {
			c.fault(c.m.Chain.Posted.Key, fmt.Sprintf("%s %s, entered by an earlier closing", row.Kind, row.ID), "listed", "nothing")
		}
	}
}

// checkNumbers holds the numbers of a closing's invoices against those that its
// series give from the closing before on: each one once, none between.
func (c *runCheck) checkNumbers(first map[string]int64) {
	if c.plan == nil {
		return
	}
	key, body := c.table("invoices")
	if body == nil {
		return
	}
	invoices, err := tables.DecodeInvoices(key, body)
	if err != nil {
		return
	}
	month, err := pricing.ParseMonth(c.m.Period)
	if err != nil {
		return
	}
	patterns, err := seriesPatterns(c.plan.Identity.Parameters[parameterIssuer])
	if err != nil {
		c.fault(publish.PlanKey(c.m.Job, c.m.Period, c.m.Revision), "parameter issuer", "an issuer", err.Error())
		return
	}
	given := map[string]int{}
	for _, i := range invoices {
		given[i.Number]++
	}
	for _, series := range sortedKeysOf(c.m.Chain.Numbers) {
		if patterns[series] == "" {
			continue
		}
		from := max(first[series], 1)
		for n := from; n < c.m.Chain.Numbers[series]; n++ {
			want := number(patterns[series], month, n)
			if given[want] != 1 {
				c.fault(key, "number "+want, "on one invoice", fmt.Sprintf("on %d", given[want]))
			}
			delete(given, want)
		}
	}
	for _, i := range invoices {
		if _, left := given[i.Number]; left {
			c.fault(key, fmt.Sprintf("invoice %s of account %q, column number", i.ID, i.BillingAccount), "the next of its series", i.Number)
		}
	}
}

// seriesPatterns reads the patterns of the number series from a plan.
func seriesPatterns(issuer string) (map[string]string, error) {
	var i Issuer
	if err := json.Unmarshal([]byte(issuer), &i); err != nil {
		return nil, err
	}
	_, notes := i.series(pricing.KindCreditNote)
	return map[string]string{seriesInvoice: i.InvoiceSeries, seriesNote: notes}, nil
}

func sortedKeysOf[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, strings.Compare)
	return keys
}
