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

func creditFields() []field[pricing.Grant] {
	return []field[pricing.Grant]{
		{"id", true, func(g *pricing.Grant, c cell) *fault { return put(&g.ID, c, cell.id) }},
		{"account", true, func(g *pricing.Grant, c cell) *fault { return put(&g.Account, c, cell.id) }},
		{"amount", true, func(g *pricing.Grant, c cell) *fault { return put(&g.Amount, c, cell.amount) }},
		{"currency", true, func(g *pricing.Grant, c cell) *fault { return put(&g.Currency, c, cell.id) }},
		{"time", true, func(g *pricing.Grant, c cell) *fault { return put(&g.Time, c, cell.moment) }},
		{"expires", false, func(g *pricing.Grant, c cell) *fault { return put(&g.Expires, c, cell.moment) }},
		{"priority", false, func(g *pricing.Grant, c cell) *fault { return put(&g.Priority, c, cell.rank) }},
		{"kind", false, func(g *pricing.Grant, c cell) *fault {
			return put(&g.Kind, c, func(c cell) (pricing.CreditKind, *fault) {
				return oneOf(c, pricing.Prepaid, pricing.Promotional)
			})
		}},
		{"recurring", false, func(g *pricing.Grant, c cell) *fault {
			_, f := oneOf(c, "monthly")
			g.Monthly = f == nil
			return f
		}},
		{"plans", false, func(g *pricing.Grant, c cell) *fault { return put(&g.Plans, c, cell.list) }},
		{"prices", false, func(g *pricing.Grant, c cell) *fault { return put(&g.Prices, c, cell.list) }},
		{"cost_basis", false, func(g *pricing.Grant, c cell) *fault {
			g.HasCostBasis = true
			return put(&g.CostBasis, c, cell.amount)
		}},
	}
}

func paymentFields() []field[pricing.Payment] {
	return []field[pricing.Payment]{
		{"id", true, func(p *pricing.Payment, c cell) *fault { return put(&p.ID, c, cell.id) }},
		{"account", true, func(p *pricing.Payment, c cell) *fault { return put(&p.Account, c, cell.id) }},
		{"amount", true, func(p *pricing.Payment, c cell) *fault { return put(&p.Amount, c, cell.amount) }},
		{"currency", true, func(p *pricing.Payment, c cell) *fault { return put(&p.Currency, c, cell.id) }},
		{"time", true, func(p *pricing.Payment, c cell) *fault { return put(&p.Time, c, cell.moment) }},
	}
}

func adjustmentFields() []field[pricing.BalanceAdjustment] {
	return []field[pricing.BalanceAdjustment]{
		{"id", true, func(a *pricing.BalanceAdjustment, c cell) *fault { return put(&a.ID, c, cell.id) }},
		{"account", true, func(a *pricing.BalanceAdjustment, c cell) *fault { return put(&a.Account, c, cell.id) }},
		{"amount", true, func(a *pricing.BalanceAdjustment, c cell) *fault { return put(&a.Amount, c, cell.signedAmount) }},
		{"currency", true, func(a *pricing.BalanceAdjustment, c cell) *fault { return put(&a.Currency, c, cell.id) }},
		{"time", true, func(a *pricing.BalanceAdjustment, c cell) *fault { return put(&a.Time, c, cell.moment) }},
		{"payment", false, func(a *pricing.BalanceAdjustment, c cell) *fault { return put(&a.Payment, c, cell.id) }},
		{"description", false, func(a *pricing.BalanceAdjustment, c cell) *fault { return put(&a.Description, c, cell.sentence) }},
	}
}

func taxFields() []field[pricing.Tax] {
	return []field[pricing.Tax]{
		{"id", true, func(t *pricing.Tax, c cell) *fault { return put(&t.ID, c, cell.id) }},
		{"jurisdiction", true, func(t *pricing.Tax, c cell) *fault { return put(&t.Jurisdiction, c, cell.id) }},
		{"rate", true, func(t *pricing.Tax, c cell) *fault { return put(&t.Rate, c, cell.quantity) }},
		{"inclusive", false, func(t *pricing.Tax, c cell) *fault { return put(&t.Inclusive, c, cell.flag) }},
		{"start", false, func(t *pricing.Tax, c cell) *fault { return put(&t.Start, c, cell.date) }},
		{"end", false, func(t *pricing.Tax, c cell) *fault { return put(&t.End, c, cell.date) }},
		{"plans", false, func(t *pricing.Tax, c cell) *fault { return put(&t.Plans, c, cell.list) }},
		{"prices", false, func(t *pricing.Tax, c cell) *fault { return put(&t.Prices, c, cell.list) }},
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
	day, whole := dayOf(m)
	switch {
	case f != nil:
		return nil, f
	case !whole:
		return nil, &fault{"is " + c.shown() + " where a date is wanted", "write 2026-01-01; a tax changes at midnight of each account's time zone"}
	}
	return &day, nil
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
	s.Funds.Credits, s.Funds.Payments, s.Funds.Adjustments, s.Funds.Taxes = t.credits.out, t.payments.out, t.adjustments.out, t.taxes.out
	for i := range s.Funds.Credits {
		g := &s.Funds.Credits[i]
		loc := zone.of("", g.Account)
		zone.settle(&g.Time, loc)
		zone.settle(&g.Expires, loc)
		g.Kind = cmp.Or(g.Kind, pricing.Prepaid)
	}
	for i := range s.Funds.Payments {
		p := &s.Funds.Payments[i]
		zone.settle(&p.Time, zone.of("", p.Account))
	}
	for i := range s.Funds.Adjustments {
		a := &s.Funds.Adjustments[i]
		zone.settle(&a.Time, zone.of("", a.Account))
	}
	slices.SortStableFunc(s.Funds.Credits, func(a, b pricing.Grant) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortStableFunc(s.Funds.Payments, func(a, b pricing.Payment) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortStableFunc(s.Funds.Adjustments, func(a, b pricing.BalanceAdjustment) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortStableFunc(s.Funds.Taxes, func(a, b pricing.Tax) int { return cmp.Compare(a.ID, b.ID) })
}

// fundTables collect the rows of money.
type fundTables struct {
	credits     *table[pricing.Grant]
	payments    *table[pricing.Payment]
	adjustments *table[pricing.BalanceAdjustment]
	taxes       *table[pricing.Tax]
}

func newFundTables(faults *Errors, limit int64) *fundTables {
	return &fundTables{
		newTable(creditFields(), faults, limit), newTable(paymentFields(), faults, limit),
		newTable(adjustmentFields(), faults, limit), newTable(taxFields(), faults, limit),
	}
}
