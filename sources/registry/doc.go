// Package registry reads who has what: accounts, subscriptions and resources,
// and what they paid, were credited and are taxed, as exports of the user's own database in NDJSON, CSV or Parquet.
//
// The promise: the same content gives the same result in every format; a column
// that is not known is an error and not silently ignored; numbers are read by
// their text and never pass through a float; and faults come back together, each
// with its file, line, field and remedy. The format is docs/formats.md,
// "Registry".
//
// # Values
//
// A column that is absent, a null, an empty cell and an empty text mean the same.
// Columns whose names begin with x_ are the user's own and are skipped. Nested
// fields (labels, quantities, price_overrides) are objects in NDJSON and the same
// object as JSON text elsewhere. Decimals are texts or numbers without exponent;
// Parquet columns of floating point are refused where a number is wanted.
//
// # Times
//
// Times are instants: ISO 8601 with a zone, or a Parquet timestamp in UTC; they
// are kept to the microsecond, as usage is. A date alone is the first instant of
// that day in the row's own time zone: of the subscription if it names one, else
// of the nearest account upwards that does, else UTC. Start and created are the
// first instant that counts, end and deleted the first that no longer does: a
// subscription that ends on 2026-10-31 is not billed for that day.
//
// What a registry means as a whole (who is whose parent, ids used twice, zones
// that do not exist) is checked by pricing.NewRegistry, which sets aside the
// accounts concerned and not the whole run.
package registry
