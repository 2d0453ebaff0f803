package book

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"daybook/pricing"
)

// CheckAll reads the files of one or more price books, as Check does: the
// documents of one name are the versions of one book. Each book has a currency of
// its own, by which accounts find theirs; meters of one name are the same in all
// of them, because usage is read once. The books come sorted by name.
func CheckAll(files []File) ([]*pricing.Book, []Problem, error) {
	r := new(report)
	docs, err := documentsOf(files, r)
	if err != nil {
		return nil, nil, err
	}
	byName := map[string][]*document{}
	var names []string
	for _, d := range docs {
		name := d.Book.value
		if byName[name] == nil {
			names = append(names, name)
		}
		byName[name] = append(byName[name], d)
	}
	slices.Sort(names)
	var books []*pricing.Book
	byCurrency := map[string]*document{}
	for _, name := range names {
		c, first := &checker{report: r}, byName[name][0]
		b := c.bookOf(byName[name])
		if other := byCurrency[b.Currency.Code]; other != nil && b.Currency.Code != "" {
			c.add(first.Book.place, fmt.Sprintf("books %s and %s (%s:%d) are both in %s", quote(name), quote(other.Book.value), other.Book.doc.name, other.Book.line, b.Currency.Code),
				"versions of one book have one name; an account's currency picks its book, so each book needs its own")
		}
		byCurrency[b.Currency.Code] = first
		for _, before := range books {
			c.sameMeters(first, before, b)
		}
		books = append(books, b)
	}
	if err := r.err(files); err != nil {
		return nil, nil, err
	}
	inOrder(r.warnings, files)
	return books, r.warnings, nil
}

// sameMeters reports meters of one name that two books define differently on any
// day: a rollup has one state for each meter.
func (c *checker) sameMeters(at *document, a, b *pricing.Book) {
	var days []pricing.Date
	for _, v := range slices.Concat(a.Versions, b.Versions) {
		days = append(days, v.Effective)
	}
	for _, day := range days {
		for _, m := range metersOn(a, day) {
			for _, n := range metersOn(b, day) {
				if m.ID == n.ID && !bytes.Equal(recipe(m), recipe(n)) {
					c.add(at.Book.place, fmt.Sprintf("meter %s is not the same in book %s on %s", quote(m.ID), quote(a.Name), day),
						"usage is read once for all books: write the meter alike in both, or give one of the two another name")
				}
			}
		}
	}
}

func recipe(m pricing.Meter) []byte {
	return MetersJSON(&pricing.Book{Versions: []pricing.Version{{Meters: []pricing.Meter{m}}}})
}

// metersOn returns the meters of the version in force; before the first version,
// that one's.
func metersOn(b *pricing.Book, day pricing.Date) []pricing.Meter {
	v, ok := b.VersionOn(day)
	if !ok {
		v = &b.Versions[0]
	}
	return v.Meters
}

// Meters returns the meters that any of the books has in force on a day, sorted
// by id; before a book's first version, that one's.
func Meters(books []*pricing.Book, day pricing.Date) []pricing.Meter {
	if len(books) == 1 {
		return metersOn(books[0], day)
	}
	var out []pricing.Meter
	for _, b := range books {
		for _, m := range metersOn(b, day) {
			if !slices.ContainsFunc(out, func(o pricing.Meter) bool { return o.ID == m.ID }) {
				out = append(out, m)
			}
		}
	}
	slices.SortFunc(out, func(a, b pricing.Meter) int { return cmp.Compare(a.ID, b.ID) })
	return out
}
