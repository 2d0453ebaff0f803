package documents

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// IntegerID is the id of a thing in an API whose ids are integers: the low 53
// bits of a SHA-256 of what identifies it, so that it is a whole number in every
// reader and the same in every run. It is never 0. That two things of one answer
// have the same is for the caller to refuse.
func IntegerID(parts ...string) int64 {
	h := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	id := int64(binary.BigEndian.Uint64(h.Sum(nil)[24:]) & (1<<53 - 1))
	return max(id, 1)
}
