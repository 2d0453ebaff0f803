package publish

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// A checked file is indented JSON whose last member is the sha256 of all bytes
// before that member. Plans and manifests are named by their place and not by
// their content, so this is how a flipped bit in them is noticed.

const (
	sumHead = ",\n  \"sha256\": \""
	sumTail = "\"\n}\n"
	sumSize = len(sumHead) + 64 + len(sumTail)
)

// encodeChecked writes v, a struct with at least one member that is always
// written. Members stand in the order of the struct, map keys are sorted.
func encodeChecked(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	body := bytes.TrimSuffix(b.Bytes(), []byte("\n}\n"))
	sum := digest(body)
	body = append(body, sumHead...)
	body = append(body, sum...)
	return append(body, sumTail...), nil
}

// decodeChecked reads what encodeChecked wrote, or returns [ErrDamaged].
func decodeChecked(body []byte, v any) error {
	at := len(body) - sumSize
	if at < 0 {
		return fmt.Errorf("%w: %d bytes are too few", ErrDamaged, len(body))
	}
	if computed := digest(body[:at]); string(body[at:]) != sumHead+computed+sumTail {
		return &SumError{Computed: computed, Written: string(body[at+len(sumHead) : len(body)-len(sumTail)])}
	}
	if err := json.Unmarshal(body, v); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return nil
}

// SumError is [ErrDamaged]: the sha256 that a file ends with is not that of the
// text before it.
type SumError struct{ Computed, Written string } // hex

// Error says it without the digests, which help nobody to mend it.
func (e *SumError) Error() string {
	return fmt.Sprintf("%v: the sha256 at the end is not that of the text before it", ErrDamaged)
}

// Unwrap returns [ErrDamaged].
func (e *SumError) Unwrap() error { return ErrDamaged }
