package usage

import (
	"fmt"
	"math"
	"sort"
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
		z.spans = append(z.spans, cutDays(loc, z.first.AddDays(d)))
	}
	return n, nil
}

// on returns UTC day d's local days by zone.
func (z *zones) on(d pricing.Date) []localDays {
	out := make([]localDays, len(z.names))
	for zone := range out {
		spans := z.spans[zone*z.days+int(d-z.first)]
		out[zone] = localDays{first: spans[0].day, change: math.MaxInt64}
		if len(spans) > 1 {
			out[zone].change, out[zone].later = spans[1].from, spans[1:]
		}
	}
	return out
}

// localDays are the local days of a zone on one UTC day: mostly there is one, or
// one change.
type localDays struct {
	change int64 // the first one's end, Unix microseconds
	first  pricing.Date
	later  []span
}

// at returns the local day of an instant.
func (l *localDays) at(t int64) pricing.Date {
	if t < l.change {
		return l.first
	}
	return dayAt(l.later, t)
}

func dayAt(spans []span, t int64) pricing.Date {
	i := len(spans) - 1
	for i > 0 && spans[i].from > t {
		i--
	}
	return spans[i].day
}

// cutDays cuts UTC day d where the local date changes: at local midnights and
// where the zone's offset changes.
func cutDays(loc *time.Location, d pricing.Date) []span {
	var out []span
	start := d.UTC().Unix()
	for at, end := start, start+86_400; at < end; {
		offset := offsetAt(loc, at)
		date := floorDay(at + offset)
		if len(out) == 0 || out[len(out)-1].day != pricing.Date(date) {
			out = append(out, span{from: at * microsPerSecond, day: pricing.Date(date)})
		}
		midnight := (date+1)*86_400 - offset
		at = offsetChange(loc, at, min(midnight, end))
	}
	return out
}

// offsetChange returns the first second after at and up to end at which the
// zone's offset is another, else end. It samples hourly, since no zone has ever
// changed its clocks twice within an hour, and does not ask Time.ZoneBounds: for
// instants near a year's end in some zones that answers with the instant itself.
func offsetChange(loc *time.Location, at, end int64) int64 {
	offset := offsetAt(loc, at)
	for at < end {
		next := min(at+3600, end)
		if offsetAt(loc, next) != offset {
			after := sort.Search(int(next-at), func(n int) bool { return offsetAt(loc, at+int64(n)) != offset })
			return at + int64(after)
		}
		at = next
	}
	return end
}

// offsetAt returns the zone's seconds east of UTC at a Unix second.
func offsetAt(loc *time.Location, at int64) int64 {
	_, offset := time.Unix(at, 0).In(loc).Zone()
	return int64(offset)
}

func floorDay(seconds int64) int64 {
	day := seconds / 86_400
	if seconds%86_400 < 0 {
		day--
	}
	return day
}
