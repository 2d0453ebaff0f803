package publish

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"daybook/sources/blob"
)

// KeepInput stores a copy of a small input file under inputs/<kind>/<sha256>, so
// that a plan can pin it by its digest. The Key of the result is the copy's;
// callers may pin it under the file's own name instead, [Publisher.ReadInput]
// does not use the name.
func (p *Publisher) KeepInput(ctx context.Context, kind string, content []byte) (Input, error) {
	sum := digest(content)
	key := inputKey(kind, sum)
	if err := p.putContent(ctx, key, content, sum); err != nil {
		return Input{}, fmt.Errorf("keep input: %w", err)
	}
	return Input{Kind: kind, Key: key, Size: int64(len(content)), SHA256: sum}, nil
}

// ReadInput returns the kept copy of an input, or [ErrDamaged].
func (p *Publisher) ReadInput(ctx context.Context, i Input) ([]byte, error) {
	body, err := p.readContent(ctx, inputKey(i.Kind, i.SHA256), i.SHA256, i.Size)
	if err != nil {
		return nil, fmt.Errorf("read input %s: %w", i.Key, err)
	}
	return body, nil
}

// ReadObject returns the bytes of an object that a manifest names, or
// [ErrDamaged] when they are not those.
func (p *Publisher) ReadObject(ctx context.Context, o Object) ([]byte, error) {
	body, err := p.readContent(ctx, o.Key, o.SHA256, o.Size)
	if err != nil {
		return nil, fmt.Errorf("read object: %w", err)
	}
	return body, nil
}

// EventBody returns the body of an event of m, byte for byte as it was made. The
// last pack stays in memory, at most 64 MiB.
func (p *Publisher) EventBody(ctx context.Context, m Manifest, e Event) ([]byte, error) {
	body, err := p.eventBody(ctx, m, e)
	if err != nil {
		return nil, fmt.Errorf("read event %s: %w", e.ID, err)
	}
	return body, nil
}

func (p *Publisher) eventBody(ctx context.Context, m Manifest, e Event) ([]byte, error) {
	for _, o := range m.Objects {
		if o.Key != e.Pack {
			continue
		}
		pack, err := p.readPack(ctx, o)
		if err != nil {
			return nil, err
		}
		body, err := line(pack, e.Offset, e.Length)
		return bytes.Clone(body), err // the pack is kept
	}
	return nil, fmt.Errorf("%w: the manifest does not name its pack %s", ErrDamaged, e.Pack)
}

// readPack returns a pack, from memory if it was the last one.
func (p *Publisher) readPack(ctx context.Context, o Object) ([]byte, error) {
	p.mu.Lock()
	kept := p.pack
	p.mu.Unlock()
	if kept.body != nil && kept.object == o {
		return kept.body, nil
	}
	body, err := p.ReadObject(ctx, o)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	p.pack = verifiedPack{o, body}
	p.mu.Unlock()
	return body, nil
}

// line returns length bytes of a pack, where they lie.
func line(pack []byte, offset, length int64) ([]byte, error) {
	size := int64(len(pack))
	if offset < 0 || length < 0 || offset > size || length > size-offset {
		return nil, fmt.Errorf("%w: bytes %d+%d are outside of its pack of %d bytes", ErrDamaged, offset, length, size)
	}
	return pack[offset : offset+length : offset+length], nil
}

// putContent stores body under a key that holds its sha256. An object that
// stands there already is success if it has these bytes: an earlier run, or an
// earlier try of this one whose answer was lost, has put it.
//
// One that stood there and is gone a moment later was an unnamed object of a
// revision that has been decided meanwhile, and garbage collection took it: the
// put is made again, and the commit will tell.
func (p *Publisher) putContent(ctx context.Context, key string, body []byte, sum string) error {
	var err error
	for range writeTries {
		_, err = p.put(ctx, key, body, blob.Cond{IfAbsent: true})
		if err == nil {
			return nil
		}
		if !errors.Is(err, blob.ErrExists) && !errors.Is(err, blob.ErrTransient) || ctx.Err() != nil {
			return err
		}
		readErr := p.checkStanding(ctx, key, body, sum)
		switch {
		case readErr == nil:
			return nil
		case absent(readErr) && errors.Is(err, blob.ErrExists):
			continue
		case absent(readErr):
			return err
		case errors.Is(readErr, ErrDamaged):
			return fmt.Errorf("%w; delete it and run again", readErr)
		default:
			return errors.Join(err, readErr)
		}
	}
	return err
}

// checkStanding reads an object named by its content, which is body.
func (p *Publisher) checkStanding(ctx context.Context, key string, body []byte, sum string) error {
	stands, _, err := blob.ReadAll(ctx, p.store, key, int64(len(body)))
	if errors.Is(err, blob.ErrTooLarge) || err == nil && !bytes.Equal(stands, body) {
		return fmt.Errorf("%s: %w: its sha256 is not %s", key, ErrDamaged, sum)
	}
	return err
}

// readContent reads an object named by its content and checks that it is.
func (p *Publisher) readContent(ctx context.Context, key, sum string, size int64) ([]byte, error) {
	body, o, err := blob.ReadAll(ctx, p.store, key, size)
	switch {
	case errors.Is(err, blob.ErrTooLarge):
		return nil, fmt.Errorf("%s: %w: it has more than %d bytes", key, ErrDamaged, size)
	case err != nil:
		return nil, err
	case o.Size != size || digest(body) != sum:
		return nil, fmt.Errorf("%s: %w: its sha256 is not %s", key, ErrDamaged, sum)
	}
	return body, nil
}
