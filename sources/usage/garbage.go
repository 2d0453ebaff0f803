package usage

import (
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

const (
	// leastPercent bounds how much more often than by itself the collector runs, so
	// that no pass crawls however much it holds.
	leastPercent = 25
	// leastGarbage is what no budget is too small for, in bytes: decoding takes that.
	leastGarbage = 64 << 20
)

// collector is the garbage collector of this process.
var collector = pace{samples: []metrics.Sample{{Name: "/gc/gogc:percent"}, {Name: "/gc/heap/live:bytes"}}}

// pace is how much garbage the collector lets come together before it runs again.
// By itself that is as much as the heap holds. While there are passes it is no more
// than they allow: they hold a lot, in which the collector has little to look at, as
// events have no pointers. It is never more than GOGC says, and what [GOMEMLIMIT]
// asks of the collector stands beside it.
//
// [GOMEMLIMIT]: https://pkg.go.dev/runtime#hdr-Environment_Variables
type pace struct {
	mu      sync.Mutex
	passes  int
	own     int // percent of what is held, without us
	now     int
	samples []metrics.Sample
}

// begin is to be called when a pass begins, and end when it ends.
func (c *pace) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.passes++; c.passes == 1 {
		metrics.Read(c.samples)
		c.own = int(c.samples[0].Value.Uint64()) // -1: it never runs
		c.now = c.own
	}
}

func (c *pace) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.passes--; c.passes == 0 && c.now != c.own {
		debug.SetGCPercent(c.own)
	}
}

// allow lets so many bytes of garbage come together, by what the heap holds now.
func (c *pace) allow(garbage int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	metrics.Read(c.samples)
	percent := c.own
	if held := int64(c.samples[1].Value.Uint64()); held > garbage && c.own > leastPercent {
		percent = min(c.own, max(leastPercent, int(100*garbage/held)))
	}
	if percent != c.now {
		c.now = percent
		debug.SetGCPercent(percent)
	}
}
