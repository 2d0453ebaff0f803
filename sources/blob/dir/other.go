//go:build !linux && !darwin

// Package dir is a [blob.Store] in a folder. It needs link(2) and flock(2) and
// so does not work on this system.
package dir

import (
	"errors"

	"daybook/sources/blob"
)

// Options adjusts a store.
type Options struct {
	Create bool
	NoSync bool
}

// Store cannot be made on this system.
type Store struct{ blob.Store }

// New always fails on this system.
func New(root string, _ Options) (*Store, error) {
	err := errors.New("file stores need Linux or macOS; use an s3:// store here")
	return nil, blob.Fail("open", "", "file://"+root, err)
}
