package publish

import (
	"context"
	"fmt"
	"strings"

	"daybook/sources/blob"
)

// Revision is one decided revision, as a listing showed it.
type Revision struct {
	Job, Period string
	Number      int

	object blob.Object // its manifest
}

// DeliveredKey is where the marker of this revision and one endpoint stands.
func (r Revision) DeliveredKey(endpoint string) string {
	return DeliveredKey(r.Job, r.Period, r.Number, endpoint)
}

// Revisions returns every decided revision of a job, whatever its verdict, in
// byte order of their keys: the oldest period first. It lists and reads nothing.
func (p *Publisher) Revisions(ctx context.Context, job string) ([]Revision, error) {
	var revisions []Revision
	prefix := jobPrefix(job)
	for o, err := range p.store.List(ctx, prefix, "") {
		if err != nil {
			return nil, fmt.Errorf("list revisions of %s: %w", job, err)
		}
		parts := strings.Split(strings.TrimPrefix(o.Key, prefix), "/") // period, revision, name
		if len(parts) != 3 || parts[2] != manifestName {
			continue
		}
		period, err := blob.UnescapeID(parts[0])
		number, ok := parseRevision(parts[1])
		if err == nil && ok { // else not ours
			revisions = append(revisions, Revision{Job: job, Period: period, Number: number, object: o})
		}
	}
	return revisions, nil
}

// Manifest returns the manifest of a decided revision.
func (p *Publisher) Manifest(ctx context.Context, r Revision) (Manifest, error) {
	return p.manifest(ctx, r.object, r.Job, r.Period, r.Number)
}
