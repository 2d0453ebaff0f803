package jobs

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"daybook/sinks/publish"
	"daybook/sources/blob"
)

// edit is something that a person or another system does to the inputs.
type edit struct {
	name string
	do   func(*testing.T, *testWorld)
}

var lastOctoberLate = usageRow{"e9", "2026-10-31T10:00:00Z", "sub-b", 2}

// edits are all that may happen to the inputs of a story. They are few, so that
// what they come to can be remembered from one story to the next.
var edits = []edit{
	{"late October file", func(t *testing.T, w *testWorld) { w.usage(t, "dt=2026-10-31/late.parquet", lastOctoberLate) }},
	{"late November file with a duplicate and a bad row", func(t *testing.T, w *testWorld) {
		w.usage(t, "dt=2026-11-01/late.parquet", usageRow{"e3", "2026-11-01T08:00:00Z", "sub-a", 30},
			usageRow{"e10", "2026-11-01T09:00:00Z", "sub-a", 5}, usageRow{"e11", "2026-11-01T09:00:00Z", "nobody", 5})
	}},
	{"a file of a day that had none", func(t *testing.T, w *testWorld) {
		w.usage(t, "dt=2026-11-15/a.parquet", usageRow{"e12", "2026-11-15T09:00:00Z", "sub-b", 7})
	}},
	{"a file overwritten", func(t *testing.T, w *testWorld) {
		w.usage(t, "dt=2026-10-31/a.parquet", usageRow{"e1", "2026-10-31T08:00:00Z", "sub-a", 11}, usageRow{"e2", "2026-10-31T09:00:00Z", "sub-b", 4})
	}},
	{"a dearer fee", func(t *testing.T, w *testWorld) { w.editBook(t, "fixed: 10.00", "fixed: 20.00") }},
	{"the old book again", func(t *testing.T, w *testWorld) { w.editBook(t, "fixed: 20.00", "fixed: 10.00") }},
	{"an account that cannot be billed", func(t *testing.T, w *testWorld) {
		w.put(t, "registry/subscriptions.ndjson", strings.Replace(tinySubscriptions, `"beta","plan":"standard"`, `"beta","plan":"gone"`, 1))
	}},
	{"the account mended", func(t *testing.T, w *testWorld) { w.put(t, "registry/subscriptions.ndjson", tinySubscriptions) }},
	{"a payment", func(t *testing.T, w *testWorld) {
		w.put(t, "registry/payments.csv", "id,account,amount,currency,time\nx,acme,5.00,CHF,2026-10-31\n")
	}},
	{"another payment", func(t *testing.T, w *testWorld) {
		w.put(t, "registry/payments.csv", "id,account,amount,currency,time\nx,acme,5.00,CHF,2026-10-31\ny,beta,7.00,CHF,2026-11-01\n")
	}},
}

// editBook changes the book where it has a text.
func (w *testWorld) editBook(t *testing.T, old, text string) {
	t.Helper()
	body, _, err := blob.ReadAll(t.Context(), w.bucket, "book/shop.yaml", 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	w.put(t, "book/shop.yaml", strings.Replace(string(body), old, text, 1))
}

// versions keeps every version of every usage file, by key and digest: what a
// closing took is found again when the file has been overwritten.
type versions map[string][]byte

func (v versions) note(t *testing.T, bucket blob.Store) {
	for key, body := range contents(t, blob.Under(bucket, "usage")) {
		v[key+" "+digest([]byte(body))] = []byte(body)
	}
}

// pinned is what a closing was made from, by the keys of the bucket: the book and
// registry that its manifest names, and the usage files of the rollups that it
// names; and of the output the requests that either names.
func (v versions) pinned(t *testing.T, out blob.Store, closing publish.Manifest) (files, asked map[string][]byte) {
	t.Helper()
	files, asked = map[string][]byte{}, map[string][]byte{}
	p := publish.New(out, publish.Options{})
	ask := func(in publish.Input) {
		body, _, err := blob.ReadAll(t.Context(), out, in.Key, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		asked[in.Key] = body
	}
	for _, in := range closing.Inputs {
		switch in.Kind {
		case kindBook, kindRegistry:
			body, err := p.ReadInput(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			files[in.Kind+"/"+in.Key] = body
			continue
		case publish.KindRequest:
			ask(in)
			continue
		}
		job, period, revision, ok := publish.MadeBy(in.Key)
		if !ok {
			continue
		}
		rollup, err := p.ManifestOf(t.Context(), job, period, revision)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range rollup.Inputs {
			switch f.Kind {
			case kindUsage:
				files["usage/"+f.Key] = v[f.Key+" "+f.SHA256]
			case publish.KindRequest:
				ask(f)
			}
		}
	}
	return files, asked
}

// become makes a store hold some objects alone. What stands already is left, and
// what is put gets another etag than it had.
func become(t *testing.T, store blob.Store, want map[string][]byte) {
	t.Helper()
	have := contents(t, store)
	for key := range have {
		if _, ok := want[key]; !ok {
			if err := store.Delete(t.Context(), key); err != nil {
				t.Fatal(err)
			}
		}
	}
	putAll(t, store, want, have)
}

// putAll puts the objects that a store does not hold.
func putAll(t *testing.T, store blob.Store, want map[string][]byte, have map[string]string) {
	t.Helper()
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if body, ok := have[key]; ok && body == string(want[key]) {
			continue
		}
		if _, err := store.Put(t.Context(), key, want[key], blob.Cond{}); err != nil {
			t.Fatal(err)
		}
	}
}

// nameOf names objects by their keys and bodies.
func nameOf(objects map[string][]byte) string {
	var parts []string
	for key, body := range objects {
		parts = append(parts, key+" "+digest(body))
	}
	slices.Sort(parts)
	return strings.Join(parts, "\n")
}

// wantCurrent fails unless the current view holds the tables and documents of
// the latest published revisions, and its table manifests name exactly them.
func wantCurrent(t *testing.T, out blob.Store, latest map[string]publish.Manifest) {
	t.Helper()
	p := publish.New(out, publish.Options{})
	stands := map[string]string{}
	for key, body := range contents(t, blob.Under(out, "current")) {
		stands[key] = digest([]byte(body))
	}
	named := map[string]string{}
	for _, m := range latest {
		for _, o := range m.Objects {
			switch o.Role {
			case publish.RoleTable:
				part := fmt.Sprintf("tables/%s/%s/part.parquet", o.Table, o.Partition)
				if stands[part] != o.SHA256 {
					t.Errorf("%s does not hold the bytes of %s %s r%d", part, m.Job, m.Period, m.Revision)
				}
				named[o.Table+" "+o.Partition] = o.SHA256
			case publish.RoleIndex:
				documents, err := p.Documents(t.Context(), o)
				if err != nil {
					t.Fatal(err)
				}
				for _, d := range documents {
					if stands["documents/"+d.Path] != d.SHA256 {
						t.Errorf("document %s is not that of %s %s r%d", d.Path, m.Job, m.Period, m.Revision)
					}
				}
			}
		}
	}
	seen := map[string]string{}
	for key, sum := range readable(t, out) {
		if table, partition, ok := strings.Cut(key, "/_manifest.json "); ok {
			seen[strings.TrimPrefix(table, "tables/")+" "+partition] = sum
		}
	}
	for part := range seen {
		if seen[part] == named[part] {
			delete(seen, part)
			delete(named, part)
		}
	}
	if len(seen)+len(named) > 0 {
		t.Errorf("the table manifests name %v, want %v", seen, named)
	}
}
