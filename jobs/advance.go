package jobs

import (
	"context"
	"errors"
	"fmt"

	"daybook/sinks/publish"
	"daybook/sinks/tables"
	"daybook/sources/blob"
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
// current view was complete: one read where there is nothing to do. It signs what
// such a run, or one without the key, left unsigned.
func (p *Pipeline) catchUp(ctx context.Context, m publish.Manifest) error {
	if err := p.publisher.Sign(ctx, m); err != nil {
		return err
	}
	done, err := p.publisher.Advanced(ctx, m)
	if err != nil || done {
		return err
	}
	return p.advance(ctx, m)
}

// mendPublished compares every file of the current view with the revision that an
// unchanged one left standing, and writes what differs: whoever published it may
// have died before its view was complete, and since then somebody may have damaged
// or deleted a file, which no cheap look tells.
func (p *Pipeline) mendPublished(ctx context.Context, unchanged publish.Manifest) error {
	history, err := p.publisher.Decided(ctx, unchanged.Job, unchanged.Period)
	if err != nil || history.Published == nil {
		return err
	}
	return p.mend(ctx, *history.Published)
}

// mend is catchUp that does not trust the cheap look.
func (p *Pipeline) mend(ctx context.Context, m publish.Manifest) error {
	if err := p.publisher.Sign(ctx, m); err != nil {
		return err
	}
	return p.advance(ctx, m)
}

// currentTables remembers what the table manifests of the current view say, so
// that many periods are checked by one read a table.
type currentTables struct {
	p     *Pipeline
	named map[string]map[string]bool // table -> keys of the objects in it
}

// catchUp advances m unless every table names its objects. That a table names
// those of a later revision does no harm: advancing goes to the latest.
func (c *currentTables) catchUp(ctx context.Context, m publish.Manifest) error {
	if err := c.p.publisher.Sign(ctx, m); err != nil {
		return err
	}
	if c.named == nil {
		c.named = map[string]map[string]bool{}
	}
	for _, o := range m.Objects {
		if o.Role != publish.RoleTable {
			continue
		}
		named, err := c.keys(ctx, o.Table)
		if err != nil {
			return err
		}
		if !named[o.Key] {
			return c.p.advance(ctx, m)
		}
	}
	return nil
}

func (c *currentTables) keys(ctx context.Context, table string) (map[string]bool, error) {
	if keys, ok := c.named[table]; ok {
		return keys, nil
	}
	keys := map[string]bool{}
	t, err := c.p.publisher.Table(ctx, table)
	if err != nil && !errors.Is(err, blob.ErrNotFound) {
		return nil, fmt.Errorf("read the current view: %w", err)
	}
	for _, o := range t.Objects {
		keys[o.Key] = true
	}
	c.named[table] = keys
	return keys, nil
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
