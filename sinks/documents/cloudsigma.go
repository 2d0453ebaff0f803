package documents

import (
	"fmt"
	"time"

	"daybook/pricing/money"
)

// cloudSigmaUnit is what the API counts of a resource in one of the units that
// its texts name: bytes in a GB, MHz in a GHz.
type cloudSigmaUnit struct {
	name string
	per  int64
}

// unitOf returns the unit in which a reason names a resource; of what is counted
// in pieces, as addresses and licences, it has no name.
func unitOf(resource string) cloudSigmaUnit {
	switch resource {
	case "cpu":
		return cloudSigmaUnit{" GHz", 1000}
	case "mem", "dssd", "ssd", "tx", "backup":
		return cloudSigmaUnit{" GB", 1 << 30}
	}
	return cloudSigmaUnit{"", 1}
}

// CloudSigmaReason is the reason of a burst charge in the ledger of CloudSigma's
// API (CloudSigma billing, Semantics), which its clients take apart: the amount
// of the resource in GB or GHz to two decimals, half up, the polled interval to
// whole minutes, half up, and the minute of the poll in UTC, as in "Burst: 4.50
// GB of dssd for 5 minutes at 2014-06-05 09:06".
func CloudSigmaReason(resource string, amount money.Quantity, interval time.Duration, polled time.Time) string {
	unit := unitOf(resource)
	shown := amount.Fraction().Mul(money.Ratio(1, unit.per)).Round(2, money.HalfUp).Quantity().Decimal().StringFixed(2)
	return fmt.Sprintf("Burst: %s%s of %s for %s at %s", shown, unit.name, resource, CloudSigmaInterval(interval), polled.UTC().Format("2006-01-02 15:04"))
}

// CloudSigmaInterval is the human_interval of a ledger entry of CloudSigma's API
// (CloudSigma billing, Semantics): the nearest whole minutes, so that 133 to 137
// seconds are "2 minutes" and 299 seconds "5 minutes".
func CloudSigmaInterval(interval time.Duration) string {
	minutes := int64(interval.Round(time.Minute) / time.Minute)
	if minutes == 1 {
		return "1 minute"
	}
	return fmt.Sprintf("%d minutes", minutes)
}
