package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// process is a server under measurement.
type process struct {
	cmd *exec.Cmd
	err bytes.Buffer
}

// start runs a server on one processor.
func start(ctx context.Context, name string, args ...string) (*process, error) {
	p := &process{cmd: exec.CommandContext(ctx, name, args...)}
	p.cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	p.cmd.Stderr = &p.err
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	return p, nil
}

func (p *process) stop() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// ready waits until the server answers, and returns its answer as it came.
func (p *process) ready(ctx context.Context, r *http.Request) ([]byte, error) {
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	var last error
	for range 300 {
		res, err := client.Do(r.Clone(ctx))
		if err == nil {
			return read(res)
		}
		last = err
		time.Sleep(100 * time.Millisecond)
	}
	return nil, fmt.Errorf("%w: %s", last, p.err.String())
}

// cpu is the processor time that the process has taken, user and system, from
// /proc: in hundredths of a second.
func (p *process) cpu() (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	user, errUser := strconv.Atoi(fields[11])
	system, errSystem := strconv.Atoi(fields[12])
	if errUser != nil || errSystem != nil {
		return 0, fmt.Errorf("read /proc/…/stat: %q", text)
	}
	return time.Duration(user+system) * 10 * time.Millisecond, nil
}
