package usage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"daybook/sources/blob"
)

const (
	// wholeFile is the largest file that is fetched whole, if the memory is large
	// enough; larger ones are hashed in one streaming pass and then read by the
	// ranges they need.
	wholeFile = 256 << 20
	// rangeBytes is the length of one read from the store.
	rangeBytes = 8 << 20
	// rangeReads is how many reads of one file run at once.
	rangeReads = 4
	// gapBytes is the unwanted stretch between two wanted ranges that is read
	// along rather than parting them.
	gapBytes = 1 << 20
	// windowBytes is the most that one row group's columns may hold in memory
	// compressed; a larger one is read page by page from the store.
	windowBytes = 512 << 20
)

// content is the bytes of exactly one version of a file.
type content interface {
	io.ReaderAt
	// want asks for stretches to be held in memory until the returned function
	// is called.
	want(ctx context.Context, stretches []stretch) (release func(), err error)
}

// stretch is a range of bytes.
type stretch struct{ off, length int64 }

func (s stretch) end() int64 { return s.off + s.length }

// fetch reads the version o and returns its bytes and their SHA-256 in hex. Both
// come from the pinned version, so that a manifest names what was read. producer
// gives the digests that the bytes must have; it may take its time, since the
// bytes of a file that is fetched whole travel meanwhile, into memory that room gives.
func fetch(ctx context.Context, s blob.Store, o blob.Object, whole int64, room func(n int64) []byte, producer func() ([]producerDigest, error)) (content, string, error) {
	if o.Size < 0 {
		return nil, "", fmt.Errorf("size %d is negative", o.Size)
	}
	if o.Size > whole {
		want, err := producer()
		if err != nil {
			return nil, "", err
		}
		check := newVerifier(want)
		if err := stream(ctx, s, o, check); err != nil {
			return nil, "", err
		}
		digest, err := check.digest()
		return &ranged{reader: blob.ReaderAt(ctx, s, o), size: o.Size}, digest, err
	}
	body := room(o.Size)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return fill(ctx, blob.ReaderAt(ctx, s, o), body, 0) })
	want, err := producer()
	if err := errors.Join(g.Wait(), err); err != nil {
		return nil, "", err
	}
	check := newVerifier(want)
	check.Write(body)
	digest, err := check.digest()
	return held{bytes.NewReader(body), body}, digest, err
}

// stream hashes the object from its first byte to its last, while the next ranges
// are on their way.
func stream(ctx context.Context, s blob.Store, o blob.Object, digest io.Writer) error {
	g, ctx := errgroup.WithContext(ctx)
	var ready [rangeReads]chan []byte
	for k := range ready {
		ready[k] = make(chan []byte)
		g.Go(func() error {
			var buf [2][]byte // one is hashed while the other is filled
			for n, off := 0, int64(k)*rangeBytes; off < o.Size; n, off = n+1, off+rangeReads*rangeBytes {
				p := resized(buf[n%2], int(min(rangeBytes, o.Size-off)))
				buf[n%2] = p
				if err := s.ReadAt(ctx, o, p, off); err != nil {
					return err
				}
				select {
				case ready[k] <- p:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			return nil
		})
	}
	for n := int64(0); n*rangeBytes < o.Size; n++ {
		select {
		case p := <-ready[n%rangeReads]:
			digest.Write(p)
		case <-ctx.Done():
			return g.Wait()
		}
	}
	return g.Wait()
}

// fill reads len(p) bytes from off in parallel ranges. An empty p still asks
// whether the version stands.
func fill(ctx context.Context, r io.ReaderAt, p []byte, off int64) error {
	if len(p) == 0 {
		return nil
	}
	g, _ := errgroup.WithContext(ctx)
	g.SetLimit(rangeReads)
	at := off
	for part := range slices.Chunk(p, rangeBytes) {
		from := at
		at += int64(len(part))
		g.Go(func() error {
			_, err := r.ReadAt(part, from)
			if errors.Is(err, io.EOF) {
				err = nil // ReadAt may say so with a full buffer
			}
			return err
		})
	}
	return g.Wait()
}

// held is a file that is in memory whole.
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

func (held) want(context.Context, []stretch) (func(), error) { return func() {}, nil }

// ranged is a file of which only the wanted stretches are in memory.
type ranged struct {
	reader io.ReaderAt
	size   int64

	mu      sync.RWMutex
	windows []*window
}

type window struct {
	stretch
	body []byte
}

// want implements content: it joins near stretches and reads them.
func (r *ranged) want(ctx context.Context, stretches []stretch) (func(), error) {
	parts, total := joined(stretches, r.size), int64(0)
	for _, s := range parts {
		total += s.length
	}
	if total > windowBytes {
		return func() {}, nil
	}
	var mine []*window
	for _, s := range parts {
		w := &window{stretch: s, body: make([]byte, s.length)}
		if err := fill(ctx, r.reader, w.body, s.off); err != nil {
			return nil, err
		}
		mine = append(mine, w)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.windows = append(r.windows, mine...)
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.windows = slices.DeleteFunc(r.windows, func(w *window) bool { return slices.Contains(mine, w) })
	}, nil
}

// ReadAt implements io.ReaderAt, from memory where it can.
func (r *ranged) ReadAt(p []byte, off int64) (int, error) {
	r.mu.RLock()
	windows := r.windows
	i := slices.IndexFunc(windows, func(w *window) bool { return w.off <= off && off+int64(len(p)) <= w.end() })
	var from *window
	if i >= 0 {
		from = windows[i]
	}
	r.mu.RUnlock()
	if from != nil {
		return copy(p, from.body[off-from.off:]), nil
	}
	return r.reader.ReadAt(p, off)
}

// joined sorts stretches, cuts them to the file and joins those with small gaps.
func joined(stretches []stretch, size int64) []stretch {
	sorted := slices.SortedFunc(slices.Values(stretches), func(a, b stretch) int { return int(min(max(a.off-b.off, -1), 1)) })
	var out []stretch
	for _, s := range sorted {
		if s.off < 0 || s.length <= 0 || s.off >= size {
			continue
		}
		s.length = min(s.length, size-s.off)
		if n := len(out); n > 0 && s.off <= out[n-1].end()+gapBytes {
			out[n-1].length = max(out[n-1].end(), s.end()) - out[n-1].off
			continue
		}
		out = append(out, s)
	}
	return out
}
