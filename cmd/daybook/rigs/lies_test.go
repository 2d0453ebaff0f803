package rigs

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"daybook/jobs"
	"daybook/pricing"
	"daybook/sources/blob"
)

// through is a place whose configurations lead through a proxy.
func (p place) through(endpoint string) place {
	p.server.Endpoint = endpoint
	return p
}

// A store that does not know conditions is refused with exit code 6, before it holds
// anything but the probe.
func TestFaults_AStoreThatIgnoresConditionsIsRefused(t *testing.T) {
	every(t, 1)
	binary := buildBinary(t)
	p := bucketPlace(t)
	careless := newProxy(t, p.server.Endpoint)
	bucket := openBucket(t, p.server, p.server.Endpoint, "")
	// Conditions are signed: the proxy cannot strike them out, but puts by itself.
	careless.misbehave(func(c *proxy, w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPut {
			c.pass(w, r)
			return
		}
		body, _ := io.ReadAll(r.Body)
		o, err := bucket.Put(r.Context(), strings.TrimPrefix(r.URL.Path, "/"+p.server.Bucket+"/"), body, blob.Cond{})
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		w.Header().Set("ETag", `"`+o.ETag+`"`)
	}, 1, 0)
	for n, args := range [][]string{{"run", "rollup", "--day", rigDay}, {"run", "monthly", "--period", rigMonth}, {"doctor"}} {
		out := fmt.Sprintf("careless-%d", n)
		code, said := runBinary(t, binary, nil, append(args, "-q", "--config", p.through(careless.endpoint).config(t, out, ""))...)
		if code != 6 || !strings.Contains(said, "conditional writes") {
			t.Errorf("%q exited with %d, want 6 and what to do: %s", args, code, said)
		}
		if objects, _ := readState(t, p.root, out); len(objects) > 0 {
			t.Errorf("%q left %d objects", args, len(objects))
		}
	}
}

// Credentials that expire within a run end it with exit code 1 and what to do; a run
// with new ones completes it.
func TestFaults_ExpiredCredentialsSayWhatToDo(t *testing.T) {
	every(t, 1)
	binary := buildBinary(t)
	p := bucketPlace(t)
	rollup := func(endpoint, out string) (int, string) {
		return runBinary(t, binary, nil, "run", "rollup", "--day", rigDay, "-q", "--config", p.through(endpoint).config(t, out, ""))
	}
	if code, said := rollup(p.server.Endpoint, "valid"); code != 4 {
		t.Fatalf("the undisturbed run exited with %d: %s", code, said)
	}
	want, _ := readState(t, p.root, "valid")
	expiring := newProxy(t, p.server.Endpoint)
	for _, from := range []int{1, 30, 34, 45} {
		out := fmt.Sprintf("expired-%d", from)
		expiring.misbehave(answer(http.StatusBadRequest, "ExpiredToken"), from, 0)
		code, said := rollup(expiring.endpoint, out)
		if code != 1 || !strings.Contains(said, "ExpiredToken") || !strings.Contains(said, "check the credentials") {
			t.Errorf("expired at call %d: exit %d, want 1 and what to do: %s", from, code, said)
		}
		expiring.misbehave(nil, 0, 0)
		if code, said = rollup(expiring.endpoint, out); code != 4 && code != 0 {
			t.Errorf("expired at call %d: the next run exited with %d: %s", from, code, said)
		}
		got, _ := readState(t, p.root, out)
		for _, d := range differences(got, want) {
			t.Errorf("expired at call %d: %s", from, d)
		}
	}
}

