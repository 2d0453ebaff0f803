package tables

import (
	"bytes"
	"errors"
	"fmt"
	"iter"

	"daybook/pricing"
	"daybook/pricing/columns"
	"daybook/sources/parquet"
)

// windowRows is how many rows UsageWindows gives at a time: few enough that those
// of a month's files together stay small.
const windowRows = 2048

// Texts keeps one copy of each text that several files have in common. It is not
// safe for concurrent use.
type Texts map[string]string

// of returns the copy of a text.
func (t Texts) of(b []byte) string {
	s, known := t[string(b)]
	if !known {
		s = string(b)
		t[s] = s
	}
	return s
}

// errStopped ends a scan whose reader wants no more.
var errStopped = errors.New("stopped")

// UsageWindows reads one UTC day of usage_daily as DecodeUsageDaily does, with all
// its checks, but some thousand rows at a time: what it takes follows the texts of
// the file and not its rows. A window is valid until the next one, its texts
// longer. An error is the last that it gives, and may come after any number of
// windows: nothing that was made of those holds before the end.
func UsageWindows(name string, body []byte, texts Texts) iter.Seq2[*pricing.UsageBatch, error] {
	return func(yield func(*pricing.UsageBatch, error) bool) {
		err := eachUsageWindow(name, body, texts, func(b *pricing.UsageBatch) error {
			if !yield(b, nil) {
				return errStopped
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStopped) {
			yield(nil, fmt.Errorf("decode usage_daily: %w", err))
		}
	}
}

func eachUsageWindow(name string, body []byte, texts Texts, yield func(*pricing.UsageBatch) error) error {
	file, err := openTable(columns.UsageDaily, name, body)
	if err != nil {
		return err
	}
	f := newFrame(columns.UsageDaily, int(min(file.Rows(), windowRows))+1)
	f.texts = texts
	day, read := int64(0), int64(0)
	err = f.scan(file, windowRows, func(b *parquet.Batch) error {
		kept := f.keepLast()
		if err := f.take(b); err != nil {
			return err
		}
		if read == 0 {
			day = f.column("utc_day").ints[0]
		}
		if err := f.ofDay(day, name, read-int64(kept)); err != nil {
			return err
		}
		if i, ok := f.unsorted(); ok {
			return f.misplaced(name, read+int64(i-kept))
		}
		read += int64(b.N)
		return yield(f.usage(kept, day))
	})
	if err == nil && read != file.Rows() {
		err = fmt.Errorf("%s: %d rows read of %d", name, read, file.Rows())
	}
	return err
}

// held is a file in memory, whose pages are decoded where they lie.
type held struct {
	*bytes.Reader
	body []byte
}

// Held implements [parquet.InMemory].
func (h held) Held(off int64, n int) []byte {
	if off < 0 || n < 0 || off > int64(len(h.body))-int64(n) {
		return nil
	}
	return h.body[off : off+int64(n)]
}
