package documents

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
)

// CloudSigmaUsage is what one object used of a resource at one poll.
type CloudSigmaUsage struct {
	Amount   money.Fraction
	PollTime time.Time
	Resource string
	UUID     string
}

// MarshalJSON writes the usage as the API does.
func (u CloudSigmaUsage) MarshalJSON() ([]byte, error) {
	return compact(struct {
		Amount   string `json:"amount"`
		PollTime string `json:"poll_time"`
		Resource string `json:"resource"`
		UUID     string `json:"uuid"`
	}{cloudSigmaWhole(u.Amount), cloudSigmaTime(u.PollTime), u.Resource, u.UUID})
}

// CloudSigmaCurrent is what an account uses of a resource, beside what it
// subscribed to.
type CloudSigmaCurrent struct{ Burst, Subscribed, Using money.Fraction }

// CloudSigmaCurrentUsage writes the answer of /currentusage/: the balance and
// each resource, by name.
func CloudSigmaCurrentUsage(b CloudSigmaBalance, usage map[string]CloudSigmaCurrent) ([]byte, error) {
	type current struct {
		Burst      json.Number `json:"burst"`
		Subscribed json.Number `json:"subscribed"`
		Using      json.Number `json:"using"`
	}
	type balance struct {
		Balance  string `json:"balance"`
		Currency string `json:"currency"`
	}
	resources := map[string]current{}
	for name, u := range usage {
		resources[name] = current{cloudSigmaInteger(u.Burst), cloudSigmaInteger(u.Subscribed), cloudSigmaInteger(u.Using)}
	}
	return compact(struct {
		Balance balance            `json:"balance"`
		Usage   map[string]current `json:"usage"`
	}{balance{cloudSigmaMoney(b.Balance), b.Currency}, resources})
}

// CloudSigmaBurstUsage is what an object's share of the bursts of a period came
// to. Usage is the sum of what was beyond the subscription at each poll.
type CloudSigmaBurstUsage struct {
	UUID          string
	Amount, Usage money.Fraction
	Resource      string
}

// MarshalJSON writes the amount as the API does there: a number to 4 places.
func (u CloudSigmaBurstUsage) MarshalJSON() ([]byte, error) {
	return compact(struct {
		Amount   json.Number `json:"amount"`
		Resource string      `json:"resource_type"`
		Usage    json.Number `json:"usage"`
		UUID     string      `json:"uuid"`
	}{cloudSigmaNumber(u.Amount), u.Resource, cloudSigmaInteger(u.Usage), u.UUID})
}

// CloudSigmaDailyBurst is what the bursts of a day came to, of one resource.
type CloudSigmaDailyBurst struct {
	Date          pricing.Date
	Amount, Usage money.Fraction
	Resource      string
}

// MarshalJSON writes the amount as the API does there: a text with 20 places.
func (u CloudSigmaDailyBurst) MarshalJSON() ([]byte, error) {
	return compact(struct {
		Amount   string      `json:"amount"`
		Date     string      `json:"date"`
		Resource string      `json:"resource_type"`
		Usage    json.Number `json:"usage"`
	}{cloudSigmaMoney(u.Amount.Amount()), u.Date.String(), u.Resource, cloudSigmaInteger(u.Usage)})
}

// CloudSigmaDailyBursts adds polls up by day and resource, in that order.
func CloudSigmaDailyBursts(polls []pricing.BurstPoll) []CloudSigmaDailyBurst {
	type key struct {
		day      pricing.Date
		resource string
	}
	at := map[key]int{}
	var out []CloudSigmaDailyBurst
	for _, p := range polls {
		if p.Beyond.Sign() <= 0 {
			continue
		}
		k := key{p.Day, p.Resource}
		i, known := at[k]
		if !known {
			i = len(out)
			at[k] = i
			out = append(out, CloudSigmaDailyBurst{Date: p.Day, Resource: p.Resource})
		}
		out[i].Amount, out[i].Usage = out[i].Amount.Add(p.Amount), out[i].Usage.Add(p.Beyond)
	}
	slices.SortFunc(out, func(a, b CloudSigmaDailyBurst) int {
		return cmp.Or(cmp.Compare(a.Date, b.Date), strings.Compare(a.Resource, b.Resource))
	})
	return out
}
