// Package parquet reads and writes flat Parquet files and promises three things
// about every file, whoever made it: a row is never lost in silence, a damaged
// or hostile file ends in a typed *Error that names file, row group and column,
// and memory follows the bytes that are really there, not the sizes a file claims.
//
// Reading and writing are done here, from the footer to the values. Of arrow/go v15
// the readers return no rows for some encodings, lack others, and end the whole
// process on some damaged files (docs/libraries.md, "arrow/go v15: measured
// dangers"); its footer goes through recursion without a bound, takes one-sided
// statistics for two-sided ones and refuses a file for one column's unknown type.
// It is what the tests compare with.
//
// Batches are dense: index i of a vector is row i of the batch, with a zero value
// where the row is null, so that loops over a batch need neither maps nor
// allocations. Dictionary-encoded strings stay dictionary plus index.
//
// Columns with one value a row can be read, in structs too. Lists, maps and what
// they hold are listed in Fields with the reason in Field.Unsupported, and their
// neighbours stay readable.
//
// Encode writes files whose bytes are a pure function of the values.
package parquet
