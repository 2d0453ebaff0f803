package jobs

import (
	"maps"
	"slices"
	"strings"

	"daybook/pricing"
)

// bring brings what the chain says of a closing to what a comparison found. A
// tree that could not be settled, or whose rows have vanished, is looked at again:
// then the rollups do not count as looked at either. Nor do they where only whom
// closings had parked was looked for; what that left of a tree comes with the next.
func (s *issuedSince) bring(c *comparison, unsettled map[string]bool, parkedOnly bool) {
	complete := !parkedOnly && len(c.report.Vanished) == 0
	s.vanished[c.month] = c.report.Vanished
	for _, t := range c.trees {
		if unsettled[t.BillingAccount] {
			complete = false
			continue
		}
		if c.left[t.BillingAccount] {
			t = t.again()
		}
		s.rated(c.month, t)
		for _, account := range c.mended[t.BillingAccount] {
			s.mend(c.month, account)
		}
	}
	if complete {
		s.rollups[c.month] = c.rollups
	}
}

// late counts the usage of a closed month that is billed by what a comparison found,
// and notes it in the report. Of those who could not be settled nothing is billed.
func (c *comparison) late(unsettled map[string]bool) pricing.RatedMeters {
	var out pricing.RatedMeters
	for _, t := range c.trees {
		if !unsettled[t.BillingAccount] {
			out = out.Add(fromRatedMeters(t.Meters).Late(fromRatedMeters(c.then.traces[t.BillingAccount].Meters)))
		}
	}
	for _, m := range out {
		if rows := (RowSum{m.Late.Events, m.Late.Quantity}); !rows.IsZero() {
			c.report.Late = append(c.report.Late, MeterRows{m.Meter, rows})
		}
	}
	return out
}

// supplement makes a supplement's traces and parked accounts: those of the
// revision that it adds to, but for the trees that it has rated again.
func (c *closingOf) supplement(w *closingWork, found *comparison, unsettled map[string]bool) {
	traces, rated := maps.Clone(found.then.traces), map[string]bool{}
	c.rated = c.ratedBefore
	complete := !w.parkedOnly && len(found.report.Vanished) == 0
	c.since.vanished[w.month] = found.report.Vanished
	for _, t := range found.trees {
		payer := t.BillingAccount
		if unsettled[payer] {
			complete = false
			continue
		}
		rated[payer] = true
		c.rated = c.rated.Less(fromRatedMeters(traces[payer].Meters)).Add(fromRatedMeters(t.Meters))
		if len(found.parked[payer]) > 0 || found.left[payer] {
			t = t.again()
		}
		traces[payer] = t
	}
	for _, payer := range slices.Sorted(maps.Keys(traces)) {
		c.traces = append(c.traces, traces[payer])
	}
	settled := c.parked
	c.parked = nil
	listed := map[string]bool{}
	add := func(rows ...pricing.Parked) {
		for _, row := range rows {
			if !listed[row.Account] {
				listed[row.Account] = true
				c.parked = append(c.parked, row)
			}
		}
	}
	add(settled...)
	for _, payer := range slices.Sorted(maps.Keys(rated)) {
		add(found.parked[payer]...)
	}
	problems := parkedByInputs(w.in.problems, nil, w.month.First())
	for _, row := range found.then.rows {
		payer := w.in.registry.BillingAccount(row.Account)
		if !rated[payer] {
			add(row)
			continue
		}
		for _, problem := range problems {
			if problem.Account == row.Account {
				add(problem)
			}
		}
	}
	slices.SortFunc(c.parked, func(a, b pricing.Parked) int { return strings.Compare(a.Account, b.Account) })
	if complete {
		c.since.rollups[w.month] = found.rollups
	}
}
