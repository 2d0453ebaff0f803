package jobs

import (
	"context"
	"slices"

	"daybook/pricing"
)

// comparison is what looking at one closed month found.
type comparison struct {
	month       pricing.Month
	then        issuedMonth
	rollups     string // digest of the set that was looked at
	corrections []pricing.Correction
	trees       []treeTrace                 // rated again, by billing account; without terms: gone
	mended      map[string][]string         // by billing account: accounts that are not parked any more
	parked      map[string][]pricing.Parked // by billing account: of trees rated again
	left        map[string]bool             // billing accounts of whom corrections were left to the next closing
	owed        []owed                      // the corrections in figures
	report      LookedAt
}

// treeLook is one billing tree in a comparison.
type treeLook struct {
	tree    pricing.Tree
	had     treeTrace
	known   bool // had is of something
	now     treeTrace
	differs bool // its terms are others than they were
	changed bool // it is looked at: its terms are others, or nobody knows what they were
	skip    bool // nothing of it can be owed
	result  pricing.ClosingResult
	rated   bool
}

// compare compares what a closed month would charge today with what was charged
// for it. It reads rollups only where something changed, and rates only the trees
// whose terms or usage are others than when they were last rated.
func (p *Pipeline) compare(ctx context.Context, w *closingWork, l *look) (*comparison, error) {
	c := &comparison{month: l.month, rollups: l.rollups.digest(), mended: map[string][]string{}, parked: map[string][]pricing.Parked{}, left: map[string]bool{}}
	c.report.Closing = l.month.String()
	var err error
	if c.then, err = p.readIssuedMonth(ctx, l, w.since); err != nil {
		return nil, err
	}
	then := c.then
	trees := w.treeLooks(l, then)
	gone := goneTrees(trees, then)
	same := c.rollups == w.since.rollups[l.month]
	if err := p.holdVanished(ctx, w, l, trees, gone, c); err != nil {
		return nil, err
	}
	gone = slices.DeleteFunc(gone, func(payer string) bool { return c.report.vanishedAt(payer) })
	if !same || len(gone) > 0 || slices.ContainsFunc(trees, func(t treeLook) bool { return t.changed && !t.skip }) {
		if err := p.rateChanged(ctx, w, l, trees, same); err != nil {
			return nil, err
		}
		if err := p.differences(ctx, w, l, then, trees, gone, c); err != nil {
			return nil, err
		}
	}
	for account := range then.parked {
		w.unbilled[account] = true
	}
	for _, accounts := range c.mended {
		for _, account := range accounts {
			delete(w.unbilled, account)
		}
	}
	return c, nil
}

// treeLooks says of each tree whether it has to be looked at.
func (w *closingWork) treeLooks(l *look, then issuedMonth) []treeLook {
	trees := w.rater.Trees()
	out := make([]treeLook, len(trees))
	for i, t := range trees {
		terms := w.rater.ClosingTerms(t, l.month)
		had, known := then.traces[t.BillingAccount]
		out[i] = treeLook{
			tree: t, had: had, known: known,
			now: treeTrace{BillingAccount: t.BillingAccount, Terms: w.termsOf(terms)},
		}
		out[i].differs = known && had.Terms != out[i].now.Terms
		parked := slices.ContainsFunc(t.Accounts, func(a string) bool { return then.parked[a] })
		switch {
		case w.parkedOnly:
			out[i].changed, out[i].skip = parked, !parked
		case known:
			out[i].changed = out[i].differs
		default:
			out[i].changed = true
			out[i].skip = !parked && len(terms.Plans) == 0 // it came later
		}
	}
	return out
}

// goneTrees lists billing accounts that were rated and are none any more.
func goneTrees(trees []treeLook, then issuedMonth) []string {
	stands := map[string]bool{}
	for _, t := range trees {
		stands[t.tree.BillingAccount] = true
	}
	var out []string
	for payer, t := range then.traces {
		if !stands[payer] && t.Terms != "" {
			out = append(out, payer)
		}
	}
	slices.Sort(out)
	return out
}

// rateChanged rates the trees whose terms changed, and where the rollups are not
// the same those whose usage did.
func (p *Pipeline) rateChanged(ctx context.Context, w *closingWork, l *look, looks []treeLook, same bool) error {
	usage, err := p.openRollups(ctx, l.rollups, carried{w.rater.ClosingWhole(l.month), w.rater.Carried})
	if err != nil {
		return err
	}
	defer usage.close()
	trees := make([]pricing.Tree, len(looks))
	for i := range looks {
		trees[i] = looks[i].tree
	}
	closing := w.closingOf(l.month, l.asOf)
	closing.Tracer = w.tracerOf(l.month)
	held, conditions := heldTrees(trees, l.rollups.parked), w.conditions(closing)
	_, err = rateTrees(ctx, trees, usage, p.workers(), func(i int, rows []pricing.UsageState) error {
		t := &looks[i]
		if t.skip || same && !t.changed {
			return nil
		}
		terms := w.rater.ClosingTerms(t.tree, l.month)
		rows, left := takenRows(rows, terms, w.rater.Carried)
		t.now.Usage = usageDigest(rows)
		if !t.changed && t.had.Usage == t.now.Usage {
			return nil
		}
		t.rated = true
		if held[i] != nil {
			t.result.Parked, t.result.Meters = held[i], pricing.ParkedUsage(rows)
			t.now.Meters = ratedMeters(t.result.Meters.Add(left))
			return nil
		}
		var err error
		t.result, err = w.close(t.tree, pricing.TreeUsage{Rows: rows, Terms: &terms}, t.now, conditions)
		t.now.Meters = ratedMeters(t.result.Meters.Add(left))
		return err
	})
	return err
}
