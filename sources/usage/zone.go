package usage

import (
	"fmt"
	"time"

	"daybook/pricing"
)

// zones answers which local day an instant of a UTC day falls on. The answer is
// the date that a clock in the zone shows, worked out once for each zone and UTC
// day from the zone's transitions: no row pays for a calendar.
type zones struct {
	first pricing.Date // of the UTC days
	days  int
	names map[string]uint32
	spans [][]span // zone*days + day: ascending, the first from the day's start
}

// span is a stretch of one UTC day on one local day.
type span struct {
	from int64 // Unix microseconds
	day  pricing.Date
}

// newZones prepares the UTC days first to last, both included.
func newZones(first, last pricing.Date) *zones {
	return &zones{first: first, days: int(last-first) + 1, names: map[string]uint32{}}
}

// add makes a zone known and returns its number.
func (z *zones) add(name string) (uint32, error) {
	if n, ok := z.names[name]; ok {
		return n, nil
	}
	if name == "Local" {
		return 0, fmt.Errorf("load time zone %q: it means another zone on every machine; write an IANA name such as Europe/Zurich", name)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return 0, fmt.Errorf("load time zone %q: %w; write an IANA name such as Europe/Zurich", name, err)
	}
	n := uint32(len(z.names))
	z.names[name] = n
	for d := range z.days {
		z.spans = append(z.spans, localDays(loc, z.first.AddDays(d)))
	}
	return n, nil
}

// day returns the local day in a zone of an instant of UTC day d.
func (z *zones) day(zone uint32, d pricing.Date, t int64) pricing.Date {
	spans := z.spans[int(zone)*z.days+int(d-z.first)]
	i := len(spans) - 1
	for i > 0 && spans[i].from > t {
		i--
	}
	return spans[i].day
}

// localDays cuts UTC day d where the zone's offset or date changes.
func localDays(loc *time.Location, d pricing.Date) []span {
	var out []span
	at, end := d.UTC(), d.AddDays(1).UTC()
	for at.Before(end) {
		_, offset := at.In(loc).Zone()
		date := floorDay(at.Unix() + int64(offset))
		out = append(out, span{from: at.UnixMicro(), day: pricing.Date(date)})
		next := time.Unix((date+1)*86_400-int64(offset), 0) // the next midnight under this offset
		if _, change := at.In(loc).ZoneBounds(); !change.IsZero() && change.Before(next) {
			next = change
		}
		at = next
	}
	return out
}

func floorDay(seconds int64) int64 {
	day := seconds / 86_400
	if seconds%86_400 < 0 {
		day--
	}
	return day
}
