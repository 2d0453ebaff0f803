package webhooks

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"regexp"
	"strconv"
)

// Event is one event to deliver. Body is sent byte for byte.
type Event struct {
	ID   string // see [EventID]
	Type string // "invoice.issued"
	Body []byte // JSON
}

// eventID keeps ids usable as a header and as the first part of the signed text,
// which ends at a dot.
var eventID = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

const eventIDLimit = 128

func (e Event) check() error {
	if len(e.ID) > eventIDLimit || !eventID.MatchString(e.ID) {
		return errors.New("its id is not made of 1 to 128 of A-Z, a-z, 0-9, _ and -")
	}
	if len(e.Body) == 0 {
		return errors.New("it has no body")
	}
	return nil
}

// EventID names an event by what it is about: "evt_" and 160 bits of a hash, in
// base32. The same event has the same id in every run, so a receiver can tell
// repetitions apart from news (docs/commit-protocol.md, "Webhooks").
func EventID(job, period string, revision int, typ, subject, format string) string {
	h := sha256.New()
	for _, field := range []string{job, period, strconv.Itoa(revision), typ, subject, format} {
		// With its length in front no field can run into the next one.
		var size [8]byte
		binary.BigEndian.PutUint64(size[:], uint64(len(field)))
		h.Write(size[:])
		h.Write([]byte(field))
	}
	const lower = "abcdefghijklmnopqrstuvwxyz234567"
	return "evt_" + base32.NewEncoding(lower).WithPadding(base32.NoPadding).EncodeToString(h.Sum(nil)[:20])
}
