package jobs

import (
	"context"
	"maps"

	"daybook/pricing"
)

// closingOf is a rated month, or a supplement of one.
type closingOf struct {
	invoices    []pricing.Invoice // new ones, numbered
	parked      []pricing.Parked
	ratedOf     map[string]pricing.RatedMeters // by billing account
	rated       pricing.RatedMeters
	ratedBefore pricing.RatedMeters                                    // of the revision that a supplement adds to
	check       func(pricing.RatedMeters) (pricing.RatedMeters, error) // that all usage of the month is accounted for
	traces      []treeTrace                                            // of the trees rated for the month itself, by billing account
	next        map[string]int64
	issuer      Issuer
	issued      []pricing.Invoice // of the revision that a supplement adds to
	books       pricing.Settlement
	since       *issuedSince // for the next closing
	chained     chainState
	looked      []LookedAt
}

// rateClosing rates every tree, corrects the closings before and numbers the
// invoices: the chain's next number of each series plus the rank by billing
// account and currency. Drafts have none.
func (p *Pipeline) rateClosing(ctx context.Context, w *closingWork) (*closingOf, error) {
	c := &closingOf{issuer: w.issuer, next: maps.Clone(w.next), ratedOf: map[string]pricing.RatedMeters{}}
	if w.compared == nil {
		if err := p.compareAll(ctx, w); err != nil {
			return nil, err
		}
	}
	closing := w.closingOf(w.month, w.asOf)
	corrections := w.corrections()
	if w.stands == nil {
		closing.Billed = w.chained.billed.Plus()
		for _, correction := range corrections {
			closing.Billed.Add(correction.Lines...)
		}
		if err := p.rateMonth(ctx, w, closing, c); err != nil {
			return nil, err
		}
	}
	opening, err := p.openingOf(ctx, w)
	if err != nil {
		return nil, err
	}
	if w.stands != nil {
		if c.issued, err = p.readIssued(ctx, w.stands); err != nil {
			return nil, err
		}
		before, err := ratingOf(w.stands)
		if err != nil {
			return nil, err
		}
		c.ratedBefore = fromRatedMeters(before.Meters)
	}
	mode := pricing.NextInvoice
	if w.notes {
		mode = pricing.Notes
	}
	c.invoices = closing.Arrange(c.invoices, corrections, mode, c.issued)
	unsettled, err := c.settle(w.in, closing, opening)
	if err != nil {
		return nil, err
	}
	c.chain(w, unsettled)
	if c.check == nil {
		err = c.rated.CheckParts()
	} else {
		c.rated, err = c.check(c.rated)
	}
	if err != nil {
		return nil, err
	}
	for i := range c.invoices {
		if err := pricing.CheckInvoice(c.invoices[i]); err != nil {
			return nil, err
		}
	}
	if !w.draft {
		c.number(w.month)
	}
	return c, nil
}

// rateMonth rates every tree for the month that is closed.
func (p *Pipeline) rateMonth(ctx context.Context, w *closingWork, closing pricing.Closing, c *closingOf) error {
	usage, err := p.openRollups(ctx, w.rollups, carried{w.rater.ClosingWhole(w.month), w.rater.Carried})
	if err != nil {
		return err
	}
	defer usage.close()
	closing.Tracer = w.tracerOf(w.month)
	trees := w.rater.Trees()
	results, traces := make([]pricing.ClosingResult, len(trees)), make([]treeTrace, len(trees))
	held, conditions := heldTrees(trees, w.rollups.parked), w.conditions(closing)
	orphans, err := rateTrees(ctx, trees, usage, p.workers(), func(i int, rows []pricing.UsageState) error {
		terms := w.rater.ClosingTerms(trees[i], w.month)
		traces[i] = treeTrace{BillingAccount: trees[i].BillingAccount, Terms: w.termsOf(terms)}
		if held[i] != nil {
			results[i].Parked, results[i].Meters = held[i], pricing.ParkedUsage(rows)
			return nil
		}
		rows, left := takenRows(rows, terms, w.rater.Carried)
		traces[i].Usage = usageDigest(rows)
		var err error
		results[i], err = w.close(trees[i], pricing.TreeUsage{Rows: rows, Terms: &terms}, traces[i], conditions)
		results[i].Meters = results[i].Meters.Add(left)
		return err
	})
	if err != nil {
		return err
	}
	c.parked = parkedByInputs(w.in.problems, orphans.accounts, w.month.First())
	for i, r := range results {
		c.invoices = append(c.invoices, r.Invoices...)
		c.parked = append(c.parked, r.Parked...)
		c.ratedOf[trees[i].BillingAccount] = r.Meters
		traces[i].Meters = ratedMeters(r.Meters)
		if len(r.Parked) > 0 || w.owesBefore(trees[i]) {
			traces[i] = traces[i].again()
		}
		c.traces = append(c.traces, traces[i])
	}
	c.check = func(rated pricing.RatedMeters) (pricing.RatedMeters, error) {
		return usage.reconcile(rated, orphans)
	}
	return nil
}

// number gives the sorted invoices their numbers.
func (c *closingOf) number(m pricing.Month) {
	for i := range c.invoices {
		name, pattern := c.issuer.series(c.invoices[i].Kind)
		c.invoices[i].Number = number(pattern, m, c.next[name])
		c.next[name]++
	}
}

// chain makes what the next closing takes from this one. Of payers who could not
// be settled nothing was issued: their trees are looked at again.
func (c *closingOf) chain(w *closingWork, unsettled map[string]bool) {
	for i := range c.traces {
		t := &c.traces[i]
		rated := c.ratedOf[t.BillingAccount]
		if unsettled[t.BillingAccount] {
			rated = rated.AsParked()
			*t = treeTrace{BillingAccount: t.BillingAccount, Meters: ratedMeters(rated)}.again()
		}
		c.rated = c.rated.Add(rated)
	}
	c.since, c.chained = w.since, w.chained
	c.chained.billed = w.chained.billed.Plus() // ours to add to
	for i := range c.invoices {
		c.since.add(&c.invoices[i], w.month)
		c.chained.billed.Add(c.invoices[i].Lines...)
	}
	var late pricing.RatedMeters
	for i, compared := range w.compared {
		found := compared.late(unsettled)
		c.looked = append(c.looked, compared.report)
		if w.looks[i].own {
			c.supplement(w, compared, unsettled) // of which all usage is its own
		} else {
			c.since.bring(compared, unsettled, w.parkedOnly)
			late = late.Add(found)
		}
	}
	c.rated = c.rated.Add(late)
	if w.stands == nil {
		c.since.rollups[w.month] = w.rollups.digest()
	}
}
