package publish

import (
	"context"
	"fmt"
	"strings"

	"daybook/sources/blob"
)

// ManifestOf returns the manifest of one decided revision: what a closing that
// was computed from an older rollup asks for. It is [blob.ErrNotFound] where the
// revision is not decided.
func (p *Publisher) ManifestOf(ctx context.Context, job, period string, revision int) (Manifest, error) {
	key := manifestKey(job, period, revision)
	body, _, err := blob.ReadAll(ctx, p.store, key, fileLimit)
	if err != nil {
		return Manifest{}, fmt.Errorf("read manifest: %w", err)
	}
	m, err := parseManifest(body, job, period, revision)
	if err != nil {
		return Manifest{}, fmt.Errorf("read manifest %s: %w", key, err)
	}
	return m, nil
}

// MadeBy tells which revision stored the object under a key; ok is false for
// keys that are none of an object's.
func MadeBy(key string) (job, period string, revision int, ok bool) {
	segments := strings.Split(key, "/")
	if len(segments) != 5 || segments[0] != "data" {
		return "", "", 0, false
	}
	job, jobErr := blob.UnescapeID(segments[1])
	period, periodErr := blob.UnescapeID(segments[2])
	revision, ok = parseRevision(segments[3])
	return job, period, revision, ok && jobErr == nil && periodErr == nil
}
