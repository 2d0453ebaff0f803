package publish

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"daybook/sources/blob"
)

// TableManifest is current/tables/<table>/_manifest.json: the immutable objects
// that make the table up. Its one put is the swap from one consistent state of
// the table to the next, for readers that want all partitions of one moment.
type TableManifest struct {
	Format  int              `json:"format"`
	Table   string           `json:"table"`
	Objects []TablePartition `json:"objects"` // by partition
}

// TablePartition is one partition of a table and the object under data/ that
// holds it.
type TablePartition struct {
	Partition string `json:"partition"`
	Key       string `json:"key"`
	SHA256    string `json:"sha256"`
	Size      int64  `json:"size"`
	Rows      int64  `json:"rows"`
}

// Table returns what current/tables/<table>/_manifest.json says. It returns
// [blob.ErrNotFound] for a table that nothing has been published to.
func (p *Publisher) Table(ctx context.Context, table string) (TableManifest, error) {
	body, _, err := p.tableBody(ctx, table)
	if err != nil {
		return TableManifest{}, err
	}
	return parseTable(body, table)
}

func (p *Publisher) tableBody(ctx context.Context, table string) ([]byte, blob.Object, error) {
	body, o, err := blob.ReadAll(ctx, p.store, tableManifestKey(table), fileLimit)
	if err != nil {
		return nil, blob.Object{}, fmt.Errorf("read table manifest: %w", err)
	}
	return body, o, nil
}

func parseTable(body []byte, table string) (TableManifest, error) {
	key := tableManifestKey(table)
	var t TableManifest
	if err := decodeChecked(body, &t); err != nil {
		return TableManifest{}, fmt.Errorf("read table manifest %s: %w", key, err)
	}
	if t.Format != format || t.Table != table {
		return TableManifest{}, fmt.Errorf("read table manifest %s: it is of table %q in format %d", key, t.Table, t.Format)
	}
	return t, nil
}

// swapTable makes the table's manifest name the partitions of the latest revision
// of a job and period, in a loop like that of Advance: what stands is
// read first, the latest revision listed after it.
func (p *Publisher) swapTable(ctx context.Context, table string, revisions *latest) error {
	var now TableManifest
	var written []byte // now, once it was put
	for range advanceTries {
		body, standing, err := p.tableBody(ctx, table)
		if err != nil && !absent(err) {
			return err
		}
		had, cond := now, blob.Cond{IfMatch: standing.ETag}
		switch {
		case absent(err):
			had, cond = TableManifest{Format: format, Table: table}, blob.Cond{IfAbsent: true}
		case !bytes.Equal(body, written):
			if had, err = parseTable(body, table); err != nil {
				return err
			}
		}
		latest, err := revisions.look(ctx)
		if err != nil {
			return err
		}
		now = had.with(latest)
		if cond.IfMatch != "" && slices.Equal(now.Objects, had.Objects) {
			return nil
		}
		if written, err = encodeChecked(now); err != nil {
			return err
		}
		_, err = p.put(ctx, tableManifestKey(table), written, cond)
		switch {
		case err == nil, errors.Is(err, blob.ErrExists), errors.Is(err, blob.ErrChanged):
			// Done only when a listing after the put agrees.
		default:
			return err
		}
	}
	return errContended
}

// with replaces the partitions of one job and period by those of m.
func (t TableManifest) with(m Manifest) TableManifest {
	now := []TablePartition{}
	replaced := map[string]bool{}
	for _, o := range m.Objects {
		if o.Role == RoleTable && o.Table == t.Table {
			now = append(now, TablePartition{Partition: o.Partition, Key: o.Key, SHA256: o.SHA256, Size: o.Size, Rows: o.Rows})
			replaced[o.Partition] = true
		}
	}
	prefix := dataPrefix(m.Job, m.Period)
	for _, p := range t.Objects {
		if !replaced[p.Partition] && !strings.HasPrefix(p.Key, prefix) {
			now = append(now, p)
		}
	}
	slices.SortFunc(now, func(a, b TablePartition) int { return cmp.Compare(a.Partition, b.Partition) })
	t.Objects = now
	return t
}
