package pricing

import "daybook/pricing/money"

// makeTariffs makes a book's metered prices ready, where they can be.
func makeTariffs(b *Book) map[*Price]*Tariff {
	out := map[*Price]*Tariff{}
	for i := range b.Versions {
		v := &b.Versions[i]
		for j := range v.Plans {
			prices := v.Plans[j].Prices
			for k := range prices {
				if m, ok := v.MeterOf(prices[k].Meter); ok {
					if t, ok := NewTariff(&prices[k], m); ok {
						out[&prices[k]] = t
					}
				}
			}
		}
	}
	return out
}

// priceQuickly prices an item by its tariff, and reports whether it could. It is
// for cost series, which show no tiers or blocks, under plans that have no
// adjustments of several lines; the item is then settled. Whatever is not
// ordinary is left to charge, errors included.
func (x *rating) priceQuickly(it *item, s *segment, h horizon) bool {
	t := x.rater.tariffs[it.price] // none for a subscription's own copy of a price
	if t == nil || h.open || h.fees || len(it.plan.Adjust) > 0 {
		return false
	}
	if len(it.price.Adjust) > 0 && it.share.Cmp(money.Whole(1)) != 0 {
		return false
	}
	rows, last := x.usage.of[meterKey{s.sub.ID, it.price.Meter}], min(s.last, h.day)
	var used tally
	for i := range rows {
		if rows[i].Day < s.first || rows[i].Day > last {
			continue
		}
		if used.add(&rows[i]) != nil {
			return false
		}
	}
	cost, ok := t.Cost(used.fixed(t.aggregate), it.months)
	if !ok {
		return false
	}
	total := money.AmountFromFixed(cost.Total, money.SeriesPlaces)
	it.charge = Charge{Measured: cost.Quantity.Quantity(money.QuantityPlaces), Subtotal: total}
	if cost.Subtotal != cost.Total {
		it.charge.Subtotal = money.AmountFromFixed(cost.Subtotal, money.SeriesPlaces)
	}
	it.total, it.settled = total, true
	return true
}
