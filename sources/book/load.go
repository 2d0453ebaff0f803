package book

import (
	"context"
	"fmt"
	"strings"

	"daybook/sources/blob"
)

// Load reads the files of a book from a store: the one file that prefix names
// when it ends in .yaml or .yml, else every such file below the folder prefix, in
// order of keys. A file has at most 4 MiB, a book at most 64 files.
func Load(ctx context.Context, store blob.Store, prefix string) ([]File, error) {
	if isYAML(prefix) {
		f, err := loadFile(ctx, store, prefix)
		if err != nil {
			return nil, err
		}
		return []File{f}, nil
	}
	if prefix != "" && !strings.HasSuffix(prefix, "/") {
		prefix += "/"
	}
	objects, err := List(ctx, store, prefix)
	if err != nil {
		return nil, err
	}
	var files []File
	for _, o := range objects {
		f, err := loadFile(ctx, store, o.Key)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("load price book: no .yaml or .yml file below %q in %s; put the book there, or correct `book:` in the configuration", prefix, store.URL())
	}
	return files, nil
}

// List returns the files of a book below a folder, in order of keys: what Load reads.
func List(ctx context.Context, store blob.Store, prefix string) ([]blob.Object, error) {
	var out []blob.Object
	for o, err := range store.List(ctx, prefix, "") {
		if err != nil {
			return nil, fmt.Errorf("list price book: %w", err)
		}
		if !isYAML(o.Key) {
			continue
		}
		if len(out) == maxFiles {
			return nil, fmt.Errorf("load price book: more than %d .yaml files below %q in %s; is this the book's own folder?", maxFiles, prefix, store.URL())
		}
		out = append(out, o)
	}
	return out, nil
}

func loadFile(ctx context.Context, store blob.Store, key string) (File, error) {
	content, o, err := blob.ReadAll(ctx, store, key, maxFileBytes)
	if err != nil {
		return File{}, fmt.Errorf("load price book: %w", err)
	}
	return File{Name: key, Content: content, Version: o}, nil
}

func isYAML(key string) bool {
	return strings.HasSuffix(key, ".yaml") || strings.HasSuffix(key, ".yml")
}
