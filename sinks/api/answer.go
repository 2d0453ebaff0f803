package api

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// entry is an answer ready to be sent, and kept. A large body is kept packed alone,
// as nearly every client takes it so and JSON of billing packs to a thirtieth.
type entry struct {
	status      int
	contentType string
	header      map[string]string
	tag         string // quoted; "" for what is not cached
	size        int    // of the body, bytes
	body        []byte // nil where it is kept packed alone
	zipped      []byte // nil where packing gains nothing
}

// Bodies from zipLeast on are packed, and from zipAlone on kept packed alone, in
// bytes.
const (
	zipLeast = 1 << 10
	zipAlone = 16 << 10
)

func entryOf(s *System, a Answer, tag string) *entry {
	e := &entry{
		status: cmp.Or(a.Status, http.StatusOK), contentType: cmp.Or(a.ContentType, s.ContentType),
		header: a.Header, tag: tag, size: len(a.Body), body: a.Body,
	}
	if tag != "" && len(e.body) >= zipLeast {
		e.zipped = zip(e.body)
		if e.zipped != nil && len(e.body) >= zipAlone {
			e.body = nil
		}
	}
	return e
}

// packers are gzip writers at rest: making one takes longer than packing a small
// answer does.
var packers = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// zip packs a body; nil where that gains nothing.
func zip(body []byte) []byte {
	out := bytes.NewBuffer(make([]byte, 0, len(body)/8))
	z, ok := packers.Get().(*gzip.Writer)
	if !ok {
		return nil
	}
	defer packers.Put(z)
	z.Reset(out)
	if _, err := z.Write(body); err != nil || z.Close() != nil || out.Len() >= len(body) {
		return nil
	}
	return out.Bytes()
}

// plain returns the body as it is.
func (e *entry) plain() ([]byte, error) {
	if e.body != nil || e.zipped == nil {
		return e.body, nil
	}
	z, err := gzip.NewReader(bytes.NewReader(e.zipped))
	if err != nil {
		return nil, fmt.Errorf("unpack a kept answer: %w", err)
	}
	body := make([]byte, e.size)
	if _, err := io.ReadFull(z, body); err != nil {
		return nil, fmt.Errorf("unpack a kept answer: %w", err)
	}
	return body, nil
}

// tagOf is the ETag of all that an answer depends on: the program, the published
// state, who asks and for what. So it is known before the answer is.
func tagOf(key string) string {
	sum := sha256.Sum256([]byte(key))
	return `"` + hex.EncodeToString(sum[:16]) + `"`
}

// zippedTag is the tag of the packed body, another representation.
func zippedTag(tag string) string { return strings.TrimSuffix(tag, `"`) + `-gz"` }

// matches reports whether an If-None-Match names the tag, of either
// representation.
func matches(header, tag string) bool {
	if header == "" {
		return false
	}
	for one := range strings.SplitSeq(header, ",") {
		one = strings.TrimPrefix(strings.TrimSpace(one), "W/")
		if one == tag || one == zippedTag(tag) {
			return true
		}
	}
	return false
}

func notModified(w http.ResponseWriter, tag string) int {
	h := w.Header()
	h.Set("ETag", tag)
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Vary", "Accept, Accept-Encoding, Authorization")
	w.WriteHeader(http.StatusNotModified)
	return http.StatusNotModified
}

// send writes an entry and returns its status.
func send(w http.ResponseWriter, r *http.Request, e *entry) (int, error) {
	h := w.Header()
	var body []byte
	length := e.size
	if e.tag != "" && e.zipped != nil && acceptsGzip(r.Header.Get("Accept-Encoding")) {
		body, length = e.zipped, len(e.zipped)
		h.Set("Content-Encoding", "gzip")
		h.Set("ETag", zippedTag(e.tag))
	} else {
		if r.Method != http.MethodHead {
			var err error
			if body, err = e.plain(); err != nil {
				return 0, err
			}
		}
		h.Set("ETag", e.tag)
	}
	if e.tag == "" {
		h.Del("ETag")
		h.Set("Cache-Control", "no-store")
	} else {
		h.Set("Cache-Control", "private, no-cache")
		h.Set("Vary", "Accept, Accept-Encoding, Authorization")
	}
	if e.contentType != "" && e.status != http.StatusNoContent {
		h.Set("Content-Type", e.contentType)
	}
	for name, value := range e.header {
		h.Set(name, value)
	}
	if e.status != http.StatusNoContent {
		h.Set("Content-Length", strconv.Itoa(length))
	}
	w.WriteHeader(e.status)
	if r.Method != http.MethodHead && e.status != http.StatusNoContent {
		_, _ = w.Write(body)
	}
	return e.status, nil
}

// acceptsGzip reports whether an Accept-Encoding allows gzip.
func acceptsGzip(header string) bool {
	for one := range strings.SplitSeq(header, ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(one), ";")
		if name == "gzip" || name == "*" {
			q = strings.ReplaceAll(q, " ", "")
			return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
		}
	}
	return false
}
