package jobs

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sinks/publish"
)

// issuedSince is what a closing's chain says of the closings before it: how far
// they have been looked at, and what has been billed for them since, each by the
// closing that it is about (docs/commit-protocol.md, Closings). What a closing
// billed itself stands in its own tables.
type issuedSince struct {
	rollups  map[pricing.Month]string               // digest of the rollups last looked at
	trees    map[pricing.Month]map[string]treeTrace // trees rated again since, by billing account
	mended   map[pricing.Month]map[string]bool      // accounts that the closing parked and that were rated since
	vanished map[pricing.Month][]Vanished           // registry rows that nothing was paid back for, and that no registry has any more
	lines    map[charged][]pricing.Line             // net, by line key
	invoices map[charged]string                     // id of the first invoice with lines for a closing that issued none itself
	digits   map[string]int32                       // of the minor unit, by currency
	first    pricing.Month                          // before which closings are compared no more; zero: none yet
}

// charged names what one closing charges a billing account in one currency.
type charged struct {
	closing           pricing.Month
	account, currency string
}

func (c charged) compare(o charged) int {
	return cmp.Or(cmp.Compare(c.closing.First(), o.closing.First()), cmp.Compare(c.account, o.account), cmp.Compare(c.currency, o.currency))
}

func newIssuedSince() *issuedSince {
	return &issuedSince{
		rollups: map[pricing.Month]string{}, trees: map[pricing.Month]map[string]treeTrace{}, mended: map[pricing.Month]map[string]bool{},
		vanished: map[pricing.Month][]Vanished{}, lines: map[charged][]pricing.Line{}, invoices: map[charged]string{}, digits: map[string]int32{},
	}
}

// issuedEntry is one line of the object: what it says is the members that it has.
type issuedEntry struct {
	Closing  string      `json:"closing"`
	Rollups  string      `json:"rollups,omitempty"`
	First    bool        `json:"first_compared,omitempty"`
	Mended   string      `json:"mended,omitempty"`
	Vanished string      `json:"vanished,omitempty"` // a row, of Account
	Tree     *treeTrace  `json:"tree,omitempty"`
	Account  string      `json:"billing_account,omitempty"`
	Currency string      `json:"currency,omitempty"`
	Digits   int32       `json:"digits,omitempty"`
	Invoice  string      `json:"invoice,omitempty"`
	Line     *issuedLine `json:"line,omitempty"`
}

// months lists the closings that it says anything of, oldest first.
func (s *issuedSince) months() []pricing.Month {
	seen := map[pricing.Month]bool{}
	for m := range s.rollups {
		seen[m] = true
	}
	for m := range s.trees {
		seen[m] = true
	}
	for m := range s.mended {
		seen[m] = true
	}
	for m := range s.vanished {
		seen[m] = true
	}
	for c := range s.lines {
		seen[c.closing] = true
	}
	return slices.SortedFunc(maps.Keys(seen), func(a, b pricing.Month) int { return cmp.Compare(a.First(), b.First()) })
}

// forget lets go of the closings before a month, for good, and reports those with
// charges.
func (s *issuedSince) forget(before pricing.Month) (charges []string) {
	for _, m := range s.months() {
		if !m.Before(before) {
			continue
		}
		had := false
		for c := range s.lines {
			if c.closing == m {
				had = true
				delete(s.lines, c)
				delete(s.invoices, c)
			}
		}
		if had {
			charges = append(charges, m.String())
		}
		delete(s.rollups, m)
		delete(s.trees, m)
		delete(s.mended, m)
		delete(s.vanished, m)
	}
	return charges
}

// rated notes that a tree's charges in a closing are what its trace gives.
func (s *issuedSince) rated(m pricing.Month, t treeTrace) {
	if s.trees[m] == nil {
		s.trees[m] = map[string]treeTrace{}
	}
	s.trees[m][t.BillingAccount] = t
}

// mend notes that nothing of an account is outstanding since a closing parked it.
func (s *issuedSince) mend(m pricing.Month, account string) {
	if s.mended[m] == nil {
		s.mended[m] = map[string]bool{}
	}
	s.mended[m][account] = true
}

