// Package webhooks delivers events to receivers over HTTP, signed by the Standard
// Webhooks convention (docs/commit-protocol.md, "Webhooks").
//
// The promise: an event is delivered at least once, under one id and with one
// body, however often a run repeats it; nothing a receiver or its DNS answers can
// make a request go to an address that is not globally reachable; and no secret
// is ever printed. The package knows no store: events come in as values, and what
// was delivered is its caller's to remember.
package webhooks
