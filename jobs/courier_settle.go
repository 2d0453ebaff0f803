package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"daybook/sinks/publish"
	"daybook/sinks/webhooks"
	"daybook/sources/blob"
)

// settle marks a revision of which nothing is left. A person who sends events
// again writes their states first and then takes the marker away; so whoever has
// put a marker looks at the states once more, and takes it away again where one
// has changed. Whichever of the two is last, no marker hides a pending event.
func (c *courier) settle(ctx context.Context, r publish.Revision, shards []*shard, t *tally) error {
	key := r.DeliveredKey(c.to.ID)
	if t.pending > 0 {
		if r.Period != c.d.reopened {
			return nil
		}
		return c.d.p.stores.Out.Delete(ctx, key)
	}
	if err := c.d.p.markDelivered(ctx, key, *t); err != nil {
		return err
	}
	known := map[string]string{}
	for _, s := range shards {
		known[s.key] = s.etag
	}
	for o, err := range c.d.p.stores.Out.List(ctx, publish.OutboxPrefix(r.Job, r.Period, r.Number, c.to.ID), "") {
		if err != nil {
			return fmt.Errorf("list delivery states: %w", err)
		}
		if etag, ok := known[o.Key]; ok && etag != o.ETag {
			return c.d.p.stores.Out.Delete(ctx, key)
		}
	}
	return nil
}

// verdict says what is left of this endpoint's events, nil for nothing.
func (c *courier) verdict() error {
	pending, died := 0, 0
	for _, t := range c.tally {
		pending, died = pending+t.pending, died+t.died
	}
	var left []error
	if died > 0 {
		left = append(left, fmt.Errorf("%w: endpoint %s: %s given up after %d attempts; once it is repaired: `daybook webhooks resend --endpoint %s --period …`",
			ErrPending, c.to.ID, counted(died, "event", "events"), c.to.Attempts(), c.to.ID))
	}
	switch {
	case pending == 0:
	case !c.state.Stopped.IsZero():
		left = append(left, fmt.Errorf("%w: endpoint %s: %s: %w; once it is repaired: `daybook webhooks test --endpoint %s`", ErrPending, c.to.ID, counted(pending, "event", "events"), webhooks.ErrGone, c.to.ID))
	case c.failure != nil:
		left = append(left, fmt.Errorf("%w: endpoint %s: %s, next attempt %s: %w", ErrPending, c.to.ID, counted(pending, "event", "events"), c.next.Format(time.RFC3339), c.failure))
	default:
		left = append(left, fmt.Errorf("%w: endpoint %s: %s, next attempt %s", ErrPending, c.to.ID, counted(pending, "event", "events"), c.next.Format(time.RFC3339)))
	}
	return errors.Join(left...)
}

// counted writes "1 event" and "2 events".
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// reason is a failure for a delivery's state, bounded.
func reason(failure error) string {
	text := failure.Error()
	const most = 300
	if len(text) > most {
		text = text[:most] + "…"
	}
	return text
}

// markDelivered says that nothing of a revision is left to deliver to an
// endpoint: all events are delivered, dead or not for it.
func (p *Pipeline) markDelivered(ctx context.Context, key string, t tally) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	body := fmt.Appendf(nil, "{\"dead\":%d}\n", t.dead)
	_, err := p.stores.Out.Put(ctx, key, body, blob.Cond{IfAbsent: true})
	if errors.Is(err, blob.ErrExists) {
		return nil
	}
	return err
}
