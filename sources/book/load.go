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
	var files []File
	for o, err := range store.List(ctx, prefix, "") {
		if err != nil {
			return nil, fmt.Errorf("list price book: %w", err)
		}
		if !isYAML(o.Key) {
			continue
		}
		if len(files) == maxFiles {
			return nil, fmt.Errorf("load price book: more than %d .yaml files below %q in %s; is this the book's own folder?", maxFiles, prefix, store.URL())
		}
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

func loadFile(ctx context.Context, store blob.Store, key string) (File, error) {
	content, _, err := blob.ReadAll(ctx, store, key, maxFileBytes)
	if err != nil {
		return File{}, fmt.Errorf("load price book: %w", err)
	}
	return File{Name: key, Content: content}, nil
}

func isYAML(key string) bool {
	return strings.HasSuffix(key, ".yaml") || strings.HasSuffix(key, ".yml")
}
