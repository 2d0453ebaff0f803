package usage

import (
	"errors"
	"fmt"
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

// Check returns [ErrMiscounted] unless every count of the day agrees with every
// other: the day's, its files', its meters', the rows of the batch and the
// rejected rows listed.
func (d *Day) Check() error {
	if err := d.Counts.Check(); err != nil {
		return err
	}
	var files Counts
	for _, f := range d.Files {
		if err := f.Counts.Check(); err != nil {
			return fmt.Errorf("file %q: %w", f.Key, err)
		}
		files = files.Add(f.Counts)
	}
	if files != d.Counts {
		return fmt.Errorf("check counts: %w: the files have %+v, the day %+v", ErrMiscounted, files, d.Counts)
	}
	if listed := int64(len(d.Rejected)); listed != d.Counts.Rejected {
		return fmt.Errorf("check counts: %w: %d rows rejected, %d listed", ErrMiscounted, d.Counts.Rejected, listed)
	}
	if d.Counts.Parked > 0 != (len(d.Parked) > 0) {
		return fmt.Errorf("check counts: %w: %d accounts parked with %d rows", ErrMiscounted, len(d.Parked), d.Counts.Parked)
	}
	return d.checkMeters()
}

// checkMeters compares what the meters kept with what the batch holds.
func (d *Day) checkMeters() error {
	events, sums := map[string]int64{}, map[string]Total{}
	var inBatch, kept int64
	for i := range d.Batch.Len() {
		id := d.Batch.Meter.At(i)
		events[id] += d.Batch.Events[i]
		sums[id] = sums[id].Add(d.Batch.Sum[i])
		inBatch += d.Batch.Events[i]
	}
	for _, m := range d.Meters {
		kept += m.Events
		if len(d.Parked) == 0 && (events[m.Meter] != m.Events || sums[m.Meter] != m.Quantity) {
			return fmt.Errorf("check counts: %w: meter %q kept %d events of %s, the batch holds %d of %s", ErrMiscounted,
				m.Meter, m.Events, m.Quantity.Quantity(places), events[m.Meter], sums[m.Meter].Quantity(places))
		}
	}
	if kept != d.Counts.Kept || inBatch+d.Counts.Parked != kept {
		return fmt.Errorf("check counts: %w: %d kept, meters hold %d, the batch %d and parked accounts %d",
			ErrMiscounted, d.Counts.Kept, kept, inBatch, d.Counts.Parked)
	}
	return nil
}
