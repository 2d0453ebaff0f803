package documents

import (
	"fmt"
	"strings"
	"testing"
)

// Case 67 of the worked examples is the first; the others are by the rule: all
// months that the dates touch, in full; the current one where none is given.
func TestRokkaMonths_AreWholeMonths(t *testing.T) {
	now := at(t, "2019-10-31T23:30:00-01:00") // November in UTC
	for _, c := range []struct{ from, to, want string }{
		{"2019-08-1", "2019-08-1", "2019-08"},
		{"2019-08-01", "2019-08-31", "2019-08"},
		{"2019-8-31", "2019-10-1", "2019-08 2019-09 2019-10"},
		{"2019-12-15", "2020-01-02", "2019-12 2020-01"},
		{"2020-02-29", "", "2020-02"},
		{"", "2019-03-09", "2019-03"},
		{"", "", "2019-11"},
	} {
		got, err := RokkaMonths(c.from, c.to, now)
		if err != nil || strings.Trim(fmt.Sprint(got), "[]") != c.want {
			t.Errorf("from=%s to=%s asks for %v (%v), want %s", c.from, c.to, got, err, c.want)
		}
	}
}

func TestRokkaMonths_RefusesWhatIsNoDate(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"2019-02-30", "", `from="2019-02-30" is no date`},
		{"2019-08", "2019-08-1", `from="2019-08" is no date`},
		{"2019-08-1", "last week", `to="last week" is no date`},
		{"2019-13-01", "", "is no date"},
		{" 2019-08-1", "", "is no date"},
		{"2019-08-001", "", "is no date"},
		{"2019-09-01", "2019-08-31", "exchange them"},
		{"0001-01-01", "9999-12-31", "more than 120 months"},
		{"2010-01-01", "2020-01-01", "more than 120 months"}, // 121
	} {
		got, err := RokkaMonths(c.from, c.to, at(t, "2019-10-31T00:00:00Z"))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("from=%s to=%s gives %v and %v, want an error with %q", c.from, c.to, got, err, c.want)
		}
	}
}
