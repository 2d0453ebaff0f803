// Package registry reads who has what: accounts, subscriptions and resources,
// as exports of the user's own database in NDJSON, CSV or Parquet.
//
// The promise: the same content gives the same result in every format; a column
// that is not known is an error and not silently ignored; numbers are read by
// their text and never pass through a float; and faults come back together, each
// with its file, line, field and remedy. The format is docs/formats.md,
// "Registry".
package registry
