package documents

import (
	"regexp"
	"testing"
	"time"

	"daybook/pricing/money"
)

// Case 57 of the worked examples are the first two; the others are by hand:
// 1.5 x 2^30 = 1610612736, and 0.005 x 2^30 = 5368709.12, so that 5368709 bytes
// are less than half of 0.01 GB and 5368710 more.
func TestCloudSigmaReason_IsTheLedgersText(t *testing.T) {
	read := regexp.MustCompile(`^Burst: .* of ([^ ]*) .*`) // how the API's own client reads it
	for _, c := range []struct {
		resource, amount string
		seconds          int
		polled, want     string
	}{
		{"dssd", "4831838208", 300, "2014-06-05T09:06:00Z", "Burst: 4.50 GB of dssd for 5 minutes at 2014-06-05 09:06"},
		{"cpu", "12000", 137, "2014-06-05T08:31:00Z", "Burst: 12.00 GHz of cpu for 2 minutes at 2014-06-05 08:31"},
		{"cpu", "7500", 133, "2014-06-05T05:31:59.9Z", "Burst: 7.50 GHz of cpu for 2 minutes at 2014-06-05 05:31"},
		{"mem", "1610612736", 299, "2014-06-05T11:06:00+02:00", "Burst: 1.50 GB of mem for 5 minutes at 2014-06-05 09:06"},
		{"ssd", "5368709", 300, "2014-06-05T09:06:00Z", "Burst: 0.00 GB of ssd for 5 minutes at 2014-06-05 09:06"},
		{"ssd", "5368710", 300, "2014-06-05T09:06:00Z", "Burst: 0.01 GB of ssd for 5 minutes at 2014-06-05 09:06"},
		{"ip", "2", 300, "2014-06-05T09:06:00Z", "Burst: 2.00 of ip for 5 minutes at 2014-06-05 09:06"},
	} {
		got := CloudSigmaReason(c.resource, money.MustQuantity(c.amount), time.Duration(c.seconds)*time.Second, at(t, c.polled))
		if got != c.want {
			t.Errorf("reason of %s %s is\n%q, want\n%q", c.amount, c.resource, got, c.want)
		}
		if m := read.FindStringSubmatch(got); m == nil || m[1] != c.resource {
			t.Errorf("%q does not say that it is about %s", got, c.resource)
		}
	}
}

func TestCloudSigmaInterval_IsTheNearestMinute(t *testing.T) {
	for seconds, want := range map[int]string{
		133: "2 minutes", 137: "2 minutes", 299: "5 minutes", 300: "5 minutes", // the API's ledger
		29: "0 minutes", 30: "1 minute", 60: "1 minute", 89: "1 minute", 90: "2 minutes", 3600: "60 minutes",
	} {
		if got := CloudSigmaInterval(time.Duration(seconds) * time.Second); got != want {
			t.Errorf("%d seconds are %q, want %q", seconds, got, want)
		}
	}
}
