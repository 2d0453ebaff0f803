// Package documents turns billing results into JSON documents and into text for
// terminals. It knows no store, no clock and no configuration: the same values
// give the same bytes.
//
// Every document is compact JSON with a fixed order of keys and begins with its
// schema, for example "schema":"daybook/invoice/1"; the schemas are published
// under docs/schemas. Money and quantities are decimal strings, never JSON
// numbers, so that no reader squeezes them through a float. Instants are
// RFC 3339 in UTC with a Z, days are ISO dates, periods are half-open. Text is
// written as it is, markup included; control characters, U+2028 and U+2029 are
// escaped.
package documents
