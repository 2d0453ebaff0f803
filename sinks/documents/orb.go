package documents

import (
	"encoding/json"
	"strings"
	"time"

	"daybook/pricing/money"
)

// The documents of Orb's API (docs/apis.md, Orb). Money is a text with at least the
// currency's decimals and all that it has; quantities are JSON numbers, exact; times
// are ISO 8601 in UTC with "+00:00".

// orbMoney writes an amount with at least so many decimals.
func orbMoney(a money.Amount, digits int32) string {
	text := a.Decimal().String() // without trailing zeros
	_, decimals, _ := strings.Cut(text, ".")
	return a.Decimal().StringFixed(max(digits, int32(len(decimals))))
}

// orbRate writes a unit price with at least two decimals.
func orbRate(a money.Amount) string { return orbMoney(a, 2) }

// orbNumber writes an exact JSON number.
func orbNumber(q money.Quantity) json.Number { return json.Number(q.Decimal().String()) }

// orbTime writes an instant as Orb does.
func orbTime(t time.Time) string {
	layout := "2006-01-02T15:04:05-07:00"
	if t.Nanosecond() != 0 {
		layout = "2006-01-02T15:04:05.999999999-07:00"
	}
	return t.UTC().Format(layout)
}

func orbTimeOrNull(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := orbTime(t)
	return &text
}

// OrbPage is how Orb's lists go on.
type OrbPage struct {
	HasMore    bool    `json:"has_more"`
	NextCursor *string `json:"next_cursor"`
}

// NewOrbPage is the end of a page; next is "" at the end of the list.
func NewOrbPage(next string) *OrbPage { return &OrbPage{next != "", optional(next)} }

// OrbList writes a page of a list.
func OrbList(items []json.RawMessage, next string) ([]byte, error) {
	if items == nil {
		items = []json.RawMessage{}
	}
	return compact(struct {
		Data []json.RawMessage `json:"data"`
		Page *OrbPage          `json:"pagination_metadata"`
	}{items, NewOrbPage(next)})
}
