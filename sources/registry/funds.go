package registry

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"daybook/pricing"
	"daybook/pricing/money"
)

// credit, payment, adjustment and tax are rows of money on their way, as
// resource is.
type credit struct {
	pricing.Grant
	time, expires moment
}

type payment struct {
	pricing.Payment
	time moment
}

type adjustment struct {
	pricing.BalanceAdjustment
	time moment
}

type tax struct{ pricing.Tax }

func creditFields() []field[credit] {
	return []field[credit]{
		{"id", true, func(g *credit, c cell) *fault { return put(&g.ID, c, cell.id) }},
		{"account", true, func(g *credit, c cell) *fault { return put(&g.Account, c, cell.id) }},
		{"amount", true, func(g *credit, c cell) *fault { return put(&g.Amount, c, cell.amount) }},
		{"currency", true, func(g *credit, c cell) *fault { return put(&g.Currency, c, cell.id) }},
		{"time", true, func(g *credit, c cell) *fault { return put(&g.time, c, cell.moment) }},
		{"expires", false, func(g *credit, c cell) *fault { return put(&g.expires, c, cell.moment) }},
		{"priority", false, func(g *credit, c cell) *fault { return put(&g.Priority, c, cell.rank) }},
		{"kind", false, func(g *credit, c cell) *fault {
			return put(&g.Kind, c, func(c cell) (pricing.CreditKind, *fault) {
				return oneOf(c, pricing.Prepaid, pricing.Promotional)
			})
		}},
		{"recurring", false, func(g *credit, c cell) *fault {
			_, f := oneOf(c, "monthly")
			g.Monthly = f == nil
			return f
		}},
		{"plans", false, func(g *credit, c cell) *fault { return put(&g.Plans, c, cell.list) }},
		{"prices", false, func(g *credit, c cell) *fault { return put(&g.Prices, c, cell.list) }},
		{"cost_basis", false, func(g *credit, c cell) *fault {
			g.HasCostBasis = true
			return put(&g.CostBasis, c, cell.amount)
		}},
	}
}

func paymentFields() []field[payment] {
	return []field[payment]{
		{"id", true, func(p *payment, c cell) *fault { return put(&p.ID, c, cell.id) }},
		{"account", true, func(p *payment, c cell) *fault { return put(&p.Account, c, cell.id) }},
		{"amount", true, func(p *payment, c cell) *fault { return put(&p.Amount, c, cell.amount) }},
		{"currency", true, func(p *payment, c cell) *fault { return put(&p.Currency, c, cell.id) }},
		{"time", true, func(p *payment, c cell) *fault { return put(&p.time, c, cell.moment) }},
	}
}

func adjustmentFields() []field[adjustment] {
	return []field[adjustment]{
		{"id", true, func(a *adjustment, c cell) *fault { return put(&a.ID, c, cell.id) }},
		{"account", true, func(a *adjustment, c cell) *fault { return put(&a.Account, c, cell.id) }},
		{"amount", true, func(a *adjustment, c cell) *fault { return put(&a.Amount, c, cell.signedAmount) }},
		{"currency", true, func(a *adjustment, c cell) *fault { return put(&a.Currency, c, cell.id) }},
		{"time", true, func(a *adjustment, c cell) *fault { return put(&a.time, c, cell.moment) }},
		{"payment", false, func(a *adjustment, c cell) *fault { return put(&a.Payment, c, cell.id) }},
		{"description", false, func(a *adjustment, c cell) *fault { return put(&a.Description, c, cell.sentence) }},
	}
}

func taxFields() []field[tax] {
	return []field[tax]{
		{"id", true, func(t *tax, c cell) *fault { return put(&t.ID, c, cell.id) }},
		{"jurisdiction", true, func(t *tax, c cell) *fault { return put(&t.Jurisdiction, c, cell.id) }},
		{"rate", true, func(t *tax, c cell) *fault { return put(&t.Rate, c, cell.quantity) }},
		{"inclusive", false, func(t *tax, c cell) *fault { return put(&t.Inclusive, c, cell.flag) }},
		{"start", false, func(t *tax, c cell) *fault { return put(&t.Start, c, cell.date) }},
		{"end", false, func(t *tax, c cell) *fault { return put(&t.End, c, cell.date) }},
		{"plans", false, func(t *tax, c cell) *fault { return put(&t.Plans, c, cell.list) }},
		{"prices", false, func(t *tax, c cell) *fault { return put(&t.Prices, c, cell.list) }},
	}
}

