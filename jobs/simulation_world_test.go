package jobs

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"daybook/pricing"
	"daybook/sinks/publish"
	"daybook/sources/blob"
	"daybook/sources/blob/mem"
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
	{"a dearer fee", func(t *testing.T, w *testWorld) {
		w.put(t, "book/shop.yaml", strings.Replace(testBook, "fixed: 10.00", "fixed: 20.00", 1))
	}},
	{"the old book again", func(t *testing.T, w *testWorld) { w.put(t, "book/shop.yaml", testBook) }},
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

// versions keeps every version of every usage file, by key and digest: what a
// closing took is found again when the file has been overwritten.
type versions map[string][]byte

func (v versions) note(t *testing.T, bucket blob.Store) {
	for key, body := range contents(t, blob.Under(bucket, "usage")) {
		v[key+" "+digest([]byte(body))] = []byte(body)
	}
}

// pinned makes the bucket that a closing was made from: the book and registry
// that its manifest names, and the usage files of the rollups that it names.
func (v versions) pinned(t *testing.T, out blob.Store, closing publish.Manifest) (bucket *mem.Store, name string) {
	t.Helper()
	bucket = mem.New("bucket")
	var parts []string
	put := func(key string, body []byte) {
		if _, err := bucket.Put(t.Context(), key, body, blob.Cond{}); err != nil {
			t.Fatal(err)
		}
		parts = append(parts, key+" "+digest(body))
	}
	p := publish.New(out, publish.Options{})
	for _, in := range closing.Inputs {
		if in.Kind == kindBook || in.Kind == kindRegistry {
			body, err := p.ReadInput(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			put(in.Kind+"/"+in.Key, body)
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
			if f.Kind == "usage" {
				put("usage/"+f.Key, v[f.Key+" "+f.SHA256])
			}
		}
	}
	slices.Sort(parts)
	return bucket, strings.Join(parts, "\n")
}

// undisturbed remembers what single runs without faults publish.
var undisturbed struct {
	sync.Mutex
	results map[string]map[string]map[string]string // by inputs; job and period -> results
}

func remembered(name string, compute func() map[string]map[string]string) map[string]map[string]string {
	undisturbed.Lock()
	found := undisturbed.results[name]
	undisturbed.Unlock()
	if found != nil {
		return found
	}
	found = compute()
	undisturbed.Lock()
	defer undisturbed.Unlock()
	if undisturbed.results == nil {
		undisturbed.results = map[string]map[string]map[string]string{}
	}
	undisturbed.results[name] = found
	return found
}

// resultsOf are the results of the latest published revisions of some jobs.
func resultsOf(latest map[string]publish.Manifest, jobs ...Job) map[string]map[string]string {
	found := map[string]map[string]string{}
	for key, m := range latest {
		if slices.Contains(jobs, Job(m.Job)) {
			found[key] = results(m)
		}
	}
	return found
}

// wantUndisturbed fails unless the rollups and daily costs are those of one run
// over the inputs as they are now, and the closings those of one run over what
// each of them took.
func (s *story) wantUndisturbed(latest map[string]publish.Manifest) {
	t, w := s.t, s.w
	var now []string
	for key, body := range contents(t, w.bucket) {
		now = append(now, key+" "+digest([]byte(body)))
	}
	slices.Sort(now)
	want := remembered("now\n"+strings.Join(now, "\n")+fmt.Sprint(s.days), func() map[string]map[string]string {
		fresh := newTinyWorld(t, len(s.months) > 1)
		fresh.bucket = w.bucket
		fresh.clean(t, newInbox(), nil, s.days)
		return resultsOf(latestOf(t, decided(t, fresh.out)), JobRollup, JobDaily)
	})
	sameResults(t, "the current inputs", resultsOf(latest, JobRollup, JobDaily), want)

	// One run a month, each over what that closing took. A supplement goes on from
	// its closing, over other inputs: no one run does what both did.
	for _, m := range s.months {
		if latest["monthly "+m.String()].Supersedes > 0 {
			return
		}
	}
	var took []*mem.Store
	var names []string
	for _, m := range s.months {
		bucket, name := s.files.pinned(t, s.inner, latest["monthly "+m.String()])
		took, names = append(took, bucket), append(names, name)
	}
	want = remembered("closings\n"+strings.Join(names, "\n\n"), func() map[string]map[string]string {
		fresh := newTinyWorld(t, len(s.months) > 1)
		for i, m := range s.months {
			fresh.bucket = took[i]
			fresh.clean(t, newInbox(), []pricing.Month{m}, nil)
		}
		return resultsOf(latestOf(t, decided(t, fresh.out)), JobMonthly)
	})
	sameResults(t, "what the closings took", resultsOf(latest, JobMonthly), want)
}

func sameResults(t *testing.T, what string, got, want map[string]map[string]string) {
	t.Helper()
	for key, r := range want {
		if !maps.Equal(got[key], r) {
			t.Errorf("%s has not the results of an undisturbed run over %s:\n got %v\nwant %v", key, what, got[key], r)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d published periods, an undisturbed run over %s has %d", len(got), what, len(want))
	}
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
	if !maps.Equal(seen, named) {
		t.Errorf("the table manifests name %v, want %v", seen, named)
	}
}
