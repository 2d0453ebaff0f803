package jobs

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// leastRoom is what garbage may take beside what a run holds, in bytes, whatever the
// budget is.
const leastRoom = 256 << 20

// KeepWithin makes the collector of this process work the harder the nearer the
// process comes to budget, in bytes, so that it is not garbage that takes it there,
// until end is called. What a run holds is not bounded by it: a collector that had no
// room beside that would take the processor from the run, so it always has half as
// much again. Where GOMEMLIMIT is set in the environment, that is obeyed instead; a
// budget of 0 leaves all as it is.
func KeepWithin(budget int64) (end func()) {
	if budget <= 0 || os.Getenv("GOMEMLIMIT") != "" {
		return func() {}
	}
	c := &collection{budget: &memoryBudget{limit: budget - budget/16}} // the program itself takes some
	c.passed()
	return c.budget.end
}

// memoryBudget sets the limit that the collector works by.
type memoryBudget struct {
	limit int64
	mu    sync.Mutex
	set   int64 // the limit that is set
	ended bool
}

// collection is garbage, found by each collection that the process makes.
type collection struct{ budget *memoryBudget }

// passed sets the limit by what the last collection has left.
func (c *collection) passed() {
	k := c.budget
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ended {
		return
	}
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	live := int64(sample[0].Value.Uint64())
	if limit := max(k.limit, live+max(live/2, leastRoom)); limit != k.set {
		k.set = limit
		debug.SetMemoryLimit(limit)
	}
	runtime.SetFinalizer(&collection{k}, (*collection).passed)
}

func (k *memoryBudget) end() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.ended = true
}
