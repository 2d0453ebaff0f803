package jobs

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"daybook/sinks/publish"
	"daybook/sinks/webhooks"
	"daybook/sources/blob"
)

// allDue is when all months of a tiny world are due.
var allDue = RunOptions{Now: time.Date(2027, 1, 20, 0, 0, 0, 0, time.UTC)}

// watched is a store that notes what the protocol forbids: a second version of
// what is written once, and a deletion of a plan or a manifest.
type watched struct {
	blob.Store
	mu     sync.Mutex
	puts   map[string]int
	broken []string
}

func watch(s blob.Store) *watched { return &watched{Store: s, puts: map[string]int{}} }

// forGood tells the keys of plans and manifests, which are never deleted.
func forGood(key string) bool {
	return strings.HasSuffix(key, "/plan.json") || strings.HasSuffix(key, "/manifest.json")
}

// once tells keys that are written once.
func once(key string) bool {
	return forGood(key) || strings.HasPrefix(key, "data/") || strings.HasPrefix(key, "inputs/")
}

func (w *watched) Put(ctx context.Context, key string, body []byte, c blob.Cond) (blob.Object, error) {
	o, err := w.Store.Put(ctx, key, body, c)
	if err == nil && once(key) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.puts[key]++; w.puts[key] > 1 {
			w.broken = append(w.broken, "written twice: "+key)
		}
	}
	return o, err
}

func (w *watched) Delete(ctx context.Context, key string) error {
	if forGood(key) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.broken = append(w.broken, "deleted: "+key)
	}
	return w.Store.Delete(ctx, key)
}

// inbox is a receiver without a network: it keeps every event that reached it.
type inbox struct {
	mu     sync.Mutex
	bodies map[string]string // by id, of the first arrival
	acked  map[string]bool
	broken []string
}

func newInbox() *inbox { return &inbox{bodies: map[string]string{}, acked: map[string]bool{}} }

// arrive notes an event that reached the receiver.
func (b *inbox) arrive(e webhooks.Event, acknowledged bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if before, ok := b.bodies[e.ID]; ok && before != string(e.Body) {
		b.broken = append(b.broken, "two bodies under one id: "+e.ID)
	}
	b.bodies[e.ID] = string(e.Body)
	b.acked[e.ID] = b.acked[e.ID] || acknowledged
}

// Send implements sender: it acknowledges everything.
func (b *inbox) Send(_ context.Context, _ webhooks.Endpoint, e webhooks.Event) (webhooks.Receipt, error) {
	b.arrive(e, true)
	return webhooks.Receipt{Status: 200}, nil
}

// readable is what readers see in the current view, whichever revision published
// it: files by their bytes, table manifests by the digests of their partitions.
// Which run published what, the table publications, is left out.
func readable(t *testing.T, out blob.Store) map[string]string {
	t.Helper()
	seen := map[string]string{}
	p := publish.New(out, publish.Options{})
	for key, body := range contents(t, blob.Under(out, "current")) {
		table, isManifest := strings.CutSuffix(key, "/_manifest.json")
		switch {
		case strings.HasPrefix(key, "tables/publications/"):
		case isManifest:
			m, err := p.Table(t.Context(), strings.TrimPrefix(table, "tables/"))
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range m.Objects {
				seen[key+" "+o.Partition] = o.SHA256
			}
		default:
			seen[key] = body
		}
	}
	return seen
}

// decided are all manifests of a store.
func decided(t *testing.T, out blob.Store) []publish.Manifest {
	t.Helper()
	p := publish.New(out, publish.Options{})
	var all []publish.Manifest
	for _, job := range []Job{JobRollup, JobDaily, JobDraft, JobMonthly} {
		revisions, err := p.Revisions(t.Context(), string(job))
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range revisions {
			m, err := p.Manifest(t.Context(), r)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, m)
		}
	}
	return all
}

// results are a revision's tables and documents by content; event bodies carry
// their revision and so are none.
func results(m publish.Manifest) map[string]string {
	out := map[string]string{}
	for _, o := range m.Objects {
		if o.Role == publish.RoleEvents || o.Role == publish.RoleTrace {
			continue
		}
		out[fmt.Sprintf("%s %s %s %s", o.Role, o.Table, o.Partition, o.SHA256)] = ""
	}
	for name, total := range m.Totals {
		out["total "+name] = total
	}
	return out
}

