package publish

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"daybook/sources/blob"
	"daybook/sources/blob/dir"
	"daybook/sources/blob/fault"
	"daybook/sources/blob/mem"
)

var asOf = time.Date(2026, 10, 2, 3, 0, 0, 0, time.UTC)

// job is a small job, enough to go through every step of a run: it publishes
// what it is told to as two tables, documents and an event.
type job struct {
	name, period, engine string
	costs                string            // the table's bytes
	documents            map[string]string // path -> one line
	pins                 []Pin
	extra                []CurrentFile
}

func daily(costs string) job {
	return job{
		name: "daily", period: "2026-10-01", engine: "v1", costs: costs,
		documents: map[string]string{"costs/acme.json": `{"total":"` + costs + `"}`, "costs/beta.json": `{"total":"0"}`},
	}
}

func (j job) identity() Identity {
	return Identity{
		Job: j.name, Period: j.period, AsOf: asOf, Parameters: map[string]string{"costs": j.costs},
		Inputs: []Input{{Kind: "book", Key: "book.yaml", Size: 4, SHA256: sum([]byte("book"))}},
	}
}

// run does what a pipeline does: nothing if the last revision is up to date.
func (j job) run(ctx context.Context, store blob.Store) (Manifest, bool, error) {
	p := New(store, Options{Engine: j.engine})
	h, err := p.Decided(ctx, j.name, j.period)
	if err != nil {
		return Manifest{}, false, err
	}
	if h.Last != nil && h.Last.Plan == j.identity().Digest() && h.Last.Verdict != Abandoned {
		return *h.Published, true, p.Advance(ctx, *h.Published, j.extra...)
	}
	if _, err := p.KeepInput(ctx, "book", []byte("book")); err != nil {
		return Manifest{}, false, err
	}
	r, err := p.BeginAfter(ctx, h, j.identity(), j.pins)
	if errors.Is(err, ErrMovedOn) {
		return j.run(ctx, store)
	}
	if err != nil {
		return Manifest{}, false, err
	}
	m, adopted, err := j.compute(ctx, r)
	if err != nil {
		return m, adopted, err
	}
	return m, adopted, p.Advance(ctx, m, j.extra...)
}

func (j job) compute(ctx context.Context, r *Run) (Manifest, bool, error) {
	m := Manifest{Totals: map[string]string{"CHF": j.costs}, Reconciliation: json.RawMessage(`{"rows":1}`)}
	for _, table := range []string{"daily_costs", "parked_accounts"} {
		body := []byte(table + " " + j.costs)
		if table == "parked_accounts" {
			body = []byte(table)
		}
		o, err := r.Put(ctx, NewObject{Name: table, Ext: "parquet", Role: RoleTable, Rows: 1, Table: table, Partition: "day=" + j.period, Body: body})
		if err != nil {
			return Manifest{}, false, err
		}
		m.Objects = append(m.Objects, o)
	}
	pack := r.NewPack()
	for _, path := range slices.Sorted(maps.Keys(j.documents)) {
		if err := pack.Document(ctx, path, []byte(j.documents[path])); err != nil {
			return Manifest{}, false, err
		}
	}
	e := Event{ID: fmt.Sprintf("evt_%d", r.Revision), Type: "costs.updated", Subject: "acme", Format: "daybook"}
	if err := pack.Event(ctx, e, fmt.Appendf(nil, `{"revision":%d}`, r.Revision)); err != nil {
		return Manifest{}, false, err
	}
	objects, events, err := pack.Close(ctx)
	if err != nil {
		return Manifest{}, false, err
	}
	m.Objects, m.Events = append(m.Objects, objects...), events
	return r.Commit(ctx, m)
}

// must runs j and fails the test on an error.
func (j job) must(t *testing.T, store blob.Store) Manifest {
	t.Helper()
	m, _, err := j.run(t.Context(), store)
	if err != nil {
		t.Fatalf("run %s %s: %v", j.name, j.costs, err)
	}
	return m
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

// dump returns every object of a store by key.
func dump(t *testing.T, store blob.Store) map[string]string {
	t.Helper()
	all := map[string]string{}
	for o, err := range store.List(context.Background(), "", "") {
		if err != nil {
			t.Fatal(err)
		}
		body, err := blob.Read(context.Background(), store, o)
		if err != nil {
			t.Fatal(err)
		}
		all[o.Key] = string(body)
	}
	return all
}

func content1(t *testing.T, store blob.Store, key string) string {
	t.Helper()
	body, _, err := blob.ReadAll(t.Context(), store, key, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func faulty(t *testing.T, store blob.Store, script string) *fault.Store {
	t.Helper()
	f, err := fault.New(store, fault.Options{Script: script})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// manifestsOf counts the manifests of one job.
func manifestsOf(all map[string]string, name string) int {
	n := 0
	for key := range all {
		if strings.HasPrefix(key, "runs/"+name+"/") && strings.HasSuffix(key, "/manifest.json") {
			n++
		}
	}
	return n
}

// eachStore runs a test on the stores that need no server.
func eachStore(t *testing.T, test func(t *testing.T, store blob.Store)) {
	t.Run("mem", func(t *testing.T) { test(t, mem.New("out")) })
	t.Run("dir", func(t *testing.T) {
		store, err := dir.New(t.TempDir(), dir.Options{})
		if err != nil {
			t.Fatal(err)
		}
		test(t, store)
	})
}

func is(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error is %v, want %v", err, want)
	}
}
