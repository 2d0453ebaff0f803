package registry

import (
	"sort"
	"strings"
	"time"

	"daybook/pricing"
)

// moment is an instant, or a day whose zone is not known yet.
type moment struct {
	at    time.Time
	day   pricing.Date
	isDay bool
}

// in returns the instant; a day's is its first one in loc.
func (m moment) in(loc *time.Location) time.Time {
	if m.isDay {
		return m.day.In(loc).UTC()
	}
	return m.at
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
func (c cell) moment() (moment, *fault) {
	switch c.kind {
	case day:
		return moment{day: c.day, isDay: true}, nil
	case instant:
		return moment{at: c.at.UTC().Truncate(time.Microsecond)}, nil
	case local:
		return moment{}, &fault{"is a timestamp without a zone", "export it as a timestamp in UTC, or as a date"}
	case word:
		return parseMoment(c)
	default:
		return moment{}, &fault{"is " + c.shown() + " where a time is wanted", remedyOfTimes}
	}
}

const remedyOfTimes = "write 2026-10-01T00:00:00Z, or 2026-10-01 for midnight in the account's time zone"

func parseMoment(c cell) (moment, *fault) {
	s := c.text
	if len(s) == len(time.DateOnly) {
		if d, err := pricing.ParseDate(s); err == nil {
			return moment{day: d, isDay: true}, nil
		}
	}
	if len(s) > 10 && s[10] == ' ' {
		s = s[:10] + "T" + s[11:]
	}
	if !strings.Contains(s, ",") { // time.Parse takes a comma for a point
		for _, layout := range layouts() {
			if at, err := time.Parse(layout, s); err == nil {
				return moment{at: at.UTC().Truncate(time.Microsecond)}, nil
			}
		}
	}
	if _, err := time.Parse("2006-01-02T15:04:05.999999999", s); err == nil {
		return moment{}, &fault{c.shown() + " has no time zone", "add it: 2026-10-01T00:00:00Z or 2026-10-01T00:00:00+02:00"}
	}
	return moment{}, &fault{c.shown() + " is not a time", remedyOfTimes}
}

// zones finds the time zone of rows: their own, or inherited.
type zones struct {
	accounts []pricing.Account // by id
	last     string            // account that was asked for last
	inherits *time.Location    // its zone; nil: none was asked for
	loaded   map[string]*time.Location
}

// newZones takes accounts sorted by id; of one id the first counts.
func newZones(accounts []pricing.Account) *zones {
	return &zones{accounts: accounts, loaded: map[string]*time.Location{}}
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
		at := sort.Search(len(z.accounts), func(i int) bool { return z.accounts[i].ID >= account })
		if at == len(z.accounts) || z.accounts[at].ID != account {
			break
		}
		if name, account = z.accounts[at].TimeZone, z.accounts[at].Parent; name != "" {
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
