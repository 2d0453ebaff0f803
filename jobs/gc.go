package jobs

import (
	"context"

	"daybook/sinks/publish"
)

// CollectOptions say what garbage collection may take.
type CollectOptions struct {
	DryRun     bool // delete nothing
	Superseded bool // the data of superseded revisions too
	Keep       int  // published revisions of a period that stay; at least 1
}

// Collect deletes what runs that died or lost have left in the output store
// (docs/operations.md, Garbage), and says what. Closings and all that they stand
// on stay for good. On a folder, the test of the store that it begins with also
// removes the temporary files of processes that died.
func (p *Pipeline) Collect(ctx context.Context, o CollectOptions) ([]publish.Garbage, error) {
	if !o.DryRun {
		if err := p.probe(ctx); err != nil {
			return nil, err
		}
	}
	return p.publisher.Collect(ctx, publish.CollectOptions{
		DryRun: o.DryRun, Superseded: o.Superseded, Keep: o.Keep, Issued: []string{string(JobMonthly)},
	})
}
