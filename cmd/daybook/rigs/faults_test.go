package rigs

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

	"daybook/jobs"
	"daybook/pricing"
	"daybook/sources/blob"
	"daybook/sources/blob/retry"
	"daybook/sources/blob/s3"
)

// patience is how long a call of a disturbed run may take.
const patience = 300 * time.Millisecond

// at is a date of the world.
func at(t testing.TB, day string) pricing.Date {
	t.Helper()
	d, err := pricing.ParseDate(day)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// pipeline is a fresh process over the world as it is reached through an endpoint.
// Its calls may take the patience given; 0 is what the program gives them.
func (p place) pipeline(t testing.TB, endpoint, in, out string, patience time.Duration) *jobs.Pipeline {
	t.Helper()
	sdk := p.server.Config.Copy()
	sdk.HTTPClient = awshttp.NewBuildableClient().Freeze() // one of all stores, as the program has it
	open := func(prefix string) blob.Store {
		s, err := s3.New(t.Context(), s3.Options{
			Bucket: p.server.Bucket, Prefix: prefix, Endpoint: endpoint, PathStyle: true, Config: &sdk, Patience: patience,
		})
		if err != nil {
			t.Fatal(err)
		}
		return retry.New(s, retry.Options{Backoff: func(int) time.Duration { return 0 }})
	}
	settings := jobs.Settings{
		Start: at(t, firstDay), Layout: jobs.Layout{Partition: "dt", Zone: time.UTC},
		Issuer: jobs.Issuer{Name: "Acme Cloud", TermsDays: 30, InvoiceSeries: "ACME-{year}-{n:06}"},
	}
	stores := jobs.Stores{Usage: open(in + "/usage"), Registry: open(in + "/registry"), Book: open(in + "/book"), Out: open(out)}
	return jobs.New(stores, settings, jobs.Options{Version: "rig", ProbeKey: "probe/" + rand.Text()})
}

// faultJob is a job that a proxy misbehaves at.
type faultJob struct {
	name, before string
	run          func(context.Context, *jobs.Pipeline) error
}

// wellAfter is a clock by which all of the world is due.
var wellAfter = time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)

func faultJobs(t testing.TB) []faultJob {
	o := jobs.RunOptions{Now: wellAfter}
	day, month := at(t, rigDay), pricing.MonthOf(at(t, rigDay))
	return []faultJob{
		{"rollup", "nothing", func(ctx context.Context, p *jobs.Pipeline) error {
			_, err := p.Rollup(ctx, []pricing.Date{day}, o)
			return err
		}},
		{"daily", "days", func(ctx context.Context, p *jobs.Pipeline) error {
			_, err := p.Daily(ctx, []pricing.Date{day}, o)
			return err
		}},
		{"monthly", "month", func(ctx context.Context, p *jobs.Pipeline) error {
			_, err := p.Monthly(ctx, []pricing.Month{month}, o)
			return err
		}},
	}
}

