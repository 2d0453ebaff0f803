package usage

import (
	"context"
	"errors"
	"fmt"

	"daybook/sources/blob"
	"daybook/sources/parquet"
)

// Error says which file, and where known which row group and column, cannot be
// used, and why.
func (e *FileError) Error() string {
	msg := fmt.Sprintf("read usage file %q", e.File)
	if e.RowGroup >= 0 {
		msg += fmt.Sprintf(": row group %d", e.RowGroup)
	}
	if e.Column != "" {
		msg += fmt.Sprintf(": column %q", e.Column)
	}
	return msg + ": " + e.reason()
}

// reason is the error without the place.
func (e *FileError) reason() string {
	var damaged *parquet.Error
	switch {
	case !errors.As(e.Err, &damaged):
		return fmt.Sprint(e.Err)
	case damaged.Err != nil:
		return fmt.Sprintf("%s: %v", damaged.Reason, damaged.Err)
	}
	return damaged.Reason
}

// Unwrap returns the cause; [blob.ErrChanged] is among the causes of a file
// that was overwritten while it was read.
func (e *FileError) Unwrap() error { return e.Err }

// fileFault wraps err for a file unless it already names one.
func fileFault(key string, rowGroup int, column string, err error) *FileError {
	var already *FileError
	if errors.As(err, &already) {
		return already
	}
	var damaged *parquet.Error
	if errors.As(err, &damaged) {
		rowGroup, column = damaged.RowGroup, damaged.Column
	}
	return &FileError{File: key, RowGroup: rowGroup, Column: column, Err: err}
}

// stopsPass reports whether err concerns the store or the run and not one file,
// so that trying the other files is pointless.
func stopsPass(err error) bool {
	for _, cause := range []error{
		context.Canceled, context.DeadlineExceeded, blob.ErrDenied, blob.ErrNoBucket, blob.ErrTransient, ErrSpill,
	} {
		if errors.Is(err, cause) {
			return true
		}
	}
	return false
}
