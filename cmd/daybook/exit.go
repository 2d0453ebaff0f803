package main

import (
	"context"
	"errors"
	"fmt"

	"daybook/jobs"
	"daybook/sources/blob"
	"daybook/sources/book"
	"daybook/sources/registry"
)

// The exit codes of docs/operations.md; the first that holds wins.
const (
	exitOK       = 0
	exitFailed   = 1
	exitUsage    = 2
	exitRejected = 4 // published, with rejected rows or parked accounts; or counted usage is gone
	exitPending  = 5 // published, webhooks pending
	exitUnsafe   = 6 // the store does not keep put conditions
	exitNotDue   = 7 // not due, or inputs known to be incomplete
)

// usageError is a mistake in the command line, the configuration or an input
// file that a person has to mend.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usageErrorf(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

// quietExit carries an exit code for a run that succeeded with something to
// report, which has been printed already.
type quietExit int

func (quietExit) Error() string { return "" }

func exitCode(err error) int {
	var quiet quietExit
	var usage usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &quiet):
		return int(quiet)
	case errors.As(err, &usage), isInputMistake(err), isMistakenQuestion(err):
		return exitUsage
	case errors.Is(err, blob.ErrUnsafe):
		return exitUnsafe
	case errors.Is(err, jobs.ErrNotDue), errors.Is(err, jobs.ErrIncomplete), errors.Is(err, jobs.ErrCorrections):
		return exitNotDue
	case errors.Is(err, jobs.ErrPending):
		return exitPending
	}
	return exitFailed
}

// isMistakenQuestion reports whether a person named what does not exist.
func isMistakenQuestion(err error) bool {
	return errors.Is(err, jobs.ErrNoDelivery) || errors.Is(err, jobs.ErrBeforeStart) || errors.Is(err, jobs.ErrNoUsageFile) || errors.Is(err, jobs.ErrNoRow) || errors.Is(err, jobs.ErrNoEventIDs)
}

// isInputMistake reports whether a job stopped at a price book or a registry
// that a person has to mend.
func isInputMistake(err error) bool {
	var inBook book.Errors
	var inRegistry *registry.Errors
	return errors.As(err, &inBook) || errors.As(err, &inRegistry)
}

// isStoreFault reports whether a store did not answer, so that nothing is known
// about what lies in it.
func isStoreFault(err error) bool {
	return errors.Is(err, blob.ErrTransient) || errors.Is(err, blob.ErrDenied) || errors.Is(err, context.Canceled)
}

// outcomeExit is the exit of a run that published: 4 when rows were rejected or
// accounts parked by the run itself, and as long as counted usage files are gone,
// else success.
func outcomeExit(outcomes []jobs.Outcome) error {
	for _, o := range outcomes {
		if len(o.VanishedUsage) > 0 {
			return quietExit(exitRejected)
		}
		if !o.Fresh() {
			continue
		}
		if len(o.Parked) > 0 || (o.Counts != nil && o.Counts.Rejected > 0) {
			return quietExit(exitRejected)
		}
	}
	return nil
}
