package documents

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
)

// CloudSigmaEntry is an entry of the ledger of CloudSigma's API: above zero it
// takes money, below it brings some. End = Initial − Amount, to 20 places.
type CloudSigmaEntry struct {
	ID             int64
	Amount         money.Amount
	Initial, End   money.Amount // ChainCloudSigma sets them
	BillingCycle   int64        // 0: null, of what no poll made
	Interval       time.Duration
	PollTime, Time time.Time
	Reason         string
	ResourceAmount money.Fraction
	Month          pricing.Month // whose closing bills it, of polls and subscriptions

	rank int // of entries of one instant
}

// Ranks of entries of one instant: what closes a month comes before what the
// next one brings, and money that comes in before what takes it.
const (
	rankClosing = iota
	rankFunds
	rankPurchase
	rankBurst
)

// CloudSigmaBurst is the entry of a poll. It is recorded a second after the
// poll: a client looks for the usage of an entry in its interval before then
// (CloudSigma billing, Semantics).
func CloudSigmaBurst(p pricing.BurstPoll) CloudSigmaEntry {
	seconds := p.Seconds.Round(0, money.HalfEven)
	n, _ := strconv.ParseInt(seconds.Quantity().Decimal().StringFixed(0), 10, 64)
	interval := time.Duration(n) * time.Second
	return CloudSigmaEntry{
		ID:     IntegerID("ledger", "burst", p.Subscription, p.Price, fmt.Sprint(p.Start.Unix()), p.Seconds.String(), p.Group),
		Amount: p.Amount.Amount(), BillingCycle: CloudSigmaCycle(p.Start), Interval: interval,
		PollTime: p.Polled, Time: p.Polled.Add(time.Second), ResourceAmount: p.Beyond,
		Reason: CloudSigmaReason(p.Resource, p.Beyond.Quantity(), interval, p.Polled),
		Month:  pricing.MonthOf(p.Day), rank: rankBurst,
	}
}

// CloudSigmaCycle is the billing cycle of the five minutes that begin at an
// instant: they are counted from 1970.
func CloudSigmaCycle(start time.Time) int64 { return start.Unix() / 300 }

// CloudSigmaBought is the entry of a subscription that is paid when it is bought.
func CloudSigmaBought(p pricing.ResourcePurchase, day pricing.Date) CloudSigmaEntry {
	return CloudSigmaEntry{
		ID: IntegerID("ledger", "subscription", p.Resource.ID, p.Price), Amount: p.Net().Amount(),
		PollTime: p.Resource.Created, Time: p.Resource.Created, ResourceAmount: money.Whole(1),
		Reason: fmt.Sprintf("Subscriptions %d", CloudSigmaSubscriptionID(p.Resource.ID)),
		Month:  pricing.MonthOf(day), rank: rankPurchase,
	}
}

// CloudSigmaFunds is the entry of what changes a balance beside usage and
// subscriptions: a payment (below zero), an adjustment, a note, a credit.
func CloudSigmaFunds(kind pricing.EntryKind, source string, amount money.Amount, at time.Time, reason string) CloudSigmaEntry {
	return CloudSigmaEntry{
		ID: IntegerID("ledger", string(kind), source), Amount: amount, PollTime: at, Time: at,
		ResourceAmount: money.Whole(1), Reason: reason, rank: rankFunds,
	}
}

// CloudSigmaClosed is the entry that leads from what polls and subscriptions took
// in a month to what its invoice came to: other prices, taxes, discounts, and the
// rounding of each line. It stands at the month's end. Number is the invoice's; ""
// where nothing was invoiced.
func CloudSigmaClosed(account string, month pricing.Month, number string, amount money.Amount, end time.Time) CloudSigmaEntry {
	what := "Closing of " + month.String()
	if number != "" {
		what = "Invoice " + number
	}
	return CloudSigmaEntry{
		ID: IntegerID("ledger", "closing", account, month.String()), Amount: amount, PollTime: end, Time: end,
		ResourceAmount: money.Whole(1), Reason: what + ", beyond bursts and subscriptions", rank: rankClosing,
	}
}

// ChainCloudSigma puts entries in order of time and chains them: each begins
// where the one before ended, the first with what there was before. Two entries
// of one id are an error.
func ChainCloudSigma(entries []CloudSigmaEntry, before money.Amount) error {
	slices.SortStableFunc(entries, func(a, b CloudSigmaEntry) int { return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.rank, b.rank)) })
	seen := make(map[int64]bool, len(entries))
	for i := range entries {
		e := &entries[i]
		if seen[e.ID] {
			return fmt.Errorf("two ledger entries have the id %d; give one of the things another id in the registry: %s", e.ID, e.Reason)
		}
		seen[e.ID] = true
		e.Initial, e.End = before, before.Sub(e.Amount)
		before = e.End
	}
	return nil
}

// MarshalJSON writes the entry as the API does, keys sorted.
func (e CloudSigmaEntry) MarshalJSON() ([]byte, error) {
	var cycle *int64
	var seconds *int64
	var human *string
	if e.BillingCycle != 0 {
		s := int64(e.Interval / time.Second)
		cycle, seconds, human = &e.BillingCycle, &s, optional(CloudSigmaInterval(e.Interval))
	}
	return compact(struct {
		Amount         string  `json:"amount"`
		BillingCycle   *int64  `json:"billing_cycle"`
		End            string  `json:"end"`
		HumanInterval  *string `json:"human_interval"`
		ID             string  `json:"id"`
		Initial        string  `json:"initial"`
		Interval       *int64  `json:"interval"`
		PollTime       string  `json:"poll_time"`
		Reason         string  `json:"reason"`
		ResourceAmount string  `json:"resource_amount"`
		Time           string  `json:"time"`
	}{
		cloudSigmaMoney(e.Amount), cycle, cloudSigmaMoney(e.End), human, fmt.Sprint(e.ID), cloudSigmaMoney(e.Initial), seconds,
		cloudSigmaTime(e.PollTime), e.Reason, cloudSigmaWhole(e.ResourceAmount), cloudSigmaTime(e.Time),
	})
}

// CloudSigmaBalance is the balance of an account: {"balance":"…","currency":…},
// in /balance/ with a credit limit, which is null.
type CloudSigmaBalance struct {
	Balance  money.Amount
	Currency string
}

// MarshalJSON writes the balance as /balance/ does.
func (b CloudSigmaBalance) MarshalJSON() ([]byte, error) {
	return compact(struct {
		Balance     string  `json:"balance"`
		CreditLimit *string `json:"credit_limit"`
		Currency    string  `json:"currency"`
	}{cloudSigmaMoney(b.Balance), nil, b.Currency})
}