// latestOf are the latest published manifests by job and period; it fails when a
// closing was published again otherwise than by a supplement of it, whose tables
// hold its rows.
func latestOf(t *testing.T, all []publish.Manifest) map[string]publish.Manifest {
	t.Helper()
	latest := map[string]publish.Manifest{}
	for _, m := range all {
		if m.Verdict != publish.Published {
			continue
		}
		key := m.Job + " " + m.Period
		if before, twice := latest[key]; twice && m.Job == string(JobMonthly) && !(m.Supersedes == before.Revision && rowsOfTable(m, "invoices") > rowsOfTable(before, "invoices")) {
			t.Errorf("%s was closed twice", m.Period)
		}
		latest[key] = m
	}
	return latest
}

func rowsOfTable(m publish.Manifest, table string) int64 {
	for _, o := range m.Objects {
		if o.Table == table {
			return o.Rows
		}
	}
	return 0
}

// wantGapless fails unless the numbers of all closings, in the order of time, are
// 1, 2, 3 and so on, of invoices and of notes.
func (w *testWorld) wantGapless(t *testing.T, all []publish.Manifest) {
	t.Helper()
	p := w.pipeline(t)
	next := map[string]int{}
	latest := latestOf(t, all)
	for _, m := range all {
		if m.Job != string(JobMonthly) || m.Verdict != publish.Published || latest[m.Job+" "+m.Period].Revision != m.Revision {
			continue
		}
		invoices, err := p.readInvoices(t.Context(), &m)
		if err != nil {
			t.Fatal(err)
		}
		var numbers []string // a supplement's come after those that it adds to
		for _, i := range invoices {
			numbers = append(numbers, i.Number)
		}
		slices.Sort(numbers)
		for _, number := range numbers {
			series := number[:len(number)-6]
			if next[series]++; number != fmt.Sprintf("%s%06d", series, next[series]) {
				t.Errorf("%s has %s where %06d is next", m.Period, number, next[series])
			}
		}
	}
}

// wantDelivered fails unless the receiver has acknowledged every event of every
// closing, and got no other.
func (b *inbox) wantDelivered(t *testing.T, all []publish.Manifest) {
	t.Helper()
	named := map[string]bool{}
	for _, m := range all {
		if m.Verdict != publish.Published {
			continue
		}
		for _, e := range m.Events {
			named[e.ID] = true
			if !b.acked[e.ID] {
				t.Errorf("event %s of %s r%d was not delivered", e.ID, m.Period, m.Revision)
			}
		}
	}
	for id := range maps.Keys(b.bodies) {
		if !named[id] {
			t.Errorf("event %s was sent and no manifest names it", id)
		}
	}
	for _, what := range b.broken {
		t.Error(what)
	}
}

// wantIntact fails unless every object that one of the manifests names stands with
// the bytes that it was named by, and every rollup that a closing took.
func wantIntact(t *testing.T, out blob.Store, all []publish.Manifest) {
	t.Helper()
	stands := map[string]string{}
	for key, body := range contents(t, blob.Under(out, "data")) {
		stands["data/"+key] = digest([]byte(body))
	}
	for _, m := range all {
		objects := slices.Clone(m.Objects)
		if m.Chain != nil {
			for _, o := range []*publish.Object{m.Chain.Coverage, m.Chain.Issued, m.Chain.Posted} {
				if o != nil {
					objects = append(objects, *o)
				}
			}
		}
		for _, in := range m.Inputs {
			if in.Kind == kindRollup && m.Job == string(JobMonthly) {
				objects = append(objects, publish.Object{Key: in.Key, SHA256: in.SHA256})
			}
		}
		for _, o := range objects {
			if stands[o.Key] != o.SHA256 {
				t.Errorf("%s %s r%d names %s, which is missing or damaged", m.Job, m.Period, m.Revision, o.Key)
			}
		}
	}
}
