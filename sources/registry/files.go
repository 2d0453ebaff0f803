package registry

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"daybook/sources/blob"
)

// kinds lists the kinds in the order in which they are read.
func kinds() []Kind {
	return []Kind{Accounts, Subscriptions, Resources, Credits, Payments, Adjustments, Taxes, Levels}
}

// KindOf tells what a file holds by its name: `accounts.csv`, or anything below
// a folder `accounts/`; false for files that are none of the registry's.
func KindOf(name string) (Kind, bool) {
	named := func(word string) (Kind, bool) {
		i := slices.Index(kinds(), Kind(word))
		if i < 0 {
			return "", false
		}
		return kinds()[i], true
	}
	if hidden(name) {
		return "", false
	}
	stem, _, _ := strings.Cut(path.Base(name), ".")
	if k, ok := named(stem); ok {
		return k, true
	}
	folders := strings.Split(path.Dir(name), "/")
	for _, folder := range slices.Backward(folders) {
		if k, ok := named(folder); ok {
			return k, true
		}
	}
	return "", false
}

// hidden reports files that tools write beside their data: _SUCCESS, .crc.
func hidden(name string) bool {
	base := path.Base(name)
	return strings.HasPrefix(base, "_") || strings.HasPrefix(base, ".")
}

// Fetch reads the bytes of all registry files below prefix, in order of keys. An
// account file and a subscription file must be there; the others may be missing.
func Fetch(ctx context.Context, store blob.Store, prefix string, l Limits) ([]File, error) {
	l = l.withDefaults()
	if prefix != "" && !strings.HasSuffix(prefix, "/") {
		prefix += "/"
	}
	objects, err := List(ctx, store, prefix)
	if err != nil {
		return nil, err
	}
	var files []File
	for _, o := range objects {
		kind, _ := KindOf(strings.TrimPrefix(o.Key, prefix))
		content, version, err := blob.ReadAll(ctx, store, o.Key, l.FileBytes)
		if err != nil {
			return nil, fmt.Errorf("read registry: %w", err)
		}
		files = append(files, File{Name: o.Key, Kind: kind, Content: content, Version: version})
	}
	if err := complete(files); err != nil {
		return nil, fmt.Errorf("%w, below %q in %s", err, prefix, store.URL())
	}
	return files, nil
}

// List returns the files of a registry below a folder, in order of keys: what
// Fetch reads.
func List(ctx context.Context, store blob.Store, prefix string) ([]blob.Object, error) {
	var out []blob.Object
	for o, err := range store.List(ctx, prefix, "") {
		if err != nil {
			return nil, fmt.Errorf("list registry: %w", err)
		}
		if _, ok := KindOf(strings.TrimPrefix(o.Key, prefix)); ok {
			out = append(out, o)
		}
	}
	return out, nil
}

// complete checks that no kind is missing that every bill needs.
func complete(files []File) error {
	for _, kind := range []Kind{Accounts, Subscriptions} {
		if !slices.ContainsFunc(files, func(f File) bool { return f.Kind == kind }) {
			return fmt.Errorf("read registry: no %s: looked for %[1]s.ndjson, .jsonl, .csv (also .gz), .parquet, and files in a folder %[1]s/", kind)
		}
	}
	return nil
}

// readFile reads one file's rows in the format that its name says.
func readFile(f File, l Limits, t rows) error {
	if int64(len(f.Content)) > l.FileBytes {
		return tooLarge(l)
	}
	name, zipped := strings.CutSuffix(f.Name, ".gz")
	var read func(string, rows) error
	switch path.Ext(name) {
	case ".ndjson", ".jsonl":
		read = readNDJSON
	case ".csv":
		read = readCSV
	case ".parquet":
		if !zipped {
			return readParquet(f, t)
		}
	}
	if read == nil {
		return &fatal{"is in no format that is read here", "export it as .ndjson, .jsonl, .csv (also .gz) or .parquet"}
	}
	if !zipped {
		return read(string(f.Content), t)
	}
	text, err := unfold(f.Content, l)
	if err != nil {
		return err
	}
	return read(text, t)
}

// unfold is what a gzip file holds.
func unfold(content []byte, l Limits) (string, error) {
	unzipped, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return "", &fatal{"is not a gzip file", "compress it with gzip, or take .gz off its name"}
	}
	var text strings.Builder
	_, err = io.Copy(&text, &bounded{r: unzipped, stored: int64(len(content)), limits: l})
	if errors.Is(err, gzip.ErrChecksum) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, gzip.ErrHeader) {
		return "", &fatal{"is a damaged gzip file", "export it again"}
	}
	return text.String(), err
}

func tooLarge(l Limits) error {
	return &fatal{fmt.Sprintf("has more than %d bytes", l.FileBytes), "split it into several files of a folder"}
}

// gzipGrace is what any gzip file may unfold to, whatever its ratio.
const gzipGrace = 16 << 20

// bounded stops a compressed file that unfolds to more than it may.
type bounded struct {
	r      io.Reader
	read   int64
	stored int64
	limits Limits
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.read += int64(n)
	switch {
	case b.read > b.limits.FileBytes:
		return 0, tooLarge(b.limits)
	case b.read > gzipGrace && b.read/b.limits.GzipRatio > b.stored:
		return 0, &fatal{fmt.Sprintf("unfolds to more than %d times its size", b.limits.GzipRatio), "store it without compression"}
	}
	return n, err
}
