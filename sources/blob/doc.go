// Package blob is the object store as Daybook needs it: whole objects under
// string keys, pinned reads, ordered listing and conditional puts.
//
// The promise is the one docs/commit-protocol.md stands on: objects appear
// whole or not at all, and of any number of writers racing on one version
// exactly one wins and all others learn that they lost. Implementations live in
// blob/dir (a folder), blob/s3 and blob/mem; blob/retry and blob/fault decorate
// any store; blob/blobtest is the suite every one of them passes. This package
// itself imports only the standard library.
package blob
