package tables

import (
	"fmt"

	"daybook/pricing/columns"
	"daybook/pricing/money"
)

// Outcome is what became of usage rows or of a line's quantity.
type Outcome string

// The outcomes, as they stand in reconciliation.
const (
	OutcomeRead      Outcome = "read" // of a file
	OutcomeKept      Outcome = "kept" // of a file: in the rollup; of rating: of what was rated
	OutcomeDuplicate Outcome = "duplicate"
	OutcomeRejected  Outcome = "rejected"
	OutcomeOutside   Outcome = "outside"
	OutcomeOverflow  Outcome = "overflow" // of what a file's rows were kept: not in the rollup, the account is parked
	OutcomeHeld      Outcome = "held"     // of rating: what the rollups hold
	OutcomeBilled    Outcome = "billed"
	OutcomeUnpriced  Outcome = "unpriced"
	OutcomeLate      Outcome = "late"
	OutcomeParked    Outcome = "parked"
	OutcomeElsewhere Outcome = "elsewhere"
	OutcomeMeasured  Outcome = "measured" // of a line
	OutcomeFree      Outcome = "free"
	OutcomeCharged   Outcome = "charged"
)

// Reconciled is what one outcome came to.
type Reconciled struct {
	File, Meter       string // "": none
	Plan, Price, Unit string // of invoice lines
	Outcome           Outcome
	Rows              int64
	Quantity          money.Quantity
}

// EncodeReconciliation writes a run's account of its rows, in any order.
func EncodeReconciliation(job, period string, rows []Reconciled) ([]byte, error) {
	s := newSheet(columns.Reconciliation, len(rows), func(i int) string {
		return fmt.Sprintf("file %q, meter %q, price %q, %s", rows[i].File, rows[i].Meter, rows[i].Price, rows[i].Outcome)
	})
	s.constant("job", job)
	s.constant("period", period)
	s.text("file", func(i int) string { return legible(rows[i].File) })
	s.text("meter", func(i int) string { return rows[i].Meter })
	s.text("plan_id", func(i int) string { return rows[i].Plan })
	s.text("price_id", func(i int) string { return rows[i].Price })
	s.text("unit", func(i int) string { return rows[i].Unit })
	s.text("outcome", func(i int) string { return string(rows[i].Outcome) })
	s.intsOf("rows", func(i int) int64 { return rows[i].Rows })
	s.optionalQuantities("quantity", func(i int) bool { return rows[i].Quantity.Check() == nil }, func(i int) money.Quantity { return rows[i].Quantity })
	return s.encode()
}

// DecodeReconciliation reads a run's account back. name says in errors which file
// it is. A sum that the table has no digits for is 0.
func DecodeReconciliation(name string, body []byte) ([]Reconciled, error) {
	f, err := readFrame(columns.Reconciliation, name, body)
	if err != nil {
		return nil, err
	}
	file, meter, plan, price := f.text("file"), f.text("meter"), f.text("plan_id"), f.text("price_id")
	unit, outcome, rows, quantity := f.text("unit"), f.text("outcome"), f.column("rows").ints, f.quantity("quantity")
	out := make([]Reconciled, f.rows)
	for i := range out {
		out[i] = Reconciled{file(i), meter(i), plan(i), price(i), unit(i), Outcome(outcome(i)), rows[i], quantity(i)}
	}
	return out, nil
}
