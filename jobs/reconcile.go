package jobs

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"daybook/pricing"
)

// MonthAccount is where the usage of a closed month went, by meter: from the usage
// files that its rollups read, over what rating decided, to the invoice lines.
// Every figure stands in a manifest, where it was counted when it was decided.
type MonthAccount struct {
	Period   string         `json:"period"`
	Revision int            `json:"revision"`
	From     pricing.Date   `json:"from"` // first UTC day of its rollups
	To       pricing.Date   `json:"to"`   // the last one
	Files    int            `json:"files"`
	Usage    []FileMeter    `json:"usage"`
	Rating   []RatedMeter   `json:"rating"`
	Prices   []ChargedPrice `json:"prices"`
	Parked   int            `json:"parked_accounts"`
	Left     []string       `json:"quarantined,omitempty"`
	Missing  []Missing      `json:"missing,omitempty"`
}

// Reconcile returns the account of a closed month. It is an error, and a defect or
// damage, when it does not add up.
func (p *Pipeline) Reconcile(ctx context.Context, m pricing.Month) (MonthAccount, error) {
	out := MonthAccount{Period: m.String()}
	history, err := p.publisher.Decided(ctx, string(JobMonthly), m.String())
	if err != nil {
		return out, err
	}
	closing := history.Published
	if closing == nil {
		return out, fmt.Errorf("%s is not closed; run `daybook run monthly --period %s`", m, m)
	}
	rec, err := ratingOf(closing)
	if err != nil {
		return out, err
	}
	out.Revision, out.Prices, out.Parked = closing.Revision, rec.Prices, rec.Parked
	late := fromRatedMeters(rec.Meters).OnlyLate()
	// A supplement bills trees by the usage that they have by then; the usage of the
	// month is accounted for by the closing that read all of it. What it corrects of
	// months before comes to that.
	if closing, err = p.firstOf(ctx, closing); err != nil {
		return out, err
	}
	if rec, err = ratingOf(closing); err != nil {
		return out, err
	}
	rated := fromRatedMeters(rec.Meters)
	out.Rating, out.Left, out.Missing = ratedMeters(rated.Add(late.Less(rated.OnlyLate()))), rec.Quarantined, rec.Missing
	used, files := map[string]FileMeter{}, map[string]bool{}
	for _, input := range closing.Inputs {
		if input.Kind != kindRollup {
			continue
		}
		day, err := p.pinnedRollup(ctx, input)
		if err != nil {
			return out, err
		}
		if !rec.reads(day.day) {
			continue // of a month before, which the closing compared
		}
		if out.From == 0 || day.day < out.From {
			out.From = day.day
		}
		out.To = max(out.To, day.day)
		for _, f := range day.files {
			files[f.Key] = true
		}
		for _, meter := range day.rollup.meters {
			used[meter.Meter] = used[meter.Meter].plus(meter)
		}
	}
	out.Files = len(files)
	for _, m := range out.Rating { // late usage alone is in no file of the month
		if _, ok := used[m.Meter]; !ok {
			used[m.Meter] = FileMeter{Meter: m.Meter}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(used)) {
		out.Usage = append(out.Usage, used[id])
	}
	return out, out.Check()
}

func (m FileMeter) plus(o FileMeter) FileMeter {
	return FileMeter{
		o.Meter, m.Read.Plus(o.Read), m.Kept.Plus(o.Kept), m.Duplicate.Plus(o.Duplicate),
		m.Rejected.Plus(o.Rejected), m.Outside.Plus(o.Outside), m.Overflow.Plus(o.Overflow),
	}
}

// Check reports the first sum of the account that does not hold: read = kept +
// duplicate + rejected + outside, kept = held + overflow, held + late = rated +
// parked + elsewhere, rated = billed + unpriced + late, measured = free + charged.
func (a MonthAccount) Check() error {
	held := map[string]RowSum{}
	for _, m := range a.Rating {
		held[m.Meter] = m.Held
		if err := addUp(m.Meter, "held and late", m.Held.Plus(m.Late), m.Kept, m.Parked, m.Elsewhere); err != nil {
			return err
		}
		if err := addUp(m.Meter, "rated", m.Kept, m.Billed, m.Unpriced, m.Late); err != nil {
			return err
		}
	}
	for _, m := range a.Usage {
		if err := addUp(m.Meter, "read", m.Read, m.Kept, m.Duplicate, m.Rejected, m.Outside); err != nil {
			return err
		}
		if err := addUp(m.Meter, "kept", m.Kept, held[m.Meter], m.Overflow); err != nil {
			return err
		}
		delete(held, m.Meter)
	}
	for _, id := range slices.Sorted(maps.Keys(held)) {
		if err := addUp(id, "kept", RowSum{}, held[id]); err != nil {
			return err
		}
	}
	for _, c := range a.Prices {
		if c.Measured.Quantity.Cmp(c.Free.Quantity.Add(c.Charged.Quantity)) != 0 {
			return fmt.Errorf("price %s of plan %s does not add up: measured %s, free %s and charged %s", c.Price, c.Plan, c.Measured.Quantity, c.Free.Quantity, c.Charged.Quantity)
		}
	}
	return nil
}

func addUp(meter, what string, whole RowSum, parts ...RowSum) error {
	var sum RowSum
	for _, p := range parts {
		sum = sum.Plus(p)
	}
	if whole.Rows == sum.Rows && whole.Quantity.Cmp(sum.Quantity) == 0 {
		return nil
	}
	return fmt.Errorf("usage of meter %q does not add up: %s %d rows of %s, its parts are %d of %s; restore the manifests of the closing and of its rollups",
		meter, what, whole.Rows, whole.Quantity, sum.Rows, sum.Quantity)
}
