package heap

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"
)

const mib = 1 << 20

func TestPercent_FollowsBudgetPassesAndWhatIsHeld(t *testing.T) {
	for name, c := range map[string]struct {
		k    *keeper
		held int64
		want int
	}{
		"nobody asks":                    {&keeper{own: 100}, 400 * mib, 100},
		"managed, nothing collected yet": {&keeper{own: 100, budget: 2048 * mib}, 0, 3200}, // 128 of the runtime's 4 MiB
		"little is allowed":              {&keeper{own: 100, budget: 256 * mib}, 0, 400},
		"little is allowed and held":     {&keeper{own: 100, budget: 256 * mib}, 20 * mib, 100},
		"managed, little is held":        {&keeper{own: 100, budget: 2048 * mib}, 64 * mib, 200},
		"managed, half is free":          {&keeper{own: 100, budget: 2048 * mib}, 800 * mib, 100},
		"managed, near the budget":       {&keeper{own: 100, budget: 2048 * mib}, 1100 * mib, 62}, // 1,792 - 1,100
		"managed, beyond it":             {&keeper{own: 100, budget: 1024 * mib}, 2000 * mib, 50},
		"a pass that holds much":         {&keeper{own: 100, passes: []int64{128 * mib}}, 256 * mib, 50},
		"a pass that holds very much":    {&keeper{own: 100, passes: []int64{128 * mib}}, 4096 * mib, 25},
		"a pass that holds little":       {&keeper{own: 100, passes: []int64{128 * mib}}, 64 * mib, 100},
		"two passes":                     {&keeper{own: 100, passes: []int64{128 * mib, 64 * mib}}, 256 * mib, 25},
		"managed, a pass":                {&keeper{own: 100, budget: 2048 * mib, passes: []int64{128 * mib}}, 64 * mib, 200},
		"managed, a pass that holds":     {&keeper{own: 100, budget: 2048 * mib, passes: []int64{128 * mib}}, 400 * mib, 32},
		"GOGC says less than the pass":   {&keeper{own: 30, passes: []int64{128 * mib}}, 256 * mib, 30},
		"GOGC=off":                       {&keeper{own: -1, passes: []int64{128 * mib}}, 400 * mib, -1},
	} {
		if got := c.k.percent(c.held); got != c.want {
			t.Errorf("%s: %d percent, want %d", name, got, c.want)
		}
	}
}

// percent is what the runtime itself says.
func percent() int {
	sample := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(sample)
	return int(sample[0].Value.Uint64())
}

// wantPercent waits for a collection to be followed, which happens beside the program.
func wantPercent(t *testing.T, when string, least, most int) {
	t.Helper()
	got := 0
	for range 200 {
		runtime.GC()
		if got = percent(); got >= least && got <= most {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Errorf("%s: %d percent, want %d to %d", when, got, least, most)
}

// One keeper through the life of a process: managed, passes within each other, and
// heaps that grow and shrink.
func TestKeeper_FollowsEachCollection(t *testing.T) {
	before := debug.SetGCPercent(100)
	defer debug.SetGCPercent(before)
	runtime.GC()
	k := keeper{held: live, set: debug.SetGCPercent}
	defer func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.budget = 0 // of this test alone
		k.adjust()
	}()
	k.manage(1024 * mib)
	if got := percent(); got < 1000 {
		t.Errorf("at first: %d percent of a small heap", got)
	}
	held := make([]byte, 400*mib) // of which nothing is touched
	wantPercent(t, "400 of 1,024 MiB are held", 95, 100)
	end := k.pass(1024 * mib)
	inner := k.pass(1024 * mib)
	wantPercent(t, "in passes of which garbage takes 64 MiB or a quarter", 24, 25)
	inner()
	wantPercent(t, "in the outer one", 24, 25)
	end()
	wantPercent(t, "after the passes", 95, 100)
	runtime.KeepAlive(held)
	held = nil
	wantPercent(t, "nothing is held", 1000, 3200)
	_ = held
}

func TestKeeper_OfPassesAloneGivesGOGCBack(t *testing.T) {
	before := debug.SetGCPercent(80)
	defer debug.SetGCPercent(before)
	k := keeper{held: live, set: debug.SetGCPercent}
	held := make([]byte, 400*mib)
	end := k.pass(1)
	wantPercent(t, "in a pass", 24, 25)
	end()
	if got := percent(); got != 80 {
		t.Errorf("after it: %d percent, want GOGC's 80", got)
	}
	runtime.KeepAlive(held)
	debug.SetGCPercent(90)
	again := k.pass(1 << 40)
	wantPercent(t, "in a large pass", 90, 90)
	again()
	wantPercent(t, "after it", 90, 90)
}

func TestManage_ChangesNothingForThoseWhoChose(t *testing.T) {
	before := percent()
	for _, chosen := range []string{"GOGC", "GOMEMLIMIT"} {
		t.Setenv("GOGC", "")
		t.Setenv("GOMEMLIMIT", "")
		t.Setenv(chosen, "100")
		if Manage(1024 * mib); percent() != before || process.budget != 0 {
			t.Errorf("%s is set, and the collector waits all the same", chosen)
		}
	}
}
