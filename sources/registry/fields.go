package registry

import (
	"daybook/pricing"
	"daybook/pricing/money"
)

// field is one column of a kind of file: its name, whether rows need it, and how
// it is read into a T.
type field[T any] struct {
	name string
	need bool
	set  func(*T, cell) *fault
}

// put reads a cell by one of its methods into a place.
func put[V any](into *V, c cell, read func(cell) (V, *fault)) *fault {
	v, f := read(c)
	if f == nil {
		*into = v
	}
	return f
}

// resource is a row on its way.
type resource struct {
	pricing.Resource
	counted bool // the row names a quantity; else it is 1
}

func accountFields() []field[pricing.Account] {
	return []field[pricing.Account]{
		{"id", true, func(a *pricing.Account, c cell) *fault { return put(&a.ID, c, cell.id) }},
		{"parent", false, func(a *pricing.Account, c cell) *fault { return put(&a.Parent, c, cell.id) }},
		{"kind", false, func(a *pricing.Account, c cell) *fault { return put(&a.Kind, c, cell.id) }},
		{"name", false, func(a *pricing.Account, c cell) *fault { return put(&a.Name, c, cell.sentence) }},
		{"external_id", false, func(a *pricing.Account, c cell) *fault { return put(&a.ExternalID, c, cell.id) }},
		{"bills", false, func(a *pricing.Account, c cell) *fault { return put(&a.Bills, c, cell.flag) }},
		{"currency", false, func(a *pricing.Account, c cell) *fault { return put(&a.Currency, c, cell.id) }},
		{"time_zone", false, func(a *pricing.Account, c cell) *fault { return put(&a.TimeZone, c, cell.id) }},
		{"jurisdiction", false, func(a *pricing.Account, c cell) *fault { return put(&a.Jurisdiction, c, cell.id) }},
		{"labels", false, func(a *pricing.Account, c cell) *fault { return put(&a.Labels, c, cell.labels) }},
	}
}

func subscriptionFields() []field[pricing.Subscription] {
	return []field[pricing.Subscription]{
		{"id", true, func(s *pricing.Subscription, c cell) *fault { return put(&s.ID, c, cell.id) }},
		{"account", true, func(s *pricing.Subscription, c cell) *fault { return put(&s.Account, c, cell.id) }},
		{"plan", true, func(s *pricing.Subscription, c cell) *fault { return put(&s.Plan, c, cell.id) }},
		{"start", true, func(s *pricing.Subscription, c cell) *fault { return put(&s.Start, c, cell.moment) }},
		{"end", false, func(s *pricing.Subscription, c cell) *fault { return put(&s.End, c, cell.moment) }},
		{"anchor", false, func(s *pricing.Subscription, c cell) *fault { return put(&s.Anchor, c, cell.dayOfMonth) }},
		{"time_zone", false, func(s *pricing.Subscription, c cell) *fault { return put(&s.TimeZone, c, cell.id) }},
		{"quantities", false, func(s *pricing.Subscription, c cell) (f *fault) {
			s.Quantities, s.QuantityChanges, f = c.quantities()
			return f
		}},
		{"price_overrides", false, func(s *pricing.Subscription, c cell) *fault { return put(&s.PriceOverrides, c, cell.amounts) }},
		{"external_id", false, func(s *pricing.Subscription, c cell) *fault { return put(&s.ExternalID, c, cell.id) }},
		{"phase", false, func(s *pricing.Subscription, c cell) *fault { return put(&s.Phase, c, cell.id) }},
		{"labels", false, func(s *pricing.Subscription, c cell) *fault { return put(&s.Labels, c, cell.labels) }},
	}
}

func resourceFields() []field[resource] {
	return []field[resource]{
		{"id", true, func(r *resource, c cell) *fault { return put(&r.ID, c, cell.id) }},
		{"account", true, func(r *resource, c cell) *fault { return put(&r.Account, c, cell.id) }},
		{"subscription", false, func(r *resource, c cell) *fault { return put(&r.Subscription, c, cell.id) }},
		{"kind", true, func(r *resource, c cell) *fault { return put(&r.Kind, c, cell.id) }},
		{"sku", false, func(r *resource, c cell) *fault { return put(&r.SKU, c, cell.id) }},
		{"quantity", false, func(r *resource, c cell) *fault {
			r.counted = true
			return put(&r.Quantity, c, cell.quantity)
		}},
		{"created", true, func(r *resource, c cell) *fault { return put(&r.Created, c, cell.moment) }},
		{"deleted", false, func(r *resource, c cell) *fault { return put(&r.Deleted, c, cell.moment) }},
		{"labels", false, func(r *resource, c cell) *fault { return put(&r.Labels, c, cell.labels) }},
	}
}

// members reads a nested object, written as one or as its JSON text.
func (c cell) members() ([]member, *fault) {
	if c.kind != object && c.kind != word {
		return nil, &fault{"is " + c.shown() + " where an object is wanted", `write {"name": value}`}
	}
	m, f := parseObject(c.text, nil)
	if f != nil {
		return nil, &fault{f.reason, `write {"name": value}`}
	}
	return m, nil
}

// nested reads a nested object whose values are read alike; an empty one is nil.
func nested[V any](c cell, read func(cell) (V, *fault)) (map[string]V, *fault) {
	members, f := c.members()
	if f != nil || len(members) == 0 {
		return nil, f
	}
	out := make(map[string]V, len(members))
	for _, m := range members {
		if m.cell.kind == empty {
			continue
		}
		v, f := read(m.cell)
		if f != nil {
			return nil, &fault{m.name + " " + f.reason, f.remedy}
		}
		out[m.name] = v
	}
	return out, nil
}

func (c cell) labels() (map[string]string, *fault) {
	return nested(c, func(c cell) (string, *fault) {
		if c.kind == truth {
			return c.shown(), nil
		}
		return c.sentence()
	})
}

func (c cell) amounts() (map[string]money.Amount, *fault) {
	return nested(c, cell.amount)
}

// names lists the fields' names in order.
func names[T any](fields []field[T]) []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = f.name
	}
	return out
}
