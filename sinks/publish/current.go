package publish

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"daybook/sources/blob"
)

// currentFile is one file of the current view as it should be, and what stood
// there when it was asked.
type currentFile struct {
	key            string
	offset, length int64 // of its source's bytes
	sum            string

	standing blob.Object
	there    bool
}

// cond is the condition that nothing has happened since standing was read.
func (f currentFile) cond() blob.Cond {
	if f.there {
		return blob.Cond{IfMatch: f.standing.ETag}
	}
	return blob.Cond{IfAbsent: true}
}

// source is an object, or bytes in memory, that files are made of.
type source struct {
	object Object
	body   []byte // nil: read object
	files  []currentFile
}

// sourcesOf lists the files that the tables and documents of m make.
func (p *Publisher) sourcesOf(ctx context.Context, m Manifest) ([]source, error) {
	var sources []source
	for _, o := range m.Objects {
		if o.Role == RoleTable {
			f := currentFile{key: partKey(o.Table, o.Partition), length: o.Size, sum: o.SHA256}
			sources = append(sources, source{object: o, files: []currentFile{f}})
		}
	}
	packs := map[string]int{} // place in sources, by digest
	for _, o := range m.Objects {
		if o.Role == RoleDocuments {
			packs[o.SHA256] = len(sources)
			sources = append(sources, source{object: o})
		}
	}
	for _, o := range m.Objects {
		if o.Role != RoleIndex {
			continue
		}
		documents, err := p.Documents(ctx, o)
		if err != nil {
			return nil, err
		}
		for _, d := range documents {
			at, ok := packs[d.Pack]
			if !ok {
				return nil, fmt.Errorf("document %s: %w: the manifest does not name its pack", d.Path, ErrDamaged)
			}
			f := currentFile{key: documentsPrefix + d.Path, offset: d.Offset, length: d.Length, sum: d.SHA256}
			sources[at].files = append(sources[at].files, f)
		}
	}
	return sources, nil
}

// Documents returns the lines of an index object.
func (p *Publisher) Documents(ctx context.Context, index Object) ([]Document, error) {
	body, err := p.ReadObject(ctx, index)
	if err != nil {
		return nil, err
	}
	var documents []Document
	for dec := json.NewDecoder(bytes.NewReader(body)); dec.More(); {
		var d Document
		if err := dec.Decode(&d); err != nil {
			return nil, fmt.Errorf("read index %s: %w", index.Key, err)
		}
		documents = append(documents, d)
	}
	return documents, nil
}

// extraSource makes the extra files one source.
func extraSource(extra []CurrentFile) source {
	s := source{body: []byte{}}
	for _, f := range extra {
		s.files = append(s.files, currentFile{
			key: currentPrefix + f.Path, offset: int64(len(s.body)), length: int64(len(f.Body)), sum: digest(f.Body),
		})
		s.body = append(s.body, f.Body...)
	}
	return s
}

// stand asks what stands under every file's key.
func (p *Publisher) stand(ctx context.Context, sources []source) error {
	var files []*currentFile
	for i := range sources {
		for j := range sources[i].files {
			files = append(files, &sources[i].files[j])
		}
	}
	return each(ctx, len(files), func(i int) error {
		f := files[i]
		o, err := p.store.Stat(ctx, f.key)
		if err != nil && !absent(err) {
			return err
		}
		f.standing, f.there = o, err == nil
		return nil
	})
}

// fileState is what comparing a file told.
type fileState int

const (
	equal fileState = iota
	differs
	moved // another version stands there now
)

// compare reads the version that stood under a file's key, if its size leaves
// the question open.
func (p *Publisher) compare(ctx context.Context, f currentFile) (fileState, error) {
	if !f.there || f.standing.Size != f.length {
		return differs, nil
	}
	body, err := blob.Read(ctx, p.store, f.standing)
	switch {
	case errors.Is(err, blob.ErrChanged), absent(err):
		return moved, nil
	case err != nil:
		return equal, err
	case digest(body) == f.sum:
		return equal, nil
	}
	return differs, nil
}

func tablesOf(m Manifest) []string {
	var tables []string
	for _, o := range m.Objects {
		if o.Role == RoleTable {
			tables = append(tables, o.Table)
		}
	}
	slices.SortFunc(tables, cmp.Compare)
	return slices.Compact(tables)
}
