package jobs

import (
	"encoding/json"
	"strings"
	"testing"

	"daybook/sinks/publish"
	"daybook/sources/blob"
)

// forger is somebody who may write to the store and knows how its files are
// made: after each change it computes the names and digests again that hang on
// it, within the revision.
type forger struct {
	t     *testing.T
	store blob.Store
	m     publish.Manifest
	plan  publish.Plan
}

func newForger(t *testing.T, w *testWorld, job, period string, revision int) *forger {
	t.Helper()
	f := &forger{t: t, store: w.out}
	f.decode(publish.ManifestKey(job, period, revision), &f.m)
	f.decode(publish.PlanKey(job, period, revision), &f.plan)
	return f
}

func (f *forger) decode(key string, v any) {
	f.t.Helper()
	if err := json.Unmarshal([]byte(f.read(key)), v); err != nil {
		f.t.Fatal(err)
	}
}

func (f *forger) read(key string) string {
	f.t.Helper()
	body, _, err := blob.ReadAll(f.t.Context(), f.store, key, 1<<30)
	if err != nil {
		f.t.Fatal(err)
	}
	return string(body)
}

func (f *forger) put(key, body string) {
	f.t.Helper()
	if _, err := f.store.Put(f.t.Context(), key, []byte(body), blob.Cond{}); err != nil {
		f.t.Fatal(err)
	}
}

func (f *forger) delete(key string) {
	f.t.Helper()
	if err := f.store.Delete(f.t.Context(), key); err != nil {
		f.t.Fatal(err)
	}
}

// edit changes text that must be there.
func (f *forger) edit(body, old, new string) string {
	f.t.Helper()
	if !strings.Contains(body, old) {
		f.t.Fatalf("there is no %q to forge in %.300s", old, body)
	}
	return strings.Replace(body, old, new, 1)
}

// object finds an object of the revision by the beginning of its name.
func (f *forger) object(name string) *publish.Object {
	f.t.Helper()
	for i, o := range f.m.Objects {
		if strings.HasPrefix(o.Key[strings.LastIndexByte(o.Key, '/')+1:], name+".") {
			return &f.m.Objects[i]
		}
	}
	f.t.Fatalf("%s %s has no object %s", f.m.Job, f.m.Period, name)
	return nil
}

// replace gives an object other bytes, under the name that they have.
func (f *forger) replace(o *publish.Object, body string) {
	f.t.Helper()
	old := *o
	o.SHA256, o.Size = digest([]byte(body)), int64(len(body))
	o.Key = strings.Replace(old.Key, old.SHA256, o.SHA256, 1)
	f.put(o.Key, body)
	f.delete(old.Key)
	for i := range f.m.Events {
		if f.m.Events[i].Pack == old.Key {
			f.m.Events[i].Pack = o.Key
		}
	}
}

// commit writes plan and manifest with their digests.
func (f *forger) commit() {
	f.t.Helper()
	f.m.Plan = f.plan.Identity.Digest()
	f.writeChecked(publish.PlanKey(f.m.Job, f.m.Period, f.m.Revision), f.plan)
	f.writeChecked(publish.ManifestKey(f.m.Job, f.m.Period, f.m.Revision), f.m)
}

// writeChecked writes indented JSON that ends with the sha256 of what stands
// before it, as docs/verify.md describes it.
func (f *forger) writeChecked(key string, v any) {
	f.t.Helper()
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		f.t.Fatal(err)
	}
	body := strings.TrimSuffix(b.String(), "\n}\n")
	f.put(key, body+",\n  \"sha256\": \""+digest([]byte(body))+"\"\n}\n")
}
