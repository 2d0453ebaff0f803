package documents

import (
	"fmt"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
)

// CloudSigmaSubscription is a resource that was bought for a time, or that the
// calculator prices as if. The zero ID is null, of what nobody bought.
type CloudSigmaSubscription struct {
	ID          int64
	Resource    string
	Amount      money.Quantity
	Bought      pricing.Purchase
	Start, End  time.Time
	Status      string // active, inactive or expired
	AutoRenew   bool
	Descendants []int64 // that extend it
	Object      string  // that it is for; "" : none
	UUID        string
	FreeTier    bool
	WasBilled   bool
}

// CloudSigmaSubscriptionID is the id of a resource of the registry as a
// subscription.
func CloudSigmaSubscriptionID(resource string) int64 { return IntegerID("subscription", resource) }

// CloudSigmaNoon is when a subscription ends whose length is over at an instant:
// at the next noon in UTC, which costs nothing (CloudSigma billing, Semantics).
func CloudSigmaNoon(over time.Time) time.Time {
	noon := CloudSigmaNoonBefore(over)
	if noon.Equal(over) {
		return noon
	}
	return noon.AddDate(0, 0, 1)
}

// CloudSigmaNoonBefore is the last noon in UTC up to an instant: where a
// subscription for the future starts.
func CloudSigmaNoonBefore(t time.Time) time.Time {
	return t.UTC().Add(-12 * time.Hour).Truncate(24 * time.Hour).Add(12 * time.Hour)
}

// cloudSigmaSubscriptionURI is where a subscription is found.
func cloudSigmaSubscriptionURI(id int64) string { return fmt.Sprintf("/api/2.0/subscriptions/%d/", id) }

// MarshalJSON writes the subscription as the API does. The discount is of the
// gross price, and the price is what is left of it.
func (s CloudSigmaSubscription) MarshalJSON() ([]byte, error) {
	descendants := []string{}
	for _, d := range s.Descendants {
		descendants = append(descendants, cloudSigmaSubscriptionURI(d))
	}
	var id, uri *string
	if s.ID != 0 {
		id, uri = optional(fmt.Sprint(s.ID)), optional(cloudSigmaSubscriptionURI(s.ID))
	}
	percent := s.Bought.Percent.Fraction().Mul(money.Ratio(1, 100))
	return compact(struct {
		Amount          string   `json:"amount"`
		AutoRenew       bool     `json:"auto_renew"`
		Descendants     []string `json:"descendants"`
		DiscountAmount  string   `json:"discount_amount"`
		DiscountPercent string   `json:"discount_percent"`
		EndTime         string   `json:"end_time"`
		FreeTier        bool     `json:"free_tier"`
		ID              *string  `json:"id"`
		Period          string   `json:"period"`
		Price           string   `json:"price"`
		Remaining       string   `json:"remaining"`
		Resource        string   `json:"resource"`
		URI             *string  `json:"resource_uri"`
		StartTime       string   `json:"start_time"`
		Status          string   `json:"status"`
		Object          *string  `json:"subscribed_object"`
		UUID            *string  `json:"uuid"`
		WasBilled       bool     `json:"was_billed"`
	}{
		s.Amount.String(), s.AutoRenew, descendants, cloudSigmaExact(s.Bought.Discount), cloudSigmaExact(percent), cloudSigmaTime(s.End),
		s.FreeTier, id, CloudSigmaPeriod(s.End.Sub(s.Start)), cloudSigmaExact(s.Bought.Net()), s.Amount.String(), s.Resource, uri,
		cloudSigmaTime(s.Start), s.Status, optional(s.Object), optional(s.UUID), s.WasBilled,
	})
}

// CloudSigmaPeriod writes a length as the API does: "31 days, 22:04:59.904871",
// "345 days, 0:00:00", "1 day, 0:00:00", "4:30:00".
func CloudSigmaPeriod(d time.Duration) string {
	d = d.Truncate(time.Microsecond)
	days, rest := int64(d/(24*time.Hour)), d%(24*time.Hour)
	text := fmt.Sprintf("%d:%02d:%02d", rest/time.Hour, rest/time.Minute%60, rest/time.Second%60)
	if micros := rest % time.Second / time.Microsecond; micros > 0 {
		text += fmt.Sprintf(".%06d", micros)
	}
	switch days {
	case 0:
		return text
	case 1:
		return "1 day, " + text
	}
	return fmt.Sprintf("%d days, %s", days, text)
}

// CloudSigmaSubscriptions writes a page of /subscriptions/, with what all of them
// cost together.
func CloudSigmaSubscriptions(all []CloudSigmaSubscription, limit, offset int) ([]byte, error) {
	return compact(struct {
		Meta    CloudSigmaMeta           `json:"meta"`
		Objects []CloudSigmaSubscription `json:"objects"`
		Price   string                   `json:"price"`
	}{CloudSigmaMeta{limit, offset, len(all)}, cloudSigmaPage(all, limit, offset), cloudSigmaTogether(all)})
}

// CloudSigmaCalculated writes the answer of the calculator: as that of buying
// them would be.
func CloudSigmaCalculated(all []CloudSigmaSubscription) ([]byte, error) {
	return compact(struct {
		Objects []CloudSigmaSubscription `json:"objects"`
		Price   string                   `json:"price"`
	}{all, cloudSigmaTogether(all)})
}

func cloudSigmaTogether(all []CloudSigmaSubscription) string {
	var sum money.Fraction
	for _, s := range all {
		sum = sum.Add(s.Bought.Net())
	}
	return cloudSigmaExact(sum)
}
