package parquet_test

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/parquet/compress"

	"daybook/sources/parquet"
)

// TestHostile_BombsStayWithinBounds: a page above the limit of 128 MiB is refused
// before anything is unpacked, and one below it costs a few times what it unpacks
// to, however small its file is.
func TestHostile_BombsStayWithinBounds(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds under the race detector")
	}
	r := newEngineRun()
	defer debug.SetGCPercent(debug.SetGCPercent(10)) // so that what is seen is in use
	for _, c := range []struct {
		name      string
		codec     compress.Compression
		megabytes int
		most      uint64 // MiB in use
	}{
		{"zstd", compress.Codecs.Zstd, 30, 256},
		{"gzip", compress.Codecs.Gzip, 30, 256},
		{"zstd", compress.Codecs.Zstd, 270, 32},
		{"gzip", compress.Codecs.Gzip, 270, 32},
	} {
		body := parquet.BombFile(t, c.codec, c.megabytes)
		what := fmt.Sprintf("a %s page of %d MiB in a file of %d KiB", c.name, c.megabytes, len(body)>>10)
		peak := peakOf(func() {
			_, _, err := r.rollup(t, body)
			if refused := err != nil && strings.Contains(err.Error(), "above the limit of"); refused != (c.megabytes > 128) {
				t.Errorf("%s: %v", what, err)
			}
		})
		t.Logf("%s: %d MiB in use at most", what, peak>>20)
		if peak > c.most<<20 {
			t.Errorf("%s: %d MiB were in use, want at most %d", what, peak>>20, c.most)
		}
	}
}

// peakOf is how much the heap grew at most while work ran, in bytes.
func peakOf(work func()) uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	inUse := func() uint64 { metrics.Read(sample); return sample[0].Value.Uint64() }
	runtime.GC()
	before, peak := inUse(), uint64(0)
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			peak = max(peak, inUse())
			select {
			case <-done:
				return
			case <-time.After(200 * time.Microsecond):
			}
		}
	}()
	work()
	close(done)
	<-ended
	return max(peak, before) - before
}
