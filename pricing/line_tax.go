package pricing

import (
	"cmp"
	"slices"
	"strings"

	"daybook/pricing/money"
)

// LineTax is a tax that a line owes, as it was when the line was issued.
type LineTax struct {
	Tax, Jurisdiction string
	Rate              money.Quantity // per cent
	Inclusive         bool
}

func (t LineTax) compare(o LineTax) int {
	sign := func(t LineTax) int {
		if t.Inclusive {
			return 1
		}
		return 0
	}
	return cmp.Or(strings.Compare(t.Tax, o.Tax), strings.Compare(t.Jurisdiction, o.Jurisdiction), t.Rate.Cmp(o.Rate), cmp.Compare(sign(t), sign(o)))
}

// levied says what taxes a correction owes: known ones, or those of the registry,
// of which some are at other rates (docs/billing-rules.md, Corrections).
type levied struct {
	taxes []LineTax // sorted
	known bool
}

// owed returns the taxes that a line owes, sorted: those of the registry, or of a
// correction those at which the corrected invoice was issued.
func (r *Registry) owed(l *Line) []LineTax {
	if l.levied != nil && l.levied.known {
		return l.levied.taxes
	}
	var out []LineTax
	for _, t := range r.taxesOf(l) {
		now := LineTax{t.ID, t.Jurisdiction, t.Rate, t.Inclusive}
		if l.levied != nil {
			now = l.levied.rateOf(now)
		}
		out = append(out, now)
	}
	slices.SortFunc(out, LineTax.compare)
	return out
}

// rateOf is a tax at the rate that was issued, where it was.
func (v *levied) rateOf(now LineTax) LineTax {
	for _, t := range v.taxes {
		if t.Tax == now.Tax {
			return t
		}
	}
	return now
}
