package publish

import (
	"context"
	"fmt"

	"daybook/sources/blob"
)

// Pack finds the version of a pack of documents, for [Publisher.DocumentBody].
func (p *Publisher) Pack(ctx context.Context, pack Object) (blob.Object, error) {
	o, err := p.store.Stat(ctx, pack.Key)
	if err == nil && o.Size != pack.Size {
		err = fmt.Errorf("%w: %s has %d bytes, not %d", ErrDamaged, pack.Key, o.Size, pack.Size)
	}
	return o, err
}

// DocumentBody returns one document out of the pack that holds it, by reading no
// more than its bytes, which are checked; the line end is not part of it.
func (p *Publisher) DocumentBody(ctx context.Context, pack blob.Object, d Document) ([]byte, error) {
	fail := func(err error) ([]byte, error) { return nil, fmt.Errorf("read document %s: %w", d.Path, err) }
	if d.Offset < 0 || d.Length < 1 || d.Offset > pack.Size-d.Length {
		return fail(fmt.Errorf("%w: bytes %d+%d are outside of its pack of %d bytes", ErrDamaged, d.Offset, d.Length, pack.Size))
	}
	body := make([]byte, d.Length)
	if err := p.store.ReadAt(ctx, pack, body, d.Offset); err != nil {
		return fail(err)
	}
	if digest(body) != d.SHA256 {
		return fail(fmt.Errorf("%w: its sha256 in %s is not %s", ErrDamaged, pack.Key, d.SHA256))
	}
	return body[:d.Length-1], nil
}
