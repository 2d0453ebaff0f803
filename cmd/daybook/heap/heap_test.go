package heap

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

// percent reads the collector's setting.
func percent() int {
	now := debug.SetGCPercent(100)
	debug.SetGCPercent(now)
	return now
}

func TestPrepare_PutsTheFirstCollectionOff(t *testing.T) {
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "")
	defer debug.SetGCPercent(debug.SetGCPercent(150))
	Prepare()
	if got := percent(); got != 3200 {
		t.Fatalf("before the first collection: %d per cent of 4 MiB, not of 128 MiB", got)
	}
	runtime.GC()
	for range 1000 {
		if percent() == 150 {
			return
		}
		time.Sleep(time.Millisecond) // clean-ups run beside the program
	}
	t.Errorf("after the first collection: %d per cent, not the 150 of before", percent())
}

func TestPrepare_ChangesNothingForThoseWhoChose(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(150))
	for _, chosen := range []string{"GOGC", "GOMEMLIMIT"} {
		t.Setenv("GOGC", "")
		t.Setenv("GOMEMLIMIT", "")
		t.Setenv(chosen, "100")
		if Prepare(); percent() != 150 {
			t.Errorf("%s is set, and the collector waits all the same", chosen)
		}
	}
}
