package jobs

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sinks/publish"
	"daybook/sinks/tables"
	"daybook/sources/usage"
)

// Each run's account of its rows stands in its manifest by meter, and in the
// table reconciliation, of rollups by file too (docs/reconciliation.md). A run
// whose figures do not add up publishes nothing.

// RowSum is a number of rows and the exact sum of their quantities.
type RowSum struct {
	Rows     int64          `json:"rows"`
	Quantity money.Quantity `json:"quantity"`
}

// MeterRows is a RowSum of one meter.
type MeterRows struct {
	Meter string `json:"meter"`
	RowSum
}

// Plus returns the sum of both.
func (s RowSum) Plus(o RowSum) RowSum { return RowSum{s.Rows + o.Rows, s.Quantity.Add(o.Quantity)} }

// IsZero reports that there was nothing.
func (s RowSum) IsZero() bool { return s.Rows == 0 && s.Quantity.IsZero() }

// FileMeter is what files held of one meter: Read = Kept + Duplicate + Rejected +
// Outside. Meter "" has the rows of no known meter, and those outside.
type FileMeter struct {
	Meter     string `json:"meter"`
	Read      RowSum `json:"read"`
	Kept      RowSum `json:"kept,omitzero"`
	Duplicate RowSum `json:"duplicate,omitzero"`
	Rejected  RowSum `json:"rejected,omitzero"`
	Outside   RowSum `json:"outside,omitzero"`
	Overflow  RowSum `json:"overflow,omitzero"` // of those kept: not in the rollup, their account is parked
}

// RatedMeter is what rating made of one meter: Held + Late = Kept + Parked +
// Elsewhere, and Kept = Billed + Unpriced + Late (pricing.RatedMeter).
type RatedMeter struct {
	Meter     string `json:"meter"`
	Held      RowSum `json:"held"`
	Kept      RowSum `json:"kept"`
	Billed    RowSum `json:"billed,omitzero"`
	Unpriced  RowSum `json:"unpriced,omitzero"`
	Late      RowSum `json:"late,omitzero"`
	Parked    RowSum `json:"parked,omitzero"`
	Elsewhere RowSum `json:"elsewhere,omitzero"`
}

// ChargedPrice is what the invoice lines of one price charge for: Measured = Free
// + Charged, in the price's unit. Meter is "" of fees and resources.
type ChargedPrice struct {
	Meter    string `json:"meter,omitempty"`
	Plan     string `json:"plan"`
	Price    string `json:"price"`
	Unit     string `json:"unit,omitempty"`
	Measured RowSum `json:"measured"`
	Free     RowSum `json:"free,omitzero"`
	Charged  RowSum `json:"charged,omitzero"`
}

func fileMeters(meters []usage.MeterCounts) []FileMeter {
	sum := func(t usage.Tally) RowSum { return RowSum{t.Rows, t.Quantity.Quantity(quantityScale)} }
	out := make([]FileMeter, len(meters))
	for i, m := range meters {
		out[i] = FileMeter{m.Meter, sum(m.Read), sum(m.Kept), sum(m.Duplicate), sum(m.Rejected), sum(m.Outside), sum(m.Parked)}
	}
	return out
}

func ratedMeters(meters pricing.RatedMeters) []RatedMeter {
	sum := func(s pricing.UsageSum) RowSum { return RowSum{s.Events, s.Quantity} }
	out := make([]RatedMeter, len(meters))
	for i, m := range meters {
		out[i] = RatedMeter{
			m.Meter, sum(m.Held()), sum(m.Kept), sum(m.Billed), sum(m.Unpriced), sum(m.Late), sum(m.Parked), sum(m.Elsewhere),
		}
	}
	return out
}

// fromRatedMeters is the reverse of ratedMeters.
func fromRatedMeters(meters []RatedMeter) pricing.RatedMeters {
	sum := func(s RowSum) pricing.UsageSum { return pricing.UsageSum{Events: s.Rows, Quantity: s.Quantity} }
	out := make(pricing.RatedMeters, len(meters))
	for i, m := range meters {
		out[i] = pricing.RatedMeter{
			Meter: m.Meter, Kept: sum(m.Kept), Billed: sum(m.Billed), Unpriced: sum(m.Unpriced), Late: sum(m.Late),
			Parked: sum(m.Parked), Elsewhere: sum(m.Elsewhere),
		}
	}
	return out
}

