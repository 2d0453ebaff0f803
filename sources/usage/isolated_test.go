package usage_test

import (
	"context"
	"errors"
	"io"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"daybook/pricing"
	"daybook/sources/blob"
	"daybook/sources/blob/mem"
	"daybook/sources/usage"
	"daybook/sources/usage/usagetest"
)

// inProcess is a decoder that runs here, over pipes as a process has them.
type inProcess struct {
	io.Reader
	io.WriteCloser
	kill func()
	done chan error
}

func (p *inProcess) Kill()       { p.kill() }
func (p *inProcess) Wait() error { return <-p.done }

// start runs a decoder with the engine.
func start(engine usage.Engine) func(context.Context) (usage.Process, error) {
	return func(ctx context.Context) (usage.Process, error) {
		ctx, cancel := context.WithCancel(ctx)
		fromParent, toChild := io.Pipe()
		fromChild, toParent := io.Pipe()
		p := &inProcess{fromChild, toChild, nil, make(chan error, 1)}
		var once sync.Once
		end := func(err error) {
			once.Do(func() { cancel(); toParent.Close(); fromParent.Close(); p.done <- err })
		}
		p.kill = func() { end(errors.New("killed")) }
		go func() { end(usage.Decode(ctx, fromParent, toParent, dying{engine, p.kill})) }()
		return p, nil
	}
}

// dying is an engine in which a file named "killer" ends the process, and more
// than two files do so at once where they are named "heavy".
type dying struct {
	usage.Engine
	kill func()
}

func (e dying) Rollup(ctx context.Context, r usage.Request, deliver func(usage.Day) error) error {
	r.Store = deadly{r.Store, e.kill}
	heavy := 0
	for _, f := range r.Files {
		if strings.Contains(f.Object.Key, "heavy") {
			heavy++
		}
	}
	if heavy > 2 && r.Workers != 1 || heavy > 3 {
		e.kill()
	}
	return e.Engine.Rollup(ctx, r, deliver)
}

type deadly struct {
	blob.Store
	kill func()
}

func (s deadly) ReadAt(ctx context.Context, o blob.Object, p []byte, off int64) error {
	if strings.Contains(o.Key, "killer") {
		_ = s.Store.ReadAt(ctx, o, p, off) // it was begun
		s.kill()
	}
	return s.Store.ReadAt(ctx, o, p, off)
}

func TestIsolated_Conforms(t *testing.T) {
	usagetest.Run(t, func() usage.Engine { return usage.NewIsolated(start(usage.New())) })
}

