package blob

import (
	"bytes"
	"context"
	"errors"
	"fmt"
)

// Probe checks by trying that s keeps the conditions the commit protocol stands
// on (docs/commit-protocol.md, "A run", step 2): of two put-if-absent the second
// is refused; a put on the current version is accepted; a put or a read on a
// stale version is refused; and a put on a deleted one does not bring it back.
//
// It returns an error wrapping [ErrUnsafe] that names what the store did wrong,
// or the store's own error when it could not be asked. Key must belong to this
// one call alone, since a second writer on it would look like a careless store.
// Probe deletes what it wrote, also when the store fails the check.
func Probe(ctx context.Context, s Store, key string) (err error) {
	p := &probe{ctx: ctx, store: s, key: key}
	first, err := s.Put(ctx, key, probeFirst, Cond{IfAbsent: true})
	if err != nil {
		return Fail("probe", key, s.URL(), fmt.Errorf("put into a free key: %w", err))
	}
	defer func() {
		if e := s.Delete(ctx, key); e != nil && err == nil {
			err = Fail("probe", key, s.URL(), fmt.Errorf("delete probe object: %w", e))
		}
	}()
	for _, step := range []func(Object) error{p.absence, p.match, p.revival} {
		if err := step(first); err != nil {
			return &Error{Op: "probe", Key: key, URL: s.URL(), Err: err}
		}
	}
	return nil
}

// The bodies a probe writes differ in bytes but not in size, because a careless
// store may compare sizes only.
var (
	probeFirst  = []byte("daybook probe 1\n")
	probeSecond = []byte("daybook probe 2\n")
	probeThird  = []byte("daybook probe 3\n")
)

type probe struct {
	ctx   context.Context
	store Store
	key   string
}

// absence asks for a second put-if-absent and for what it left standing.
func (p *probe) absence(Object) error {
	_, err := p.store.Put(p.ctx, p.key, probeSecond, Cond{IfAbsent: true})
	if err := refused(err, ErrExists, "a second put-if-absent"); err != nil {
		return err
	}
	return p.holds(probeFirst, "a refused put-if-absent")
}

// match moves the object to a second version and then asks with the first.
func (p *probe) match(first Object) error {
	second, err := p.store.Put(p.ctx, p.key, probeSecond, Cond{IfMatch: first.ETag})
	switch {
	case errors.Is(err, ErrChanged):
		return fmt.Errorf("%w: it refused a put that named the current version", ErrUnsafe)
	case err != nil:
		return fmt.Errorf("put on the current version: %w", err)
	case second.ETag == first.ETag:
		return fmt.Errorf("%w: it gave two different versions one etag", ErrUnsafe)
	}
	_, err = p.store.Put(p.ctx, p.key, probeThird, Cond{IfMatch: first.ETag})
	if err := refused(err, ErrChanged, "a put that named a stale version"); err != nil {
		return err
	}
	if err := p.holds(probeSecond, "a refused put on a stale version"); err != nil {
		return err
	}
	err = p.store.ReadAt(p.ctx, first, make([]byte, first.Size), 0)
	return refused(err, ErrChanged, "a read that named a stale version")
}

// revival deletes the object and asks with its last version.
func (p *probe) revival(Object) error {
	last, err := p.store.Stat(p.ctx, p.key)
	if err != nil {
		return fmt.Errorf("stat probe object: %w", err)
	}
	if err := p.store.Delete(p.ctx, p.key); err != nil {
		return fmt.Errorf("delete probe object: %w", err)
	}
	_, err = p.store.Put(p.ctx, p.key, probeThird, Cond{IfMatch: last.ETag})
	return refused(err, ErrChanged, "a put that named a deleted version")
}

// holds checks that exactly want stands under the probe key after what.
func (p *probe) holds(want []byte, what string) error {
	got, _, err := ReadAll(p.ctx, p.store, p.key, int64(len(want)))
	switch {
	case errors.Is(err, ErrNotFound), errors.Is(err, ErrTooLarge), err == nil && !bytes.Equal(got, want):
		return fmt.Errorf("%w: %s changed the object all the same", ErrUnsafe, what)
	case err != nil:
		return fmt.Errorf("read probe object: %w", err)
	}
	return nil
}

// refused turns the answer to a call that had to fail with want into the
// probe's verdict.
func refused(err, want error, what string) error {
	switch {
	case err == nil:
		return fmt.Errorf("%w: it accepted %s", ErrUnsafe, what)
	case errors.Is(err, want):
		return nil
	default:
		return fmt.Errorf("%s: %w", what, err)
	}
}
