package usage_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"daybook/pricing"
	"daybook/sources/blob/mem"
	"daybook/sources/usage"
	"daybook/sources/usage/usagetest"
)

// starving rolls up with no memory for events at all: each chunk goes to disk.
type starving struct {
	usage.Engine
	folder string
}

func (e starving) Rollup(ctx context.Context, r usage.Request, deliver func(usage.Day) error) error {
	r.Memory, r.Temporary = 1, e.folder
	return e.Engine.Rollup(ctx, r, deliver)
}

func TestLocal_ConformsOnDisk(t *testing.T) {
	checks := flag.Lookup("rapid.checks").Value
	defer checks.Set(checks.String())
	checks.Set("25") // each makes hundreds of files
	folder := t.TempDir()
	usagetest.Run(t, func() usage.Engine { return starving{usage.New(), folder} })
	isEmpty(t, folder)
}

func isEmpty(t *testing.T, folder string) {
	t.Helper()
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("left in the folder of spills: %v, %v", left, err)
	}
}

// spillRequest is a day of two files with duplicates in them, metered as sums, as
// events of their own, by unique values and as a level.
func spillRequest(t testing.TB, rows int) usage.Request {
	t.Helper()
	r := request(mem.New("spill"), day)
	r.Meters = []pricing.Meter{
		{ID: "m0", Aggregate: pricing.Sum, Scale: 12, By: []string{"region", "type"}},
		{ID: "m1", Aggregate: pricing.Sum, Scale: 12, PerEvent: true},
		{ID: "m2", Aggregate: pricing.Unique, Of: "type", Scale: 12, By: []string{"region"}},
		{ID: "m3", Aggregate: pricing.TimeAverage, Scale: 12, Grain: pricing.GrainHour},
		{ID: "m4", Aggregate: pricing.Maximum, Scale: 12, Grain: pricing.GrainFiveMinutes},
	}
	for i := range 20_000 {
		id := fmt.Sprintf("sub-%05d", i)
		r.Attribution.Set("s:"+id, pricing.AttributionEntry{Account: fmt.Sprintf("acct-%04d", i/3), Subscription: id, End: math.MaxInt64, Zone: "Europe/Zurich"})
	}
	add(t, &r, "a.parquet", benchFile(t, 1, rows/2), day)
	add(t, &r, "b.parquet", benchFile(t, 1, rows/2+100), day) // the events of a again, and some more
	return r
}

func TestLocal_SpillsToTheSameBytes(t *testing.T) {
	for name, noIDs := range map[string]bool{"ids": false, "no ids": true} {
		t.Run(name, func(t *testing.T) { spillsToTheSameBytes(t, noIDs) })
	}
}

func spillsToTheSameBytes(t *testing.T, noIDs bool) {
	const rows = 20_000 // 960 kB of events
	r := spillRequest(t, rows)
	r.Mapping.EventID.None = noIDs
	want, err := rollup(t, usage.New(), r)
	if err != nil {
		t.Fatal(err)
	}
	for _, workers := range []int{1, 4} {
		var writes atomic.Int64
		r.Memory, r.Temporary, r.Workers = 400_000, t.TempDir(), workers
		got, err := rollup(t, usage.OnDisk(math.MaxInt64, &writes), r)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(want, got) {
			t.Errorf("with %d workers, what came from disk differs from what came from memory", workers)
		}
		if writes.Load() < 4 {
			t.Errorf("%d writes, want the events to be spilled several times", writes.Load())
		}
		isEmpty(t, r.Temporary)
	}
}

func TestLocal_FullDiskSaysSoAndLeavesNothing(t *testing.T) {
	r := spillRequest(t, 20_000)
	r.Memory, r.Workers = 800_000, 2
	for _, room := range []int64{0, 150_000, 450_000} {
		r.Temporary = t.TempDir()
		days, err := rollup(t, usage.OnDisk(room, new(atomic.Int64)), r)
		if !errors.Is(err, usage.ErrSpill) || !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("with room for %d bytes: %v, want ErrSpill for a full disk", room, err)
		}
		for _, part := range []string{r.Temporary, "free space", "usage.temporary", "usage.memory"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q does not say %q", err, part)
			}
		}
		if len(days) > 0 {
			t.Errorf("with room for %d bytes %d days were delivered", room, len(days))
		}
		isEmpty(t, r.Temporary)
	}
}

// Beside 400 MiB that the heap holds, 64 MiB of garbage are less than a quarter.
func TestLocal_LetsLessGarbageComeTogetherAndGivesTheCollectorBack(t *testing.T) {
	before := debug.SetGCPercent(100)
	defer debug.SetGCPercent(before)
	r := spillRequest(t, 2_000)
	r.Memory = 1 << 20
	held := make([]byte, 400<<20) // of which nothing is touched
	runtime.GC()
	during := 0
	err := usage.New().Rollup(t.Context(), r, func(usage.Day) error {
		during = usage.GOGC()
		return nil
	})
	runtime.KeepAlive(held)
	if err != nil || during != 25 {
		t.Errorf("GOGC is %d during a pass, %v; want 25", during, err)
	}
	if after := usage.GOGC(); after != 100 {
		t.Errorf("GOGC is %d after the pass, want 100", after)
	}
}

func TestLocal_SweepsWhatADeadProcessLeft(t *testing.T) {
	r := spillRequest(t, 2_000)
	r.Memory, r.Temporary = 1, t.TempDir()
	for _, name := range []string{"daybook-usage-123.events", "another.events"} {
		if err := os.WriteFile(filepath.Join(r.Temporary, name), []byte("left"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := rollup(t, usage.New(), r); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(r.Temporary, "*")); len(left) != 1 || filepath.Base(left[0]) != "another.events" {
		t.Errorf("left %v, want the file that is not ours alone", left)
	}
}

func TestLocal_NoFolderForSpillsSaysSo(t *testing.T) {
	r := spillRequest(t, 2_000)
	r.Memory, r.Temporary = 1, filepath.Join(t.TempDir(), "missing")
	if _, err := rollup(t, usage.New(), r); !errors.Is(err, usage.ErrSpill) || !strings.Contains(err.Error(), r.Temporary) {
		t.Errorf("%v, want ErrSpill and the folder", err)
	}
}
