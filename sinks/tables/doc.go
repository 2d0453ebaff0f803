// Package tables encodes Daybook's published tables as Parquet and reads them
// back. It knows no store and no clock, and promises: a file has exactly the
// columns of its contract in package columns, in that order and with those
// types; its rows are sorted by the contract's SortedBy, ties broken by the
// other columns; and equal sets of rows give equal bytes, whatever order they
// came in (docs/commit-protocol.md, Bytes).
//
// Quantities are DECIMAL(38,12) and amounts DECIMAL(38,20), rounded half-even to
// those places. What does not fit is an error that names the row: nothing
// saturates. Empty text in a nullable column is null, and so is a zero instant
// that stands for "none".
//
// Decoding refuses a file that does not keep the contract.
package tables
