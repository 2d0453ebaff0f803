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
	if Attempts() != len(want) {
		t.Errorf("%d attempts, want %d", Attempts(), len(want))
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
