package jobs

import (
	"context"
	"fmt"
	"strings"

	"daybook/sources/blob"
	"daybook/sources/book"
)

// Place is one of the configured stores, by its key in the configuration.
type Place struct {
	Name  string
	Store blob.Store
}

// Places lists the stores: usage, registry, book, out.
func (p *Pipeline) Places() []Place {
	return []Place{{"usage", p.stores.Usage}, {"registry", p.stores.Registry}, {"book", p.stores.Book}, {"out", p.stores.Out}}
}

// Summary says what a valid book and registry hold, what in the registry will
// park its accounts, and what in the book is hardly meant.
type Summary struct {
	Book          string         `json:"book"`
	Currency      string         `json:"currency"`
	Versions      int            `json:"versions"`
	Accounts      int            `json:"accounts"`
	Subscriptions int            `json:"subscriptions"`
	Resources     int            `json:"resources"`
	Credits       int            `json:"credits"`
	Payments      int            `json:"payments"`
	Adjustments   int            `json:"adjustments"`
	Taxes         int            `json:"taxes"`
	Problems      []string       `json:"problems,omitempty"`
	Warnings      []book.Problem `json:"warnings,omitempty"`
	Idle          []string       `json:"idle,omitempty"` // rows of the registry that no price looks at
}

// String is the summary in one line.
func (s Summary) String() string {
	text := fmt.Sprintf("book %s in %s with %s; %s, %s, %s", s.Book, s.Currency, counted(s.Versions, "version", "versions"),
		counted(s.Accounts, "account", "accounts"), counted(s.Subscriptions, "subscription", "subscriptions"), counted(s.Resources, "resource", "resources"))
	if s.Credits+s.Payments+s.Adjustments+s.Taxes > 0 {
		text += fmt.Sprintf("; %s, %s, %s, %s", counted(s.Credits, "credit", "credits"), counted(s.Payments, "payment", "payments"),
			counted(s.Adjustments, "adjustment", "adjustments"), counted(s.Taxes, "tax", "taxes"))
	}
	return text
}

// Validate reads the book and the registry.
func (p *Pipeline) Validate(ctx context.Context) (Summary, error) {
	in, err := p.loadInputs(ctx)
	if err != nil {
		return Summary{}, err
	}
	s := Summary{
		Accounts: len(in.registry.Accounts), Subscriptions: len(in.registry.Subscriptions), Resources: len(in.registry.Resources),
		Credits: len(in.registry.Funds.Credits), Payments: len(in.registry.Funds.Payments),
		Adjustments: len(in.registry.Funds.Adjustments), Taxes: len(in.registry.Funds.Taxes),
		Warnings: in.warnings,
	}
	var names, currencies []string
	for _, b := range in.books {
		names, currencies, s.Versions = append(names, b.Name), append(currencies, b.Currency.Code), s.Versions+len(b.Versions)
	}
	s.Book, s.Currency = strings.Join(names, ", "), strings.Join(currencies, ", ")
	for _, problem := range in.problems {
		s.Problems = append(s.Problems, fmt.Sprintf("%s %s (%s): %s", problem.Kind, problem.ID, problem.Code, problem.Detail))
	}
	rater, err := in.raters()
	if err != nil {
		return Summary{}, err
	}
	for _, p := range rater.Foreseen() {
		s.Problems = append(s.Problems, fmt.Sprintf("account %s (%s) from %s on: %s", p.Account, p.Reason, p.Since, p.Detail))
	}
	for _, row := range rater.Idle() {
		s.Idle = append(s.Idle, fmt.Sprintf("%s %s (idle): %s", row.Kind, row.ID, row.Detail))
	}
	return s, nil
}
