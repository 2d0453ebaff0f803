package jobs

import (
	"context"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"daybook/pricing"
	"daybook/sinks/documents"
	"daybook/sinks/publish"
	"daybook/sources/blob"
)

// placedDocument is where a document stands.
type placedDocument struct {
	pack     blob.Object
	document publish.Document
}

// costReads is how many days of an account are read at once.
const costReads = 8

// Costs reads the cost documents of whoever paid for the account, a small read a
// day, whatever the number of accounts.
func (f *facts) Costs(ctx context.Context, account string, from, to pricing.Date) ([]pricing.CostRow, error) {
	days := slices.DeleteFunc(slices.Clone(f.days), func(d pricing.Date) bool { return d < from || d > to })
	byDay := make([][]pricing.CostRow, len(days))
	group, reading := errgroup.WithContext(ctx)
	group.SetLimit(costReads)
	for i, d := range days {
		group.Go(func() (err error) {
			byDay[i], err = f.costsOn(reading, account, d)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return slices.Concat(byDay...), nil
}

func (f *facts) costsOn(ctx context.Context, account string, d pricing.Date) ([]pricing.CostRow, error) {
	m, err := f.manifest(ctx, JobDaily, d.String())
	if err != nil || m == nil {
		return nil, err
	}
	index, err := f.costIndex(ctx, m, d)
	if err != nil {
		return nil, err
	}
	var out []pricing.CostRow
	// Who pays for it may have changed since: whoever is above it might have then.
	for _, payer := range f.upwards(account) {
		at, ok := index.find(payer)
		if !ok {
			continue
		}
		body, err := f.p.publisher.DocumentBody(ctx, at.pack, at.document)
		if err != nil {
			return nil, err
		}
		rows, err := documents.ReadCostSeries(body)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", at.document.Path, err)
		}
		for _, r := range rows {
			if r.Account == account || r.BillingAccount == account {
				out = append(out, r)
			}
		}
	}
	return out, nil
}

// upwards lists an account and those above it.
func (f *facts) upwards(account string) []string {
	var out []string
	for account != "" && !slices.Contains(out, account) {
		out = append(out, account)
		a, _ := f.in.registry.Account(account)
		account = a.Parent
	}
	return out
}

// placed lists where a revision's documents stand.
func (p *Pipeline) placed(ctx context.Context, m *publish.Manifest) ([]placedDocument, error) {
	packs := map[string]blob.Object{}
	for _, o := range m.Objects {
		if o.Role == publish.RoleDocuments {
			pack, err := p.publisher.Pack(ctx, o)
			if err != nil {
				return nil, err
			}
			packs[o.SHA256] = pack
		}
	}
	var out []placedDocument
	for _, o := range m.Objects {
		if o.Role != publish.RoleIndex {
			continue
		}
		list, err := p.publisher.Documents(ctx, o)
		if err != nil {
			return nil, err
		}
		for _, d := range list {
			pack, ok := packs[d.Pack]
			if !ok {
				return nil, fmt.Errorf("document %s: %w: the manifest does not name its pack", d.Path, publish.ErrDamaged)
			}
			out = append(out, placedDocument{pack, d})
		}
	}
	return out, nil
}
