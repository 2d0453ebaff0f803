package jobs

import (
	"context"
	"fmt"

	"daybook/pricing"
	"daybook/sinks/tables"
)

// decodedRollup is a partition in memory, whole or with carried meters alone.
type decodedRollup struct {
	batch   *pricing.UsageBatch
	thinned bool
	dropped []pricing.MeterSum // what thinning left out
}

// carried says what of the rollups before a period is rated: the meters that
// carry something into it.
type carried struct {
	before pricing.Date // the first UTC day of which all meters count
	meter  func(id string) bool
}

// readRollups decodes the set; of the days before c.before, which a year of
// carried changes may need, it keeps only what is carried. Decoded partitions are
// kept for the next day of a range, which reads nearly the same ones.
func (p *Pipeline) readRollups(ctx context.Context, set rollupSet, c carried) ([]*pricing.UsageBatch, error) {
	kept := map[string]decodedRollup{}
	batches := make([]*pricing.UsageBatch, 0, len(set.objects))
	for n, object := range set.objects {
		before := p.decoded[object.SHA256]
		batch := before.batch
		if batch == nil || before.thinned && batch.UTCDay >= c.before {
			before.thinned, before.dropped = false, nil
			body, err := p.publisher.ReadObject(ctx, object)
			if err != nil {
				return nil, err
			}
			if batch, err = tables.DecodeUsageDaily(object.Key, body); err != nil {
				return nil, err
			}
			if n < len(set.sums) {
				if err := pricing.CheckMeterSums("the manifest says", set.sums[n], "the table holds", batch.Sums()); err != nil {
					return nil, fmt.Errorf("%s: %w; restore its manifest", object.Key, err)
				}
			}
		}
		if !before.thinned && batch.UTCDay < c.before {
			before.dropped = batch.Only(func(id string) bool { return !c.meter(id) }).Sums()
			batch, before.thinned = batch.Only(c.meter), true
		}
		kept[object.SHA256] = decodedRollup{batch, before.thinned, before.dropped}
		batches = append(batches, batch)
	}
	p.decoded = kept
	return batches, nil
}

// forgetRollups lets go of the decoded partitions.
func (p *Pipeline) forgetRollups() { p.decoded = nil }
