// Package book reads price books: YAML that a billing person writes and reads
// aloud, turned into a [pricing.Book].
//
// The promise: what a book says is taken exactly or refused. Numbers are read
// by their text and never pass through a float; a key that is not known, said
// twice or not supported yet is an error; and all problems of all files come
// back together, each with its file, line, column, the offending line and what
// to write instead. Reading happens in two layers: syntax, which turns YAML into
// a tree that remembers positions, and meaning, which turns that tree into
// pricing types. The format is docs/formats.md, "Price book".
package book
