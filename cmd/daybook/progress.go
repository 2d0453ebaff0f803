package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"daybook/jobs"
)

// newProgress shows long work on w: a bar on a terminal, a plain line every ten
// seconds elsewhere, and nothing at all for work that is done sooner.
func newProgress(w *os.File) func(jobs.Progress) {
	p := &progress{w: w, terminal: term.IsTerminal(int(w.Fd())), start: time.Now(), last: time.Now()}
	return p.show
}

type progress struct {
	mu          sync.Mutex
	w           io.Writer
	terminal    bool
	bar         *progressbar.ProgressBar
	start, last time.Time
}

func (p *progress) show(at jobs.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.terminal {
		p.draw(at)
		return
	}
	if now := time.Now(); now.Sub(p.last) >= 10*time.Second {
		p.last = now
		fmt.Fprintf(p.w, "%s %s: %d rows, %.1f of %.1f MiB after %s\n",
			at.Job, at.Period, at.Rows, mebibytes(at.Bytes), mebibytes(at.TotalBytes), now.Sub(p.start).Round(time.Second))
	}
}

func (p *progress) draw(at jobs.Progress) {
	if at.Done {
		if p.bar != nil {
			_ = p.bar.Clear()
			p.bar = nil
		}
		return
	}
	if p.bar == nil {
		p.bar = progressbar.NewOptions64(max(at.TotalBytes, 1),
			progressbar.OptionSetWriter(p.w), progressbar.OptionShowBytes(true), progressbar.OptionSetWidth(30),
			progressbar.OptionSetPredictTime(true), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
	}
	p.bar.Describe(fmt.Sprintf("%s %s: %d rows", at.Job, at.Period, at.Rows))
	_ = p.bar.Set64(min(at.Bytes, at.TotalBytes))
}

func mebibytes(n int64) float64 { return float64(n) / (1 << 20) }
