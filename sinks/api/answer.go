package api

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// entry is an answer ready to be sent, and kept.
type entry struct {
	status      int
	contentType string
	header      map[string]string
	tag         string // quoted; "" for what is not cached
	body        []byte

	once   sync.Once
	zipped []byte // nil where it would be no smaller
}

// zipLeast is the smallest body that is worth packing, in bytes.
const zipLeast = 1 << 10

func entryOf(s *System, a Answer, tag string) *entry {
	return &entry{
		status: cmp.Or(a.Status, http.StatusOK), contentType: cmp.Or(a.ContentType, s.ContentType),
		header: a.Header, tag: tag, body: a.Body,
	}
}

// gzip packs the body, once.
func (e *entry) gzip() []byte {
	e.once.Do(func() {
		if len(e.body) < zipLeast {
			return
		}
		var out bytes.Buffer
		z := gzip.NewWriter(&out)
		if _, err := z.Write(e.body); err == nil && z.Close() == nil && out.Len() < len(e.body) {
			e.zipped = out.Bytes()
		}
	})
	return e.zipped
}

// tagOf is the ETag of all that an answer depends on: the published state, who
// asks and for what. So it is known before the answer is.
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
		if one == tag || one == zippedTag(tag) || one == "*" {
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
func send(w http.ResponseWriter, r *http.Request, e *entry) int {
	h := w.Header()
	body := e.body
	if e.contentType != "" && e.status != http.StatusNoContent {
		h.Set("Content-Type", e.contentType)
	}
	if e.tag == "" {
		h.Set("Cache-Control", "no-store")
	} else {
		h.Set("Cache-Control", "private, no-cache")
		h.Set("Vary", "Accept, Accept-Encoding, Authorization")
		h.Set("ETag", e.tag)
		if acceptsGzip(r.Header.Get("Accept-Encoding")) && e.gzip() != nil {
			body = e.zipped
			h.Set("Content-Encoding", "gzip")
			h.Set("ETag", zippedTag(e.tag))
		}
	}
	for name, value := range e.header {
		h.Set(name, value)
	}
	if e.status != http.StatusNoContent {
		h.Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(e.status)
	if r.Method != http.MethodHead && e.status != http.StatusNoContent {
		_, _ = w.Write(body)
	}
	return e.status
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