// signedAmount is an amount that may be below zero.
func (c cell) signedAmount() (money.Amount, *fault) {
	positive, negative := strings.CutPrefix(c.text, "-")
	if !negative || strings.HasPrefix(positive, "-") {
		return c.amount()
	}
	a, f := cell{kind: c.kind, text: positive}.amount()
	return a.Neg(), f
}

// rank is a whole number.
func (c cell) rank() (int, *fault) {
	n, err := strconv.ParseInt(c.text, 10, 32)
	if err != nil || c.kind != word && c.kind != numeral {
		return 0, &fault{"is " + c.shown() + " where a whole number is wanted", "write 0, 1, 2 …"}
	}
	return int(n), nil
}

// date is a day without a time of day.
func (c cell) date() (*pricing.Date, *fault) {
	m, f := c.moment()
	switch {
	case f != nil:
		return nil, f
	case !m.isDay:
		return nil, &fault{"is " + c.shown() + " where a date is wanted", "write 2026-01-01; a tax changes at midnight of each account's time zone"}
	}
	return &m.day, nil
}

// list is a list of ids: in NDJSON itself, elsewhere its JSON text.
func (c cell) list() ([]string, *fault) {
	wrong := &fault{"is " + c.shown() + " where a list is wanted", `write ["name", …]`}
	if c.kind != listing && c.kind != word {
		return nil, wrong
	}
	var out []string
	if err := json.Unmarshal([]byte(c.text), &out); err != nil {
		if c.kind == listing {
			wrong.reason = "has a value that is not a text"
		}
		return nil, wrong
	}
	for i, s := range out {
		id, f := wordCell(s).id()
		switch {
		case f != nil:
			return nil, f
		case id == "" || slices.Contains(out[:i], id):
			return nil, &fault{"has an empty or repeated name", "write each once"}
		}
	}
	return out, nil
}

func oneOf[T ~string](c cell, allowed ...T) (T, *fault) {
	if c.kind == word && slices.Contains(allowed, T(c.text)) {
		return T(c.text), nil
	}
	names := make([]string, len(allowed))
	for i, a := range allowed {
		names[i] = string(a)
	}
	return "", &fault{"is " + c.shown(), "write " + strings.Join(names, " or ")}
}

// resolveFunds gives dates the instants of their accounts' zones and sorts by id.
func (s *Snapshot) resolveFunds(zone *zones, t *fundTables) {
	for _, g := range t.credits.out {
		loc := zone.of("", g.Account)
		g.Time, g.Expires, g.Kind = g.time.in(loc), g.expires.in(loc), cmp.Or(g.Kind, pricing.Prepaid)
		s.Funds.Credits = append(s.Funds.Credits, g.Grant)
	}
	for _, p := range t.payments.out {
		p.Time = p.time.in(zone.of("", p.Account))
		s.Funds.Payments = append(s.Funds.Payments, p.Payment)
	}
	for _, a := range t.adjustments.out {
		a.Time = a.time.in(zone.of("", a.Account))
		s.Funds.Adjustments = append(s.Funds.Adjustments, a.BalanceAdjustment)
	}
	for _, x := range t.taxes.out {
		s.Funds.Taxes = append(s.Funds.Taxes, x.Tax)
	}
	slices.SortStableFunc(s.Funds.Credits, func(a, b pricing.Grant) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortStableFunc(s.Funds.Payments, func(a, b pricing.Payment) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortStableFunc(s.Funds.Adjustments, func(a, b pricing.BalanceAdjustment) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortStableFunc(s.Funds.Taxes, func(a, b pricing.Tax) int { return cmp.Compare(a.ID, b.ID) })
}

// fundTables collect the rows of money.
type fundTables struct {
	credits     *table[credit]
	payments    *table[payment]
	adjustments *table[adjustment]
	taxes       *table[tax]
}

func newFundTables(faults *Errors, limit int64) *fundTables {
	return &fundTables{
		newTable(creditFields(), faults, limit), newTable(paymentFields(), faults, limit),
		newTable(adjustmentFields(), faults, limit), newTable(taxFields(), faults, limit),
	}
}
