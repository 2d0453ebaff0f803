package usage

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// ErrMiscounted is returned when the rows of a day do not add up. It means a
// defect of the engine, never of the usage; nothing may be published.
var ErrMiscounted = errors.New("usage rows do not add up")

// Add returns the sum of two counts, field by field.
func (c Counts) Add(o Counts) Counts {
	return Counts{
		Read: c.Read + o.Read, Kept: c.Kept + o.Kept, Duplicate: c.Duplicate + o.Duplicate,
		Rejected: c.Rejected + o.Rejected, Outside: c.Outside + o.Outside,
		Rounded: c.Rounded + o.Rounded, Parked: c.Parked + o.Parked,
	}
}

// Check returns [ErrMiscounted] unless Read = Kept + Duplicate + Rejected +
// Outside, and Rounded and Parked are among Kept (docs/billing-rules.md, Usage
// that does not fit).
func (c Counts) Check() error {
	for _, n := range []int64{c.Read, c.Kept, c.Duplicate, c.Rejected, c.Outside, c.Rounded, c.Parked} {
		if n < 0 {
			return fmt.Errorf("check counts: %w: a count is %d", ErrMiscounted, n)
		}
	}
	if sum := c.Kept + c.Duplicate + c.Rejected + c.Outside; c.Read != sum {
		return fmt.Errorf("check counts: %w: %d read, but %d kept + %d duplicate + %d rejected + %d outside = %d",
			ErrMiscounted, c.Read, c.Kept, c.Duplicate, c.Rejected, c.Outside, sum)
	}
	if c.Rounded > c.Kept || c.Parked > c.Kept {
		return fmt.Errorf("check counts: %w: %d rounded and %d parked of %d kept", ErrMiscounted, c.Rounded, c.Parked, c.Kept)
	}
	return nil
}

// Check returns [ErrMiscounted] unless Read = Kept + Duplicate + Rejected +
// Outside in rows and in quantities, and Parked rows are among Kept.
func (m MeterCounts) Check() error {
	if sum := m.Kept.Plus(m.Duplicate).Plus(m.Rejected).Plus(m.Outside); m.Read != sum {
		return fmt.Errorf("meter %q: check counts: %w: %s read, but %s kept + %s duplicate + %s rejected + %s outside = %s",
			m.Meter, ErrMiscounted, m.Read, m.Kept, m.Duplicate, m.Rejected, m.Outside, sum)
	}
	if m.Parked.Rows > m.Kept.Rows {
		return fmt.Errorf("meter %q: check counts: %w: %d parked of %d kept", m.Meter, ErrMiscounted, m.Parked.Rows, m.Kept.Rows)
	}
	return nil
}

// Check returns [ErrMiscounted] unless the file's rows and quantities add up,
// and its meters' rows are the file's.
func (f *FileCounts) Check() error {
	if err := f.Counts.Check(); err != nil {
		return fmt.Errorf("file %q: %w", f.Key, err)
	}
	sum := Counts{Rounded: f.Counts.Rounded}
	for _, m := range f.Meters {
		if err := m.Check(); err != nil {
			return fmt.Errorf("file %q: %w", f.Key, err)
		}
		sum = sum.Add(Counts{
			Read: m.Read.Rows, Kept: m.Kept.Rows, Duplicate: m.Duplicate.Rows,
			Rejected: m.Rejected.Rows, Outside: m.Outside.Rows, Parked: m.Parked.Rows,
		})
	}
	if sum != f.Counts {
		return fmt.Errorf("file %q: check counts: %w: its meters have %+v, the file %+v", f.Key, ErrMiscounted, sum, f.Counts)
	}
	return nil
}

// Check returns [ErrMiscounted] unless every count of the day agrees with every
// other: the day's, its files', its meters', the rows of the batch and the
// rejected rows listed.
func (d *Day) Check() error {
	if err := d.Counts.Check(); err != nil {
		return err
	}
	var files Counts
	var meters []MeterCounts
	for i := range d.Files {
		if err := d.Files[i].Check(); err != nil {
			return err
		}
		files, meters = files.Add(d.Files[i].Counts), addMeters(meters, d.Files[i].Meters)
	}
	if files != d.Counts {
		return fmt.Errorf("check counts: %w: the files have %+v, the day %+v", ErrMiscounted, files, d.Counts)
	}
	if !slices.Equal(meters, d.Meters) {
		return fmt.Errorf("check counts: %w: the files' meters have %v, the day's %v", ErrMiscounted, meters, d.Meters)
	}
	if listed := int64(len(d.Rejected)); listed != d.Counts.Rejected {
		return fmt.Errorf("check counts: %w: %d rows rejected, %d listed", ErrMiscounted, d.Counts.Rejected, listed)
	}
	if d.Counts.Parked > 0 != (len(d.Parked) > 0) {
		return fmt.Errorf("check counts: %w: %d accounts parked with %d rows", ErrMiscounted, len(d.Parked), d.Counts.Parked)
	}
	return d.checkMeters()
}

// checkMeters compares what the meters kept, but for parked accounts, with what
// the batch holds.
func (d *Day) checkMeters() error {
	sums := make([]Tally, len(d.Batch.Meter.Values))
	for i, meter := range d.Batch.Meter.Index {
		t := &sums[meter]
		t.Rows, t.Quantity = t.Rows+d.Batch.Events[i], t.Quantity.Add(d.Batch.Sum[i])
	}
	held := map[string]Tally{}
	for i, id := range d.Batch.Meter.Values {
		held[id] = held[id].Plus(sums[i])
	}
	for _, m := range d.Meters {
		in := held[m.Meter]
		delete(held, m.Meter)
		if m.Kept != in.Plus(m.Parked) {
			return fmt.Errorf("check counts: %w: meter %q kept %s, the batch holds %s and parked accounts %s",
				ErrMiscounted, m.Meter, m.Kept, in, m.Parked)
		}
	}
	if len(held) > 0 {
		id := slices.Min(slices.Collect(maps.Keys(held)))
		return fmt.Errorf("check counts: %w: the batch holds %s of meter %q, which kept none", ErrMiscounted, held[id], id)
	}
	return nil
}

// String writes the tally for a message.
func (t Tally) String() string {
	return fmt.Sprintf("%d rows of %s", t.Rows, t.Quantity.Quantity(places))
}
