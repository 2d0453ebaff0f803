package book

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/bojanz/currency"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sources/spelling"
)

// maxName bounds names and words, in bytes.
const maxName = 256

// checker turns syntax trees into pricing types and reports what has no meaning.
type checker struct {
	*report
	currencyDigits int32           // of the book's currency, or pricing unit
	used           map[string]bool // meters that something of this version asks for
	priced         map[string]bool // meters that prices of this plan ask for
}

// bookOf makes one book of its versions.
func (c *checker) bookOf(docs []*document) *pricing.Book {
	first := docs[0]
	b := &pricing.Book{Name: c.name(first.Book), Currency: c.currency(first.Currency)}
	c.currencyDigits = b.Currency.Digits
	byDay := map[pricing.Date]place{}
	for _, d := range docs {
		c.agree("book", first.Book, d.Book)
		c.agree("currency", first.Currency, d.Currency)
		unit, worth := c.pricingUnit(first, d)
		if d == first && unit != nil {
			b.Unit, c.currencyDigits = unit, unit.Digits
		}
		v := c.version(b.Name, d)
		v.Worth = worth
		dated := d.Effective.written() && v.Effective != 0
		if before, twice := byDay[v.Effective]; twice && dated {
			c.add(d.Effective.place, fmt.Sprintf("another version is effective on %s too, at %s:%d", v.Effective, before.doc.name, before.line),
				"give each version its own day")
		}
		if dated {
			byDay[v.Effective] = d.Effective.place
		}
		b.Versions = append(b.Versions, v)
	}
	slices.SortStableFunc(b.Versions, func(x, y pricing.Version) int { return cmp.Compare(x.Effective, y.Effective) })
	c.vanishingPlans(b, docs)
	return b
}

// agree checks that a later document says the same as the first.
func (c *checker) agree(key string, first, later text) {
	if first.written() && later.written() && !first.bad && !later.bad && first.value != later.value {
		c.add(later.place, fmt.Sprintf("%s is %s here but %s at %s:%d", key, quote(later.value), quote(first.value), first.doc.name, first.line),
			"all versions of a book have one name and one currency; check each book by itself")
	}
}

func (c *checker) currency(t text) money.Currency {
	if !t.written() || t.bad {
		return money.Currency{}
	}
	digits, known := currency.GetDigits(t.value)
	switch {
	case slices.Contains(strings.Fields(withoutMinorUnit), t.value):
		c.add(t.place, quote(t.value)+" has no minor unit that an invoice could be rounded to", "write the currency that customers pay in")
	case !known:
		remedy := spelling.DidYouMean(t.value, currency.GetCurrencyCodes())
		if upper := strings.ToUpper(t.value); currency.IsValid(upper) {
			remedy = "write it in capitals: " + upper
		}
		c.add(t.place, quote(t.value)+" is not a currency", cmp.Or(remedy, "write an ISO 4217 code, for example CHF"))
	}
	return money.Currency{Code: t.value, Digits: int32(digits)}
}

// version reads one document.
func (c *checker) version(book string, d *document) pricing.Version {
	v := pricing.Version{
		Effective: c.date(d.Effective),
		Conventions: pricing.Conventions{
			Rounding:  money.Rounding(cmp.Or(d.Conventions.Rounding.value, string(money.HalfUp))),
			Month:     pricing.MonthLength(cmp.Or(d.Conventions.Month.value, string(pricing.MonthCalendar))),
			Proration: pricing.Proration(cmp.Or(d.Conventions.Proration.value, string(pricing.ProrateTime))),
		},
	}
	if v.Conventions.Month == pricing.Month30Of360 && v.Conventions.Proration == pricing.ProrateTime {
		c.add(d.Conventions.Month.place, "months of 30/360 have days and no hours", "add `proration: days`, started_days or none")
	}
	v.ID = book + "@" + v.Effective.String()
	c.used = map[string]bool{}
	for _, m := range d.Meters.rows {
		v.Meters = append(v.Meters, c.meter(m))
	}
	for _, p := range d.Plans.rows {
		v.Plans = append(v.Plans, c.plan(p, &v))
	}
	if d.Plans.written() && !d.Plans.bad && len(d.Plans.rows) == 0 {
		c.add(d.Plans.place, "there is no plan", "add one with its prices")
	}
	c.idleMeters(d)
	slices.SortFunc(v.Meters, func(a, b pricing.Meter) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(v.Plans, func(a, b pricing.Plan) int { return cmp.Compare(a.ID, b.ID) })
	return v
}

func (c *checker) date(t text) pricing.Date {
	if !t.written() || t.bad {
		return 0
	}
	d, err := pricing.ParseDate(t.value)
	if err != nil {
		remedy := "write YYYY-MM-DD, for example 2026-10-01"
		if month, err := time.Parse("2006-01", t.value[:min(7, len(t.value))]); err == nil && len(t.value) == len(time.DateOnly) {
			remedy = fmt.Sprintf("%s has %d days", month.Format("January 2006"), month.AddDate(0, 1, -1).Day())
		}
		c.add(t.place, quote(t.value)+" is not a date", remedy)
	}
	return d
}

// name checks a word that names something.
func (c *checker) name(t text) string {
	if t.written() && !t.bad {
		c.nameAt(t.place, t.value)
	}
	return t.value
}

// nameAt checks a name that rows and messages will carry.
func (c *checker) nameAt(at place, name string) {
	switch {
	case name == "":
		c.add(at, "is an empty name", "write a name")
	case len(name) > maxName:
		c.add(at, fmt.Sprintf("is a name of more than %d bytes", maxName), "write a shorter one")
	case strings.TrimSpace(name) != name:
		c.add(at, "is a name that begins or ends with a space", "leave the space out")
	case strings.ContainsFunc(name, unicode.IsControl) || !utf8.ValidString(name):
		c.add(at, "is a name with a control character", "leave it out")
	}
	if i := strings.IndexFunc(name, invisible); i >= 0 {
		r, _ := utf8.DecodeRuneInString(name[i:])
		c.warn(at, fmt.Sprintf("is a name with the invisible character %U", r), "leave it out: what looks the same without it would not be the same")
	}
}

// position is what pricing keeps of a place.
func (p place) position() pricing.Position {
	if p.doc == nil {
		return pricing.Position{}
	}
	return pricing.Position{File: p.doc.name, Line: p.line, Column: p.column}
}
