package jobs

import (
	"context"
	"iter"
	"os"
	"slices"
	"strings"
	"sync"

	"daybook/sources/blob"
)

// actedUpon is a store that lets somebody else act before its n-th call.
type actedUpon struct {
	blob.Store
	mu    sync.Mutex
	calls []string
	at    int // from 1; 0 never
	act   func()

	before string // in place of at: the first call that begins so
}

func (s *actedUpon) tick(call string) {
	s.mu.Lock()
	s.calls = append(s.calls, call)
	now := len(s.calls) == s.at
	if s.before != "" && strings.HasPrefix(call, s.before) {
		now, s.before = true, ""
	}
	s.mu.Unlock()
	if now {
		s.act()
	}
}

// moments are the calls to act before: all of them with DAYBOOK_CRASH=all, else
// those around the calls that hold the given text, and a few that are spread
// over the rest.
func (s *actedUpon) moments(texts ...string) []int {
	var out []int
	for i, call := range s.calls {
		near := func(text string) bool {
			return slices.ContainsFunc(s.calls[max(i-2, 0):min(i+4, len(s.calls))], func(c string) bool { return strings.Contains(c, text) })
		}
		if os.Getenv("DAYBOOK_CRASH") == "all" || i%(len(s.calls)/6) == 0 || slices.ContainsFunc(texts, near) && !strings.HasPrefix(call, "read data/") {
			out = append(out, i+1)
		}
	}
	return out
}

func (s *actedUpon) Stat(ctx context.Context, key string) (blob.Object, error) {
	s.tick("stat " + key)
	return s.Store.Stat(ctx, key)
}

func (s *actedUpon) ReadAt(ctx context.Context, o blob.Object, p []byte, off int64) error {
	s.tick("read " + o.Key)
	return s.Store.ReadAt(ctx, o, p, off)
}

func (s *actedUpon) List(ctx context.Context, prefix, after string) iter.Seq2[blob.Object, error] {
	s.tick("list " + prefix)
	return s.Store.List(ctx, prefix, after)
}

func (s *actedUpon) Put(ctx context.Context, key string, body []byte, c blob.Cond) (blob.Object, error) {
	s.tick("put " + key)
	return s.Store.Put(ctx, key, body, c)
}

func (s *actedUpon) Delete(ctx context.Context, key string) error {
	s.tick("delete " + key)
	return s.Store.Delete(ctx, key)
}
