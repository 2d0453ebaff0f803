// Package publish makes the results of a run visible, once
// (docs/commit-protocol.md).
//
// The promise: for each revision of one (job, period) there is at most one
// manifest, whoever runs, however often, and wherever a runner dies. A run pins
// its inputs in a plan, stores its results as objects named by their content,
// and commits one manifest that names them; a second runner of the same revision
// adopts the first one's manifest. Then the current view moves forward, never
// back. Plans and manifests are never overwritten and nothing is ever cleaned up
// after a failure, because the answer to a lost call is unknown, not "failed".
//
// The order of use is Decided, Begin, Put (or a Pack), Commit, Advance. The
// package knows no clock and no job: what is up to date is its caller's
// decision.
package publish
