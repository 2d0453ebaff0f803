package blob

import (
	"errors"
	"fmt"
)

// The reasons a store operation fails for. Test with errors.Is.
var (
	// ErrNotFound means no object stands under the key.
	ErrNotFound = errors.New("object not found")
	// ErrExists means a put-if-absent lost: an object already stands there.
	ErrExists = errors.New("object already exists")
	// ErrChanged means another version than the named one stands there.
	ErrChanged = errors.New("object changed")
	// ErrDenied means the store refused these credentials (HTTP 401 or 403, or
	// the file system's permissions).
	ErrDenied = errors.New("access denied")
	// ErrNoBucket means the bucket or root folder does not exist.
	ErrNoBucket = errors.New("bucket or root folder not found")
	// ErrTransient means the same call may succeed later (5xx, 429, 409,
	// timeouts, broken connections). After a Put the result is unknown.
	ErrTransient = errors.New("store temporarily unavailable")
	// ErrFull means the store has no room left. Nothing was written.
	ErrFull = errors.New("no space left")
	// ErrTooLarge means an object is larger than the caller's limit.
	ErrTooLarge = errors.New("object too large")
	// ErrBadKey means a key breaks the rules of [ValidKey].
	ErrBadKey = errors.New("invalid key")
	// ErrBadCond means a [Cond] that can never hold.
	ErrBadCond = errors.New("put condition asks for both absence and a version")
	// ErrUnsafe means the store ignores or breaks put conditions, so two
	// writers could overwrite each other. See [Probe].
	ErrUnsafe = errors.New("store does not keep put conditions")
)

// Error says which operation failed on which object of which store, and what
// to do next. Err wraps one of this package's sentinels where one applies.
type Error struct {
	Op  string // "stat", "read", "list", "put", "delete", "open", "probe"
	Key string // the key or list prefix; may be empty
	URL string // the store's URL, never a secret
	Err error
}

// Error renders "op key in url: cause; what to do".
func (e *Error) Error() string {
	where := e.URL
	if e.Key != "" {
		where = fmt.Sprintf("%q in %s", e.Key, e.URL)
	}
	msg := fmt.Sprintf("%s %s: %v", e.Op, where, e.Err)
	if r := remedy(e.Err); r != "" {
		msg += "; " + r
	}
	return msg
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Fail wraps err with the operation, key and store it happened in. It returns
// nil for a nil err and leaves an err that already is an *[Error] as it is, so
// that decorators do not stack prefixes.
func Fail(op, key, url string, err error) error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return err
	}
	return &Error{Op: op, Key: key, URL: url, Err: err}
}

// remedy says what a person can do about err; empty when the caller's own
// logic is expected to handle it.
func remedy(err error) string {
	switch {
	case errors.Is(err, ErrDenied):
		return "check the credentials and that they may get, put, list and delete here"
	case errors.Is(err, ErrNoBucket):
		return "create it first, or correct the store's address"
	case errors.Is(err, ErrTransient):
		return "try again; if it persists, check the network and the store's health"
	case errors.Is(err, ErrFull):
		return "free space in the store and run again; nothing was written"
	case errors.Is(err, ErrTooLarge):
		return "this is not the kind of object expected here"
	case errors.Is(err, ErrUnsafe):
		return "use a store with conditional writes (If-None-Match and If-Match)"
	default:
		return ""
	}
}
