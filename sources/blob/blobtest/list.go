package blobtest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"daybook/sources/blob"
)

// trickyKeys are in byte order. Most file systems and some servers would give
// them in another: by folder, by UTF-16 unit, by locale, or decoded once too
// often.
var trickyKeys = []string{
	"!bang",
	"%2F",
	"%41",
	"A/z",
	"_manifest.json",
	"a b/c d",
	"a&<>'b",
	"a+b",
	"a-b",
	"a-b.parquet",
	"a.b",
	"a/-",
	"a/b",
	"a/b-c/d",
	"a/b.c",
	"a/c/d/e",
	"a0",
	"a=1/dt=2026-10-31/part-00000.parquet",
	"aa",
	"~tilde",
	"e\u0301",      // e and a combining accent
	"é",            // the same letter as one rune: another key
	"日本/行",         // folder and file in another script
	"\uff61",       // before the next in UTF-8, after it in UTF-16
	"\U0001f600/x", // beyond the basic plane
}

func order(t *testing.T, s blob.Store) {
	want := slices.Sorted(slices.Values(trickyKeys))
	for i := len(want) - 1; i >= 0; i-- {
		mustPut(t, s, want[i], []byte(want[i]), blob.Cond{IfAbsent: true})
	}
	wantKeys(t, s, "", "", want...)
	for _, key := range want {
		wantBody(t, s, key, key)
	}
	for i, after := range want {
		wantKeys(t, s, "", after, want[i+1:]...)
	}
	for _, prefix := range []string{"a", "a/", "a/b", "a-", "é", "日", "%", "none", "a=1/dt=2026-10-"} {
		for _, after := range []string{"", "a", "a/", "a/b", "a/b-", "a/c", "b"} {
			var expect []string
			for _, key := range want {
				if strings.HasPrefix(key, prefix) && key > after {
					expect = append(expect, key)
				}
			}
			wantKeys(t, s, prefix, after, expect...)
		}
	}
}

func prefixAndAfter(t *testing.T, s blob.Store) {
	for _, key := range []string{"x/1", "x/2", "x/3/a", "x/4", "xy", "y"} {
		mustPut(t, s, key, nil, blob.Cond{})
	}
	wantKeys(t, s, "x/", "", "x/1", "x/2", "x/3/a", "x/4")
	wantKeys(t, s, "x", "", "x/1", "x/2", "x/3/a", "x/4", "xy")
	wantKeys(t, s, "x/", "x/2", "x/3/a", "x/4")
	wantKeys(t, s, "x/", "x/3", "x/3/a", "x/4")
	wantKeys(t, s, "x/3/a", "", "x/3/a")
	wantKeys(t, s, "x/", "w", "x/1", "x/2", "x/3/a", "x/4")
	wantKeys(t, s, "x/", "y")
	wantKeys(t, s, "z", "")
	wantKeys(t, s, "", "xy", "y")
}

func listMatchesStat(t *testing.T, s blob.Store) {
	for n := range 5 {
		mustPut(t, s, fmt.Sprintf("k/%d", n), content(n*1000), blob.Cond{})
	}
	n := 0
	for listed, err := range s.List(t.Context(), "k/", "") {
		if err != nil {
			t.Fatal(err)
		}
		if o, err := s.Stat(t.Context(), listed.Key); err != nil || version(o) != version(listed) {
			t.Errorf("list says %+v, stat says %+v, error %v", listed, o, err)
		}
		if _, err := blob.Read(t.Context(), s, listed); err != nil {
			t.Errorf("read of the listed version: %v", err)
		}
		n++
	}
	if n != 5 {
		t.Errorf("list gave %d objects of 5", n)
	}
}

func stopListing(t *testing.T, s blob.Store) {
	for _, key := range []string{"a/1", "a/2", "b/1", "c"} {
		mustPut(t, s, key, nil, blob.Cond{})
	}
	list := s.List(t.Context(), "", "")
	for range 2 {
		var got []string
		for o, err := range list {
			if err != nil {
				t.Fatal(err)
			}
			if got = append(got, o.Key); len(got) == 3 {
				break
			}
		}
		if want := []string{"a/1", "a/2", "b/1"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// pages lists more objects than S3 gives in one answer.
func pages(t *testing.T, s blob.Store) {
	const objects = 1_030
	want := make([]string, objects)
	for n := range want {
		want[n] = fmt.Sprintf("pages/%d/%05d", n/300, n)
	}
	var group sync.WaitGroup
	for worker := range 16 {
		group.Go(func() {
			for n := worker; n < objects; n += 16 {
				if _, err := s.Put(t.Context(), want[n], nil, blob.Cond{}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	wantKeys(t, s, "pages/", "", want...)
	wantKeys(t, s, "pages/", want[20], want[21:]...)
}

func underPrefix(t *testing.T, s blob.Store) {
	mustPut(t, s, "in", []byte("outside"), blob.Cond{})
	mustPut(t, s, "inner2/a", []byte("outside"), blob.Cond{})
	u := blob.Under(s, "/inner/deep/")
	o := mustPut(t, u, "a/b", []byte("inside"), blob.Cond{IfAbsent: true})
	if o.Key != "a/b" {
		t.Errorf("put returned key %q, want a/b", o.Key)
	}
	mustPut(t, u, "c", []byte("inside"), blob.Cond{})
	wantKeys(t, u, "", "", "a/b", "c")
	wantKeys(t, u, "", "a/b", "c")
	wantKeys(t, u, "a", "", "a/b")
	wantBody(t, u, "a/b", "inside")
	wantBody(t, s, "inner/deep/a/b", "inside")
	wantKeys(t, s, "", "", "in", "inner/deep/a/b", "inner/deep/c", "inner2/a")
	_, err := u.Put(t.Context(), "../../in", nil, blob.Cond{})
	wantErr(t, err, blob.ErrBadKey)
	mustDelete(t, u, "a/b")
	wantKeys(t, u, "", "", "c")
	if want := strings.TrimSuffix(s.URL(), "/") + "/inner/deep"; u.URL() != want {
		t.Errorf("URL is %q, want %q", u.URL(), want)
	}
}

func wantKeys(t *testing.T, s blob.Store, prefix, after string, want ...string) {
	t.Helper()
	var got []string
	for o, err := range s.List(t.Context(), prefix, after) {
		if err != nil {
			t.Fatalf("list %q after %q: %v", prefix, after, err)
		}
		got = append(got, o.Key)
	}
	if !slices.Equal(got, want) {
		t.Errorf("list %q after %q:\n got %q\nwant %q", prefix, after, got, want)
	}
}
