package usage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"daybook/pricing"
)

// ErrDecoder is returned when a decoder process died: in the [FileError] of the
// file that kills it, or for a whole pass when no file does so by itself.
var ErrDecoder = errors.New("the decoder process died")

// Process is a running decoder: another process that calls [Decode] on its
// standard input and output.
type Process interface {
	io.Reader      // what it writes
	io.WriteCloser // what it reads; closing it ends a decoder that is idle
	Kill()         // ends it at once; may be called more than once
	Wait() error   // why it ended, once it has; nil when it ended well
}

// Isolated is the [Engine] that decodes usage in another process, so that a file
// made to kill or exhaust its reader ends that one. The decoder has no store and
// no credentials: it asks this process for the bytes of the files of its pass,
// and gets no others.
type Isolated struct {
	start func(context.Context) (Process, error)
}

var _ Engine = (*Isolated)(nil)

// NewIsolated returns an engine that starts one decoder a pass, and others only
// when one died.
func NewIsolated(start func(context.Context) (Process, error)) *Isolated {
	return &Isolated{start: start}
}

// Rollup implements [Engine]. When a decoder dies, each file that it had begun to
// read is tried alone: those that kill theirs too are faults of their own days,
// and the other days are read again without them.
func (e *Isolated) Rollup(ctx context.Context, r Request, deliver func(Day) error) error {
	delivered := map[pricing.Date]bool{}
	keep := func(d Day) error {
		delivered[d.UTCDay] = true
		return deliver(d)
	}
	var faults []*FileError
	for {
		rest := r.without(delivered, faults)
		if len(rest.Days) == 0 {
			return inOrder(faults, nil)
		}
		died, err := e.pass(ctx, rest, keep)
		if died == nil {
			return inOrder(faults, err)
		}
		killers, err := e.killers(ctx, rest.without(delivered, nil), died.read)
		switch {
		case err != nil:
			return err
		case len(killers) > 0:
			faults = append(faults, killers...)
		case r.Workers == 1:
			return inOrder(faults, fmt.Errorf("roll up usage in isolation: %w (%v), though none of its files does that alone; give it more memory (usage.isolate_memory) or roll up fewer days at once", ErrDecoder, died.reason))
		default:
			r.Workers = 1 // perhaps it was too much together
		}
	}
}

// without returns the request for the days that are neither delivered nor those
// of a faulty file.
func (r Request) without(delivered map[pricing.Date]bool, faults []*FileError) Request {
	gone := maps.Clone(delivered)
	for _, f := range r.Files {
		if slices.ContainsFunc(faults, func(x *FileError) bool { return x.File == f.Object.Key }) {
			for _, d := range f.Days {
				gone[d] = true
			}
		}
	}
	isGone := func(d pricing.Date) bool { return gone[d] }
	out := r
	out.Days, out.Files = slices.DeleteFunc(slices.Clone(r.Days), isGone), nil
	for _, f := range r.Files {
		if f.Days = slices.DeleteFunc(slices.Clone(f.Days), isGone); len(f.Days) > 0 {
			out.Files = append(out.Files, f)
		}
	}
	return out
}

// killers tries the files that were begun one by one and returns those that kill
// their decoder.
func (e *Isolated) killers(ctx context.Context, r Request, begun map[string]bool) ([]*FileError, error) {
	var out []*FileError
	for _, f := range r.Files {
		if !begun[f.Object.Key] {
			continue
		}
		alone := r
		alone.Files, alone.Workers, alone.Progress = []File{f}, 1, nil
		alone.Days = slices.Compact(slices.Sorted(slices.Values(f.Days)))
		died, err := e.pass(ctx, alone, func(Day) error { return nil })
		switch {
		case died != nil:
			out = append(out, &FileError{File: f.Object.Key, RowGroup: -1, Err: fmt.Errorf(
				"%w of it (%v); the file is damaged, made to harm, or needs more memory (usage.isolate_memory)", ErrDecoder, died.reason)})
		case stopsPass(err):
			return nil, err
		}
	}
	return out, nil
}

// inOrder joins the faults that a decoder reported and those that it died of, in
// the order of the files' keys.
func inOrder(faults []*FileError, err error) error {
	if len(faults) == 0 {
		return err
	}
	var all, others []error
	for _, part := range joinedErrors(err) {
		if f, ok := part.(*FileError); ok {
			faults = append(faults, f)
		} else {
			others = append(others, part)
		}
	}
	slices.SortFunc(faults, func(a, b *FileError) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.RowGroup, b.RowGroup))
	})
	for _, f := range faults {
		all = append(all, f)
	}
	return errors.Join(append(all, others...)...)
}

// joinedErrors returns the errors that errors.Join put together, or err alone.
func joinedErrors(err error) []error {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}
