package main

import (
	"context"
	"iter"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"daybook/cmd/daybook/world"
	"daybook/jobs"
	"daybook/pricing"
	"daybook/sources/blob"
	"daybook/sources/blob/dir"
	"daybook/sources/blob/mem"
	"daybook/sources/blob/retry"
	"daybook/sources/blob/s3"
	"daybook/sources/blob/s3test"
)

// small is the demo's world with fewer events in more row groups, so that the
// work really is spread.
func small() world.Options {
	o := world.Demo
	o.Events, o.RowGroupRows = 30_000, 100
	return o
}

// fill writes a world's bucket to a store.
func fill(t *testing.T, store blob.Store, o world.Options) {
	t.Helper()
	err := world.Write(o, func(path string, body []byte) error {
		_, err := store.Put(t.Context(), path, body, blob.Cond{})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func worldStores(bucket, out blob.Store) jobs.Stores {
	return jobs.Stores{
		Usage: blob.Under(bucket, "usage"), Registry: blob.Under(bucket, "registry"), Book: blob.Under(bucket, "book"), Out: out,
	}
}

func worldSettings(t *testing.T) jobs.Settings {
	t.Helper()
	path := filepath.Join(t.TempDir(), "daybook.yaml")
	if err := writeFile(path, []byte(demoConfig)); err != nil {
		t.Fatal(err)
	}
	cfg, err := loadConfig(path)
	if err != nil {
		t.Fatal(err)
	}
	return cfg.settings
}

// bill runs daily for the last days of the world's month, and the closing, and
// returns everything that the bytes promise covers.
func bill(t *testing.T, stores jobs.Stores) map[string]string {
	t.Helper()
	p := jobs.New(stores, worldSettings(t), jobs.Options{Version: version, ProbeKey: "probe/test"})
	m := world.Demo.Month
	o := jobs.RunOptions{Now: m.Next().Next().First().UTC()}
	last := m.Next().First().AddDays(-1)
	if _, err := p.Daily(t.Context(), []pricing.Date{last.AddDays(-1), last}, o); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Monthly(t.Context(), m.Through(m), o); err != nil {
		t.Fatal(err)
	}
	return promised(t, stores.Out)
}

// promised reads data/, current/ and the manifests.
func promised(t *testing.T, out blob.Store) map[string]string {
	t.Helper()
	got := map[string]string{}
	for o, err := range out.List(t.Context(), "", "") {
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(o.Key, "data/") || strings.HasPrefix(o.Key, "current/") || strings.HasSuffix(o.Key, "/manifest.json") {
			body, err := blob.Read(t.Context(), out, o)
			if err != nil {
				t.Fatal(err)
			}
			got[o.Key] = string(body)
		}
	}
	if len(got) < 100 {
		t.Fatalf("only %d objects: nothing was billed", len(got))
	}
	return got
}

func sameBytes(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	for key, body := range want {
		if g, ok := got[key]; !ok {
			t.Errorf("%s: %s is missing", what, key)
		} else if g != body {
			t.Errorf("%s: %s differs", what, key)
		}
	}
	for key := range got {
		if _, ok := want[key]; !ok {
			t.Errorf("%s: %s is extra", what, key)
		}
	}
}

// shuffled lists keys in a random order, as no store should, to show that no
// result leans on it.
type shuffled struct {
	blob.Store
	random *rand.Rand
}

func (s shuffled) List(ctx context.Context, prefix, after string) iter.Seq2[blob.Object, error] {
	return func(yield func(blob.Object, error) bool) {
		var all []blob.Object
		for o, err := range s.Store.List(ctx, prefix, after) {
			if err != nil {
				yield(o, err)
				return
			}
			all = append(all, o)
		}
		s.random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		for _, o := range all {
			if !yield(o, nil) {
				return
			}
		}
	}
}

func TestBytes_SameOnAnyCoresStoreFolderAndListing(t *testing.T) {
	bucket := mem.New("bucket")
	fill(t, bucket, small())
	want := bill(t, worldStores(bucket, mem.New("want")))

	cores := []int{1, 2, 8}
	if testing.Short() { // under the race detector
		cores = []int{8}
	}
	for _, procs := range cores {
		before := runtime.GOMAXPROCS(procs)
		got := bill(t, worldStores(bucket, mem.New("got")))
		runtime.GOMAXPROCS(before)
		sameBytes(t, "cores", got, want)
	}
	stores := worldStores(bucket, mem.New("shuffled"))
	stores.Usage = shuffled{stores.Usage, rand.New(rand.NewPCG(1, 2))}
	sameBytes(t, "shuffled listing", bill(t, stores), want)

	for _, folder := range []string{"one", "another/deeper"} {
		root, err := dir.New(filepath.Join(t.TempDir(), folder), dir.Options{Create: true, NoSync: true})
		if err != nil {
			t.Fatal(err)
		}
		fill(t, root, small())
		sameBytes(t, folder, bill(t, worldStores(root, blob.Under(root, "out"))), want)
	}
}

func TestBytes_SameOnARealS3Server(t *testing.T) {
	server := s3test.Start(t)
	bucket := mem.New("bucket")
	fill(t, bucket, small())
	want := bill(t, worldStores(bucket, mem.New("want")))

	remote, err := s3.New(t.Context(), s3.Options{Bucket: server.Bucket, Endpoint: server.Endpoint, PathStyle: true, Config: &server.Config})
	if err != nil {
		t.Fatal(err)
	}
	store := retry.New(remote, retry.Options{Sleep: wallClock().Sleep})
	fill(t, store, small())
	sameBytes(t, "versitygw", bill(t, worldStores(store, blob.Under(store, "out"))), want)
}
