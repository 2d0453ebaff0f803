// Package heap says how much garbage a process lets come together before it collects.
// By itself that is as much as the heap holds, which suits processes that stay. A
// small job is over before its garbage matters; a large one must not be taken past
// its budget by it (docs/operations.md, Memory). All of it goes through the one
// setting that the runtime has, hence the one package.
package heap

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

const (
	// least is what is never worth a collection, in bytes, where the budget allows it.
	least = 128 << 20
	// leastOfPass is the same while usage is read, however small its budget is.
	leastOfPass = 64 << 20
	// smallest is the heap, in bytes, below which the runtime goes by this one.
	smallest = 4 << 20
)

// Manage is called once by a command that runs jobs, before the first one, with the
// bytes that it may take. Until 128 MiB are in use, or a sixteenth of the budget where
// that is less, nothing is collected. From then on the less garbage may come together
// the nearer the process is to its budget, but always half as much as it holds, so
// that no job crawls. On Linux the first 128 MiB come in huge pages, where the system
// grants them. For those who have set GOGC or GOMEMLIMIT nothing changes.
func Manage(budget int64) {
	if budget <= 0 || os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	hugePages.Do(askForHugePages)
	process.manage(budget)
}

// Pass is called when a pass over usage begins, with the bytes that it may take, and
// end when it ends. In between no more garbage comes together than a sixteenth of
// these, or a quarter of what is held where that is more: usage is held without
// pointers, so that a collection has little to look at. It is never more than GOGC
// says, and what GOMEMLIMIT asks of the collector stands beside it.
func Pass(budget int64) (end func()) { return process.pass(budget) }

var hugePages sync.Once

var process = keeper{held: live, set: debug.SetGCPercent}

// live is what the last collection has left, in bytes.
func live() int64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}

// keeper sets the collector's percentage anew after each collection.
type keeper struct {
	held func() int64
	set  func(percent int) (was int)

	mu      sync.Mutex
	keeping bool
	awaits  bool    // a collection
	own     int     // percent, without us; negative: nothing is collected
	now     int     // percent
	budget  int64   // of a managed process; 0: it is not
	passes  []int64 // the garbage of each pass that is on its way
}

func (k *keeper) manage(budget int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.budget = budget
	k.keep()
}

func (k *keeper) pass(budget int64) (end func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	garbage := max(budget/16, leastOfPass)
	k.passes = append(k.passes, garbage)
	k.keep()
	return func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		for i, of := range k.passes {
			if of == garbage {
				k.passes = append(k.passes[:i], k.passes[i+1:]...)
				break
			}
		}
		k.adjust()
	}
}

// keep begins to adjust the percentage, now and after each collection.
func (k *keeper) keep() {
	if !k.keeping {
		k.own = k.set(100)
		k.set(k.own)
		k.keeping, k.now = true, k.own
	}
	k.adjust()
	k.await()
}

// await has collected called after the next collection, which finds what nobody holds.
func (k *keeper) await() {
	if k.keeping && !k.awaits {
		k.awaits = true
		runtime.AddCleanup(new([64]byte), (*keeper).collected, k)
	}
}

func (k *keeper) collected() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.awaits = false
	k.adjust()
	k.await()
}

// adjust sets the percentage; to that of before where there is no reason to keep it.
func (k *keeper) adjust() {
	if !k.keeping {
		return
	}
	if percent := k.percent(k.held()); percent != k.now {
		k.now = percent
		k.set(percent)
	}
	k.keeping = k.budget > 0 || len(k.passes) > 0
}

// percent is by how much garbage may exceed what is held.
func (k *keeper) percent(held int64) int {
	if k.own < 0 {
		return k.own
	}
	held = max(held, smallest)
	of := func(garbage int64) int { return int(100 * garbage / held) }
	percent := k.own
	if k.budget > 0 {
		free := k.budget - k.budget/8 - held // stacks, code, and what goes free between collections
		percent = max(of(min(least, k.budget/16)), min(percent, max(of(free), 50)))
	}
	for _, garbage := range k.passes {
		percent = min(percent, max(of(garbage), 25))
	}
	return percent
}
