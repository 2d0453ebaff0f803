package publish

// Replay returns a run that computes a decided revision again, into p's own
// store, which must be another one than that the revision stands in. Superseded
// is the published revision that it took the place of, nil for none. Whoever
// verifies a revision puts its objects and commits its manifest as the run did,
// and compares both with what stands (docs/verify.md).
func (p *Publisher) Replay(plan Plan, revision int, superseded *Manifest) *Run {
	return &Run{Plan: plan, Revision: revision, publisher: p, superseded: superseded, stored: map[string]Object{}}
}
