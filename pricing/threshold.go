package pricing

import (
	"fmt"

	"daybook/pricing/money"
)

// Threshold prices a quantity at one total, whatever it is beyond the highest
// threshold that it has reached.
type Threshold struct {
	Steps []ThresholdStep // rising by From
}

// ThresholdStep is what usage costs in total from a quantity on.
type ThresholdStep struct {
	From  money.Quantity // inclusive: 100 units have reached 100
	Total money.Amount
}

// Name implements Model.
func (Threshold) Name() string { return "threshold" }

// bill implements quantityModel: the total of the highest threshold reached.
// Below the first one usage costs nothing; a threshold from 0 is reached by no
// usage too.
func (t Threshold) bill(quantity, _ money.Fraction) (bill, error) {
	var b bill
	for i, s := range t.Steps {
		if quantity.Cmp(s.From.Fraction()) < 0 {
			break
		}
		total := s.Total.Fraction()
		b = bill{sum: total, parts: []billPart{{
			label: fmt.Sprintf("threshold %d (from %s)", i+1, s.From), quantity: quantity, flat: s.Total, amount: total,
		}}}
	}
	return b, nil
}
