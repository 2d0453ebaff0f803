package usage

import (
	"errors"
	"fmt"
)

// Mapping says where a usage row's fields stand. The zero value reads the
// default columns: event_id, time, subscription_id, meter, quantity, and
// dimensions under their own names.
type Mapping struct {
	EventID      Source
	Time         Source
	Subscription Source // or Account
	Account      Source // used when Subscription is not set or null in the row
	Meter        Source
	Quantity     Source            // of meters that name no column (`of`)
	Dimensions   map[string]string // dimension -> column; absent: the same name
}

// Source is where one field's value comes from; exactly one is set. The zero
// value is the field's default column.
type Source struct {
	Column string   // a column's name
	Const  string   // the same text for every row
	HashOf []string // event ids only: a hash of these columns' values
	// None, of event ids only, says that rows have none: each row is an event of
	// its own, known by its file and place, and nothing is a duplicate.
	None bool `json:",omitempty"`
}

// The columns that a Mapping's zero value reads.
const (
	defaultEventID      = "event_id"
	defaultTime         = "time"
	defaultSubscription = "subscription_id"
	defaultMeter        = "meter"
	defaultQuantity     = "quantity"
)

// configKeys is where the mapping stands in a configuration.
const configKeys = "usage.columns."

// resolved returns the mapping with its defaults filled in, checked. The
// subscription has a default only where no account is mapped: a mapping that
// names an account alone reads accounts alone.
func (m Mapping) resolved() (Mapping, error) {
	m.EventID = m.EventID.or(defaultEventID)
	m.Time = m.Time.or(defaultTime)
	m.Meter = m.Meter.or(defaultMeter)
	m.Quantity = m.Quantity.or(defaultQuantity)
	if m.Account.isZero() {
		m.Subscription = m.Subscription.or(defaultSubscription)
	}
	for _, f := range []struct {
		key    string
		source Source
		id     bool
	}{
		{"event_id", m.EventID, true},
		{"time", m.Time, false},
		{"subscription_id", m.Subscription, false},
		{"account_id", m.Account, false},
		{"meter", m.Meter, false},
		{"quantity", m.Quantity, false},
	} {
		if err := f.source.check(f.id); err != nil {
			return Mapping{}, fmt.Errorf("map usage columns: %s%s: %w", configKeys, f.key, err)
		}
	}
	return m, nil
}

func (s Source) isZero() bool {
	return s.Column == "" && s.Const == "" && len(s.HashOf) == 0 && !s.None
}

func (s Source) or(column string) Source {
	if s.isZero() {
		return Source{Column: column}
	}
	return s
}

func (s Source) check(id bool) error {
	given := 0
	for _, set := range []bool{s.Column != "", s.Const != "", len(s.HashOf) > 0, s.None} {
		if set {
			given++
		}
	}
	switch {
	case given > 1:
		return errors.New("give one of a column, const, hash_of and none")
	case len(s.HashOf) > 0 && !id:
		return errors.New("hash_of makes event ids only")
	case s.None && !id:
		return errors.New("only event ids can be none")
	}
	return nil
}

// dimensionColumn returns the column of a dimension.
func (m Mapping) dimensionColumn(name string) string {
	if column := m.Dimensions[name]; column != "" {
		return column
	}
	return name
}