// add adds an invoice's lines that are for other closings than its own.
func (s *issuedSince) add(i *pricing.Invoice, own pricing.Month) {
	for n := range i.Lines {
		l := &i.Lines[n]
		if l.For == (pricing.Month{}) || l.For == own {
			continue
		}
		c := charged{l.For, i.BillingAccount, i.Currency.Code}
		s.lines[c] = pricing.NetLines(append(slices.Clip(s.lines[c]), *l))
		s.digits[c.currency] = i.Currency.Digits
		if l.Corrects == (pricing.Corrects{}) && s.invoices[c] == "" {
			s.invoices[c] = i.ID
		}
	}
}

// encode writes the object: sorted by closing, then what is said of it.
func (s *issuedSince) encode() (body []byte, rows int, err error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	write := func(e issuedEntry) {
		err = errors.Join(err, enc.Encode(e))
		rows++
	}
	if s.first != (pricing.Month{}) {
		write(issuedEntry{Closing: s.first.String(), First: true})
	}
	for _, m := range s.months() {
		if set := s.rollups[m]; set != "" {
			write(issuedEntry{Closing: m.String(), Rollups: set})
		}
		for _, account := range slices.Sorted(maps.Keys(s.mended[m])) {
			write(issuedEntry{Closing: m.String(), Mended: account})
		}
		for _, v := range s.vanished[m] {
			write(issuedEntry{Closing: m.String(), Account: v.BillingAccount, Vanished: v.Row})
		}
		for _, account := range slices.Sorted(maps.Keys(s.trees[m])) {
			t := s.trees[m][account]
			write(issuedEntry{Closing: m.String(), Tree: &t})
		}
		for _, c := range slices.SortedFunc(maps.Keys(s.lines), charged.compare) {
			if c.closing != m {
				continue
			}
			for i := range s.lines[c] {
				line := issuedLineOf(&s.lines[c][i])
				write(issuedEntry{Closing: m.String(), Account: c.account, Currency: c.currency, Digits: s.digits[c.currency], Invoice: s.invoices[c], Line: &line})
			}
		}
	}
	if err != nil {
		return nil, 0, fmt.Errorf("write what was issued: %w", err)
	}
	return out.Bytes(), rows, nil
}

// decodeIssued reads the object.
func decodeIssued(body []byte) (*issuedSince, error) {
	s := newIssuedSince()
	for dec := json.NewDecoder(bytes.NewReader(body)); ; {
		var e issuedEntry
		if err := dec.Decode(&e); errors.Is(err, io.EOF) {
			return s, nil
		} else if err != nil {
			return nil, fmt.Errorf("read what was issued: %w", err)
		}
		m, err := pricing.ParseMonth(e.Closing)
		if err != nil {
			return nil, fmt.Errorf("read what was issued: %w", err)
		}
		switch {
		case e.First:
			s.first = m
		case e.Vanished != "":
			s.vanished[m] = append(s.vanished[m], Vanished{e.Account, e.Vanished})
		case e.Rollups != "":
			s.rollups[m] = e.Rollups
		case e.Mended != "":
			s.mend(m, e.Mended)
		case e.Tree != nil:
			s.rated(m, *e.Tree)
		case e.Line != nil:
			c := charged{m, e.Account, e.Currency}
			line, err := e.Line.line(m)
			if err != nil {
				return nil, fmt.Errorf("read what was issued to account %q for %s: %w", e.Account, m, err)
			}
			s.lines[c], s.digits[e.Currency] = append(s.lines[c], line), e.Digits
			if e.Invoice != "" {
				s.invoices[c] = e.Invoice
			}
		}
	}
}

// issuedSince reads what a closing's chain says; nil is of the first closing.
func (p *Pipeline) issuedSince(ctx context.Context, m *publish.Manifest) (*issuedSince, error) {
	if m == nil || m.Chain == nil || m.Chain.Issued == nil {
		return newIssuedSince(), nil
	}
	body, err := p.publisher.ReadObject(ctx, *m.Chain.Issued)
	if err != nil {
		return nil, fmt.Errorf("read what closings have issued: %w", err)
	}
	return decodeIssued(body)
}

// currency is one that lines were issued in.
func (s *issuedSince) currency(code string) money.Currency {
	return money.Currency{Code: code, Digits: s.digits[code]}
}
