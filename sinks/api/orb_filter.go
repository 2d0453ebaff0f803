package api

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
)

// orbFilter is what a list of invoices is asked for.
type orbFilter struct {
	account      string // "" : all that the token sees
	subscription string
	statuses     []string
	recurring    string                  // "true", "false" or ""
	amount       map[string]money.Amount // by comparison: "", gt, lt
	dates        []dateBound
}

// dateBound compares one of an invoice's dates with an instant.
type dateBound struct {
	due     bool // its due date; else its invoice date
	compare string
	at, end time.Time // end: of the day, for an equal date
}

var orbStatuses = []string{"draft", "issued", "paid", "synced", "void"}

func readOrbFilter(r *Request) (f orbFilter, err error) {
	if f.account, err = orbFilterAccount(r); err != nil {
		return f, err
	}
	if f.subscription, err = one(r.Query, "subscription_id"); err != nil {
		return f, err
	}
	if f.subscription != "" {
		if _, err := orbSubscriptionOf(r, f.subscription); err != nil {
			return f, err
		}
	}
	if f.statuses, err = readOrbStatuses(r.Query); err != nil {
		return f, err
	}
	if f.recurring, err = one(r.Query, "is_recurring"); err != nil {
		return f, err
	}
	if f.recurring != "" && f.recurring != "true" && f.recurring != "false" {
		return f, BadParameter("is_recurring", "is_recurring is true or false")
	}
	if err = f.readAmounts(r.Query); err != nil {
		return f, err
	}
	return f, f.readDates(r)
}

// orbFilterAccount reads customer_id or external_customer_id.
func orbFilterAccount(r *Request) (string, error) {
	id, err := one(r.Query, "customer_id")
	if err != nil {
		return "", err
	}
	external, err := one(r.Query, "external_customer_id")
	switch {
	case err != nil:
		return "", err
	case id != "" && external != "":
		return "", BadParameter("customer_id", "give customer_id or external_customer_id, not both")
	case external != "":
		return orbByExternalID(r, external)
	case id != "" && !r.Sees(id):
		return "", NotFound("there is no customer of this id")
	}
	return id, nil
}

// readOrbStatuses reads status[], which clients also write as status, or with
// commas.
func readOrbStatuses(q url.Values) ([]string, error) {
	var out []string
	for _, text := range slices.Concat(q["status[]"], q["status"]) {
		for status := range strings.SplitSeq(text, ",") {
			if status == "" {
				continue
			}
			if !slices.Contains(orbStatuses, status) {
				return nil, BadParameter("status", "status is one of "+strings.Join(orbStatuses, ", "))
			}
			out = append(out, status)
		}
	}
	if len(out) == 0 {
		out = []string{"issued", "paid", "synced"}
	}
	return out, nil
}

func (f *orbFilter) readAmounts(q url.Values) error {
	f.amount = map[string]money.Amount{}
	for _, compare := range []string{"", "gt", "lt"} {
		name := bracketed("amount", compare)
		text, err := one(q, name)
		if err != nil {
			return err
		}
		if text == "" {
			continue
		}
		amount, err := money.ParseAmount(text)
		if err != nil {
			return BadParameter(name, name+" is no amount such as 12.50")
		}
		f.amount[compare] = amount
	}
	return nil
}

func bracketed(name, compare string) string {
	if compare == "" {
		return name
	}
	return name + "[" + compare + "]"
}

func (f *orbFilter) readDates(r *Request) error {
	for _, of := range []struct {
		name     string
		due      bool
		compares []string
	}{{"invoice_date", false, []string{"gt", "gte", "lt", "lte"}}, {"due_date", true, []string{"", "gt", "lt"}}} {
		for _, compare := range of.compares {
			name := bracketed(of.name, compare)
			text, err := one(r.Query, name)
			if err != nil {
				return err
			}
			if text == "" {
				continue
			}
			at, err := orbInstant(name, text, time.UTC)
			if err != nil {
				return err
			}
			f.dates = append(f.dates, dateBound{of.due, compare, at, at.AddDate(0, 0, 1)})
		}
	}
	return f.readWindow(r)
}

// readWindow reads due_date_window: so many days or months before now.
func (f *orbFilter) readWindow(r *Request) error {
	text, err := one(r.Query, "due_date_window")
	if err != nil || text == "" {
		return err
	}
	unit := text[len(text)-1]
	n, err := strconv.Atoi(text[:len(text)-1])
	if err != nil || n < 1 || n > 1200 || unit != 'd' && unit != 'm' {
		return BadParameter("due_date_window", "due_date_window is a number of days or months such as 7d or 2m")
	}
	now := r.Facts.AsOf()
	from := now.AddDate(0, 0, -n)
	if unit == 'm' {
		from = now.AddDate(0, -n, 0)
	}
	f.dates = append(f.dates, dateBound{due: true, compare: "gte", at: from}, dateBound{due: true, compare: "lte", at: now})
	return nil
}

// takes reports whether an invoice matches all but the status.
func (f *orbFilter) takes(i *pricing.Invoice) bool {
	if f.account != "" && i.BillingAccount != f.account {
		return false
	}
	if f.subscription != "" && !slices.ContainsFunc(i.Lines, func(l pricing.Line) bool { return l.Subscription == f.subscription }) {
		return false
	}
	if f.recurring != "" && (f.recurring == "true") == i.Kind.Note() {
		return false
	}
	total := i.Total.Sub(i.Credits).Add(i.Tax)
	for compare, amount := range f.amount {
		if !holdsOf(compare, total.Cmp(amount)) {
			return false
		}
	}
	return !slices.ContainsFunc(f.dates, func(b dateBound) bool { return !b.holds(i) })
}

func (b dateBound) holds(i *pricing.Invoice) bool {
	at := i.IssuedAt
	if b.due {
		at = i.DueAt
	}
	if b.compare == "" {
		return !at.Before(b.at) && at.Before(b.end)
	}
	return holdsOf(b.compare, at.Compare(b.at))
}

// holdsOf reports whether a comparison that came out so is one that is asked for.
func holdsOf(compare string, came int) bool {
	switch compare {
	case "gt":
		return came > 0
	case "gte":
		return came >= 0
	case "lt":
		return came < 0
	case "lte":
		return came <= 0
	}
	return came == 0
}