// A usage file that is overwritten after it was listed is billed as it stands then,
// whole: the revision that was begun is abandoned.
func TestFaults_AnInputOverwrittenBetweenListAndRead(t *testing.T) {
	every(t, 1)
	p := bucketPlace(t)
	rollup := faultJobs(t)[0]
	const file = "usage/dt=" + rigDay + "/a.parquet"
	later := usageBytes(t, "e3 2026-02-02T08:00:00Z sub-a traffic 31\ne9 2026-02-02T10:00:00Z sub-c traffic 1")
	fillBucket(t, p.server, "changed")
	changed := openBucket(t, p.server, p.server.Endpoint, "changed")
	if _, err := changed.Put(t.Context(), file, later, blob.Cond{}); err != nil {
		t.Fatal(err)
	}
	if err := rollup.run(t.Context(), p.pipeline(t, p.server.Endpoint, "changed", "changed-out", 0)); err != nil {
		t.Fatal(err)
	}
	want, _ := readState(t, p.root, "changed-out")
	if before := p.undisturbedFacts(t, rollup); len(differences(facts(want), before)) == 0 {
		t.Fatal("the overwritten file makes no difference: the test shows nothing")
	}

	in := openBucket(t, p.server, p.server.Endpoint, "in")
	var once sync.Once
	meddling := newProxy(t, p.server.Endpoint)
	meddling.misbehave(func(m *proxy, w http.ResponseWriter, r *http.Request) {
		if usageRead(r) {
			once.Do(func() {
				if _, err := in.Put(t.Context(), file, later, blob.Cond{}); err != nil {
					t.Error(err)
				}
			})
		}
		m.pass(w, r)
	}, 1, 0)
	if err := rollup.run(t.Context(), p.pipeline(t, meddling.endpoint, "in", "meddled", 0)); err != nil {
		t.Fatal(err)
	}
	got, _ := readState(t, p.root, "meddled")
	for _, d := range differences(facts(got), facts(want)) {
		t.Error(d)
	}
	// Of the first revision stand its plan and the verdict on it.
	base := "runs/rollup/" + rigDay
	for _, key := range []string{base + "/r000001/manifest.json", base + "/r000002/manifest.json"} {
		if got[key] == "" {
			t.Errorf("%s is missing", key)
		}
	}
}

// facts keeps what a reader of current/ learns of costs and invoices, without the
// revision that it came from.
func facts(objects map[string]string) map[string]string {
	out := map[string]string{}
	for key, sum := range objects {
		if strings.HasPrefix(key, "current/") && !strings.HasSuffix(key, "/_manifest.json") && !strings.Contains(key, "/publications/") {
			out[key] = sum
		}
	}
	return out
}

// undisturbedFacts are those of a job over the inputs as they were written.
func (p place) undisturbedFacts(t *testing.T, job faultJob) map[string]string {
	t.Helper()
	if err := job.run(t.Context(), p.pipeline(t, p.server.Endpoint, "in", "first", 0)); err != nil {
		t.Fatal(err)
	}
	got, _ := readState(t, p.root, "first")
	return facts(got)
}

// A clock that is a day off decides only what is due: what is published is the same.
func TestFaults_AClockADayOffChangesNoByte(t *testing.T) {
	every(t, 1)
	inMemory(t)
	p := bucketPlace(t)
	month := pricing.MonthOf(at(t, rigDay))
	// The last zone's February ends at 05:00 UTC of 1 March.
	right := time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC)
	var want map[string]string
	for _, off := range []time.Duration{0, 24 * time.Hour, -24 * time.Hour} {
		out := "clock" + off.String()
		o := jobs.RunOptions{Now: right.Add(off)}
		pipeline := p.pipeline(t, p.server.Endpoint, "in", out, 0)
		if _, err := pipeline.Daily(t.Context(), []pricing.Date{at(t, rigDay)}, o); err != nil {
			t.Fatal(err)
		}
		if _, err := pipeline.Monthly(t.Context(), []pricing.Month{month}, o); err != nil {
			t.Fatalf("clock off by %s: %v", off, err)
		}
		got, _ := readState(t, p.root, out)
		if want == nil {
			want = got
		}
		for _, d := range differences(got, want) {
			t.Errorf("clock off by %s: %s", off, d)
		}
	}
}
