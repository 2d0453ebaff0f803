package jobs

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"daybook/pricing"
	"daybook/pricing/money"
)

// canonicalDigest is the sha256, in hex, of a value's canonical form: every
// member that is not zero, by its name, in the order of its struct; maps by key;
// what a pointer or an interface holds, the latter with its type. Values that mean
// the same to the domain may differ ("1.50" and "1.5"), never the other way. A
// member that a later version adds to a struct leaves the digests of those who do
// not use it as they are.
//
// Places in files are left out, so that a book's layout changes nothing.
func canonicalDigest(v any) string {
	sum := sha256.Sum256(appendCanonical(nil, reflect.ValueOf(v)))
	return hex.EncodeToString(sum[:])
}

var (
	typeTime     = reflect.TypeFor[time.Time]()
	typePosition = reflect.TypeFor[pricing.Position]()
	typeAmount   = reflect.TypeFor[money.Amount]()
	typeQuantity = reflect.TypeFor[money.Quantity]()
)

// canonicalNumber is the canonical form of a number, however it is kept.
type canonicalNumber struct{ d decimal.Decimal }

// appendCanonical appends the canonical form of v.
func appendCanonical(b []byte, v reflect.Value) []byte {
	switch v.Kind() {
	case reflect.Invalid:
		return append(b, 0)
	case reflect.Bool:
		if v.Bool() {
			return append(b, 1)
		}
		return append(b, 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return binary.AppendVarint(b, v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return binary.AppendUvarint(b, v.Uint())
	case reflect.String:
		return appendText(b, v.String())
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return append(b, 0)
		}
		b = append(b, 1)
		if v.Kind() == reflect.Interface {
			b = appendText(b, v.Elem().Type().Name())
		}
		return appendCanonical(b, v.Elem())
	case reflect.Slice, reflect.Array:
		b = binary.AppendUvarint(b, uint64(v.Len()))
		for i := range v.Len() {
			b = appendCanonical(b, v.Index(i))
		}
		return b
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(x, y reflect.Value) int { return strings.Compare(x.String(), y.String()) })
		b = binary.AppendUvarint(b, uint64(len(keys)))
		for _, key := range keys {
			b = appendCanonical(appendText(b, key.String()), v.MapIndex(key))
		}
		return b
	case reflect.Struct:
		return appendStruct(b, v)
	}
	return b // a test sees to it that the domain has no other kind
}

func appendStruct(b []byte, v reflect.Value) []byte {
	switch v.Type() {
	case typeAmount:
		return appendStruct(b, reflect.ValueOf(canonicalNumber{v.Interface().(money.Amount).Decimal()}))
	case typeQuantity:
		return appendStruct(b, reflect.ValueOf(canonicalNumber{v.Interface().(money.Quantity).Decimal()}))
	}
	if v.Type() == typeTime && v.CanInterface() {
		at := v.Interface().(time.Time)
		return binary.AppendVarint(binary.AppendVarint(b, at.Unix()), int64(at.Nanosecond()))
	}
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if member := v.Field(i); field.Type != typePosition && !empty(member) {
			b = appendCanonical(appendText(b, field.Name), member)
		}
	}
	return append(b, 0) // no name is empty
}

// empty reports whether a member says nothing: zero, or a list or map of nothing.
func empty(v reflect.Value) bool {
	if kind := v.Kind(); kind == reflect.Slice || kind == reflect.Map {
		return v.Len() == 0
	}
	return v.IsZero()
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
