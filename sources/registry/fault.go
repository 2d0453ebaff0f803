package registry

import (
	"fmt"
	"strings"
)

// maxFaults bounds how many faults are kept; the others are counted.
const maxFaults = 100

// InputError is one thing that is wrong in a registry file, and what to do.
type InputError struct {
	File   string `json:"file"`
	Line   int    `json:"line"` // of a text file, from 1; 0 in Parquet or for the whole file
	Row    int64  `json:"row"`  // of Parquet, from 1; 0 in text or for the whole file
	Field  string `json:"field"`
	Reason string `json:"reason"`
	Remedy string `json:"remedy"`
}

// Error renders "file:line: field: reason; remedy".
func (e InputError) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
	}
	if e.Row > 0 {
		fmt.Fprintf(&b, ", row %d", e.Row)
	}
	b.WriteString(": ")
	if e.Field != "" {
		b.WriteString(e.Field + ": ")
	}
	b.WriteString(e.Reason)
	if e.Remedy != "" {
		b.WriteString("; " + e.Remedy)
	}
	return b.String()
}

// Errors is every fault of a registry, the first hundred in full.
type Errors struct {
	Faults []InputError
	More   int64 // faults that are only counted
}

// Error prints the faults one after the other.
func (e *Errors) Error() string {
	var b strings.Builder
	if n := int64(len(e.Faults)) + e.More; n == 1 {
		b.WriteString("the registry has 1 fault:")
	} else {
		fmt.Fprintf(&b, "the registry has %d faults:", n)
	}
	for _, f := range e.Faults {
		b.WriteString("\n" + f.Error())
	}
	if e.More > 0 {
		fmt.Fprintf(&b, "\nand %d more", e.More)
	}
	return b.String()
}

// Unwrap gives errors.As the single faults.
func (e *Errors) Unwrap() []error {
	out := make([]error, len(e.Faults))
	for i, f := range e.Faults {
		out[i] = f
	}
	return out
}

func (e *Errors) add(f InputError) {
	if len(e.Faults) == maxFaults {
		e.More++
		return
	}
	e.Faults = append(e.Faults, f)
}

// err returns e, nil when there is no fault.
func (e *Errors) err() error {
	if len(e.Faults) == 0 {
		return nil
	}
	return e
}

// fault is what is wrong with one value; its row adds where.
type fault struct{ reason, remedy string }
