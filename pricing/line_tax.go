package pricing

import (
	"cmp"
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
// of which some are at other rates.
type levied struct {
	taxes []LineTax
	known bool
}
