package documents

import (
	"testing"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
)

func at(t *testing.T, text string) time.Time {
	t.Helper()
	out, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Case 13 of the worked examples; the others are by hand.
func TestAkkerisNumber_IsTheStartInMilliseconds(t *testing.T) {
	for start, want := range map[string]string{
		"2017-02-01T00:00:00Z":      "1485907200000",
		"2017-02-01T01:00:00+01:00": "1485907200000", // the same instant
		"1970-01-01T00:00:01.5Z":    "1500",
		"1969-12-31T23:59:59Z":      "-1000",
	} {
		if got := AkkerisNumber(pricing.Period{Start: at(t, start)}); got != want {
			t.Errorf("number of %s is %s, want %s", start, got, want)
		}
	}
}

// Case 16 of the worked examples: a past month is paid, the current one and
// those to come are pending.
func TestAkkerisState_PastMonthsArePaid(t *testing.T) {
	february := pricing.Period{Start: at(t, "2017-02-01T00:00:00Z"), End: at(t, "2017-03-01T00:00:00Z")}
	for _, c := range []struct {
		now    string
		state  int
		status string
	}{
		{"2017-01-31T12:00:00Z", 2, "Pending"},
		{"2017-02-05T22:16:56.616Z", 2, "Pending"},
		{"2017-02-28T23:59:59.999Z", 2, "Pending"},
		{"2017-03-01T00:00:00Z", 1, "Paid"}, // the first instant of another month
		{"2017-08-01T00:00:00Z", 1, "Paid"},
	} {
		if state, status := AkkerisState(february, at(t, c.now)); state != c.state || status != c.status {
			t.Errorf("at %s February is %d %s, want %d %s", c.now, state, status, c.state, c.status)
		}
	}
}

// Case 13 of the worked examples: 61 x 24 x 5 = 7320. The others are by hand.
func TestAkkerisDynoHours_CountsDaysOfTheMonth(t *testing.T) {
	for _, c := range []struct{ units, end, want string }{
		{"61", "2017-02-05T22:16:56.616Z", "7320"},
		{"61", "2017-02-28T23:59:59Z", "40992"},                                            // 61 x 24 x 28
		{"61", "2017-02-06T00:30:00+01:00", "7320"},                                        // still the 5th in UTC
		{"0.5", "2017-02-01T00:00:00Z", "12"},                                              // 0.5 x 24 x 1
		{"0", "2017-02-05T00:00:00Z", "0"},                                                 //
		{"10000000000000000000000.5", "2017-02-05T00:00:00Z", "1200000000000000000000060"}, // 120 x (10^22 + 0.5)
	} {
		if got := AkkerisDynoHours(money.MustQuantity(c.units), at(t, c.end)); got.Cmp(money.MustQuantity(c.want)) != 0 {
			t.Errorf("%s dynos to %s have %s hours, want %s", c.units, c.end, got, c.want)
		}
	}
}
