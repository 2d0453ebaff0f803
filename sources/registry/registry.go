package registry

import (
	"context"

	"daybook/pricing"
	"daybook/sources/blob"
)

// Kind is what a file's rows are.
type Kind string

// The kinds that are read.
const (
	Accounts      Kind = "accounts"
	Subscriptions Kind = "subscriptions"
	Resources     Kind = "resources"
)

// Limits bounds what is read; zero fields take the defaults.
type Limits struct {
	FileBytes int64 // of one file, after decompression; default 1 GiB
	Rows      int64 // of all files of one kind; default 10 million
	GzipRatio int64 // decompressed bytes for each compressed byte; default 200
}

// File is one registry file, as stored.
type File struct {
	Name    string // its key; says the format, and the kind when Kind is ""
	Kind    Kind   // "" : by the name
	Content []byte // as stored, .gz still compressed
}

// Source is a file that a snapshot was read from.
type Source struct {
	Key    string
	SHA256 string // lower-case hex of the stored bytes
	Size   int64  // bytes as stored
	Kind   Kind
	Rows   int64
}

// Snapshot is a registry as read: rows sorted by id, files by key.
type Snapshot struct {
	Accounts      []pricing.Account
	Subscriptions []pricing.Subscription
	Resources     []pricing.Resource
	Files         []Source
}

// Fetch reads the bytes of all registry files below prefix, in order of keys.
func Fetch(ctx context.Context, store blob.Store, prefix string, l Limits) ([]File, error) {
	return nil, nil
}

// Parse reads a whole registry from its files: what Fetch gave, or copies of it.
func Parse(files []File, l Limits) (*Snapshot, error) { return nil, nil }

// Load is Fetch and Parse.
func Load(ctx context.Context, store blob.Store, prefix string, l Limits) (*Snapshot, error) {
	files, err := Fetch(ctx, store, prefix, l)
	if err != nil {
		return nil, err
	}
	return Parse(files, l)
}
