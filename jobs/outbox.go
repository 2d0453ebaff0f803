package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"daybook/sources/blob"
)

// outbox is how far the delivery of one closing to one endpoint has come, where
// it stopped before the end (docs/commit-protocol.md, Keys).
type outbox struct {
	Next int  `json:"next"` // events before it were acknowledged or are not wanted
	Gone bool `json:"gone"` // the endpoint answered 410: nothing is sent until somebody deletes this

	key, etag string
}

// outboxLimit bounds the state of one delivery, in bytes.
const outboxLimit = 1 << 10

// outboxAt returns the state beside a delivered marker's key; none is the start.
func (p *Pipeline) outboxAt(ctx context.Context, marker string) (outbox, error) {
	at := outbox{key: "outbox/" + strings.TrimPrefix(marker, "delivered/") + ".json"}
	body, object, err := blob.ReadAll(ctx, p.stores.Out, at.key, outboxLimit)
	if errors.Is(err, blob.ErrNotFound) {
		return at, nil
	}
	if err != nil {
		return at, fmt.Errorf("read delivery state: %w", err)
	}
	if err := json.Unmarshal(body, &at); err != nil {
		return at, fmt.Errorf("read delivery state %s: %w; delete it to send every event of that closing again", at.key, err)
	}
	at.etag = object.ETag
	return at, nil
}

// keepOutbox stores the state, unless another runner has stored its own since:
// what it then repeats does no harm. It does nothing once ctx has ended.
func (p *Pipeline) keepOutbox(ctx context.Context, at outbox) error {
	if ctx.Err() != nil {
		return nil
	}
	body, err := json.Marshal(at)
	if err != nil {
		return fmt.Errorf("write delivery state: %w", err)
	}
	_, err = p.stores.Out.Put(ctx, at.key, append(body, '\n'), blob.Cond{IfAbsent: at.etag == "", IfMatch: at.etag})
	if errors.Is(err, blob.ErrExists) || errors.Is(err, blob.ErrChanged) || errors.Is(err, blob.ErrNotFound) {
		return nil
	}
	return err
}

// markDelivered says that an endpoint has every event of a closing.
func (p *Pipeline) markDelivered(ctx context.Context, key string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	_, err := p.stores.Out.Put(ctx, key, []byte("{}\n"), blob.Cond{IfAbsent: true})
	if errors.Is(err, blob.ErrExists) {
		return nil
	}
	return err
}
