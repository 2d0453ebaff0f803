package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"daybook/sources/usage"
)

// decoderCommand is the hidden subcommand that decodes usage for its parent.
const decoderCommand = "usage-decoder"

// newUsageDecoder is the other end of usage.isolate.
func newUsageDecoder() *cobra.Command {
	var memory int64
	c := &cobra.Command{
		Use: decoderCommand, Hidden: true, Args: cobra.NoArgs,
		Short:   "Decode usage files for the process that started this one (usage.isolate)",
		Example: "  daybook " + decoderCommand + " --memory 8589934592",
		RunE: func(c *cobra.Command, _ []string) error {
			if err := limitMemory(memory); err != nil {
				return fmt.Errorf("limit the usage decoder to %d bytes: %w; set usage.isolate to false on a system without such limits", memory, err)
			}
			return usage.Decode(c.Context(), os.Stdin, os.Stdout, usage.New())
		},
	}
	c.Flags().Int64Var(&memory, "memory", 0, "most bytes of writable memory; 0: no limit")
	return c
}

// engine returns the configuration's engine; nil for the one in this process.
func (c *config) engine() (usage.Engine, error) {
	if !c.file.Usage.Isolate {
		return nil, nil
	}
	if err := canLimitMemory(); err != nil {
		return nil, usageErrorf("%s: usage.isolate: %w", c.path, err)
	}
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("usage.isolate: find this program: %w", err)
	}
	arguments := []string{decoderCommand, "--memory", strconv.FormatInt(c.isolateMemory, 10)}
	return usage.NewIsolated(func(context.Context) (usage.Process, error) { return startDecoder(program, arguments, decoderPatience) }), nil
}

// decoder is a child process. It has neither this one's environment, in which
// credentials stand, nor its store.
type decoder struct {
	reader  io.Reader
	writer  io.WriteCloser
	command *exec.Cmd
	stderr  *beginning
	patient time.Duration // how long it may neither answer nor take what it asked for
	stuck   atomic.Bool
}

// decoderPatience is generous: between two answers a decoder decodes one row group
// at most, which takes seconds.
const decoderPatience = 10 * time.Minute

func startDecoder(program string, arguments []string, patient time.Duration) (*decoder, error) {
	d := &decoder{command: exec.Command(program, arguments...), stderr: &beginning{}, patient: patient}
	d.command.Env = []string{"GOTRACEBACK=none"} // a non-nil, otherwise empty environment
	d.command.Dir = os.TempDir()
	d.command.Stderr = d.stderr
	var err error
	if d.writer, err = d.command.StdinPipe(); err != nil {
		return nil, err
	}
	if d.reader, err = d.command.StdoutPipe(); err != nil {
		return nil, err
	}
	return d, d.command.Start()
}

// Read implements [usage.Process]. A decoder that does not answer is killed.
func (d *decoder) Read(b []byte) (int, error) {
	defer d.watch()()
	return d.reader.Read(b)
}

// Write implements [usage.Process]. A decoder that takes nothing is killed.
func (d *decoder) Write(b []byte) (int, error) {
	defer d.watch()()
	return d.writer.Write(b)
}

// Close implements [usage.Process].
func (d *decoder) Close() error { return d.writer.Close() }

// watch kills the decoder unless it is called off in time.
func (d *decoder) watch() (off func()) {
	timer := time.AfterFunc(d.patient, func() {
		d.stuck.Store(true)
		d.Kill()
	})
	return func() { timer.Stop() }
}

// Kill implements [usage.Process].
func (d *decoder) Kill() { _ = d.command.Process.Kill() }

// Wait implements [usage.Process]: how the process ended and what it said last.
func (d *decoder) Wait() error {
	err := d.command.Wait()
	if d.stuck.Load() {
		return fmt.Errorf("it did nothing for %s, and was stopped", d.patient)
	}
	said, _, _ := strings.Cut(strings.TrimSpace(d.stderr.String()), "\n")
	if err == nil || said == "" {
		return err
	}
	return fmt.Errorf("%w: %s", err, said)
}

// beginning keeps the first bytes that are written to it.
type beginning struct{ bytes.Buffer }

// mostSaid bounds what is kept of a decoder's last words, in bytes.
const mostSaid = 400

func (b *beginning) Write(p []byte) (int, error) {
	b.Buffer.Write(p[:min(len(p), max(0, mostSaid-b.Len()))])
	return len(p), nil
}