// prepareBucket returns the world in a bucket, with the outputs that jobs begin with.
func prepareBucket(t *testing.T) place {
	inMemory(t)
	p := bucketPlace(t)
	for out, last := range map[string]string{"days": nextDay, "month": lastDay} {
		pipeline := p.pipeline(t, p.server.Endpoint, "in", out, 0)
		if _, err := pipeline.Rollup(t.Context(), jobs.Span{From: at(t, firstDay), To: at(t, last)}.Days(), jobs.RunOptions{Now: wellAfter}); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// faultSweep is one job at a place, and what it comes to undisturbed.
type faultSweep struct {
	place  place
	job    faultJob
	begins outline
	want   map[string]string
	calls  int
	failed atomic.Int64 // runs that ended with an error
	mended sync.Map     // states that the next run was seen to complete
}

func newFaultSweep(t *testing.T, p place, job faultJob) *faultSweep {
	t.Helper()
	s := &faultSweep{place: p, job: job, begins: outlineOf(t, filepath.Join(p.root, job.before))}
	out := s.job.name + "-undisturbed"
	copyState(t, s.place.root, s.job.before, out)
	through := newProxy(t, s.place.server.Endpoint)
	if err := s.job.run(t.Context(), s.place.pipeline(t, through.endpoint, "in", out, 0)); err != nil {
		t.Fatal(err)
	}
	s.want, _ = readState(t, s.place.root, out)
	s.calls, _ = through.counts()
	if s.calls < 40 {
		t.Fatalf("%s: only %d calls: the rig does not see the run", s.job.name, s.calls)
	}
	return s
}

// try runs the job with the from-th to the to-th call misbehaved at, then without,
// and wants the undisturbed output: from the first run if it said that it went well,
// from the second in any case. The second is left out where one from the very same
// state was seen to end well.
func (s *faultSweep) try(t *testing.T, out string, kind misbehaving, from, to int) {
	what := fmt.Sprintf("%s: %s at call %d", s.job.name, kind.name, from)
	if to == 0 {
		what += " and all later ones"
	}
	defer os.RemoveAll(filepath.Join(s.place.root, out))
	before := filepath.Join(s.place.root, s.job.before)
	outline{}.become(t, s.begins, before, filepath.Join(s.place.root, out))
	through := newProxy(t, s.place.server.Endpoint)
	defer through.close()
	through.misbehave(kind.do, from, to)
	err := s.job.run(t.Context(), s.place.pipeline(t, through.endpoint, "in", out, patience))
	if _, faulted := through.counts(); faulted == 0 {
		t.Errorf("%s: the call was never made", what)
	}
	if err == nil {
		s.wantEqual(t, out, what+", which went well")
	} else {
		s.failed.Add(1)
		var in *blob.Error
		if !errors.As(err, &in) || !strings.Contains(err.Error(), "s3://") {
			t.Errorf("%s: the error does not say where: %v", what, err)
		}
		if kind.want != nil && !errors.Is(err, kind.want) {
			t.Errorf("%s: %v; want %v", what, err, kind.want)
		}
	}
	state := digestState(readState(t, s.place.root, out))
	if _, ok := s.mended.Load(state); ok {
		return
	}
	through.misbehave(nil, 0, 0)
	if err := s.job.run(t.Context(), s.place.pipeline(t, through.endpoint, "in", out, 0)); err != nil {
		t.Errorf("%s: the next run: %v", what, err)
	}
	if s.wantEqual(t, out, what+", then a clean run") {
		s.mended.Store(state, true)
	}
}

func (s *faultSweep) wantEqual(t *testing.T, out, what string) bool {
	t.Helper()
	got, _ := readState(t, s.place.root, out)
	wrong := differences(got, s.want)
	if len(wrong) > 0 {
		t.Errorf("%s: %s", what, strings.Join(wrong[:min(len(wrong), 5)], "; "))
	}
	return len(wrong) == 0
}

func (s *faultSweep) log(t *testing.T, runs int, began time.Time) {
	t.Logf("%-7s %3d calls, %3d disturbed runs: %3d ended with an error; %.0f s",
		s.job.name, s.calls, runs, s.failed.Load(), time.Since(began).Seconds())
}

// thinner is the step of the longer jobs where all of their calls would take too
// long: half of those of monthly read the rollups of a month, alike.
func thinner(job faultJob, step, daily, monthly int) int {
	switch job.name {
	case "daily":
		return max(step, daily)
	case "monthly":
		return max(step, monthly)
	}
	return step
}

// Every call of a run goes wrong once: the run mends it, or ends with an error that
// a later run mends. Of rollup every call meets every fault; of daily each call
// meets one, in turn, and of monthly each third call.
func TestFaults_AtEveryCallNeverAWrongResult(t *testing.T) {
	step := every(t, 29)
	p := prepareBucket(t)
	for _, job := range faultJobs(t) {
		began := time.Now()
		s := newFaultSweep(t, p, job)
		kinds, all := len(misbehaviours), s.calls
		if job.name == "rollup" {
			all *= kinds
		}
		s.log(t, sideBySide(all, thinner(job, step, 1, 3), func(n int) {
			call := n%s.calls + 1
			s.try(t, fmt.Sprintf("%s-%d", job.name, n), misbehaviours[(n/s.calls+n)%kinds], call, call)
		}), began)
	}
}

// From one call on everything goes wrong: the run ends with an error that says why,
// and a later one mends it.
func TestFaults_FromAnyCallOnEndInAClearError(t *testing.T) {
	step := every(t, 40)
	p := prepareBucket(t)
	endless := []misbehaving{
		{name: "503", do: answer(http.StatusServiceUnavailable, "SlowDown"), want: blob.ErrTransient},
		{name: "lost answer", do: lost, want: blob.ErrTransient},
		{name: "expired credentials", do: answer(http.StatusBadRequest, "ExpiredToken"), want: blob.ErrDenied},
		{name: "full store", do: answer(http.StatusInsufficientStorage, "XMinioStorageFull"), want: blob.ErrFull},
	}
	for _, job := range faultJobs(t) {
		began := time.Now()
		s := newFaultSweep(t, p, job)
		s.log(t, sideBySide(s.calls, thinner(job, step, 3, 13), func(n int) {
			s.try(t, fmt.Sprintf("%s-%d", job.name, n), endless[n%len(endless)], n+1, 0)
		}), began)
	}
}
