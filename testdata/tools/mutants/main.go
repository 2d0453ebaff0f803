// Mutants measures whether the tests of pricing notice wrong code. It changes
// one place of the source at a time (a bound, a condition, a sum, a constant, a
// dropped statement), runs the tests of the package against it, and counts the
// changes that make a test fail. Those that none notices are listed: each asks
// for a test, or is no change at all.
//
// The sample is the same for the same seed and source. All of it is built into
// one program, in which an environment variable chooses the mutant, so that each
// costs one run of the tests and no build. Nothing in the checkout is written:
// the changed files are laid over it (go build -overlay).
package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"
)

// suites are the tests that look at a folder's code, the nearest first.
var suites = map[string][]string{
	"pricing/money":   {"pricing/money", "pricing"},
	"pricing":         {"pricing"},
	"pricing/columns": {"sinks/tables"},
}

type options struct {
	count, jobs, least int
	seed               uint64
	files              string
	timeout            time.Duration
}

func main() {
	var o options
	flag.IntVar(&o.count, "n", 200, "how many mutants to try; 0: all")
	flag.Uint64Var(&o.seed, "seed", 1, "which sample")
	flag.IntVar(&o.jobs, "jobs", runtime.GOMAXPROCS(0), "how many at a time")
	flag.IntVar(&o.least, "least", 80, "fail below so many per cent")
	flag.StringVar(&o.files, "files", "", "only files whose path contains this, or file:line:")
	flag.DurationVar(&o.timeout, "timeout", 2*time.Minute, "at least, for the tests of one mutant; one that hangs is noticed")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(o options) error {
	mutants, err := findAll(o.files)
	if err != nil {
		return err
	}
	all, started := len(mutants), time.Now()
	dice := rand.New(rand.NewPCG(o.seed, 0))
	dice.Shuffle(all, func(i, j int) { mutants[i], mutants[j] = mutants[j], mutants[i] })
	if o.count > 0 {
		mutants = mutants[:min(o.count, all)]
	}
	work, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	built, err := build(mutants, work)
	if err != nil {
		return err
	}
	fmt.Printf("%d of %d places drawn with seed %d; %d changes compile\n", len(mutants), all, o.seed, len(built))
	if err := tryNone(&o, work); err != nil {
		return err
	}
	tryAll(built, o, work)
	var survived int
	for _, m := range built {
		if !m.noticed {
			survived++
			fmt.Printf("survived %s\n", m)
		}
	}
	if len(built) == 0 {
		return fmt.Errorf("no change compiles")
	}
	score := 100 * (len(built) - survived) / len(built)
	fmt.Printf("%d of %d mutants are noticed: %d %% (%s)\n", len(built)-survived, len(built), score, time.Since(started).Round(time.Second))
	if score < o.least {
		return fmt.Errorf("%d %% is below %d %%: write tests that notice the survivors above", score, o.least)
	}
	return nil
}

// tryNone runs the tests against no mutant, which must pass, and gives those
// against one five times as long before they count as hanging.
func tryNone(o *options, work string) error {
	for folder := range suites {
		started := time.Now()
		if failed, said := tryOne(&mutant{file: folder + "/none.go"}, work, time.Hour); failed {
			return fmt.Errorf("the tests fail without any change: mend them first\n%s", said)
		}
		o.timeout = max(o.timeout, 5*time.Since(started))
	}
	return nil
}

// tryAll runs the tests against each mutant.
func tryAll(mutants []*mutant, o options, work string) {
	queue := make(chan *mutant)
	var workers sync.WaitGroup
	for range max(o.jobs, 1) {
		workers.Go(func() {
			for m := range queue {
				if m.noticed, _ = tryOne(m, work, o.timeout); !m.noticed {
					fmt.Fprintf(os.Stderr, "survived %s\n", m)
				}
			}
		})
	}
	for _, m := range mutants {
		queue <- m
	}
	close(queue)
	workers.Wait()
}

func findAll(only string) ([]*mutant, error) {
	var out []*mutant
	for folder := range suites {
		files, err := filepath.Glob(folder + "/*.go")
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			found, err := mutantsOf(file)
			if err != nil {
				return nil, err
			}
			for _, m := range found {
				if strings.Contains(fmt.Sprintf("%s:%d:", m.file, m.line), only) {
					out = append(out, m)
				}
			}
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no place to change in %q: run it at the root of the checkout", only)
	}
	sortMutants(out)
	return out, nil
}
