package usage

import (
	"slices"
	"sync"
)

// bodies keeps the memory of files that are read for the next ones: those of one
// producer are of about one size.
type bodies struct {
	mu   sync.Mutex
	free [][]byte // at most as many as are fetched at once
}

// get returns n bytes of any content.
func (b *bodies) get(n int64) []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	fits := func(body []byte) bool { return int64(cap(body)) >= n && int64(cap(body))/2 <= n }
	if i := slices.IndexFunc(b.free, fits); i >= 0 {
		body := b.free[i]
		b.free = slices.Delete(b.free, i, i+1)
		return body[:n]
	}
	return make([]byte, n, n+n/16)
}

func (b *bodies) put(body []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.free) == filesAhead {
		b.free = slices.Delete(b.free, 0, 1)
	}
	b.free = append(b.free, body)
}
