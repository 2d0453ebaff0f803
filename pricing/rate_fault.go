package pricing

import (
	"errors"
	"fmt"
	"slices"

	"daybook/pricing/money"
)

// fault says which accounts cannot be rated and why. It is the middle one of
// the four sizes of fault: those accounts are parked, others go on.
type fault struct {
	accounts     []string
	code, detail string
	since        Date
}

// segmentFault parks one subscription's account.
func segmentFault(s *segment, err error) *fault {
	code, detail := explain(err)
	return &fault{
		accounts: []string{s.sub.Account}, code: code, since: s.first,
		detail: fmt.Sprintf("subscription %q cannot be rated: %s", s.sub.ID, detail),
	}
}

// poolFault parks the accounts of all members.
func poolFault(members []*segment, code, detail string) *fault {
	f := &fault{code: code, detail: detail, since: members[0].first}
	for _, s := range members {
		f.accounts = append(f.accounts, s.sub.Account)
		f.since = min(f.since, s.first)
	}
	return f
}

// explain gives an error its code and a sentence with the remedy.
func explain(err error) (code, detail string) {
	var cell *MissingCellError
	var sku *MissingSKUError
	var level *MissingLevelError
	var override *overrideError
	switch {
	case errors.As(err, &cell):
		return "missing_cell", err.Error()
	case errors.As(err, &sku):
		return "missing_sku", err.Error()
	case errors.As(err, &level):
		return "missing_level", err.Error()
	case errors.As(err, &override):
		return "bad_override", err.Error()
	case errors.Is(err, money.ErrOverflow):
		return "overflow", err.Error() + "; correct the usage or the price"
	}
	return "cannot_rate", err.Error()
}

// fault returns what keeps a segment from being rated, if anything.
func (s *segment) fault(b *Book) *fault {
	f := &fault{accounts: []string{s.sub.Account}, since: s.first}
	switch {
	case s.version == nil:
		f.code = "no_price_version"
		f.detail = fmt.Sprintf("subscription %q runs from %s, but the first version of book %s takes effect on %s; add an earlier version",
			s.sub.ID, s.first, b.Name, b.Versions[0].Effective)
	case s.plan == nil:
		f.code = "no_plan"
		missing := s.version.ID + " does not have"
		if !slices.ContainsFunc(b.Versions, func(v Version) bool { _, ok := v.PlanOf(s.sub.Plan); return ok }) {
			missing = "no version of the book has"
		}
		f.detail = fmt.Sprintf("subscription %q is to plan %q, which %s; add the plan, end the subscription before, or correct it", s.sub.ID, s.sub.Plan, missing)
	default:
		price, unknown := b.unknownPrice(s.sub)
		if !unknown {
			return nil
		}
		f.code = "unknown_price"
		f.detail = fmt.Sprintf("subscription %q sets a quantity or override for price %q, which plan %q never has; correct the name", s.sub.ID, price, s.sub.Plan)
	}
	return f
}

// ambiguousResource finds a resource that names no subscription where two that
// price its kind overlap while it exists: it would be billed twice.
func (x *rating) ambiguousResource(segments []*segment) *fault {
	for i, a := range segments {
		for _, b := range segments[i+1:] {
			both := a.part.Cut(b.part)
			if a.sub == b.sub || both.Empty() || a.plan == nil || b.plan == nil {
				continue
			}
			for _, n := range a.node.resources {
				r := &x.rater.reg.Resources[n]
				held := both.Cut(Period{Start: r.Created, End: r.Deleted})
				if r.Subscription != "" || held.Empty() || !a.plan.pricesResource(r.Kind) || !b.plan.pricesResource(r.Kind) {
					continue
				}
				return &fault{
					accounts: []string{a.sub.Account}, code: "ambiguous_resource", since: max(a.first, b.first),
					detail: fmt.Sprintf("resource %q could belong to subscription %q or %q, which both price its kind; name one in the resource", r.ID, a.sub.ID, b.sub.ID),
				}
			}
		}
	}
	return nil
}

func (p *Plan) pricesResource(kind string) bool {
	for i := range p.Prices {
		if p.Prices[i].Resource == kind {
			return true
		}
		if in := p.Prices[i].Included; in != nil && in.Resource == kind {
			return true
		}
		if b, ok := p.Prices[i].Model.(Burst); ok && b.Over == kind && kind != OverSubscribed {
			return true
		}
	}
	return false
}
