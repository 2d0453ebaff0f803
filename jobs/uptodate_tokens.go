package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"daybook/sinks/publish"
	"daybook/sources/blob"
	"daybook/sources/book"
	"daybook/sources/registry"
)

// inputTokens name the versions of what all periods take.
type inputTokens struct{ book, registry, requests string }

// closingTokens are those of what closings, and drafts, take beside.
type closingTokens struct {
	requests string // to closings
	terms    string // by which they correct
	draft    string // what a draft takes beside: draftToken
}

// tokenOf names versions of files, which are in order of keys.
func tokenOf(objects []blob.Object) string {
	var b strings.Builder
	for _, o := range objects {
		fmt.Fprintf(&b, "%q %q %d\n", o.Key, o.ETag, o.Size)
	}
	return digest([]byte(b.String()))
}

func tokenOfRequests(requests []publish.PlacedRequest) string {
	var objects []blob.Object
	for _, r := range requests { // whose keys are their content
		objects = append(objects, blob.Object{Key: r.Input.Key})
	}
	return tokenOf(objects)
}

// listTokens lists what all periods take, and reads nothing.
func (p *Pipeline) listTokens(ctx context.Context) (inputTokens, closingTokens, error) {
	none := func(err error) (inputTokens, closingTokens, error) { return inputTokens{}, closingTokens{}, err }
	books, err := book.List(ctx, p.stores.Book, "")
	if err != nil {
		return none(err)
	}
	registries, err := registry.List(ctx, p.stores.Registry, "")
	if err != nil {
		return none(err)
	}
	requests, err := p.publisher.AllRequestKeys(ctx, string(JobRollup), string(JobMonthly))
	if err != nil {
		return none(err)
	}
	for _, of := range requests {
		for i := range of {
			of[i] = blob.Object{Key: of[i].Key}
		}
	}
	terms, err := p.settings.Corrections.parameter()
	if err != nil {
		return none(err)
	}
	return inputTokens{tokenOf(books), tokenOf(registries), tokenOf(requests[string(JobRollup)])},
		closingTokens{requests: tokenOf(requests[string(JobMonthly)]), terms: terms}, nil
}

// settingsToken names the settings that decide on rollups, and on when they and
// the days are due.
func (p *Pipeline) settingsToken() string {
	s := p.settings
	zone := ""
	if s.Layout.Zone != nil {
		zone = s.Layout.Zone.String()
	}
	b, err := json.Marshal([]any{s.Mapping, s.Layout.Partition, s.Layout.ArrivalDay, zone, s.Layout.LateDays, s.Start, s.DailyGrace, s.Issuer})
	if err != nil {
		return "" // no value of theirs fails, and rollupIdentity says so
	}
	return digest(b)
}

// rollupToken names all that a day's rollup looks at.
func (p *Pipeline) rollupToken(t inputTokens, files string) string {
	return digest([]byte(strings.Join([]string{"rollup", p.settingsToken(), t.book, t.registry, t.requests, files}, "\n")))
}
