package registry

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sources/blob"
)

// Kind is what a file's rows are.
type Kind string

// The kinds that are read.
const (
	Accounts      Kind = "accounts"
	Subscriptions Kind = "subscriptions"
	Resources     Kind = "resources"
	Credits       Kind = "credits"
	Payments      Kind = "payments"
	Adjustments   Kind = "adjustments" // of balances, by hand
	Taxes         Kind = "taxes"
	Levels        Kind = "levels" // of burst prices, by time
)

// Limits bounds what is read; zero fields take the defaults.
type Limits struct {
	FileBytes int64 // of one file, stored and decompressed; default 1 GiB
	Rows      int64 // of all files of one kind; default 10 million
	GzipRatio int64 // decompressed bytes for each compressed byte; default 200
}

func (l Limits) withDefaults() Limits {
	return Limits{cmp.Or(l.FileBytes, 1<<30), cmp.Or(l.Rows, 10_000_000), cmp.Or(l.GzipRatio, 200)}
}

// File is one registry file, as stored.
type File struct {
	Name    string      // its key; says the format, and the kind when Kind is ""
	Kind    Kind        // "" : by the name
	Content []byte      // as stored, .gz still compressed
	Version blob.Object // of a fetched file: what was read
}

// Source is a file that a snapshot was read from.
type Source struct {
	Key  string
	Size int64 // bytes as stored
	Kind Kind
	Rows int64
}

// Snapshot is a registry as read: rows sorted by id, files by key.
type Snapshot struct {
	Accounts      []pricing.Account
	Subscriptions []pricing.Subscription
	Resources     []pricing.Resource
	Funds         pricing.Funds
	Levels        []pricing.ScheduledLevel
	Files         []Source
}

// Load is Fetch and Parse.
func Load(ctx context.Context, store blob.Store, prefix string, l Limits) (*Snapshot, error) {
	files, err := Fetch(ctx, store, prefix, l)
	if err != nil {
		return nil, err
	}
	return Parse(files, l)
}

// Parse reads a whole registry from its files, in any order: what Fetch gave, or
// copies of it. Dates are resolved here, so all kinds are read together. Faults
// of rows and files come back as *[Errors].
func Parse(files []File, l Limits) (*Snapshot, error) {
	l = l.withDefaults()
	files = slices.Clone(files)
	for i, f := range files {
		if f.Kind == "" {
			files[i].Kind, _ = KindOf(f.Name)
		}
	}
	slices.SortStableFunc(files, func(a, b File) int { return cmp.Compare(a.Name, b.Name) })
	if err := complete(files); err != nil {
		return nil, err
	}
	faults := new(Errors)
	accounts := newTable(accountFields(), faults, l.Rows)
	subscriptions := newTable(subscriptionFields(), faults, l.Rows)
	resources := newTable(resourceFields(), faults, l.Rows)
	funds := newFundTables(faults, l.Rows)
	levels := newTable(levelFields(), faults, l.Rows)
	out := new(Snapshot)
	for _, f := range files {
		var rows int64
		switch f.Kind {
		case Accounts:
			rows = collect(f, l, accounts)
		case Subscriptions:
			rows = collect(f, l, subscriptions)
		case Resources:
			rows = collect(f, l, resources)
		case Credits:
			rows = collect(f, l, funds.credits)
		case Payments:
			rows = collect(f, l, funds.payments)
		case Adjustments:
			rows = collect(f, l, funds.adjustments)
		case Taxes:
			rows = collect(f, l, funds.taxes)
		case Levels:
			rows = collect(f, l, levels)
		default:
			faults.add(InputError{File: f.Name, Reason: "is not a registry file", Remedy: "name it accounts, subscriptions, resources, credits, payments, adjustments, taxes or levels"})
		}
		out.Files = append(out.Files, Source{f.Name, int64(len(f.Content)), f.Kind, rows})
	}
	if err := faults.err(); err != nil {
		return nil, err
	}
	out.Accounts, out.Subscriptions = accounts.out, subscriptions.out
	out.resolve(resources.out, funds)
	out.resolveLevels(levels.out)
	return out, nil
}

// collect reads one file into its kind's table and returns its number of rows.
func collect[T any](f File, l Limits, t *table[T]) int64 {
	t.open(f.Name)
	err := readFile(f, l, t)
	var whole *fatal
	switch {
	case errors.As(err, &whole):
		t.fault(position{}, "", fault(*whole))
	case err != nil:
		t.fault(position{}, "", fault{"cannot be read: " + err.Error(), "export it again"})
	}
	return t.count
}

// resolve gives dates their instants and sorts the rows by id; rows of one id,
// which pricing.NewRegistry reports, stay in order of their files.
func (s *Snapshot) resolve(resources []resource, funds *fundTables) {
	sortByID(s.Accounts, func(a *pricing.Account) string { return a.ID })
	zone := newZones(s.Accounts)
	own := map[string]string{} // subscription with resources -> the zone it names itself
	for i := range resources {
		own[resources[i].Subscription] = ""
	}
	for i := range s.Subscriptions {
		sub := &s.Subscriptions[i]
		loc := zone.of(sub.TimeZone, sub.Account)
		zone.settle(&sub.Start, loc)
		zone.settle(&sub.End, loc)
		for _, changes := range sub.QuantityChanges {
			for n := range changes {
				zone.settle(&changes[n].From, loc)
			}
		}
		if len(own) > 0 {
			if named, wanted := own[sub.ID]; wanted && named == "" {
				own[sub.ID] = sub.TimeZone
			}
		}
	}
	sortByID(s.Subscriptions, func(sub *pricing.Subscription) string { return sub.ID })
	s.Resources = make([]pricing.Resource, 0, len(resources))
	for i := range resources {
		r := &resources[i]
		loc := zone.of(own[r.Subscription], r.Account)
		zone.settle(&r.Created, loc)
		zone.settle(&r.Deleted, loc)
		if !r.counted {
			r.Quantity = money.QuantityOf(1)
		}
		s.Resources = append(s.Resources, r.Resource)
	}
	sortByID(s.Resources, func(r *pricing.Resource) string { return r.ID })
	s.resolveFunds(zone, funds)
}

// sortByID sorts rows that mostly come sorted. Equal ids keep their order.
func sortByID[T any](rows []T, id func(*T) string) {
	for i := range rows[min(1, len(rows)):] {
		if id(&rows[i]) > id(&rows[i+1]) {
			slices.SortStableFunc(rows, func(a, b T) int { return cmp.Compare(id(&a), id(&b)) })
			return
		}
	}
}
