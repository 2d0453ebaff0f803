package pricing

import (
	"fmt"
	"time"
)

// Date is a calendar day, counted as days since 1970-01-01, with no zone.
type Date int32

// ParseDate reads an ISO date, "2026-10-01".
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, fmt.Errorf("parse date %q: want YYYY-MM-DD, for example 2026-10-01", s)
	}
	return Date(t.Unix() / 86400), nil // a midnight in UTC
}

// NewDate returns the day y-m-d; out-of-range values normalise as in time.Date.
func NewDate(y int, m time.Month, d int) Date {
	return DateOf(time.Date(y, m, d, 0, 0, 0, 0, time.UTC))
}

// DateOf returns the calendar day that t shows in its own location.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	secs := time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix()
	return Date(secs / 86400)
}

// UTC returns the day's midnight in UTC.
func (d Date) UTC() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// In returns the first instant of the day in loc: where clocks skip midnight,
// the first instant that exists; where they repeat it, the earlier one; where a
// zone leaves out the whole day (Pacific/Apia, 2011-12-30), the start of the
// next one, so that the day is empty.
func (d Date) In(loc *time.Location) time.Time {
	midnight := int64(d) * 86400
	if loc == time.UTC {
		return time.Unix(midnight, 0).UTC()
	}
	// No zone was ever 16 hours from UTC: the walk begins before the day does.
	at := time.Unix(midnight-16*3600, 0).In(loc)
	for {
		_, offset := at.Zone()
		start, end := at.ZoneBounds()
		first := midnight - int64(offset)
		if !start.IsZero() {
			first = max(first, start.Unix())
		}
		if end.IsZero() || first < end.Unix() {
			return time.Unix(first, 0).In(loc)
		}
		at = end
	}
}

// AddDays returns the day n days later.
func (d Date) AddDays(n int) Date { return d + Date(n) }

// String returns the ISO form.
func (d Date) String() string { return d.UTC().Format(time.DateOnly) }

// MarshalText implements encoding.TextMarshaler in the ISO form.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler for the ISO form.
func (d *Date) UnmarshalText(b []byte) error {
	v, err := ParseDate(string(b))
	*d = v
	return err
}

// Month is a calendar month, the period key of a closing.
type Month struct {
	Year  int
	Month time.Month
}

// ParseMonth reads "2026-10".
func ParseMonth(s string) (Month, error) {
	t, err := time.Parse("2006-01", s)
	if err != nil {
		return Month{}, fmt.Errorf("parse month %q: want YYYY-MM, for example 2026-10", s)
	}
	return Month{t.Year(), t.Month()}, nil
}

// MonthOf returns the month of a day.
func MonthOf(d Date) Month { y, m, _ := d.UTC().Date(); return Month{y, m} }

// First returns the month's first day.
func (m Month) First() Date { return NewDate(m.Year, m.Month, 1) }

// Next returns the following month.
func (m Month) Next() Month { return MonthOf(NewDate(m.Year, m.Month+1, 1)) }

// Previous returns the month before.
func (m Month) Previous() Month { return MonthOf(NewDate(m.Year, m.Month-1, 1)) }

// Through lists the months from m to last, both included.
func (m Month) Through(last Month) []Month {
	var out []Month
	for ; !last.Before(m); m = m.Next() {
		out = append(out, m)
	}
	return out
}

// Before reports whether m is earlier than o.
func (m Month) Before(o Month) bool { return m.First() < o.First() }

// String returns the ISO form, "2026-10".
func (m Month) String() string { return fmt.Sprintf("%04d-%02d", m.Year, int(m.Month)) }
