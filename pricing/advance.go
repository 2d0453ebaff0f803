package pricing

import "time"

// inAdvance reports whether a fee of the plan is billed when its period starts.
func (p *Plan) inAdvance() bool {
	for i := range p.Prices {
		if p.Prices[i].Due == InAdvance {
			return true
		}
	}
	return false
}

// billedAhead returns what closings bill of a group's fees in advance
// (docs/billing-rules.md, Fees in advance): each as if it went on to the end of
// its billing period, which is all that can be known when it begins; and, due
// when it ends, what it then owed less than that. So it does not matter when an
// end, another version or another quantity became known, and the lines of a
// period sum to what it owes.
func (x *rating) billedAhead(g *group, items []*item, h horizon) ([]*item, *fault) {
	members := map[string]*segment{}
	for _, s := range g.members {
		members[s.sub.ID] = s
	}
	type start struct {
		subscription string
		at           int64
	}
	ahead := map[start][]*item{}
	var out []*item
	for _, owed := range items {
		if !owed.advance() {
			continue
		}
		s := members[owed.subscription]
		key := start{owed.subscription, owed.part.Start.UnixNano()}
		if _, rated := ahead[key]; !rated {
			var f *fault
			if ahead[key], f = x.ahead(g, s, owed.part.Start, h); f != nil {
				return nil, f
			}
		}
		for _, billed := range ahead[key] {
			if billed.order != owed.order {
				continue
			}
			out = append(out, billed)
			if rest := owed.lessThan(billed, s.nominal); rest != nil {
				out = append(out, rest)
			}
		}
	}
	return out, nil
}

// ahead rates the fees in advance of a segment from an instant on as if it went
// on to the end of its billing period.
func (x *rating) ahead(g *group, s *segment, from time.Time, h horizon) ([]*item, *fault) {
	on := *s
	on.ahead = true
	on.part, on.whole.End = Period{from, s.nominal.End}, s.nominal.End
	on.first, on.last = on.part.days(s.loc)
	alone := *g
	alone.members = []*segment{&on}
	h.fees = true
	items, f := x.rate(&alone, h)
	var out []*item
	for _, it := range items {
		if it.advance() {
			out = append(out, it)
		}
	}
	return out, f
}

// lessThan returns the item that gives back what was billed ahead and is not
// owed, or nil where that is nothing.
func (it *item) lessThan(billed *item, nominal Period) *item {
	subtotal, total := it.charge.Subtotal.Sub(billed.charge.Subtotal), it.total.Sub(billed.total)
	if subtotal.IsZero() && total.IsZero() {
		return nil
	}
	rest := *it
	rest.due, rest.givenBack, rest.from, rest.bundle = it.part.End, true, it.part.Start, nil
	if rest.part = (Period{it.part.End, nominal.End}); rest.part.Empty() {
		rest.part = it.part // an adjustment came out otherwise
	}
	rest.charge = Charge{
		Measured: it.charge.Measured.Neg(), Billable: it.charge.Billable.Neg(), Subtotal: subtotal,
		UnitPrice: it.charge.UnitPrice, HasUnitPrice: it.charge.HasUnitPrice,
	}
	rest.total, rest.totals = total, nil
	rest.owed, rest.billed = it, billed
	return &rest
}
