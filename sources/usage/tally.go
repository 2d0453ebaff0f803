package usage

import "daybook/pricing/money"

// add counts one row.
func (t *Tally) add(qty money.Int128) {
	t.Rows++
	t.Quantity.gain(qty)
}

// Plus returns t + o.
func (t Tally) Plus(o Tally) Tally {
	return Tally{t.Rows + o.Rows, t.Quantity.Plus(o.Quantity)}
}

// Add returns the sum of two accounts of the same meter.
func (m MeterCounts) Add(o MeterCounts) MeterCounts {
	return MeterCounts{
		Meter: m.Meter, Read: m.Read.Plus(o.Read), Kept: m.Kept.Plus(o.Kept), Duplicate: m.Duplicate.Plus(o.Duplicate),
		Rejected: m.Rejected.Plus(o.Rejected), Outside: m.Outside.Plus(o.Outside), Parked: m.Parked.Plus(o.Parked),
	}
}

// ledger is the account of rows by meter: the rows of no known meter first, then
// those of each meter by its number.
type ledger []MeterCounts

// of returns the account of a meter's number, or of unknown.
func (l ledger) of(meter uint32) *MeterCounts {
	if meter == unknown {
		return &l[0]
	}
	return &l[meter+1]
}

// add adds the rows of another ledger of the same meters.
func (l ledger) add(o ledger) {
	for i := range l {
		l[i] = l[i].Add(o[i])
	}
}

// listed returns the meters that had rows, by id.
func (l ledger) listed(meters []meter) []MeterCounts {
	var out []MeterCounts
	for i, m := range l {
		if m == (MeterCounts{}) {
			continue
		}
		if i > 0 {
			m.Meter = meters[i-1].ID
		}
		out = append(out, m)
	}
	return out
}

// addMeters merges two lists sorted by meter.
func addMeters(a, b []MeterCounts) []MeterCounts {
	var out []MeterCounts
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].Meter < b[0].Meter:
			out, a = append(out, a[0]), a[1:]
		case len(a) == 0 || b[0].Meter < a[0].Meter:
			out, b = append(out, b[0]), b[1:]
		default:
			out, a, b = append(out, a[0].Add(b[0])), a[1:], b[1:]
		}
	}
	return out
}
