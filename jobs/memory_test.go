package jobs_test

import (
	"math"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"daybook/jobs"
)

// TestKeepWithin_LeavesRoomBesideWhatIsHeld holds more than the budget and lets it go.
func TestKeepWithin_LeavesRoomBesideWhatIsHeld(t *testing.T) {
	t.Setenv("GOMEMLIMIT", "")
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(math.MaxInt64))
	defer jobs.KeepWithin(0)()
	if limit := debug.SetMemoryLimit(-1); limit != math.MaxInt64 {
		t.Errorf("no budget set the limit to %d", limit)
	}
	const budget = 512 << 20
	defer jobs.KeepWithin(budget)()
	if limit := debug.SetMemoryLimit(-1); limit != budget/16*15 {
		t.Errorf("the limit is %d, want fifteen sixteenths of %d", limit, budget)
	}
	held := make([]byte, budget)
	wantLimit(t, "half as much again as is held", func(limit int64) bool { return limit >= budget*3/2 && limit < budget*2 })
	runtime.KeepAlive(held)
	held = nil
	wantLimit(t, "the budget's again", func(limit int64) bool { return limit == budget/16*15 })

	t.Setenv("GOMEMLIMIT", "3GiB")
	defer jobs.KeepWithin(1 << 20)()
	if limit := debug.SetMemoryLimit(-1); limit != budget/16*15 {
		t.Errorf("GOMEMLIMIT was not obeyed: the limit is %d", limit)
	}
}

// wantLimit collects until the limit is as it should be, which finalizers see to.
func wantLimit(t *testing.T, what string, right func(int64) bool) {
	t.Helper()
	for range 200 {
		runtime.GC()
		if right(debug.SetMemoryLimit(-1)) {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Errorf("the limit is %d, want %s", debug.SetMemoryLimit(-1), what)
}
