//go:build crashrig

package crash

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"daybook/sources/blob"
)

// Around runs do, the effect called name on key, between two points.
func Around(name, key string, do func() error) error {
	sweep().pass(name+".before", key)
	err := do()
	sweep().pass(name+".after", key)
	return err
}

// Store marks every call of s.
func Store(s blob.Store) blob.Store { return marked{s} }

// points is what the process has passed so far.
type points struct {
	mu     sync.Mutex
	passed map[string]int
	log    *os.File // nil: no log
	at     string   // the point to die at and the time of its passing
}

var sweep = sync.OnceValue(func() *points {
	p := &points{passed: map[string]int{}, at: os.Getenv("DAYBOOK_CRASH_AT")}
	if path := os.Getenv("DAYBOOK_CRASH_LOG"); path != "" {
		log, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666)
		if err != nil {
			fmt.Fprintln(os.Stderr, "crash rig:", err)
			os.Exit(99)
		}
		p.log = log
	}
	return p
})

// pass counts a point, writes it down, and dies there when told to. The lock is
// kept until death, so that no other goroutine gets further.
func (p *points) pass(name, key string) {
	// A probe's key is random, so that two processes never share one.
	if strings.HasPrefix(key, "probe/") {
		key = "probe/*"
	}
	point := name + " " + key
	p.mu.Lock()
	defer p.mu.Unlock()
	p.passed[point]++
	if p.log != nil {
		fmt.Fprintln(p.log, point)
	}
	if p.at != "" && p.at == point+" "+strconv.Itoa(p.passed[point]) {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
}
