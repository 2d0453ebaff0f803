// Command daybook is a batch billing engine: it reads raw usage Parquet from a
// bucket, computes daily cumulative costs and monthly invoices in exact
// decimals, writes them back as tables and documents, and sends webhooks.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	_ "time/tzdata" // the same zones on every machine

	"daybook/sinks/publish"
	"daybook/sources/blob"
	"daybook/sources/usage"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:]))
}

// run executes the command line and returns the exit code.
func run(ctx context.Context, args []string) int {
	root := newRoot()
	var mistaken error
	refuseHelpOfUnknown(root, &mistaken)
	root.SetArgs(args)
	out := &results{w: os.Stdout}
	root.SetOut(out)
	err := root.ExecuteContext(ctx)
	if err == nil {
		err = mistaken
	}
	if out.err != nil && exitCode(err) == exitOK {
		err = fmt.Errorf("write results: %w", out.err)
	}
	if err != nil && err.Error() != "" {
		fmt.Fprintln(os.Stderr, "daybook:", advised(ctx, err))
	}
	return exitCode(err)
}

// results is standard output. It keeps its first error, so that a table that
// did not reach a full disk is no success.
type results struct {
	w   io.Writer
	err error
}

func (r *results) Write(b []byte) (int, error) {
	n, err := r.w.Write(b)
	if err != nil && r.err == nil {
		r.err = err
	}
	return n, err
}

// advised adds what to do next to an error that does not say it.
func advised(ctx context.Context, err error) error {
	var file *usage.FileError
	switch {
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		return errors.New("interrupted; what was published stays, and the same command goes on from there")
	case errors.As(err, &file) && !errors.Is(err, blob.ErrDenied):
		return fmt.Errorf("%w\nrepair the file and run again, or publish its day without it: `daybook run rollup --day … --quarantine %s`", err, file.File)
	case errors.Is(err, publish.ErrDamaged), isLost(err):
		return fmt.Errorf("%w\nput the object back from a copy of the output store, or as the version that it had; `daybook verify` names all that is damaged", err)
	}
	return err
}

// isLost reports whether an object that was published is gone.
func isLost(err error) bool {
	var missing *blob.Error
	if !errors.Is(err, blob.ErrNotFound) || !errors.As(err, &missing) {
		return false
	}
	return slices.ContainsFunc([]string{"data/", "runs/", "inputs/"}, func(prefix string) bool { return strings.HasPrefix(missing.Key, prefix) })
}

// version is the engine's version, recorded in every plan and manifest. It is
// the module's release and not a build stamp, so that two builds of one release
// write equal bytes. It is a variable for the rig that races two versions
// (-ldflags "-X main.version=0.0.9"), and nothing sets it while it runs.
var version = "0.1.0"

// buildRevision is the commit the binary was built from, for `daybook version`.
func buildRevision() string {
	if b, ok := debug.ReadBuildInfo(); ok {
		for _, s := range b.Settings {
			if s.Key == "vcs.revision" {
				return s.Value
			}
		}
	}
	return "unknown"
}
