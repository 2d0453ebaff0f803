package blobtest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
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

// raceList lets writers add their names to one object by read, add, put if
// unchanged: what is missing in the end was lost, what stands twice was added
// again after an answer was. A number would not do: a writer whose answer was
// lost, and whose version was replaced since, cannot see whether it counted.
func raceList(t *testing.T, s blob.Store) {
	const lists, each = 4, 15
	mustPut(t, s, "list", nil, blob.Cond{})
	var group sync.WaitGroup
	for writer := range lists {
		group.Go(func() {
			for turn := range each {
				if err := Enter(t, s, "list", fmt.Sprintf("%d/%d", writer, turn)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	names, err := Entered(t, s, "list")
	if err != nil || len(names) != lists*each {
		t.Errorf("the list has %d names, want %d (%v)", len(names), lists*each, err)
	}
	slices.Sort(names)
	if n := len(slices.Compact(names)); n != lists*each {
		t.Errorf("%d different names, want %d", n, lists*each)
	}
}

// listLimit bounds the list of a race.
const listLimit = 1 << 20

// Entered returns the names in the object under key.
func Entered(t testing.TB, s blob.Store, key string) ([]string, error) {
	body, _, err := blob.ReadAll(t.Context(), s, key, listLimit)
	return strings.Fields(string(body)), err
}

// Enter adds a name to the list in the object under key, unless it stands there,
// by as many puts with If-Match as it takes. For races of several processes.
func Enter(t testing.TB, s blob.Store, key, name string) error {
	for {
		body, o, err := blob.ReadAll(t.Context(), s, key, listLimit)
		if err == nil {
			if slices.Contains(strings.Fields(string(body)), name) {
				return nil
			}
			_, err = s.Put(t.Context(), key, append(body, name+" "...), blob.Cond{IfMatch: o.ETag})
			if err == nil {
				return nil
			}
		}
		if !errors.Is(err, blob.ErrChanged) && !errors.Is(err, blob.ErrTransient) {
			return err
		}
	}
}
