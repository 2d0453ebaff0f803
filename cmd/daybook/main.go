// Command daybook is a batch billing engine: it reads raw usage Parquet from a
// bucket, computes daily cumulative costs and monthly invoices in exact
// decimals, writes them back as tables and documents, and sends webhooks.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	_ "time/tzdata" // the same zones on every machine
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:]))
}

// run executes the command line and returns the exit code.
func run(ctx context.Context, args []string) int {
	root := newRoot()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err != nil && err.Error() != "" {
		fmt.Fprintln(os.Stderr, "daybook:", err)
	}
	return exitCode(err)
}

// version is the engine's version, recorded in every plan and manifest. It is
// the module's release and not a build stamp, so that two builds of one release
// write equal bytes.
const version = "0.1.0"

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
