package dir_test

import (
	"testing"

	"daybook/sources/blob"
	"daybook/sources/blob/blobtest"
	"daybook/sources/blob/dir"
)

func TestConformance(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blob.Store { return open(t, t.TempDir(), dir.Options{}) })
}

func open(t *testing.T, root string, opts dir.Options) *dir.Store {
	t.Helper()
	s, err := dir.New(root, opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
