package jobs

import (
	"context"
	"errors"
	"fmt"

	"daybook/pricing"
	"daybook/sinks/publish"
	"daybook/sources/blob"
)

// checkCurrent holds the current view against the latest published revision, and
// the documents of closings against the revision that issued them.
func (c *runCheck) checkCurrent(ctx context.Context) error {
	if c.m == nil || !c.standing && !c.issued() {
		return nil
	}
	for _, o := range c.m.Objects {
		if o.Role != publish.RoleIndex {
			continue
		}
		for _, d := range decodeLines[publish.Document](c.bodies[o.Key]) {
			if c.v.later[d.Path] {
				continue
			}
			c.v.later[d.Path] = true
			if err := c.currentFile(ctx, publish.CurrentDocument(d.Path), d.SHA256, d.Length); err != nil {
				return err
			}
		}
	}
	if !c.standing {
		return nil
	}
	for _, o := range c.m.Objects {
		if o.Role != publish.RoleTable {
			continue
		}
		if err := c.currentFile(ctx, publish.CurrentTable(o.Table, o.Partition), o.SHA256, o.Size); err != nil {
			return err
		}
	}
	file, err := publications(*c.m)
	if err != nil {
		return err
	}
	if err := c.currentFile(ctx, "current/"+file.Path, digest(file.Body), int64(len(file.Body))); err != nil {
		return err
	}
	return c.checkTableManifests(ctx)
}

func (c *runCheck) currentFile(ctx context.Context, key, sum string, size int64) error {
	body, _, err := blob.ReadAll(ctx, c.p.stores.Out, key, size+1<<20)
	switch {
	case err == nil && digest(body) == sum:
		return nil
	case err == nil:
		c.fault(key, c.shows(), "sha256 "+sum, "sha256 "+digest(body))
		return nil
	case !told(err):
		return err
	}
	c.fault(key, c.shows(), "sha256 "+sum, found(err))
	return nil
}

// shows says what a file of the current view should show.
func (c *runCheck) shows() string {
	return fmt.Sprintf("the current view of %s %s r%06d, which `daybook run %s --recompute` writes again", c.files.Job, c.files.Period, c.files.Revision, commandOf(c.files.Job, c.files.Period))
}

// commandOf is what `daybook run` takes for a period: "daily --day 2026-10-05".
func commandOf(job, period string) string {
	if job == string(JobDocuments) {
		return job
	}
	if _, err := pricing.ParseMonth(period); err == nil {
		return job + " --period " + period
	}
	return job + " --day " + period
}

// checkTableManifests looks for the revision's objects in current/tables.
func (c *runCheck) checkTableManifests(ctx context.Context) error {
	for _, o := range c.m.Objects {
		if o.Role != publish.RoleTable {
			continue
		}
		named, err := c.v.tableManifest(ctx, o.Table)
		if err != nil {
			if !told(err) {
				return err
			}
			c.fault("current/tables/"+o.Table+"/_manifest.json", "", "the table's objects", found(err))
			continue
		}
		if named[o.Partition] != o.Key {
			c.fault("current/tables/"+o.Table+"/_manifest.json", "partition "+o.Partition, o.Key, orNothing(named[o.Partition]))
		}
	}
	return nil
}

// tableManifest returns the keys of a table's objects by partition, read once.
func (v *verifier) tableManifest(ctx context.Context, table string) (map[string]string, error) {
	if named, known := v.tables[table]; known {
		return named, nil
	}
	t, err := v.p.publisher.Table(ctx, table)
	if err != nil {
		return nil, err
	}
	named := map[string]string{}
	for _, o := range t.Objects {
		named[o.Partition] = o.Key
	}
	if v.tables == nil {
		v.tables = map[string]map[string]string{}
	}
	v.tables[table] = named
	return named, nil
}

// checkSignature checks who made the manifest, where keys were given.
func (c *runCheck) checkSignature(ctx context.Context) error {
	if len(c.v.o.Keys) == 0 || c.m == nil || c.m.Verdict == publish.Abandoned {
		return nil
	}
	err := c.p.publisher.CheckSignature(ctx, c.files.Job, c.files.Period, c.files.Revision, c.v.o.Keys)
	switch {
	case errors.Is(err, publish.ErrUnsigned), errors.Is(err, publish.ErrBadSignature):
		c.fault(publish.SignatureKey(c.files.Job, c.files.Period, c.files.Revision), "", "a signature by a key that was given", err.Error())
		return nil
	}
	return err
}
