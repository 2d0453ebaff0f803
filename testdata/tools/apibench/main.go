// Apibench asks `daybook serve` for cost series of a bucket of many accounts at a
// steady rate, and a bare handler that serves a static file of the same size at
// the same rate, each a process of its own on one processor, and prints latency,
// processor time and the ratio. The load is open: a request starts when its time
// has come, whether or not the ones before it are answered, so that a slow server
// cannot hide.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

type options struct {
	binary   string
	work     string
	accounts int
	days     int
	rate     int
	seconds  int
	static   string // of a child: serve this file and nothing else
}

func main() {
	var o options
	flag.StringVar(&o.binary, "daybook", "bin/daybook", "the binary to serve with")
	flag.StringVar(&o.work, "work", ".cache/bench/api", "folder for the bucket")
	flag.IntVar(&o.accounts, "accounts", 10_000, "paying accounts")
	flag.IntVar(&o.days, "days", 30, "published days")
	flag.IntVar(&o.rate, "rate", 2_000, "requests a second")
	flag.IntVar(&o.seconds, "seconds", 10, "length of a run")
	flag.StringVar(&o.static, "static", "", "only serve this file, at "+staticAddress)
	flag.Parse()
	if err := run(context.Background(), o); err != nil {
		fmt.Fprintln(os.Stderr, "apibench:", err)
		os.Exit(1)
	}
}

const (
	serveAddress  = "127.0.0.1:18686"
	staticAddress = "127.0.0.1:18687"
)

func run(ctx context.Context, o options) error {
	if o.static != "" {
		return serveStatic(o.static)
	}
	token, err := o.bucket(ctx)
	if err != nil {
		return err
	}
	ours, err := start(ctx, o.binary, "serve", "--config", filepath.Join(o.work, "daybook.yaml"), "--system", "orb", "--listen", serveAddress)
	if err != nil {
		return err
	}
	defer ours.stop()
	ask := func(account int) *http.Request {
		r, _ := http.NewRequest(http.MethodGet, fmt.Sprintf("http://%s/v1/customers/acc-%05d/costs", serveAddress, account), nil)
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Accept-Encoding", "gzip")
		return r
	}
	first, err := ours.ready(ctx, ask(0))
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	file := filepath.Join(o.work, "static.gz")
	if err := os.WriteFile(file, first, 0o600); err != nil {
		return err
	}
	bare, err := start(ctx, self, "-static", file)
	if err != nil {
		return err
	}
	defer bare.stop()
	plain, _ := http.NewRequest(http.MethodGet, "http://"+staticAddress, nil)
	if _, err := bare.ready(ctx, plain); err != nil {
		return err
	}

	fmt.Printf("%d accounts, %d days, %d bytes an answer (gzip), %d requests a second for %d s, one processor each\n\n", o.accounts, o.days, len(first), o.rate, o.seconds)
	cold, err := measure(ctx, ours, ask, load{rate: 200, total: o.accounts})
	if err != nil {
		return err
	}
	cold.print("Daybook, each account for the first time")
	warm, err := measure(ctx, ours, ask, load{rate: o.rate, total: o.rate * o.seconds, accounts: o.accounts})
	if err != nil {
		return err
	}
	warm.print("Daybook")
	floor, err := measure(ctx, bare, func(int) *http.Request { return plain.Clone(ctx) }, load{rate: o.rate, total: o.rate * o.seconds, accounts: 1})
	if err != nil {
		return err
	}
	floor.print("static file of that size")
	fmt.Printf("\nprocessor time, Daybook / static file: %.2f (must: 3 or less); p99 %v (must: below 20ms)\n", warm.cpu.Seconds()/floor.cpu.Seconds(), warm.p99)
	return nil
}

// serveStatic is the bare handler: the standard library's, with one file in memory.
func serveStatic(path string) error {
	body, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
	})
	server := &http.Server{Addr: staticAddress, Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	return server.ListenAndServe()
}

// read reads an answer to its end.
func read(r *http.Response) ([]byte, error) {
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err == nil && r.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %.200s", r.Status, body)
	}
	return body, err
}
