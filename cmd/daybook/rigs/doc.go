// Package rigs holds the tests that kill, starve and mislead the real program,
// and want the undisturbed result all the same (docs/reliability.md). It has no
// code of its own.
//
//   - The crash sweep runs a binary built with `-tags crashrig` (sources/blob/crash)
//     and kills it at every store, file and webhook call, before and after its effect.
//   - The proxy puts every fault of docs/reliability.md between a run and a real
//     S3 server, at each call of the run.
//   - The full disk lets a store end after n bytes.
//
// DAYBOOK_CRASH=all runs them whole (`make crash`), DAYBOOK_CRASH=sample at every
// so-many-th place (`make check`); without it they are skipped. Those that need an
// S3 server are skipped without one, too (sources/blob/s3test).
package rigs
