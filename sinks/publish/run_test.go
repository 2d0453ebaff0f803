package publish

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"daybook/sources/blob"
	"daybook/sources/blob/mem"
)

// The keys are those of docs/commit-protocol.md, "Keys" and "current/".
func TestRun_LeavesTheKeysOfTheCommitProtocol(t *testing.T) {
	eachStore(t, func(t *testing.T, store blob.Store) {
		j := daily("12.50")
		j.extra = []CurrentFile{{Path: "dashboard/index.html", Body: []byte("<html>")}}
		m := j.must(t, store)
		all := dump(t, store)
		costs := "daily_costs 12.50"
		want := map[string]string{
			"inputs/book/" + sum([]byte("book")):                                                           "book",
			"data/daily/2026-10-01/r000001/daily_costs." + sum([]byte(costs)) + ".parquet":                 costs,
			"data/daily/2026-10-01/r000001/parked_accounts." + sum([]byte("parked_accounts")) + ".parquet": "parked_accounts",
			"current/tables/daily_costs/day=2026-10-01/part.parquet":                                       costs,
			"current/tables/parked_accounts/day=2026-10-01/part.parquet":                                   "parked_accounts",
			"current/documents/costs/acme.json":                                                            "{\"total\":\"12.50\"}\n",
			"current/documents/costs/beta.json":                                                            "{\"total\":\"0\"}\n",
			"current/dashboard/index.html":                                                                 "<html>",
		}
		for key, body := range want {
			if all[key] != body {
				t.Errorf("%s holds %q, want %q", key, all[key], body)
			}
		}
		for _, key := range []string{"runs/daily/2026-10-01/r000001/plan.json", "runs/daily/2026-10-01/r000001/manifest.json", "current/tables/daily_costs/_manifest.json"} {
			if !json.Valid([]byte(all[key])) || !strings.HasSuffix(all[key], "}\n") {
				t.Errorf("%s is not readable JSON with a line end: %q", key, all[key])
			}
		}
		if m.Verdict != Published || m.Revision != 1 || m.Supersedes != 0 || m.Engine != "v1" || !m.AsOf.Equal(asOf) || m.Plan != j.identity().Digest() {
			t.Errorf("manifest is %+v", m)
		}
		if sums, err := ManifestDigest(m); err != nil || sums != sum([]byte(all["runs/daily/2026-10-01/r000001/manifest.json"])) {
			t.Errorf("digest %s of the manifest is not that of its file (%v)", sums, err)
		}
	})
}

func TestManifest_IsTheSameOnEveryStoreAndForAllPins(t *testing.T) {
	var files []string
	eachStore(t, func(t *testing.T, store blob.Store) {
		j := daily("1")
		j.pins = []Pin{{Key: "usage/a.parquet", ETag: "etag-of-" + store.URL(), Size: 1}}
		j.must(t, store)
		file := content1(t, store, "runs/daily/2026-10-01/r000001/manifest.json")
		if strings.Contains(file, "etag-of") {
			t.Error("the manifest holds a store's token")
		}
		files = append(files, file)
	})
	if len(files) != 2 || files[0] != files[1] {
		t.Errorf("manifests differ:\n%s", strings.Join(files, "\n"))
	}
}

func TestDecided_TakesOneListAndAtMostTwoReads(t *testing.T) {
	store := mem.New("out")
	daily("1").must(t, store)
	daily("2").must(t, store)
	recompute(t, store, daily("2"))
	f := faulty(t, store, "")
	h, err := New(f, Options{Engine: "v1"}).Decided(t.Context(), "daily", "2026-10-01")
	if err != nil {
		t.Fatal(err)
	}
	if h.Next != 4 || h.Last.Revision != 3 || h.Last.Verdict != Unchanged || h.Published.Revision != 2 || h.PlanAtNext {
		t.Errorf("history is %+v", h)
	}
	if f.Count("any") != 3 || f.Count("list") != 1 || f.Count("read") != 2 {
		t.Errorf("calls were %v", f.Calls())
	}
}

