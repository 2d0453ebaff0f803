package book

import (
	"errors"
	"strconv"
	"strings"

	"daybook/pricing/money"
)

// The most decimal places that our tables keep (docs/formats.md, Tables). What a
// book says must fit them, or what customers see would not be what is said here.
const (
	amountPlaces   = 20
	quantityPlaces = 12
)

// refuseNumber says what is wrong with a number's text, "" when it is a plain
// decimal. YAML has more ways to write numbers, and they are read differently by
// different programs: 1e5, 0x1F, 1_000, 012.
func refuseNumber(s string) (reason, remedy string) {
	body := strings.TrimPrefix(s, "-")
	digits := strings.Trim(body, "0123456789") == ""
	low := strings.ToLower(body)
	switch {
	case s == "":
		return "is empty where a number is wanted", "write digits, for example 12.50"
	case strings.HasPrefix(low, "0x"), strings.HasPrefix(low, "0o"), strings.HasPrefix(low, "0b"):
		return quote(s) + " is not a decimal number", "write it with the digits 0 to 9"
	case strings.ContainsAny(body, "_'") && isNumeral(strings.NewReplacer("_", "", "'", "").Replace(body)):
		return quote(s) + " has separators", "write " + strings.NewReplacer("_", "", "'", "").Replace(s)
	case strings.Contains(body, ",") && isNumeral(strings.ReplaceAll(body, ",", "")):
		return quote(s) + " has a comma, which means different things in different countries", "write thousands without a separator and decimals with a point: 1234.50"
	case strings.HasSuffix(body, "%") && isNumeral(strings.TrimSpace(body[:len(body)-1])):
		return quote(s) + " has a percent sign", "write " + strings.TrimSpace(s[:len(s)-1])
	case strings.HasPrefix(s, "+"):
		return quote(s) + " has a plus sign", "leave the sign out"
	case isNumeral("0"+body) && strings.HasPrefix(body, "."), isNumeral(body+"0") && strings.HasSuffix(body, "."):
		return quote(s) + " has no digit on one side of its point", "write a digit before and after the point: 0.50"
	case len(body) > 1 && body[0] == '0' && body[1] != '.' && isNumeral(body):
		return quote(s) + " begins with a zero, which some programs read as octal", "leave the zero out"
	case !digits && exponent(low):
		return quote(s) + " has an exponent", "write all its digits: 100000 and not 1e5"
	}
	_, err := money.ParseQuantity(s)
	switch {
	case errors.Is(err, money.ErrOverflow):
		return quote(s) + " has more than " + strconv.Itoa(money.MaxDigits) + " digits", "write it with fewer"
	case err != nil:
		return quote(s) + " is not a number", "write digits with at most one point, for example 12.50"
	}
	return "", ""
}

// isNumeral reports digits with at most one point among them.
func isNumeral(s string) bool {
	whole, frac, point := strings.Cut(s, ".")
	return whole != "" && (!point || frac != "") && strings.Trim(whole+frac, "0123456789") == ""
}

func exponent(low string) bool {
	mantissa, exp, found := strings.Cut(low, "e")
	return found && isNumeral(mantissa) && isNumeral(strings.TrimLeft(exp, "+-"))
}

// quote shows what was written, cut when long.
func quote(s string) string {
	if r := []rune(s); len(r) > 60 {
		s = string(r[:60]) + "…"
	}
	return "`" + s + "`"
}

func ordinal(i int) string { return strconv.Itoa(i + 1) }

// places counts the decimal places of a number's text, trailing zeros left out.
func places(s string) int {
	_, frac, _ := strings.Cut(s, ".")
	return len(strings.TrimRight(frac, "0"))
}

// amount reads money. Prices are not negative here: what is given back is said
// with percent_off or amount_off, so that a slip of the sign cannot pay customers.
func (c *checker) amount(n number) money.Amount {
	if !n.written() || n.bad {
		return money.Amount{}
	}
	a, err := money.ParseAmount(n.text)
	if err != nil {
		c.add(n.place, err.Error(), "")
		return money.Amount{}
	}
	if a.Sign() < 0 {
		c.add(n.place, "is negative", "prices are 0 or more; write a discount as percent_off or amount_off")
	}
	if places(n.text) > amountPlaces {
		c.add(n.place, "has more than "+strconv.Itoa(amountPlaces)+" decimal places", "round it to what the tables can hold")
	}
	if whole, _, _ := strings.Cut(strings.TrimLeft(n.text, "-0"), "."); len(whole) > money.MaxDigits-amountPlaces {
		c.add(n.place, "has more than "+strconv.Itoa(money.MaxDigits-amountPlaces)+" digits before the point", "the tables cannot hold such an amount")
	}
	return a
}

// quantity reads an amount of something, 0 or more.
func (c *checker) quantity(n number) money.Quantity {
	if !n.written() || n.bad {
		return money.Quantity{}
	}
	q, err := money.ParseQuantity(n.text)
	if err != nil {
		c.add(n.place, err.Error(), "")
		return money.Quantity{}
	}
	if q.Sign() < 0 {
		c.add(n.place, "is negative", "write 0 or more")
	}
	if places(n.text) > quantityPlaces {
		c.add(n.place, "has more than "+strconv.Itoa(quantityPlaces)+" decimal places", "round it to what the tables can hold")
	}
	if whole, _, _ := strings.Cut(strings.TrimLeft(n.text, "-0"), "."); len(whole) > money.MaxDigits-quantityPlaces {
		c.add(n.place, "has more than "+strconv.Itoa(money.MaxDigits-quantityPlaces)+" digits before the point", "the tables cannot hold such a quantity")
	}
	return q
}

// whole reads a whole number from lo to hi; lo when it is not one.
func (c *checker) whole(n number, lo, hi int, otherwise int) int {
	if !n.written() || n.bad {
		return otherwise
	}
	i, err := strconv.Atoi(n.text)
	if err != nil || i < lo || i > hi {
		c.add(n.place, quote(n.text)+" is not a whole number from "+strconv.Itoa(lo)+" to "+strconv.Itoa(hi), "write one of these")
		return otherwise
	}
	return i
}