func TestIsolated_AFileThatKillsFailsItsOwnDaysAlone(t *testing.T) {
	next := day.AddDays(1)
	after := day.AddDays(2)
	r := request(mem.New("killers"), day, next, after)
	add(t, &r, "a.parquet", events(t, day, "e1"), day)
	add(t, &r, "b.parquet", events(t, next, "e2"), next)
	add(t, &r, "killer-1.parquet", events(t, next, "e3"), next)
	add(t, &r, "c.parquet", events(t, after, "e4", "e5"), after)
	add(t, &r, "broken.parquet", []byte("PAR1 no, it is not PAR1"), day)
	r2 := r
	r2.Files = []usage.File{r.Files[0], r.Files[1], r.Files[3]}
	want, err := rollup(t, usage.New(), r2)
	if err != nil {
		t.Fatal(err)
	}
	got, err := rollup(t, usage.NewIsolated(start(usage.New())), r)
	if diff := cmp.Diff(map[pricing.Date]usage.Day{after: want[after]}, got, cmp.AllowUnexported(usage.Total{})); diff != "" {
		t.Errorf("the other days (-want +got):\n%s", diff)
	}
	if !errors.Is(err, usage.ErrDecoder) {
		t.Fatalf("%v, want ErrDecoder", err)
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 2 || !strings.HasPrefix(lines[0], `read usage file "broken.parquet": `) || !strings.HasPrefix(lines[1], `read usage file "killer-1.parquet": the decoder process died`) {
		t.Errorf("errors %q: want broken.parquet, then killer-1.parquet", lines)
	}
}

func TestIsolated_FilesThatAreTooMuchTogetherAreReadOneByOne(t *testing.T) {
	r := request(mem.New("heavy"), day)
	for _, key := range []string{"heavy-1", "heavy-2", "heavy-3"} {
		add(t, &r, key, events(t, day, "e"+key), day)
	}
	days, err := rollup(t, usage.NewIsolated(start(usage.New())), r)
	if err != nil || days[day].Counts.Kept != 3 {
		t.Errorf("%+v, %v: want three rows", days[day].Counts, err)
	}
	add(t, &r, "heavy-4", events(t, day, "e4"), day)
	days, err = rollup(t, usage.NewIsolated(start(usage.New())), r)
	if !errors.Is(err, usage.ErrDecoder) || !strings.Contains(err.Error(), "usage.isolate_memory") || len(days) != 0 {
		t.Errorf("%v, %v: want the remedy", days, err)
	}
}

func TestIsolated_ErrorsReadAsTheyDoInProcess(t *testing.T) {
	for name, body := range map[string][]byte{"broken": []byte("PAR1 no, it is not PAR1"), "cut": events(t, day, "e1")[:60], "empty": {}} {
		r := request(mem.New(name), day)
		add(t, &r, "a.parquet", body, day)
		_, want := rollup(t, usage.New(), r)
		_, got := rollup(t, usage.NewIsolated(start(usage.New())), r)
		if want == nil || got == nil || got.Error() != want.Error() {
			t.Errorf("%s: %v\nwant %v", name, got, want)
		}
	}
}

func TestIsolated_ADecoderReadsTheFilesOfItsPassAlone(t *testing.T) {
	r := request(mem.New("secrets"), day)
	add(t, &r, "a.parquet", events(t, day, "e1"), day)
	secret, err := r.Store.Put(t.Context(), "secret", []byte("hunter2"), blob.Cond{})
	if err != nil {
		t.Fatal(err)
	}
	curious := engineFunc(func(ctx context.Context, r usage.Request, _ func(usage.Day) error) error {
		return r.Store.ReadAt(ctx, secret, make([]byte, 7), 0)
	})
	if _, err := rollup(t, usage.NewIsolated(start(curious)), r); err == nil || !strings.Contains(err.Error(), "none of its business") {
		t.Errorf("%v: want a refusal", err)
	}
}

type engineFunc func(context.Context, usage.Request, func(usage.Day) error) error

func (f engineFunc) Rollup(ctx context.Context, r usage.Request, deliver func(usage.Day) error) error {
	return f(ctx, r, deliver)
}

func TestIsolated_ARefusedDayAndACancelledPassEndTheDecoder(t *testing.T) {
	r := request(mem.New("refused"), day)
	add(t, &r, "a.parquet", events(t, day, "e1"), day)
	refusal := errors.New("disk full")
	e := usage.NewIsolated(start(usage.New()))
	if err := e.Rollup(t.Context(), r, func(usage.Day) error { return refusal }); !errors.Is(err, refusal) {
		t.Errorf("%v, want the caller's own error", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := e.Rollup(ctx, r, func(usage.Day) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want context.Canceled", err)
	}
}

func TestIsolated_SpillsToTheSameBytes(t *testing.T) {
	r := spillRequest(t, 20_000)
	want, err := rollup(t, usage.New(), r)
	if err != nil {
		t.Fatal(err)
	}
	var writes atomic.Int64
	r.Memory, r.Temporary = 800_000, t.TempDir()
	got, err := rollup(t, usage.NewIsolated(start(usage.OnDisk(math.MaxInt64, &writes))), r)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(usage.Total{}), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("what came from the decoder's disk (-want +got):\n%s", diff)
	}
	if writes.Load() < 4 {
		t.Errorf("%d writes, want the decoder to spill several times", writes.Load())
	}
	isEmpty(t, r.Temporary)
}

func TestIsolated_FullDiskSaysSoAndLeavesNothing(t *testing.T) {
	r := spillRequest(t, 20_000)
	r.Memory, r.Temporary = 800_000, t.TempDir()
	days, err := rollup(t, usage.NewIsolated(start(usage.OnDisk(150_000, new(atomic.Int64)))), r)
	if !errors.Is(err, usage.ErrSpill) || !strings.Contains(err.Error(), "usage.temporary") || len(days) > 0 {
		t.Errorf("%d days, %v; want ErrSpill with the remedy", len(days), err)
	}
	isEmpty(t, r.Temporary)
}
