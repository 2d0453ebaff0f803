// Package heap makes the memory of a process ready for one job. A job that rolls up
// a day is over within a fifth of a second and needs memory that no day before it has
// warmed up: left to the runtime's defaults, which suit processes that stay, it spends
// a third of its time on garbage collections of a small heap and on being handed new
// memory four kilobytes at a time (docs/performance.md, One more day).
package heap

import (
	"os"
	"runtime"
	"runtime/debug"
)

const (
	// first is how much is in use when the first collection starts.
	first = 128 << 20
	// least is the same by default, at the runtime's standard of 100 per cent.
	least = 4 << 20
)

// Prepare is called once, before a job. Until 128 MiB are in use nothing is
// collected, and from then on as always; on Linux the same 128 MiB come in huge
// pages, where the system grants them. Nothing changes for those who have set GOGC
// or GOMEMLIMIT.
func Prepare() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	usual := debug.SetGCPercent(-1)
	askForHugePages()
	debug.SetGCPercent(first / least * 100)
	runtime.AddCleanup(new([64]byte), func(usual int) { debug.SetGCPercent(usual) }, usual) // by the first collection
}
