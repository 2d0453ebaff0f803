package blobtest

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"

	"daybook/sources/blob"
)

const (
	rounds  = 100
	writers = 16
)

func raceAbsent(t *testing.T, s blob.Store) {
	for round := range rounds {
		key := fmt.Sprintf("absent/%d", round)
		race(t, s, key, blob.Cond{IfAbsent: true}, blob.ErrExists)
	}
}

func raceMatch(t *testing.T, s blob.Store) {
	o := mustPut(t, s, "match", []byte("start"), blob.Cond{})
	for range rounds {
		o = race(t, s, "match", blob.Cond{IfMatch: o.ETag}, blob.ErrChanged)
		if t.Failed() {
			return
		}
	}
}

// race lets all writers put under one condition at once: one must win, all
// others must learn that they lost, and the winner's bytes must stand. A
// transient refusal is asked again, as blob/retry does. It returns the winner's
// object.
func race(t *testing.T, s blob.Store, key string, c blob.Cond, loss error) blob.Object {
	t.Helper()
	objects, errs := make([]blob.Object, writers), make([]error, writers)
	start := make(chan struct{})
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			<-start
			for range 20 {
				objects[w], errs[w] = s.Put(t.Context(), key, raceBody(c, w), c)
				if !errors.Is(errs[w], blob.ErrTransient) {
					return
				}
			}
		})
	}
	close(start)
	group.Wait()
	winner := -1
	for w, err := range errs {
		switch {
		case err == nil && winner >= 0:
			t.Errorf("put %q: writers %d and %d both won", key, winner, w)
		case err == nil:
			winner = w
		case !errors.Is(err, loss):
			t.Errorf("put %q: writer %d lost with %v, want %v", key, w, err, loss)
		}
	}
	if winner < 0 {
		t.Fatalf("put %q: nobody won", key)
	}
	wantBody(t, s, key, string(raceBody(c, winner)))
	return objects[winner]
}

// raceBody differs by writer and by the version it replaces, but not in size,
// since some stores derive etags from the content.
func raceBody(c blob.Cond, writer int) []byte {
	return fmt.Appendf(nil, "writer %02d after %s", writer, c.IfMatch)
}

// raceReaders replaces an object while others read it: each read must give one
// version whole.
func raceReaders(t *testing.T, s blob.Store) {
	const size, versions = 200_000, 60
	version := func(n int) []byte { return bytes.Repeat([]byte{byte(n)}, size) }
	mustPut(t, s, "key", version(0), blob.Cond{})
	done := make(chan struct{})
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				body, _, err := blob.ReadAll(t.Context(), s, "key", size)
				if errors.Is(err, blob.ErrChanged) || errors.Is(err, blob.ErrTransient) {
					continue // replaced faster than read
				}
				if err != nil {
					t.Errorf("read during replacement: %v", err)
					return
				}
				if len(body) != size || !bytes.Equal(body, version(int(body[0]))) {
					t.Error("a read mixed two versions")
					return
				}
			}
		})
	}
	for n := range versions {
		mustPut(t, s, "key", version(n+1), blob.Cond{})
	}
	close(done)
	group.Wait()
}

// raceCounter lets writers count in one object by read, add one, put if
// unchanged: the sum shows whether any update was lost.
func raceCounter(t *testing.T, s blob.Store) {
	const counters, each = 4, 15
	mustPut(t, s, "count", []byte("0"), blob.Cond{})
	var group sync.WaitGroup
	for range counters {
		group.Go(func() {
			for range each {
				if err := CountUp(t, s, "count"); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	wantBody(t, s, "count", strconv.Itoa(counters*each))
}

// CountUp adds one to the decimal number in the object under key, by as many
// puts with If-Match as it takes. For races of several processes.
func CountUp(t testing.TB, s blob.Store, key string) error {
	for {
		body, o, err := blob.ReadAll(t.Context(), s, key, 20)
		if err == nil {
			n, parseErr := strconv.Atoi(string(body))
			if parseErr != nil {
				return fmt.Errorf("counter holds %q: %w", body, parseErr)
			}
			_, err = s.Put(t.Context(), key, []byte(strconv.Itoa(n+1)), blob.Cond{IfMatch: o.ETag})
		}
		if !errors.Is(err, blob.ErrChanged) && !errors.Is(err, blob.ErrTransient) {
			return err
		}
	}
}
