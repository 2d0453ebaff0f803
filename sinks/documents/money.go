package documents

import (
	"fmt"
	"strings"

	"github.com/bojanz/currency"
	"github.com/shopspring/decimal"

	"daybook/pricing/money"
)

// nbsp stands between code and number in CLDR patterns; terminals and their
// users want a plain space.
const nbsp = "\u00a0"

// FormatMoney writes an amount for people: "CHF 1,234.50", with grouped digits
// and at least the currency's own number of decimals. Decimals beyond those are
// shown, not rounded away.
func FormatMoney(a money.Amount, c money.Currency) string {
	return format(a.Decimal(), c.Code, c.Digits)
}

// FormatExact writes an amount that is not rounded to cents for people, with
// grouped digits, all its decimals and at least the currency's own number of
// them: "CHF 1,234.5678". The currency is an ISO 4217 code.
func FormatExact(a money.Amount, code string) string {
	digits, _ := currency.GetDigits(code) // 0 for a code that it does not know
	return format(a.Decimal(), code, int32(digits))
}

// format gives the formatter the whole part only: it rounds to 39 digits and
// turns to scientific notation, and amounts may have more of both.
func format(d decimal.Decimal, code string, digits int32) string {
	text := d.Abs().StringFixed(max(digits, -d.Exponent()))
	whole, decimals, _ := strings.Cut(text, ".")
	for len(decimals) > int(digits) && strings.HasSuffix(decimals, "0") {
		decimals = strings.TrimSuffix(decimals, "0")
	}
	grouped := code + " " + whole
	if amount, err := currency.NewAmount(whole, code); err == nil { // CLDR lists the code
		f := currency.NewFormatter(currency.NewLocale("en"))
		f.CurrencyDisplay, f.MinDigits, f.MaxDigits = currency.DisplayCode, 0, 0
		grouped = strings.ReplaceAll(f.Format(amount), nbsp, " ")
	}
	if decimals != "" {
		grouped += "." + decimals
	}
	if d.IsNegative() {
		return "-" + grouped
	}
	return grouped
}

// fixed writes an invoice amount with the currency's digits: "12.50". An amount
// with more places was never rounded to the minor unit, and rounding it here
// would hide that, so it is an error.
func fixed(a money.Amount, c money.Currency) (string, error) {
	text := a.String() // the shortest: decimals that it has are needed
	_, decimals, _ := strings.Cut(text, ".")
	missing := int(c.Digits) - len(decimals)
	switch {
	case missing < 0:
		return "", fmt.Errorf("amount %s has more than the %d decimals of %s", text, c.Digits, c.Code)
	case missing == 0:
		return text, nil
	case decimals == "":
		text += "."
	}
	return text + strings.Repeat("0", missing), nil
}
