package jobs

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"daybook/sinks/publish"
	"daybook/sinks/tables"
	"daybook/sources/blob"
)

// publicationsLimit bounds what is read of one publications partition.
const publicationsLimit = 16 << 20

// advance moves the current view to a published revision. Its partition of the
// table publications is written last, and so says that all the rest is there.
func (p *Pipeline) advance(ctx context.Context, m publish.Manifest) error {
	file, err := publications(m)
	if err != nil {
		return err
	}
	if err := p.publisher.Advance(ctx, m, file); err != nil {
		return fmt.Errorf("move the current view of %s %s: %w", m.Job, m.Period, err)
	}
	return nil
}

// catchUp advances only where a run died after its commit and before its
// current view was complete: one read where there is nothing to do.
func (p *Pipeline) catchUp(ctx context.Context, m publish.Manifest) error {
	file, err := publications(m)
	if err != nil {
		return err
	}
	body, _, err := blob.ReadAll(ctx, p.stores.Out, "current/"+file.Path, publicationsLimit)
	if err == nil && bytes.Equal(body, file.Body) {
		return nil
	}
	if err != nil && !errors.Is(err, blob.ErrNotFound) {
		return err
	}
	return p.advance(ctx, m)
}

// publications is the partition that says which run published what.
func publications(m publish.Manifest) (publish.CurrentFile, error) {
	var rows []tables.Publication
	for _, o := range m.Objects {
		if o.Role != publish.RoleTable {
			continue
		}
		rows = append(rows, tables.Publication{
			Job: m.Job, Period: m.Period, Table: o.Table, Partition: o.Partition, SHA256: o.SHA256,
			Revision: m.Revision, Engine: m.Engine, AsOf: m.AsOf,
		})
	}
	body, err := tables.EncodePublications(rows)
	if err != nil {
		return publish.CurrentFile{}, fmt.Errorf("list publications of %s %s: %w", m.Job, m.Period, err)
	}
	return publish.CurrentFile{Path: fmt.Sprintf("tables/publications/job=%s/period=%s/part.parquet", m.Job, m.Period), Body: body}, nil
}
