package documents

import (
	"encoding/json"
	"strings"
	"time"

	"daybook/pricing/money"
)

// CloudSigmaMeta is the head of a list of CloudSigma's API. A limit of 0 is no
// limit.
type CloudSigmaMeta struct {
	Limit      int `json:"limit"`
	Offset     int `json:"offset"`
	TotalCount int `json:"total_count"`
}

// CloudSigmaList writes one page of a list: {"meta":…,"objects":[…]}. The meta
// says how many there are in all.
func CloudSigmaList[T any](all []T, limit, offset int) ([]byte, error) {
	return compact(struct {
		Meta    CloudSigmaMeta `json:"meta"`
		Objects []T            `json:"objects"`
	}{CloudSigmaMeta{limit, offset, len(all)}, cloudSigmaPage(all, limit, offset)})
}

// cloudSigmaPage cuts a page out; an empty one is no null.
func cloudSigmaPage[T any](all []T, limit, offset int) []T {
	all = all[min(offset, len(all)):]
	if limit > 0 {
		all = all[:min(limit, len(all))]
	}
	if len(all) == 0 {
		return []T{}
	}
	return all
}

// CloudSigmaObject writes one object by itself.
func CloudSigmaObject(v any) ([]byte, error) { return compact(v) }

// CloudSigmaError is an element of the API's body of errors. Type is one of its
// words: validation, notexist, permission, backend, …
type CloudSigmaError struct {
	Message string  `json:"error_message"`
	Point   *string `json:"error_point"`
	Type    string  `json:"error_type"`
}

// CloudSigmaErrors writes a body of one error: [{"error_message":…,
// "error_point":…,"error_type":…}]. The point is the field that it is about; ""
// is null.
func CloudSigmaErrors(kind, message, point string) []byte {
	body, _ := compact([]CloudSigmaError{{message, optional(point), kind}}) // texts always encode
	return body
}

// cloudSigmaTime writes an instant as the API does: an offset, and microseconds
// where there are some.
func cloudSigmaTime(t time.Time) string {
	t = t.UTC().Truncate(time.Microsecond)
	if t.Nanosecond() == 0 {
		return t.Format("2006-01-02T15:04:05+00:00")
	}
	return t.Format("2006-01-02T15:04:05.000000+00:00")
}

// cloudSigmaMoney writes an amount with the API's 20 places.
func cloudSigmaMoney(a money.Amount) string { return a.Decimal().StringFixed(money.SeriesPlaces) }

// cloudSigmaNumber is an amount to 4 places as a JSON number, which the API
// writes with 20.
func cloudSigmaNumber(a money.Fraction) json.Number {
	return json.Number(cloudSigmaMoney(a.Round(4, money.HalfEven).Amount()))
}

// cloudSigmaDigits is how many digits the API's exact prices keep at most.
const cloudSigmaDigits = 28

// cloudSigmaExact writes an amount with all its digits, at most 28, half even:
// prices of subscriptions are not cut to 20 places. Zero is "0".
func cloudSigmaExact(f money.Fraction) string {
	if f.IsZero() {
		return "0"
	}
	// What stands before the point, or the zeros behind it, say how many places 28
	// digits are.
	places := int32(cloudSigmaDigits)
	for one := f.Abs(); one.Cmp(money.Whole(1)) >= 0; places-- {
		one = one.Mul(money.Ratio(1, 10))
	}
	for one := f.Abs(); one.Cmp(money.Ratio(1, 10)) < 0; places++ {
		one = one.Mul(money.Whole(10))
	}
	text := f.Round(max(places, 0), money.HalfEven).Rat().FloatString(int(max(places, 0)))
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}

// cloudSigmaWhole writes a number that is mostly whole: bytes, MHz, pieces.
func cloudSigmaWhole(f money.Fraction) string { return f.Quantity().String() }

// cloudSigmaInteger is a number as a whole one, half even.
func cloudSigmaInteger(f money.Fraction) json.Number {
	return json.Number(f.Round(0, money.HalfEven).Quantity().Decimal().StringFixed(0))
}
