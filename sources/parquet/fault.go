package parquet

import (
	"errors"
	"fmt"
)

// Error says what is wrong with a file, and where.
type Error struct {
	File     string
	RowGroup int    // -1 when the whole file is meant
	Column   string // "" when no single column is meant
	Reason   string // what is wrong or unsupported, and what to do
	Err      error  // the cause, or nil
}

// Error gives file, row group, column and reason in one line.
func (e *Error) Error() string {
	s := "read parquet " + e.File
	if e.RowGroup >= 0 {
		s += fmt.Sprintf(", row group %d", e.RowGroup)
	}
	if e.Column != "" {
		s += fmt.Sprintf(", column %q", e.Column)
	}
	s += ": " + e.Reason
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// corrupt is a reason found below the level that knows file and column. Decoders
// return it; Scan puts it into an *Error.
type corrupt string

func (c corrupt) Error() string { return string(c) }

func corruptf(format string, args ...any) error {
	return corrupt(fmt.Sprintf(format, args...))
}

// fault puts err into an *Error of file, unless it is one already.
func fault(file string, rowGroup int, column string, err error) error {
	var known *Error
	if errors.As(err, &known) {
		return err
	}
	var reason corrupt
	if errors.As(err, &reason) {
		return &Error{File: file, RowGroup: rowGroup, Column: column, Reason: string(reason)}
	}
	return &Error{File: file, RowGroup: rowGroup, Column: column, Reason: "cannot be read", Err: err}
}
