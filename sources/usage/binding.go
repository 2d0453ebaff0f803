package usage

import (
	"errors"
	"fmt"
	"strings"

	"daybook/sources/parquet"
)

// binding is the mapping applied to one file: which of its columns are read and
// what each is. Only mapped columns are read.
type binding struct {
	source  *source
	columns []int       // of the file, by slot
	slots   map[int]int // column of the file -> slot
	caches  int

	time         column
	unit         timeUnit
	eventID      []column // several: their values are hashed
	hashed       bool
	singly       bool    // there are none: each row is an event of its own
	subscription *column // nil: not mapped
	account      *column
	meter        column
	meters       []meterBinding // by meter number
}

// meterBinding is one meter's columns in a file. A file need not have the
// columns of meters that it holds no rows of: fault is raised by the first row.
type meterBinding struct {
	quantity   column
	dimensions []column // by Meter.By
	value      int      // of a unique meter: which dimension holds the values
	fault      *FileError
}

// bind finds the mapped columns of a source.
func (p *pass) bind(s *source) (*binding, error) {
	b := &binding{source: s, slots: map[int]int{}}
	m := p.mapping
	var err error
	if b.time, err = b.bindTime(m.Time); err != nil {
		return nil, err
	}
	if b.eventID, err = b.bindEventID(m.EventID); err != nil {
		return nil, err
	}
	b.hashed, b.singly = len(m.EventID.HashOf) > 0, m.EventID.None
	if b.subscription, err = b.bindKey(m.Subscription, "subscription_id"); err != nil {
		return nil, err
	}
	if b.account, err = b.bindKey(m.Account, "account_id"); err != nil {
		return nil, err
	}
	if b.meter, err = b.bindText(m.Meter, configKeys+"meter"); err != nil {
		return nil, err
	}
	for i := range p.meters {
		b.meters = append(b.meters, b.bindMeter(&p.meters[i], m))
	}
	return b, nil
}

func (b *binding) bindTime(src Source) (column, error) {
	c, err := b.bindColumn(src, configKeys+"time")
	if err != nil || c.constant() {
		return c, err
	}
	if b.unit, err = timeUnitOf(c.field); err != nil {
		return c, b.unusable(c, err)
	}
	return c, nil
}

func (b *binding) bindEventID(src Source) ([]column, error) {
	if src.None {
		return nil, nil
	}
	sources := []Source{src}
	if len(src.HashOf) > 0 {
		sources = nil
		for _, name := range src.HashOf {
			sources = append(sources, Source{Column: name})
		}
	}
	var out []column
	for _, one := range sources {
		c, err := b.bindText(one, configKeys+"event_id")
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

func (b *binding) bindKey(src Source, field string) (*column, error) {
	if src.isZero() {
		return nil, nil
	}
	c, err := b.bindText(src, configKeys+field)
	return &c, err
}

func (b *binding) bindText(src Source, key string) (column, error) {
	c, err := b.bindColumn(src, key)
	if err != nil || c.constant() || isText(c.field) {
		return c, err
	}
	return c, b.unusable(c, errors.New("ids and dimensions are text, whole numbers, decimals, booleans, dates or UUIDs"))
}

// bindMeter finds a meter's columns and keeps the first fault for its first row.
func (b *binding) bindMeter(m *meter, mapping Mapping) meterBinding {
	var out meterBinding
	keep := func(err error) {
		if err != nil && out.fault == nil {
			out.fault = fileFault(b.source.Object.Key, -1, "", err)
		}
	}
	if !m.count {
		src, key := mapping.Quantity, configKeys+"quantity"
		if m.Of != "" && !m.unique {
			src, key = Source{Column: m.Of}, ofKey(m)
		}
		var err error
		if out.quantity, err = b.bindColumn(src, key); err == nil && !out.quantity.constant() {
			if err = quantityUsable(out.quantity.field); err != nil {
				err = b.unusable(out.quantity, err)
			}
		}
		keep(err)
	}
	for i, name := range m.By {
		from, key := mapping.dimensionColumn(name), configKeys+name
		if m.unique && name == m.Of {
			out.value, from, key = i, name, ofKey(m)
		}
		c, err := b.bindText(Source{Column: from}, key)
		out.dimensions = append(out.dimensions, c)
		keep(err)
	}
	return out
}

func ofKey(m *meter) string { return "meters." + m.ID + ".of (in the price book)" }

// bindColumn gives a source its slot. key is where the configuration says it.
func (b *binding) bindColumn(src Source, key string) (column, error) {
	b.caches++
	c := column{name: src.Column, slot: -1, cache: b.caches - 1}
	if src.Column == "" {
		c.name, c.text = strings.TrimPrefix(key, configKeys), []byte(src.Const)
		return c, nil
	}
	n, ok := b.source.file.Column(src.Column)
	if !ok {
		remedy := "name the right one under " + key
		if key == configKeys+"event_id" {
			remedy += ", or write {none: true} there if usage has no ids, so that nothing is a duplicate"
		}
		return c, &FileError{
			File: b.source.Object.Key, RowGroup: -1, Column: src.Column,
			Err: fmt.Errorf("the file has no such column; it has %s; %s", b.columnNames(), remedy),
		}
	}
	c.field = b.source.file.Fields()[n]
	if c.field.Unsupported != "" {
		return c, b.unusable(c, errors.New(c.field.Unsupported))
	}
	slot, ok := b.slots[n]
	if !ok {
		slot = len(b.columns)
		b.slots[n] = slot
		b.columns = append(b.columns, n)
	}
	c.slot = slot
	return c, nil
}

func (b *binding) unusable(c column, err error) error {
	what := c.field.Kind.String()
	if c.field.Logical != parquet.LogicalNone {
		what += ", " + c.field.Logical.String()
	}
	return &FileError{
		File: b.source.Object.Key, RowGroup: -1, Column: c.name,
		Err: fmt.Errorf("its type is %s: %w", what, err),
	}
}

// columnNames lists the file's columns for a message, the first forty.
func (b *binding) columnNames() string {
	var names []string
	for _, f := range b.source.file.Fields() {
		if len(names) == 40 {
			names = append(names, "…")
			break
		}
		names = append(names, f.Name)
	}
	return strings.Join(names, ", ")
}
