package documents

import (
	"bytes"
	"encoding/json"

	"github.com/shopspring/decimal"
)

// object is a JSON object whose keys stay in this order, where a reader depends
// on it; a Go map's would be sorted as text.
type object []member

// member is a key of an object and what it holds.
type member struct {
	key   string
	value any
}

// MarshalJSON implements json.Marshaler.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		for _, v := range []any{m.key, m.value} {
			text, err := compact(v)
			if err != nil {
				return nil, err
			}
			b.Write(text)
			b.WriteByte(':')
		}
		b.Truncate(b.Len() - 1)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// number writes an exact decimal as a JSON number, without an exponent and without
// zeros at its end.
func number(d decimal.Decimal) json.Number { return json.Number(d.String()) }
