package webhooks

import (
	"fmt"
	"testing"
	"time"
)

// The figures are those of docs/commit-protocol.md, "Webhooks".
func TestPause_IsTheDocumentedScheduleWithATenthOfJitter(t *testing.T) {
	want := []time.Duration{
		0, 5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour,
		5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
	}
	if got := (Endpoint{}).Attempts(); got != len(want) {
		t.Errorf("%d attempts, want %d", got, len(want))
	}
	for failed, base := range want {
		seen := map[time.Duration]bool{}
		for n := range 200 {
			got, more := Pause(failed, fmt.Sprint("evt_", n))
			if !more || got < base*9/10 || got > base*11/10 {
				t.Errorf("after %d failures: %s, %v, want %s and a tenth", failed, got, more, base)
			}
			if again, _ := Pause(failed, fmt.Sprint("evt_", n)); again != got {
				t.Errorf("after %d failures: %s, then %s", failed, got, again)
			}
			seen[got] = true
		}
		if base > 0 && len(seen) < 100 {
			t.Errorf("after %d failures: only %d different pauses for 200 events", failed, len(seen))
		}
	}
	if d, more := Pause(len(want), "evt"); more || d != 0 {
		t.Errorf("an eleventh attempt after %s", d)
	}
}

// ComputeStacks documents five more tries: after a minute, a quarter of an hour, and
// then every hour.
func TestEndpoint_PausesAsComputeStacksDoes(t *testing.T) {
	e := Endpoint{Style: StyleComputeStacks}
	want := []time.Duration{0, time.Minute, 15 * time.Minute, time.Hour, time.Hour, time.Hour}
	if e.Attempts() != len(want) {
		t.Errorf("%d attempts, want %d", e.Attempts(), len(want))
	}
	for failed, base := range want {
		if got, more := e.Pause(failed, "evt"); got != base || !more {
			t.Errorf("after %d failures: %s, %t, want %s", failed, got, more, base)
		}
	}
	for _, failed := range []int{-1, len(want)} {
		if _, more := e.Pause(failed, "evt"); more {
			t.Errorf("it is tried after %d failures", failed)
		}
	}
}
