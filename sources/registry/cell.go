package registry

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"daybook/pricing"
	"daybook/pricing/money"
)

// The most decimal places that our tables keep (docs/formats.md, Tables).
const (
	amountPlaces   = 20
	quantityPlaces = 12
)

// maxID bounds an id, in bytes.
const maxID = 1024

// kindOfCell says what a value is, in whichever format it was written.
type kindOfCell uint8

const (
	empty    kindOfCell = iota // absent, null or empty
	word                       // text
	numeral                    // number, by its text
	truth                      // true or false
	day                        // date without time
	instant                    // point in time
	local                      // date and time without zone
	object                     // nested object, as JSON text
	listing                    // nested list, as JSON text
	floating                   // binary floating point
	other                      // something that no field takes
)

// cell is one value of one row.
type cell struct {
	kind kindOfCell
	text string // word, numeral, object, listing; else what other is
	yes  bool
	day  pricing.Date
	at   time.Time
}

// wordCell is a text; an empty one says nothing.
func wordCell(s string) cell {
	if s == "" {
		return cell{}
	}
	return cell{kind: word, text: s}
}

// shown is the value for messages, cut when long.
func (c cell) shown() string {
	switch c.kind {
	case word, numeral:
		s := c.text
		if r := []rune(s); len(r) > 60 {
			s = string(r[:60]) + "…"
		}
		return strconv.Quote(s)
	case truth:
		return strconv.FormatBool(c.yes)
	case day, instant:
		return "a date or time"
	case local:
		return "a time without a zone"
	case object:
		return "an object"
	case listing:
		return "a list"
	case floating:
		return "a floating point number"
	case other:
		return c.text
	default:
		return "nothing"
	}
}

// sentence is a text of any kind.
func (c cell) sentence() (string, *fault) {
	switch {
	case c.kind == numeral:
		return c.text, nil
	case c.kind != word:
		return "", &fault{"is " + c.shown() + " where a text is wanted", "write a text"}
	case !utf8.ValidString(c.text):
		return "", &fault{"is not UTF-8 text", "export the file as UTF-8"}
	}
	return c.text, nil
}

// id is a text that names something.
func (c cell) id() (string, *fault) {
	if c.kind == word && len(c.text) <= maxID && plain(c.text) {
		return c.text, nil
	}
	s, f := c.sentence()
	switch {
	case f != nil:
		return "", f
	case len(s) > maxID:
		return "", &fault{fmt.Sprintf("is an id of more than %d bytes", maxID), "use a shorter one"}
	case strings.TrimSpace(s) != s:
		return "", &fault{c.shown() + " begins or ends with a space", "export it without"}
	case strings.ContainsFunc(s, unicode.IsControl):
		return "", &fault{c.shown() + " has a control character", "export it without"}
	}
	return s, nil
}

// plain reports a text of printable ASCII without a space at either end, as nearly
// all ids are.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return s != "" && s[0] != ' ' && s[len(s)-1] != ' '
}

func (c cell) flag() (bool, *fault) {
	if c.kind == truth {
		return c.yes, nil
	}
	switch strings.ToLower(c.text) {
	case "true", "t", "1":
		return true, nil
	case "false", "f", "0":
		return false, nil
	}
	return false, &fault{"is " + c.shown() + " where true or false is wanted", "write true or false"}
}

// decimal checks a number's text: 0 or more, and within what the tables keep.
func (c cell) decimal(places int) (string, *fault) {
	if c.kind == floating {
		return "", &fault{"is a floating point number, which cannot hold amounts exactly", "export it as DECIMAL or as text"}
	}
	if c.kind != word && c.kind != numeral {
		return "", &fault{"is " + c.shown() + " where a number is wanted", "write digits, for example 12.50"}
	}
	q, err := money.ParseQuantity(c.text)
	whole, frac, _ := strings.Cut(strings.TrimLeft(c.text, "-0"), ".")
	switch {
	case errors.Is(err, money.ErrOverflow):
		return "", &fault{c.shown() + " has more than " + strconv.Itoa(money.MaxDigits) + " digits", "write it with fewer"}
	case err != nil:
		return "", &fault{c.shown() + " is not a plain decimal number", "write digits with at most one point and no exponent, for example 12.50"}
	case q.Sign() < 0:
		return "", &fault{c.shown() + " is negative", "write 0 or more"}
	case len(strings.TrimRight(frac, "0")) > places:
		return "", &fault{c.shown() + " has more than " + strconv.Itoa(places) + " decimal places", "round it"}
	case len(whole) > money.MaxDigits-places:
		return "", &fault{c.shown() + " has more than " + strconv.Itoa(money.MaxDigits-places) + " digits before the point", "check it: the tables cannot hold it"}
	}
	return c.text, nil
}

func (c cell) quantity() (money.Quantity, *fault) {
	s, f := c.decimal(quantityPlaces)
	if f != nil {
		return money.Quantity{}, f
	}
	q, _ := money.ParseQuantity(s) // decimal has parsed it
	return q, nil
}

func (c cell) amount() (money.Amount, *fault) {
	s, f := c.decimal(amountPlaces)
	if f != nil {
		return money.Amount{}, f
	}
	a, _ := money.ParseAmount(s) // decimal has parsed it
	return a, nil
}

// dayOfMonth is a whole number from 1 to 31.
func (c cell) dayOfMonth() (int, *fault) {
	n, err := strconv.Atoi(c.text)
	if err != nil || n < 1 || n > 31 || c.kind != word && c.kind != numeral {
		return 0, &fault{"is " + c.shown() + " where a day of the month is wanted", "write 1 to 31, or leave it empty for the plan's own anchor"}
	}
	return n, nil
}
