package documents

import (
	"encoding/json"
	"fmt"

	"daybook/pricing/money"
)

// CloudSigmaPrice is what one unit of a resource costs at a level; level 0 is
// what subscriptions cost.
type CloudSigmaPrice struct {
	Currency, Resource string
	Level              int64
	PerUnit            money.Quantity // so many of the resource's own amounts are a unit: 2^30 bytes
	PerSeconds         int64
	Price              money.Amount
}

// MarshalJSON writes the price as the API does. The multiplier is PerUnit ×
// PerSeconds: 2783138807808000 for a GB a month of 30 days.
func (p CloudSigmaPrice) MarshalJSON() ([]byte, error) {
	multiplier := p.PerUnit.Fraction().Mul(money.Whole(p.PerSeconds))
	return compact(struct {
		Currency   string      `json:"currency"`
		ID         string      `json:"id"`
		Level      int64       `json:"level"`
		Multiplier json.Number `json:"multiplier"`
		Price      string      `json:"price"`
		Resource   string      `json:"resource"`
		Unit       string      `json:"unit"`
	}{
		p.Currency, fmt.Sprint(p.ID()), p.Level, cloudSigmaInteger(multiplier), cloudSigmaMoney(p.Price), p.Resource, p.unit(),
	})
}

// ID is the price's id.
func (p CloudSigmaPrice) ID() int64 {
	return IntegerID("pricing", p.Currency, p.Resource, fmt.Sprint(p.Level))
}

// unit names what the price is for: "GB/month", "count/month"; an address is an
// "IP".
func (p CloudSigmaPrice) unit() string {
	name, per := "count", fmt.Sprintf("%d seconds", p.PerSeconds)
	switch {
	case p.Resource == "ip":
		return "IP"
	case p.PerUnit.Cmp(money.QuantityOf(1<<30)) == 0:
		name = "GB"
	case p.PerUnit.Cmp(money.QuantityOf(1000)) == 0:
		name = "GHz"
	}
	switch p.PerSeconds {
	case 3600:
		per = "hour"
	case 86400:
		per = "day"
	case 30 * 86400:
		per = "month"
	}
	return name + "/" + per
}

// CloudSigmaPrices writes a page of /pricing/, which says beside the prices the
// levels that are in force now and in five minutes, by resource.
func CloudSigmaPrices(all []CloudSigmaPrice, current, next map[string]int64, limit, offset int) ([]byte, error) {
	return compact(struct {
		Current map[string]int64  `json:"current"`
		Meta    CloudSigmaMeta    `json:"meta"`
		Next    map[string]int64  `json:"next"`
		Objects []CloudSigmaPrice `json:"objects"`
	}{current, CloudSigmaMeta{limit, offset, len(all)}, next, cloudSigmaPage(all, limit, offset)})
}

// CloudSigmaDiscount is what comes off subscriptions of a length: Percent of
// their price.
type CloudSigmaDiscount struct {
	Period  string
	Percent money.Quantity
}

// MarshalJSON writes the discount as the API does, as a part of 1 with 10 places.
func (d CloudSigmaDiscount) MarshalJSON() ([]byte, error) {
	part := d.Percent.Fraction().Mul(money.Ratio(1, 100)).Round(10, money.HalfEven).Quantity()
	return compact(struct {
		Period string `json:"period"`
		Value  string `json:"value"`
	}{d.Period, part.Decimal().StringFixed(10)})
}

// CloudSigmaLicense is software that may be rented. Type is install (for each
// installation), instance (for each running guest, times the metric) or stub (by
// a number that the customer says).
type CloudSigmaLicense struct {
	Burstable  bool   `json:"burstable"`
	LongName   string `json:"long_name"`
	Name       string `json:"name"`
	URI        string `json:"resource_uri"`
	Type       string `json:"type"`
	UserMetric string `json:"user_metric"`
}

// ID is the license's id, of which the resource_uri is made.
func (l CloudSigmaLicense) ID() int64 { return IntegerID("license", l.Name) }
