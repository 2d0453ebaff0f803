package blob

import (
	"context"
	"iter"
)

// Object names one version of one stored object.
//
// Size is in bytes. ETag is the store's own token for this version: opaque and
// compared only for equality. Versions with different bytes never share one;
// versions with equal bytes may (S3 derives it from the content), so a writer
// that must tell two of its puts apart gives them different bytes.
//
// Checksum is filled in by [Store.Stat] alone, where the store keeps one of the
// whole object; it is not part of what names the version.
//
// Modified is when the store says that the version was written, in Unix
// microseconds, where Stat and List can tell; 0 is unknown. It is no part of what
// names the version either: nothing is computed from it, it only says whether a
// file is old enough to be whole.
type Object struct {
	Key      string
	Size     int64
	ETag     string
	Checksum Checksum
	Modified int64
}

// Cond is the condition a [Store.Put] is made under. The zero value writes
// unconditionally. Setting both fields is refused with [ErrBadCond], because no
// object can be absent and carry an ETag at once.
type Cond struct {
	// IfAbsent makes the put succeed only when no object stands under the key.
	IfAbsent bool
	// IfMatch, when not empty, makes the put succeed only when the object that
	// stands under the key has exactly this ETag.
	IfMatch string
}

// Check returns [ErrBadCond] when c can never hold.
func (c Cond) Check() error {
	if c.IfAbsent && c.IfMatch != "" {
		return ErrBadCond
	}
	return nil
}

// Store is the small set of object-store operations that the commit protocol
// (docs/commit-protocol.md) stands on.
//
// Every implementation promises: an object appears whole or not at all; a read
// after a successful write sees it; and of any number of concurrent conditional
// puts on one version, exactly one wins. Package blobtest checks this promise.
// All methods are safe for concurrent use, and a cancelled context starts no
// write. Errors are of type *[Error] and match the sentinels of this package
// under errors.Is.
//
// Put and Delete take only keys that pass [ValidKey]. Stat and ReadAt also take
// any key that List yields, since other people's buckets hold stranger names. No
// key may be the folder of another ("a" beside "a/b"): file systems cannot hold
// both.
type Store interface {
	// URL names the store for people ("file:///…", "s3://bucket/prefix",
	// "mem://name"). It never holds a secret.
	URL() string

	// Stat returns the version that stands under key now, or [ErrNotFound].
	Stat(ctx context.Context, key string) (Object, error)

	// ReadAt fills p with the bytes from offset off of exactly the version
	// o.ETag. It returns [ErrChanged] when another version stands there,
	// [ErrNotFound] when none does, and io.ErrUnexpectedEOF when the version
	// ends before p is full. An empty p only asks whether o still stands.
	ReadAt(ctx context.Context, o Object, p []byte, off int64) error

	// List yields the objects whose key begins with prefix and is greater than
	// after, in byte order of keys. The first error ends the sequence.
	List(ctx context.Context, prefix, after string) iter.Seq2[Object, error]

	// Put writes body under key as a new version when c holds. It returns
	// [ErrExists] when c.IfAbsent lost, [ErrChanged] when c.IfMatch lost (also
	// when the object is gone). After [ErrTransient] or a context cancelled on
	// the way it is unknown whether the write happened. The store does not keep
	// body.
	Put(ctx context.Context, key string, body []byte, c Cond) (Object, error)

	// Delete removes the object under key. An absent object is success.
	Delete(ctx context.Context, key string) error
}
