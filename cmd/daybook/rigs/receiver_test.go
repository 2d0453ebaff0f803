package rigs

import (
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
)

// receiver is a webhook receiver for many runs at once: each has a path of its own.
type receiver struct {
	url string

	mu     sync.Mutex
	events map[string]map[string]string // path -> event id -> digest of its body
	torn   map[string]string            // path -> id that came with two bodies
}

func newReceiver(t testing.TB) *receiver {
	r := &receiver{events: map[string]map[string]string{}, torn: map[string]string{}}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

// ServeHTTP takes an event.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	id, sum := req.Header.Get("webhook-id"), fmt.Sprintf("%x", sha256.Sum256(body))
	r.mu.Lock()
	defer r.mu.Unlock()
	seen := r.events[req.URL.Path]
	if seen == nil {
		seen = map[string]string{}
		r.events[req.URL.Path] = seen
	}
	if before, ok := seen[id]; ok && before != sum {
		r.torn[req.URL.Path] = id
	}
	seen[id] = sum
}

// got returns the events that came to a path, as a sorted list of "id digest".
func (r *receiver) got(path string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	for _, id := range slices.Sorted(maps.Keys(r.events[path])) {
		out = append(out, id+" "+r.events[path][id])
	}
	if id, ok := r.torn[path]; ok {
		out = append(out, id+" came with two bodies")
	}
	return out
}
