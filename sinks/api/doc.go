// Package api answers the read APIs of the systems that Daybook speaks for
// (rokka, ComputeStacks, Akkeris, CloudSigma, Orb) over HTTP, from what the jobs
// have published. It computes no bill: every figure is one that a published run
// holds, or comes from the same rating of the same pinned inputs.
//
// A [System] is a set of [Route]s with the error shape of that system; the file
// of that name holds it. A route's handler is a pure function of a [Request]: its
// path and query, what its token may see, and the [Facts] of the published state.
// So equal requests on one state have equal answers, which is what the cache and
// the ETags rest on. What the answers look like is in sinks/documents.
package api
