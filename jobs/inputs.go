package jobs

import (
	"context"
	"fmt"
	"slices"
	"time"

	"daybook/pricing"
	"daybook/sinks/publish"
	"daybook/sources/blob"
	"daybook/sources/book"
	"daybook/sources/registry"
)

// inputs are the price book and the registry as one run sees them.
type inputs struct {
	books             []*pricing.Book // one for each currency, sorted by name
	warnings          []book.Problem  // of the books
	registry          *pricing.Registry
	problems          []pricing.Problem
	attribution       pricing.Attribution
	attributionDigest string
	bookFiles         []publish.Input
	registryFiles     []publish.Input
	content           []pinnedFile
	requests          []publish.PlacedRequest // about usage
	voidUsage         []publish.Input         // those of them that take usage back, which ratings are pinned to
	tokens            inputTokens             // of the versions that were read
	kept              bool                    // copied to inputs/ by this process
}

// pinnedFile is a small input file whose bytes a plan pins by their digest.
type pinnedFile struct {
	kind, name string
	body       []byte
}

const (
	kindBook     = "book"
	kindRegistry = "registry"
)

// loadInputs reads the book and the registry as they stand now.
func (p *Pipeline) loadInputs(ctx context.Context) (*inputs, error) {
	var files []pinnedFile
	var bookVersions, registryVersions []blob.Object
	books, err := book.Load(ctx, p.stores.Book, "")
	if err != nil {
		return nil, fmt.Errorf("read price book: %w", err)
	}
	for _, f := range books {
		files, bookVersions = append(files, pinnedFile{kindBook, f.Name, f.Content}), append(bookVersions, f.Version)
	}
	registries, err := registry.Fetch(ctx, p.stores.Registry, "", registry.Limits{})
	if err != nil {
		return nil, fmt.Errorf("read registry: %w", err)
	}
	for _, f := range registries {
		files, registryVersions = append(files, pinnedFile{kindRegistry, f.Name, f.Content}), append(registryVersions, f.Version)
	}
	in, err := parseInputs(files)
	if err != nil {
		return nil, err
	}
	requests, err := p.publisher.Requests(ctx, string(JobRollup))
	if err != nil {
		return nil, err
	}
	in.tokens = inputTokens{tokenOf(bookVersions), tokenOf(registryVersions), tokenOfRequests(requests)}
	in.requests = requests
	return in, in.takeBack(requests)
}

func parseInputs(files []pinnedFile) (*inputs, error) {
	in := &inputs{content: files}
	var books []book.File
	var registries []registry.File
	for _, f := range files {
		pin := publish.Input{Kind: f.kind, Key: f.name, Size: int64(len(f.body)), SHA256: digest(f.body)}
		if f.kind == kindBook {
			books = append(books, book.File{Name: f.name, Content: f.body})
			in.bookFiles = append(in.bookFiles, pin)
		} else {
			registries = append(registries, registry.File{Name: f.name, Content: f.body})
			in.registryFiles = append(in.registryFiles, pin)
		}
	}
	var err error
	if in.books, in.warnings, err = book.CheckAll(books); err != nil {
		return nil, fmt.Errorf("read price book: %w", err)
	}
	snapshot, err := registry.Parse(registries, registry.Limits{})
	if err != nil {
		return nil, fmt.Errorf("read registry: %w", err)
	}
	in.registry, in.problems = pricing.NewRegistry(snapshot.Accounts, snapshot.Subscriptions, snapshot.Resources)
	var currencies, units, counted []string
	for _, b := range in.books {
		currencies, units = append(currencies, b.Currency.Code), append(units, b.Units()...)
		counted = append(counted, b.QuantityUnits()...)
	}
	in.problems = append(in.problems, in.registry.AddFunds(snapshot.Funds, currencies, units, counted)...)
	in.registry.AddLevels(snapshot.Levels)
	in.attribution = in.registry.Attribution()
	in.attributionDigest = attributionDigest(in.attribution)
	return in, nil
}

// keep copies the book and registry files to inputs/, where a plan pins them.
func (p *Pipeline) keep(ctx context.Context, in *inputs) error {
	if in.kept {
		return nil
	}
	for _, f := range in.content {
		if _, err := p.publisher.KeepInput(ctx, f.kind, f.body); err != nil {
			return fmt.Errorf("keep %s %s: %w", f.kind, f.name, err)
		}
	}
	in.kept = true
	return nil
}

// files names the book and the registry for a run's identity.
func (in *inputs) files() []publish.Input { return slices.Concat(in.bookFiles, in.registryFiles) }

// rated names all but the rollups that a rating takes.
func (in *inputs) rated() []publish.Input { return slices.Concat(in.files(), in.voidUsage) }

// meters returns the meters in force on a UTC day and the digest of what they
// say; before the first version of a book it is the first one's.
func (in *inputs) meters(day pricing.Date) ([]pricing.Meter, string) {
	meters := book.Meters(in.books, day)
	only := &pricing.Book{Versions: []pricing.Version{{Meters: meters}}}
	return meters, digest(book.MetersJSON(only))
}

// raters rate with the books, each the accounts of its currency.
func (in *inputs) raters() (*pricing.Raters, error) { return pricing.NewRaters(in.books, in.registry) }

// holding returns the inputs with the billing anchors that a chain of closings holds,
// and those that it holds from then on.
func (in *inputs) holding(s chainState) (*inputs, []pricing.HeldAnchor) {
	out := *in
	var anchors []pricing.HeldAnchor
	out.registry, anchors = in.registry.HoldAnchors(s.anchors, s.billed)
	return &out, anchors
}

// zones lists the time zones in use; a period has ended when it has in all.
func (in *inputs) zones() []*time.Location { return in.registry.Zones() }

// metered reports whether any version of a book counts usage.
func (in *inputs) metered() bool {
	return slices.ContainsFunc(in.books, func(b *pricing.Book) bool {
		return slices.ContainsFunc(b.Versions, func(v pricing.Version) bool { return len(v.Meters) > 0 })
	})
}