// chargedPrices adds the lines up by price, sorted.
func chargedPrices(invoices []pricing.Invoice) []ChargedPrice {
	at := map[ChargedPrice]int{}
	out := []ChargedPrice{}
	for _, i := range invoices {
		for n := range i.Lines {
			l := &i.Lines[n]
			key := ChargedPrice{Meter: l.Meter, Plan: l.Plan, Price: l.Price, Unit: l.Unit}
			row, known := at[key]
			if !known {
				row, at[key] = len(out), len(out)
				out = append(out, key)
			}
			p := &out[row]
			for _, part := range []struct {
				to       *RowSum
				quantity money.Quantity
			}{{&p.Measured, l.Quantity}, {&p.Free, l.Free}, {&p.Charged, l.Billed}} {
				if part.to == &p.Measured || !part.quantity.IsZero() {
					*part.to = part.to.Plus(RowSum{1, part.quantity})
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b ChargedPrice) int {
		return cmp.Or(strings.Compare(a.Meter, b.Meter), strings.Compare(a.Plan, b.Plan), strings.Compare(a.Price, b.Price), strings.Compare(a.Unit, b.Unit))
	})
	return out
}

// reconciled lists the outcomes that came to something as rows like one.
func reconciled(like tables.Reconciled, outcomes ...outcomeSum) []tables.Reconciled {
	var out []tables.Reconciled
	for _, o := range outcomes {
		if !o.sum.IsZero() {
			row := like
			row.Outcome, row.Rows, row.Quantity = o.outcome, o.sum.Rows, o.sum.Quantity
			out = append(out, row)
		}
	}
	return out
}

type outcomeSum struct {
	outcome tables.Outcome
	sum     RowSum
}

func (m FileMeter) rows(file string) []tables.Reconciled {
	return reconciled(tables.Reconciled{File: file, Meter: m.Meter},
		outcomeSum{tables.OutcomeRead, m.Read}, outcomeSum{tables.OutcomeKept, m.Kept}, outcomeSum{tables.OutcomeDuplicate, m.Duplicate},
		outcomeSum{tables.OutcomeRejected, m.Rejected}, outcomeSum{tables.OutcomeOutside, m.Outside}, outcomeSum{tables.OutcomeOverflow, m.Overflow})
}

func (m RatedMeter) rows() []tables.Reconciled {
	return reconciled(tables.Reconciled{Meter: m.Meter},
		outcomeSum{tables.OutcomeHeld, m.Held}, outcomeSum{tables.OutcomeKept, m.Kept}, outcomeSum{tables.OutcomeBilled, m.Billed},
		outcomeSum{tables.OutcomeUnpriced, m.Unpriced}, outcomeSum{tables.OutcomeLate, m.Late},
		outcomeSum{tables.OutcomeParked, m.Parked}, outcomeSum{tables.OutcomeElsewhere, m.Elsewhere})
}

func (c ChargedPrice) rows() []tables.Reconciled {
	return reconciled(tables.Reconciled{Meter: c.Meter, Plan: c.Plan, Price: c.Price, Unit: c.Unit},
		outcomeSum{tables.OutcomeMeasured, c.Measured}, outcomeSum{tables.OutcomeFree, c.Free}, outcomeSum{tables.OutcomeCharged, c.Charged})
}

// ratingReconciliation is a rating job's account of the usage it saw, as it
// stands in its manifest.
type ratingReconciliation struct {
	Rated       pricing.Rated  `json:"rated"`
	Meters      []RatedMeter   `json:"meters"`
	Prices      []ChargedPrice `json:"prices,omitempty"` // of closings
	Parked      int            `json:"parked_accounts"`
	Quarantined []string       `json:"quarantined,omitempty"`
	From        string         `json:"from,omitempty"` // the UTC days whose rollups a closing rates, both inclusive; it compares others
	To          string         `json:"to,omitempty"`
	Looked      []LookedAt     `json:"looked_at,omitempty"`           // earlier closings that a closing compared
	Dropped     []string       `json:"behind_closed_after,omitempty"` // closings of which later ones charged something, and that are compared no more
	Missing     []Missing      `json:"missing,omitempty"`             // what a closing was made without
}

// reads reports whether a closing rated the rollup of a UTC day.
func (r *ratingReconciliation) reads(day pricing.Date) bool {
	return r.From == "" || r.From <= day.String() && day.String() <= r.To
}

// putReconciliation writes a rating run's account into its manifest and the table.
func (p *Pipeline) putReconciliation(ctx context.Context, run *publish.Run, m *publish.Manifest, r ratingReconciliation) error {
	var rows []tables.Reconciled
	for _, meter := range r.Meters {
		rows = append(rows, meter.rows()...)
	}
	for _, price := range r.Prices {
		rows = append(rows, price.rows()...)
	}
	var err error
	if m.Reconciliation, err = json.Marshal(r); err != nil {
		return fmt.Errorf("write the reconciliation of %s %s: %w", m.Job, m.Period, err)
	}
	return p.putReconciled(ctx, run, m, rows)
}

func (p *Pipeline) putReconciled(ctx context.Context, run *publish.Run, m *publish.Manifest, rows []tables.Reconciled) error {
	body, err := tables.EncodeReconciliation(m.Job, m.Period, rows)
	if err != nil {
		return err
	}
	return p.putTable(ctx, run, m, "reconciliation", "job="+m.Job+"/period="+m.Period, len(rows), body)
}
