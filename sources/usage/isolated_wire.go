package usage

import (
	"context"
	"encoding/binary"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"daybook/pricing"
	"daybook/sources/blob"
)

// The messages between an isolated decoder and the process that started it, one
// gob stream each way. First comes a wireRequest; then the decoder asks for
// bytes, reports progress and days, and ends.

// wireRequest is a Request without its store and functions.
type wireRequest struct {
	URL         string // of the store, for messages
	Days        []pricing.Date
	Files       []File
	Mapping     Mapping
	Meters      []byte // as JSON: gob has no form of money.Quantity, of which engines need none
	Attribution pricing.Attribution
	Checksums   Checksums
	AsOf        int64
	Workers     int
	Memory      int64
	Temporary   string
}

func sendRequest(out *gob.Encoder, r Request) error {
	meters, err := json.Marshal(r.Meters)
	if err != nil {
		return err
	}
	return out.Encode(wireRequest{r.Store.URL(), r.Days, r.Files, r.Mapping, meters, r.Attribution, r.Checksums, r.AsOf, r.Workers, r.Memory, r.Temporary})
}

func (w wireRequest) request() (Request, error) {
	r := Request{
		Days: w.Days, Files: w.Files, Mapping: w.Mapping, Attribution: w.Attribution,
		Checksums: w.Checksums, AsOf: w.AsOf, Workers: w.Workers, Memory: w.Memory, Temporary: w.Temporary,
	}
	return r, json.Unmarshal(w.Meters, &r.Meters)
}

// What a decoder asks of the store.
const (
	askStat = "stat"
	askRead = "read"
)

// message is what a decoder says: a question, a day, its end, or progress.
type message struct {
	ID             uint64 // of a question
	Ask            string
	Object         blob.Object
	Offset, Length int64
	Day            *Day
	Ended          bool
	Failures       []failure // of the pass
	Rows, Bytes    int64
}

// answer is what the store had to say to question ID.
type answer struct {
	ID       uint64
	Object   blob.Object
	Body     []byte
	Failures []failure
}

// failure is an error as it crosses: its text, and which of the causes that
// callers decide by are among its own.
type failure struct {
	File     string // of a FileError; "" for other errors
	RowGroup int
	Column   string
	Text     string
	Causes   []int // numbers in causes()
}

// causes are the errors by which somebody decides something.
func causes() []error {
	return []error{
		blob.ErrChanged, blob.ErrNotFound, blob.ErrTransient, blob.ErrDenied, blob.ErrNoBucket, blob.ErrTooLarge, blob.ErrBadKey,
		ErrDigest, ErrMiscounted, ErrSpill, io.ErrUnexpectedEOF, context.Canceled, context.DeadlineExceeded,
	}
}

func failuresOf(err error) []failure {
	var out []failure
	for _, part := range joinedErrors(err) {
		f := failure{RowGroup: -1, Text: part.Error()}
		var file *FileError
		if errors.As(part, &file) {
			f.File, f.RowGroup, f.Column, f.Text = file.File, file.RowGroup, file.Column, file.reason()
		}
		for i, cause := range causes() {
			if errors.Is(part, cause) {
				f.Causes = append(f.Causes, i)
			}
		}
		out = append(out, f)
	}
	return out
}

// failure returns the error of a pass that ended.
func (m message) failure() error { return errorOf(m.Failures) }

// errorOf makes errors of failures again; nil of none.
func errorOf(failures []failure) error {
	var all []error
	for _, f := range failures {
		var err error = &crossed{f}
		if f.File != "" {
			err = &FileError{File: f.File, RowGroup: f.RowGroup, Column: f.Column, Err: err}
		}
		all = append(all, err)
	}
	if len(all) == 1 {
		return all[0]
	}
	return errors.Join(all...)
}

// crossed is an error of the other process.
type crossed struct{ failure }

// Error gives the text that the error had there.
func (c *crossed) Error() string { return c.Text }

// Is reports whether target was among the error's causes there.
func (c *crossed) Is(target error) bool {
	i := slices.Index(causes(), target)
	return i >= 0 && slices.Contains(c.Causes, i)
}

// MarshalBinary gives the 24 bytes of a total, for gob.
func (t Total) MarshalBinary() ([]byte, error) {
	b := binary.LittleEndian.AppendUint64(nil, t.lo)
	b = binary.LittleEndian.AppendUint64(b, t.mid)
	return binary.LittleEndian.AppendUint64(b, uint64(t.hi)), nil
}

// UnmarshalBinary reads what MarshalBinary gave.
func (t *Total) UnmarshalBinary(b []byte) error {
	if len(b) != 24 {
		return fmt.Errorf("a total has 24 bytes, not %d", len(b))
	}
	t.lo, t.mid = binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
	t.hi = int64(binary.LittleEndian.Uint64(b[16:]))
	return nil
}
