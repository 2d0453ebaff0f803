package publish

import (
	"context"
	"fmt"
)

// DocumentBody returns one document out of the pack that holds it, by reading no
// more than its bytes; the line end is not part of it. Pack is the object that the
// manifest names by d.Pack.
func (p *Publisher) DocumentBody(ctx context.Context, pack Object, d Document) ([]byte, error) {
	fail := func(err error) ([]byte, error) { return nil, fmt.Errorf("read document %s: %w", d.Path, err) }
	if d.Offset < 0 || d.Length < 1 || d.Offset > pack.Size-d.Length {
		return fail(fmt.Errorf("%w: bytes %d+%d are outside of its pack of %d bytes", ErrDamaged, d.Offset, d.Length, pack.Size))
	}
	standing, err := p.store.Stat(ctx, pack.Key)
	if err != nil {
		return fail(err)
	}
	body := make([]byte, d.Length)
	if err := p.store.ReadAt(ctx, standing, body, d.Offset); err != nil {
		return fail(err)
	}
	if standing.Size != pack.Size || digest(body) != d.SHA256 {
		return fail(fmt.Errorf("%w: its sha256 in %s is not %s", ErrDamaged, pack.Key, d.SHA256))
	}
	return body[:d.Length-1], nil
}
