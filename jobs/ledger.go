package jobs

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"daybook/pricing"
	"daybook/sinks/publish"
	"daybook/sinks/tables"
)

// openingOf reads the books as a closing finds them: as the one before left them;
// a supplement as its own closing did.
func (p *Pipeline) openingOf(ctx context.Context, w *closingWork) (pricing.Opening, error) {
	if w.stands == nil {
		return p.opening(ctx, w.before)
	}
	opening, err := p.opening(ctx, w.stands)
	if err != nil {
		return opening, err
	}
	opening.Supplements = true
	body, key, err := p.tableBody(ctx, w.stands, "ledger_entries")
	if err != nil {
		return opening, fmt.Errorf("open the books: %w", err)
	}
	opening.Entered, err = tables.DecodeLedger(key, body)
	return opening, err
}

// opening reads what the closing before left, from the objects that its manifest
// names, verified by their digests (docs/commit-protocol.md, Closings). The
// first closing opens the books. Nothing is computed again: the registry may
// have changed since, and what was billed has not.
func (p *Pipeline) opening(ctx context.Context, before *publish.Manifest) (pricing.Opening, error) {
	var out pricing.Opening
	if before == nil {
		return out, nil
	}
	if before.Chain.Posted == nil {
		return out, fmt.Errorf("open the books: closing %s r%06d has no balances and does not say which payments it has entered; restore its manifest, or, where it was published before there were books, begin a new store (`out`) and bring over what is owed by adjustments",
			before.Period, before.Revision)
	}
	body, key, err := p.tableBody(ctx, before, "balances")
	if err != nil {
		return out, fmt.Errorf("open the books: %w", err)
	}
	if out.Balances, err = tables.DecodeBalances(key, body); err != nil {
		return out, fmt.Errorf("open the books: %w", err)
	}
	if body, err = p.publisher.ReadObject(ctx, *before.Chain.Posted); err != nil {
		return out, fmt.Errorf("open the books: %w", err)
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	for dec.More() {
		var row pricing.Posted
		if err := dec.Decode(&row); err != nil {
			return out, fmt.Errorf("open the books: read %s: %w", before.Chain.Posted.Key, err)
		}
		out.Posted = append(out.Posted, row)
	}
	return out, nil
}

// settle lets credits, taxes and balances work on a closing's invoices. Whom it
// parks is parked with the others; unsettled has their billing accounts, of whose
// usage nothing is billed.
func (c *closingOf) settle(in *inputs, closing pricing.Closing, opening pricing.Opening) (unsettled map[string]bool, err error) {
	done, err := in.registry.Settle(closing, c.invoices, opening)
	if err != nil {
		return nil, err
	}
	c.invoices, c.books = done.Invoices, done
	listed := map[string]bool{}
	for _, p := range c.parked {
		listed[p.Account] = true
	}
	unsettled = map[string]bool{}
	for _, p := range done.Parked {
		unsettled[in.registry.BillingAccount(p.Account)] = true
		if !listed[p.Account] {
			c.parked = append(c.parked, p)
		}
	}
	return unsettled, nil
}

// putChain stores what the next closing takes from this one: which payments and
// adjustments the books have entered, up to when everything is billed, and what
// closings have issued for others.
func putChain(ctx context.Context, run *publish.Run, manifest *publish.Manifest, c *closingOf) error {
	var posted bytes.Buffer
	enc := json.NewEncoder(&posted)
	enc.SetEscapeHTML(false)
	for _, row := range c.books.Posted {
		if err := enc.Encode(row); err != nil {
			return fmt.Errorf("write what was entered: %w", err)
		}
	}
	for _, o := range []struct {
		name   string
		to     **publish.Object
		encode func() ([]byte, int, error)
	}{
		{"posted", &manifest.Chain.Posted, func() ([]byte, int, error) { return posted.Bytes(), len(c.books.Posted), nil }},
		{"coverage", &manifest.Chain.Coverage, c.chained.encode},
		{"issued", &manifest.Chain.Issued, c.since.encode},
	} {
		body, rows, err := o.encode()
		if err != nil {
			return err
		}
		object, err := run.Put(ctx, publish.NewObject{Name: o.name, Ext: "ndjson", Role: publish.RoleChain, Rows: int64(rows), Body: body})
		if err != nil {
			return err
		}
		manifest.Objects, *o.to = append(manifest.Objects, object), &object
	}
	manifest.Chain.Anchors = len(c.chained.anchors)
	return nil
}
