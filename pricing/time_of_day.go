package pricing

import (
	"errors"
	"fmt"
	"time"

	"daybook/pricing/money"
)

// TimeOfDay prices usage in certain hours of the account's day by a model of
// their own, each band of hours by itself (docs/billing-rules.md, Price models,
// Hours of the day). Measuring gives one group for each band, and for each window
// where the price has windows.
type TimeOfDay struct {
	Bands []HourBand // sorted by From; no hour is in two
	Other Model      // for the other hours
}

// HourBand is a time of day, from the full hour From up to the full hour To,
// local time. One that ends before it begins goes over midnight.
type HourBand struct {
	From, To int // 0 to 23, 1 to 24
	Model    Model
}

// Name implements Model.
func (t TimeOfDay) Name() string { return modelName(t.Other) }

// String writes the band as a book does: "09-12".
func (b HourBand) String() string { return fmt.Sprintf("%02d-%02d", b.From, b.To) }

// Holds reports whether an hour of the day, 0 to 23, lies in the band.
func (b HourBand) Holds(hour int) bool {
	if b.From < b.To {
		return b.From <= hour && hour < b.To
	}
	return hour >= b.From || hour < b.To
}

func (t TimeOfDay) models() []Model {
	out := make([]Model, len(t.Bands))
	for i, b := range t.Bands {
		out[i] = b.Model
	}
	return out
}

// otherHours is the band of hours that no band holds.
const otherHours = "other hours"

// bandOf returns the band in which a slot begins, in local time.
func (t TimeOfDay) bandOf(slot int64, loc *time.Location) string {
	hour := time.UnixMicro(slot).In(loc).Hour()
	for _, b := range t.Bands {
		if b.Holds(hour) {
			return b.String()
		}
	}
	return otherHours
}

// owedUnused returns the bands that cost something without usage: a commitment
// for the period that is trued up.
func (t TimeOfDay) owedUnused() (bands []string) {
	owed := func(m Model) bool { c, ok := m.(Committed); return ok && c.Commitment.TrueUp }
	for _, b := range t.Bands {
		if owed(b.Model) {
			bands = append(bands, b.String())
		}
	}
	if owed(t.Other) {
		bands = append(bands, otherHours)
	}
	return bands
}

// modelOf returns the model of a group's band, which is its last value.
func (t TimeOfDay) modelOf(g Group) (of quantityModel, band string, err error) {
	model := t.Other
	if n := len(g.Values); n > 0 {
		band = g.Values[n-1]
	}
	for _, b := range t.Bands {
		if b.String() == band {
			model = b.Model
		}
	}
	of, ok := model.(quantityModel)
	if !ok {
		return nil, band, errors.New("hours of the day are priced by models that price a quantity")
	}
	return of, band, nil
}

// billBand prices one group; its parts say in which hours.
func (t TimeOfDay) billBand(g Group, quantity, scale money.Fraction) (bill, error) {
	of, band, err := t.modelOf(g)
	if err != nil {
		return bill{}, err
	}
	b, err := billSigned(of, quantity, scale)
	b.asParts(quantity)
	for i := range b.parts {
		b.parts[i].label = band + ", " + b.parts[i].label
	}
	return b, err
}

// checkHours reports a price by time of day that its meter cannot serve.
func (p *Price) checkHours(m Meter) error {
	t, ok := p.Model.(TimeOfDay)
	switch {
	case !ok:
		return nil
	case m.Grain != GrainHour && m.Grain != GrainFiveMinutes:
		return fmt.Errorf("hours of the day, but meter %s keeps usage by the %s", m.ID, m.Grain)
	}
	for _, model := range append([]Model{t.Other}, t.models()...) {
		if _, ok := model.(quantityModel); !ok {
			return fmt.Errorf("model %s cannot be for hours of the day", modelName(model))
		}
	}
	var bands [24]string
	for _, b := range t.Bands {
		if b.From < 0 || b.From > 23 || b.To < 1 || b.To > 24 || b.From == b.To {
			return fmt.Errorf("%s is no time of day", b)
		}
		for hour := range bands {
			if !b.Holds(hour) {
				continue
			}
			if bands[hour] != "" {
				return fmt.Errorf("hour %d is in %s and in %s", hour, bands[hour], b)
			}
			bands[hour] = b.String()
		}
	}
	return nil
}
