package registry

import (
	"sort"
	"strings"
	"time"

	"daybook/pricing"
)

// A moment is an instant, or a day whose zone is not known before all rows are read:
// until then its midnight stands in this zone, which no other time is in.
var pending = time.FixedZone("pending", 0)

func dayMoment(d pricing.Date) time.Time { return d.UTC().In(pending) }

// dayOf returns the day that a moment is, false where it is an instant.
func dayOf(m time.Time) (pricing.Date, bool) {
	return pricing.Date(m.Unix() / 86_400), m.Location() == pending
}

// layouts are the ways to write an instant: ISO 8601, and how PostgreSQL
// exports it.
func layouts() []string {
	return []string{
		"2006-01-02T15:04:05.999999999Z07:00",
		"2006-01-02T15:04:05.999999999Z0700",
		"2006-01-02T15:04:05.999999999Z07",
	}
}

// moment reads an instant or a day.
func (c cell) moment() (time.Time, *fault) {
	switch c.kind {
	case day:
		return dayMoment(c.day), nil
	case instant:
		return c.at.UTC().Truncate(time.Microsecond), nil
	case local:
		return time.Time{}, &fault{"is a timestamp without a zone", "export it as a timestamp in UTC, or as a date"}
	case word:
		return parseMoment(c)
	default:
		return time.Time{}, &fault{"is " + c.shown() + " where a time is wanted", remedyOfTimes}
	}
}

const remedyOfTimes = "write 2026-10-01T00:00:00Z, or 2026-10-01 for midnight in the account's time zone"

func parseMoment(c cell) (time.Time, *fault) {
	s := c.text
	if len(s) == len(time.DateOnly) {
		if d, err := pricing.ParseDate(s); err == nil {
			return dayMoment(d), nil
		}
	}
	if len(s) > 10 && s[10] == ' ' {
		s = s[:10] + "T" + s[11:]
	}
	if !strings.Contains(s, ",") { // time.Parse takes a comma for a point
		for _, layout := range layouts() {
			if at, err := time.Parse(layout, s); err == nil {
				return at.UTC().Truncate(time.Microsecond), nil
			}
		}
	}
	if _, err := time.Parse("2006-01-02T15:04:05.999999999", s); err == nil {
		return time.Time{}, &fault{c.shown() + " has no time zone", "add it: 2026-10-01T00:00:00Z or 2026-10-01T00:00:00+02:00"}
	}
	return time.Time{}, &fault{c.shown() + " is not a time", remedyOfTimes}
}

// zones finds the time zone of rows: their own, or inherited.
type zones struct {
	accounts []pricing.Account // by id
	last     string            // account that was asked for last
	at       int               // where an account was found last
	inherits *time.Location    // its zone; nil: none was asked for
	loaded   map[string]*time.Location
	begins   map[dayIn]time.Time
}

// dayIn is a day of a zone.
type dayIn struct {
	day pricing.Date
	loc *time.Location
}

// newZones takes accounts sorted by id; of one id the first counts.
func newZones(accounts []pricing.Account) *zones {
	return &zones{accounts: accounts, loaded: map[string]*time.Location{}, begins: map[dayIn]time.Time{}}
}

// settle makes a moment its instant; a day's is its first one in loc.
func (z *zones) settle(m *time.Time, loc *time.Location) {
	d, ok := dayOf(*m)
	if !ok {
		return
	}
	begin, known := z.begins[dayIn{d, loc}]
	if !known {
		begin = d.In(loc).UTC()
		z.begins[dayIn{d, loc}] = begin
	}
	*m = begin
}

// of returns the zone by that name, else the account's, else UTC. A name that is
// not a zone counts as UTC here: pricing.NewRegistry sets its account aside.
func (z *zones) of(name, account string) *time.Location {
	if name != "" {
		return z.load(name)
	}
	if z.inherits == nil || z.last != account {
		z.last, z.inherits = account, z.load(z.inherited(account))
	}
	return z.inherits
}

// inherited is the name of the nearest zone from an account upwards, "" where
// there is none.
func (z *zones) inherited(account string) (name string) {
	// A chain longer than there are accounts is a circle.
	for range z.accounts {
		// Rows often come in the order of the accounts.
		if z.at++; z.at >= len(z.accounts) || z.accounts[z.at].ID != account || z.accounts[z.at-1].ID == account {
			z.at = sort.Search(len(z.accounts), func(i int) bool { return z.accounts[i].ID >= account })
		}
		if z.at == len(z.accounts) || z.accounts[z.at].ID != account {
			break
		}
		if name, account = z.accounts[z.at].TimeZone, z.accounts[z.at].Parent; name != "" {
			break
		}
	}
	return name
}

func (z *zones) load(name string) *time.Location {
	if loc, known := z.loaded[name]; known {
		return loc
	}
	loc, err := time.LoadLocation(name) // "" is UTC
	if err != nil || name == "Local" {
		loc = time.UTC
	}
	z.loaded[name] = loc
	return loc
}
