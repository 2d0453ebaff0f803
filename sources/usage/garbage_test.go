package usage

import (
	"runtime"
	"runtime/debug"
	"testing"
)

// With 400 MiB in the heap, 200 MiB of garbage are 50 percent of it at most, and
// what is held beside them makes that a few less.
func TestPace_BoundsGarbageWhileThereArePassesAndGivesGOGCBack(t *testing.T) {
	for _, c := range []struct {
		own     int
		garbage int64
		least   int
		most    int
	}{
		{100, 200 << 20, 40, 50},
		{100, 1 << 20, leastPercent, leastPercent},
		{100, 1 << 40, 100, 100},
		{30, 200 << 20, 30, 30}, // GOGC says less
		{10, 1 << 20, 10, 10},
		{-1, 1 << 20, -1, -1}, // GOGC=off
	} {
		before := debug.SetGCPercent(c.own)
		held := make([]byte, 400<<20) // of which nothing is touched
		runtime.GC()
		collector.begin()
		collector.begin() // another pass
		collector.allow(c.garbage)
		if got := GOGC(); got < c.least || got > c.most {
			t.Errorf("GOGC=%d, %d bytes of garbage: %d percent, want %d to %d", c.own, c.garbage, got, c.least, c.most)
		}
		runtime.KeepAlive(held)
		collector.end()
		if got := GOGC(); got > c.most {
			t.Errorf("GOGC=%d: %d percent when one of two passes has ended, want no more than %d", c.own, got, c.most)
		}
		collector.end()
		if got := GOGC(); got != c.own {
			t.Errorf("GOGC=%d: %d percent after all passes", c.own, got)
		}
		debug.SetGCPercent(before)
	}
}