// recompute runs j's next revision although it is up to date.
func recompute(t *testing.T, store blob.Store, j job) Manifest {
	t.Helper()
	r, err := New(store, Options{Engine: j.engine}).Begin(t.Context(), j.identity(), j.pins)
	if err != nil {
		t.Fatal(err)
	}
	m, _, err := j.compute(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestBegin_AFoundPlanWins(t *testing.T) {
	store := mem.New("out")
	p := New(store, Options{Engine: "v1"})
	first, err := p.Begin(t.Context(), daily("1").identity(), []Pin{{Key: "a", ETag: "1"}})
	if err != nil {
		t.Fatal(err)
	}
	later := daily("1").identity()
	later.AsOf = asOf.Add(time.Hour)
	second, err := p.Begin(t.Context(), later, []Pin{{Key: "a", ETag: "2"}})
	if err != nil {
		t.Fatal(err)
	}
	if second.Revision != 1 || !second.Plan.Identity.AsOf.Equal(asOf) || second.Plan.Pins[0].ETag != "1" {
		t.Errorf("the second runner's plan is %+v", second.Plan)
	}
	if second.Plan.Identity.Digest() != first.Plan.Identity.Digest() || second.Plan.Identity.Digest() == later.Digest() {
		t.Error("the digest does not tell a found plan from one's own")
	}
	h, err := p.Decided(t.Context(), "daily", "2026-10-01")
	if err != nil || !h.PlanAtNext || h.Next != 1 || h.Last != nil {
		t.Errorf("history is %+v, %v", h, err)
	}
	read, err := p.Plan(t.Context(), "daily", "2026-10-01", 1)
	if err != nil || !read.Matches([]Pin{{Key: "a", ETag: "1"}}) || read.Matches([]Pin{{Key: "a", ETag: "2"}}) {
		t.Errorf("plan read back is %+v, %v", read, err)
	}
}

func TestBegin_AbandonsThePlanOfAnotherEngine(t *testing.T) {
	store := mem.New("out")
	old, err := New(store, Options{Engine: "v1"}).Begin(t.Context(), daily("1").identity(), nil)
	if err != nil {
		t.Fatal(err)
	}
	next := daily("1")
	next.engine = "v2"
	m := next.must(t, store)
	if m.Revision != 2 || m.Engine != "v2" || m.Verdict != Published || m.Supersedes != 0 {
		t.Errorf("the new engine's manifest is %+v", m)
	}
	// The old engine was only slow: it must not publish any more.
	stands, adopted, err := daily("1").compute(t.Context(), old)
	is(t, err, ErrAbandoned)
	if !adopted || stands.Verdict != Abandoned || stands.Reason != "engine v1 is gone" {
		t.Errorf("what stands is %+v", stands)
	}
}

// Two runners find a month open; the first closes it before the second begins.
func TestBeginAfter_RefusesWhatAnotherRunnerHasDecidedSince(t *testing.T) {
	store := mem.New("out")
	p := New(store, Options{Engine: "v1"})
	decided := func() History {
		h, err := p.Decided(t.Context(), "daily", "2026-10-01")
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	open := decided()
	daily("1").must(t, store)
	_, err := p.BeginAfter(t.Context(), open, daily("2").identity(), nil)
	is(t, err, ErrMovedOn)
	once := decided()
	recompute(t, store, daily("1")) // unchanged
	_, err = p.BeginAfter(t.Context(), once, daily("2").identity(), nil)
	is(t, err, ErrMovedOn)
	twice := decided()
	r, err := p.BeginAfter(t.Context(), twice, daily("2").identity(), nil)
	if err != nil || r.Revision != 3 {
		t.Fatalf("begun r%d, %v", r.Revision, err)
	}
	if err := r.Abandon(t.Context(), "inputs changed"); err != nil {
		t.Fatal(err)
	}
	// An abandoned revision decided nothing about the period.
	if r, err = p.BeginAfter(t.Context(), twice, daily("2").identity(), nil); err != nil || r.Revision != 4 {
		t.Fatalf("begun r%d, %v", r.Revision, err)
	}
}

func TestAbandon_TheNextRevisionFollows(t *testing.T) {
	store := mem.New("out")
	daily("1").must(t, store)
	p := New(store, Options{Engine: "v1"})
	r, err := p.Begin(t.Context(), daily("2").identity(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // again is the same
		if err := r.Abandon(t.Context(), "inputs changed"); err != nil {
			t.Fatal(err)
		}
	}
	h, err := p.Decided(t.Context(), "daily", "2026-10-01")
	if err != nil || h.Last.Verdict != Abandoned || h.Last.Reason != "inputs changed" || h.Published.Revision != 1 || h.Next != 3 {
		t.Errorf("history is %+v, %v", h, err)
	}
	if m := daily("2").must(t, store); m.Revision != 3 || m.Supersedes != 1 {
		t.Errorf("the next manifest is r%d and supersedes r%d, want 3 and 1", m.Revision, m.Supersedes)
	}
}

func TestCancelledContext_StartsNoWrite(t *testing.T) {
	store := mem.New("out")
	p := New(faulty(t, store, ""), Options{Engine: "v1"})
	r, err := p.Begin(t.Context(), daily("1").identity(), nil)
	if err != nil {
		t.Fatal(err)
	}
	m := daily("1").must(t, mem.New("elsewhere"))
	before := len(dump(t, store))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f := p.store.(interface{ Count(string) int })
	puts := f.Count("put")
	_, putErr := r.Put(ctx, NewObject{Name: "a", Ext: "b", Role: RoleTrace})
	_, keepErr := p.KeepInput(ctx, "book", []byte("x"))
	_, beginErr := p.Begin(ctx, daily("2").identity(), nil)
	_, _, commitErr := r.Commit(ctx, Manifest{})
	_, sealErr := p.Seal(ctx, "daily", "2026-10-01")
	for _, err := range []error{putErr, keepErr, beginErr, commitErr, sealErr, r.Abandon(ctx, "x"), p.Advance(ctx, m)} {
		is(t, err, context.Canceled)
	}
	if f.Count("put") != puts || len(dump(t, store)) != before {
		t.Error("a put was started")
	}
}

func TestHostileIDs_StayInsideTheirFolders(t *testing.T) {
	store := mem.New("out")
	for _, id := range []string{"../x", "..", ".", "", "a/b", `a\b`, "nul\x00", "line\nend", "%2E", "=cmd()", "ümlaut"} {
		j := daily("1")
		j.period, j.documents = "p"+id, nil
		j.name = id
		if id == "" {
			if _, err := New(store, Options{}).Begin(t.Context(), j.identity(), nil); err == nil {
				t.Error("a job without a name was begun")
			}
			continue
		}
		r, err := New(store, Options{Engine: "v1"}).Begin(t.Context(), j.identity(), nil)
		if err != nil {
			t.Fatalf("%q: %v", id, err)
		}
		if _, _, err := r.Commit(t.Context(), Manifest{}); err != nil {
			t.Fatalf("%q: %v", id, err)
		}
		periods, err := New(store, Options{}).Periods(t.Context(), id)
		if err != nil || len(periods) != 1 || periods[0] != "p"+id {
			t.Errorf("periods of %q are %q, %v", id, periods, err)
		}
		key := DeliveredKey(id, j.period, 1, id)
		if err := blob.ValidKey(key); err != nil || strings.Count(key, "/") != 4 || !strings.HasPrefix(key, "delivered/") {
			t.Errorf("the delivered key of %q is %q: %v", id, key, err)
		}
	}
	for key := range dump(t, store) {
		if err := blob.ValidKey(key); err != nil || !strings.HasPrefix(key, "runs/") || strings.Count(key, "/") != 4 {
			t.Errorf("key %q: %v", key, err)
		}
	}
	if got := DeliveredKey("monthly", "2026-10", 12, "erp"); got != "delivered/monthly/2026-10/r000012/erp" {
		t.Errorf("delivered key is %s", got)
	}
}

func TestBegin_RefusesWhatJSONWouldChange(t *testing.T) {
	id := daily("1").identity()
	id.Inputs = append(id.Inputs, Input{Kind: "usage", Key: "bad\xffname"})
	if _, err := New(mem.New("out"), Options{}).Begin(t.Context(), id, nil); err == nil || !strings.Contains(err.Error(), "UTF-8") {
		t.Errorf("error is %v", err)
	}
}

func TestPut_RefusesBadNamesAndPlaces(t *testing.T) {
	r, err := New(mem.New("out"), Options{}).Begin(t.Context(), daily("1").identity(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []NewObject{
		{Name: "../a", Ext: "b", Role: RoleTrace},
		{Name: "a", Ext: "", Role: RoleTrace},
		{Name: "a", Ext: "b"},
		{Name: "a", Ext: "b", Role: RoleTable},
		{Name: "a", Ext: "b", Role: RoleTable, Table: "../t", Partition: "p"},
		{Name: "a", Ext: "b", Role: RoleTable, Table: "t", Partition: "../p"},
		{Name: "a", Ext: "b", Role: RoleTrace, Table: "t", Partition: "p"},
	} {
		if _, err := r.Put(t.Context(), n); err == nil {
			t.Errorf("%+v was stored", n)
		}
	}
}

func TestInputs_AreKeptByTheirDigest(t *testing.T) {
	store := mem.New("out")
	p := New(store, Options{})
	for range 2 {
		i, err := p.KeepInput(t.Context(), "registry", []byte("rows"))
		if err != nil || i.SHA256 != sum([]byte("rows")) || i.Size != 4 {
			t.Fatalf("kept %+v, %v", i, err)
		}
	}
	named := Input{Kind: "registry", Key: "accounts.csv", Size: 4, SHA256: sum([]byte("rows"))}
	if body, err := p.ReadInput(t.Context(), named); err != nil || !bytes.Equal(body, []byte("rows")) {
		t.Errorf("read %q, %v", body, err)
	}
	if _, err := store.Put(t.Context(), "inputs/registry/"+named.SHA256, []byte("ROWS"), blob.Cond{}); err != nil {
		t.Fatal(err)
	}
	_, err := p.ReadInput(t.Context(), named)
	is(t, err, ErrDamaged)
	_, err = p.KeepInput(t.Context(), "registry", []byte("rows"))
	is(t, err, ErrDamaged)
}

// An object's key tells which revision stored it; other keys tell nothing.
func TestMadeBy_TellsTheRevisionThatStoredAnObject(t *testing.T) {
	if _, _, _, ok := MadeBy("data/rollup/2026-10-01/usage.parquet"); ok {
		t.Error("a key without a revision was taken for an object's")
	}
	if _, _, _, ok := MadeBy("runs/rollup/2026-10-01/r000001/manifest.json"); ok {
		t.Error("a manifest's key was taken for an object's")
	}
	job, period, revision, ok := MadeBy(dataKey("rollup", "2026/10", 12, "usage_daily", "ab", "parquet"))
	if !ok || job != "rollup" || period != "2026/10" || revision != 12 {
		t.Errorf("read %s %s r%06d %v", job, period, revision, ok)
	}
}
