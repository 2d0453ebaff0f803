package pricing

// measure returns what a subscription used of a price's meter, or meters, and
// tells whoever traces.
func (x *rating) measure(s *segment, price *Price, h horizon) (Measured, error) {
	m, err := x.measureUntold(s, price, h)
	if err == nil {
		m.included, err = x.included(s, price)
	}
	x.tell(s, price, m, h)
	return m, err
}

func (x *rating) measureUntold(s *segment, price *Price, h horizon) (Measured, error) {
	var by []string
	if m, ok := price.Model.(Matrix); ok {
		by = m.By
	}
	switch m := price.Model.(type) {
	case Burst:
		return x.measureBurst(s, price, m, h)
	case Bundle:
		return x.measureBundle(s, m, h)
	}
	if price.Prorate != "" {
		m, rows, over := x.metering(s, price.Meter, h)
		return m.measureHeld(rows, over, s.proration(price))
	}
	if price.apart() {
		m, _ := s.version.MeterOf(price.Meter)
		measure := func(s *segment) (Measured, error) {
			m, rows, over := x.metering(s, price.Meter, h)
			if hours, ok := price.Model.(TimeOfDay); ok {
				return m.measureEach(rows, over, price.Each, &hours)
			}
			return m.measureEach(rows, over, price.Each, nil)
		}
		used, err := measure(s)
		if err != nil || price.inWindows() {
			return used, err
		}
		return x.foresee(s, h, m, used, measure)
	}
	out, err := x.measureMeter(s, price.Meter, by, h)
	if pct, ok := price.Model.(Percentage); ok && pct.Singly() && err == nil {
		m, rows, over := x.metering(s, price.Meter, h)
		out.ByEvent, err = m.eventAmounts(rows, over)
	}
	return out, err
}

func (x *rating) measureMeter(s *segment, meter string, by []string, h horizon) (Measured, error) {
	measure := func(s *segment) (Measured, error) {
		m, rows, over := x.metering(s, meter, h)
		return m.measure(rows, over, by)
	}
	used, err := measure(s)
	if err != nil {
		return Measured{}, err
	}
	m, _ := s.version.MeterOf(meter)
	return x.foresee(s, h, m, used, measure)
}

// metering returns a meter, what a subscription used of it and the span that
// counts.
func (x *rating) metering(s *segment, meter string, h horizon) (Meter, []UsageState, span) {
	m, _ := s.version.MeterOf(meter) // NewRater checked that it is there
	until, last := h.of(s)
	return m, x.usage.of[meterKey{s.sub.ID, meter}], span{
		first: s.first, last: last, carry: s.wholeFirst.AddDays(-m.CarryDays),
		part: s.part.Upto(until), whole: s.nominal.Length(), loc: s.loc,
	}
}

// resources returns the resources of a kind that a subscription pays for: its
// own and those of its account that name no subscription.
func (x *rating) resources(s *segment, kind string) []*Resource {
	var out []*Resource
	for _, i := range s.node.resources {
		r := &x.rater.reg.Resources[i]
		if r.Kind == kind && (r.Subscription == "" || r.Subscription == s.sub.ID) {
			out = append(out, r)
		}
	}
	return out
}
