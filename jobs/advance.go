package jobs

import (
	"context"
	"fmt"

	"daybook/sinks/publish"
	"daybook/sinks/tables"
)

// advance moves the current view to a published revision, with the partition of
// the table publications that says so.
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
	done, err := p.publisher.Advanced(ctx, m)
	if err != nil || done {
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
