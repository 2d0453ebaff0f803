package publish

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"daybook/sources/blob"
)

// advanceTries bounds how often one Advance starts again because another runner
// moved the same files. Each time the other one has made progress.
const advanceTries = 64

var errContended = errors.New("other runners keep moving these files; run again when they are done")

// CurrentFile is a small file of the current view that a run makes beside its
// objects, such as a page. Path is relative to current/. As no manifest names its
// bytes, only the revision's own runner can write it: should the runner of an
// older revision stall between its last look and its put, and a later revision
// have found its own bytes standing, the older file stays until the next Advance.
type CurrentFile struct {
	Path string
	Body []byte
}

// Advance moves the current view of m's job and period forward, to the latest
// published revision, which may be a later one than m: tables as part.parquet and
// _manifest.json, documents as single files (docs/commit-protocol.md,
// "current/"). Extra files are written only while m itself is the latest. It may
// be called again at any time, and writes only what differs.
//
// Files are never deleted. A partition without rows is a table of 0 rows, and a
// document that a later revision lacks stays as it is.
func (p *Publisher) Advance(ctx context.Context, m Manifest, extra ...CurrentFile) error {
	fail := func(err error) error {
		return fmt.Errorf("advance current view of %s %s: %w", m.Job, m.Period, err)
	}
	for _, f := range extra {
		if err := blob.ValidKey(currentPrefix + f.Path); err != nil {
			return fail(fmt.Errorf("%q: %w", f.Path, err))
		}
	}
	revisions := &latest{publisher: p, job: m.Job, period: m.Period}
	last, err := p.forward(ctx, m, revisions)
	if err != nil {
		return fail(err)
	}
	if last.Revision == m.Revision {
		if err := p.moveExtra(ctx, m, revisions, extra); err != nil {
			return fail(err)
		}
	}
	for _, table := range tablesOf(last) {
		if err := p.swapTable(ctx, table, revisions); err != nil {
			return fail(err)
		}
	}
	return nil
}

// Advanced reports whether the current view stands at m or beyond it as far as
// one cheap look tells: Advance swaps the table manifests last, so the last one
// naming m's objects means that all before it was done. A caller that finds a
// period up to date asks this, in case an earlier run died between its commit and
// the end of its Advance. It is false for a revision without tables.
func (p *Publisher) Advanced(ctx context.Context, m Manifest) (bool, error) {
	tables := tablesOf(m)
	if len(tables) == 0 {
		return false, nil
	}
	t, err := p.Table(ctx, tables[len(tables)-1])
	if absent(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("check current view of %s %s: %w", m.Job, m.Period, err)
	}
	return slices.Equal(t.with(m).Objects, t.Objects), nil
}

// forward is the loop that needs no stored revision: what stands is stated
// first, the latest revision listed after it, and each file replaced only while
// the stated version still stands. So an older revision's runner, however late,
// sees the newer revision in its listing or loses to its file.
//
// The listing after the puts is for results that return to earlier bytes. The
// runner of the third revision may have found its bytes standing, left over from
// the first, and written nothing; then nothing stopped us from putting the
// second's over them.
func (p *Publisher) forward(ctx context.Context, m Manifest, revisions *latest) (Manifest, error) {
	want := m
	if m.Verdict != Published {
		var err error
		if want, err = revisions.look(ctx); err != nil {
			return Manifest{}, err
		}
	}
	for range advanceTries {
		sources, err := p.sourcesOf(ctx, want)
		if err != nil {
			return Manifest{}, err
		}
		if err := p.stand(ctx, sources); err != nil {
			return Manifest{}, err
		}
		latest, err := revisions.look(ctx)
		if err != nil {
			return Manifest{}, err
		}
		if latest.Revision == want.Revision {
			wrote, raced, err := p.move(ctx, sources)
			if err != nil {
				return Manifest{}, err
			}
			if raced {
				continue
			}
			if wrote {
				if latest, err = revisions.look(ctx); err != nil {
					return Manifest{}, err
				}
			}
			if latest.Revision == want.Revision {
				return want, nil
			}
		}
		want = latest
	}
	return Manifest{}, errContended
}

// moveExtra writes the extra files of m while it is the latest revision.
func (p *Publisher) moveExtra(ctx context.Context, m Manifest, revisions *latest, extra []CurrentFile) error {
	if len(extra) == 0 {
		return nil
	}
	for range advanceTries {
		sources := []source{extraSource(extra)}
		if err := p.stand(ctx, sources); err != nil {
			return err
		}
		latest, err := revisions.look(ctx)
		if err != nil || latest.Revision != m.Revision {
			return err
		}
		if _, raced, err := p.move(ctx, sources); err != nil || !raced {
			return err
		}
	}
	return errContended
}

// move makes every file that differs. raced says that another runner replaced
// one of them in the meantime.
func (p *Publisher) move(ctx context.Context, sources []source) (wrote, raced bool, err error) {
	for _, s := range sources {
		w, r, err := p.moveSource(ctx, s)
		if err != nil {
			return wrote, raced, err
		}
		wrote, raced = wrote || w, raced || r
	}
	return wrote, raced, nil
}

// moveSource makes the files of one object, which is read only if one differs.
func (p *Publisher) moveSource(ctx context.Context, s source) (wrote, raced bool, err error) {
	states := make([]fileState, len(s.files))
	err = each(ctx, len(s.files), func(i int) error {
		var err error
		states[i], err = p.compare(ctx, s.files[i])
		return err
	})
	if err != nil {
		return false, false, err
	}
	var todo []currentFile
	for i, state := range states {
		switch state {
		case differs:
			todo = append(todo, s.files[i])
		case moved:
			raced = true
		}
	}
	if len(todo) == 0 {
		return false, raced, nil
	}
	body := s.body
	if body == nil {
		if body, err = p.ReadObject(ctx, s.object); err != nil {
			return false, raced, err
		}
	}
	lost := make([]bool, len(todo))
	err = each(ctx, len(todo), func(i int) error {
		var err error
		lost[i], err = p.replace(ctx, todo[i], body)
		return err
	})
	for _, l := range lost {
		raced = raced || l
	}
	return true, raced, err
}

// replace puts one file under the condition that what was stated still stands.
func (p *Publisher) replace(ctx context.Context, f currentFile, source []byte) (lost bool, err error) {
	body, err := line(source, f.offset, f.length)
	if err != nil {
		return false, fmt.Errorf("%s: %w", f.key, err)
	}
	if digest(body) != f.sum {
		return false, fmt.Errorf("%s: %w: its index gives another sha256", f.key, ErrDamaged)
	}
	_, err = p.put(ctx, f.key, body, f.cond())
	if errors.Is(err, blob.ErrExists) || errors.Is(err, blob.ErrChanged) {
		return true, nil
	}
	return false, err
}
