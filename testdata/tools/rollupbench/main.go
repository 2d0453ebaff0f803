// Rollupbench sets Daybook's rollup beside DuckDB's on the same files: it makes a
// month of usage with a fixed seed, runs both in turn as processes of their own
// with two threads each, compares their results row by row, and prints medians
// of processor and wall time, peak memory, rows a second and the ratio. DuckDB
// runs the fastest of the SQL forms of duckdb.mjs; see there for what it is spared.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

type options struct {
	data     dataset
	pairs    int
	scale    int
	work     string
	duckdb   string // duckdb.mjs, where its package is installed
	profile  string
	in, out  string // of a child: roll up and leave
	world    string // of a child: publish days of it and leave
	from, to int
	oneday   bool
	plain    bool
}

func main() {
	var o options
	flag.IntVar(&o.data.rows, "rows", 5_000_000, "events")
	flag.Float64Var(&o.data.perGroup, "per-group", 6, "rows of a group of the rollup, on average")
	flag.Uint64Var(&o.data.seed, "seed", 1, "the same seed gives the same events")
	flag.IntVar(&o.pairs, "pairs", 5, "runs of each side, in turn")
	flag.IntVar(&o.scale, "scale", 0, "then Daybook alone on so many times the events (0: not)")
	flag.StringVar(&o.work, "work", ".cache/bench", "folder for the files")
	flag.StringVar(&o.duckdb, "duckdb", "", "DuckDB's script (empty: Daybook alone)")
	flag.StringVar(&o.profile, "profile", "", "write Daybook's processor profile here")
	flag.StringVar(&o.in, "in", "", "only roll up this folder")
	flag.StringVar(&o.out, "out", "", "where to")
	flag.BoolVar(&o.plain, "plain", false, "both sides look for no duplicates")
	flag.BoolVar(&o.oneday, "oneday", false, "Daybook alone: the jobs over the month, then over one more day")
	flag.StringVar(&o.world, "world", "", "only publish days of this folder")
	flag.IntVar(&o.from, "from", 0, "first of those days, from 0")
	flag.IntVar(&o.to, "to", 0, "last of them")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "rollupbench:", err)
		os.Exit(1)
	}
}

func run(o options) error {
	if o.in != "" {
		return rollup(context.Background(), o.in, o.out, o.profile, o.plain)
	}
	if o.world != "" {
		return publish(context.Background(), o.world, o.profile, o.from, o.to)
	}
	if err := o.data.write(o.work); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if o.oneday {
		return o.oneDay(self)
	}
	in := o.data.path(o.work)
	ours, theirs := filepath.Join(o.work, "daybook"), filepath.Join(o.work, "duckdb")
	sides := []*side{{name: "Daybook", command: []string{self, "-in", in, "-out", ours, "-profile", o.profile, fmt.Sprintf("-plain=%t", o.plain)}, out: ours}}
	if o.duckdb != "" {
		forms := []string{"group", "distinct"}
		if o.plain {
			forms = []string{"plain"}
		}
		for _, form := range forms {
			sides = append(sides, &side{name: "DuckDB, " + form, command: []string{"node", o.duckdb, form, in, theirs}, out: theirs})
		}
	}
	for n := range o.pairs {
		for i, s := range sides {
			if n > 0 && i > 0 && s != fastest(sides[1:]) {
				continue // the slower form ran once
			}
			if err := s.run(); err != nil {
				return err
			}
		}
	}
	report(o, sides)
	if o.scale > 0 {
		if err := o.scaled(sides[0]); err != nil {
			return err
		}
	}
	if o.duckdb == "" {
		return nil
	}
	return call("node", o.duckdb, "compare", ours, theirs)
}

// scaled runs Daybook on more events and says how many times as long that took.
func (o options) scaled(base *side) error {
	big := o
	big.data.rows *= o.scale
	if err := big.data.write(o.work); err != nil {
		return err
	}
	self := base.command[0]
	out := filepath.Join(o.work, "scaled")
	s := &side{name: "Daybook", command: []string{self, "-in", big.data.path(o.work), "-out", out, fmt.Sprintf("-plain=%t", o.plain)}, out: out}
	for range min(o.pairs, 3) {
		if err := s.run(); err != nil {
			return err
		}
	}
	report(big, []*side{s})
	fmt.Printf("%d times the events: CPU %.1f times, wall %.1f times\n", o.scale,
		float64(s.median(cpu))/float64(base.median(cpu)), float64(s.median(wall))/float64(base.median(wall)))
	return os.RemoveAll(out)
}

// side is one of the engines and how its runs went.
type side struct {
	name, out string
	command   []string
	runs      []cost
}

// cost is what a process took.
type cost struct {
	cpu, wall time.Duration
	peak      int64 // KiB
}

func (s *side) run() error {
	if err := os.RemoveAll(s.out); err != nil {
		return err
	}
	if err := os.MkdirAll(s.out, 0o755); err != nil {
		return err
	}
	cmd := exec.Command(s.command[0], s.command[1:]...)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=2")
	var said bytes.Buffer
	cmd.Stderr = &said
	began := time.Now()
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", s.name, err, said.String())
	}
	p := cmd.ProcessState
	c := cost{cpu: p.UserTime() + p.SystemTime(), wall: time.Since(began)}
	if usage, ok := p.SysUsage().(*syscall.Rusage); ok {
		c.peak = usage.Maxrss
	}
	s.runs = append(s.runs, c)
	return nil
}

func (s *side) median(of func(cost) int64) int64 {
	var all []int64
	for _, c := range s.runs {
		all = append(all, of(c))
	}
	slices.Sort(all)
	return all[len(all)/2]
}

func cpu(c cost) int64  { return int64(c.cpu) }
func wall(c cost) int64 { return int64(c.wall) }
func peak(c cost) int64 { return c.peak }

func fastest(sides []*side) *side {
	return slices.MinFunc(sides, func(a, b *side) int { return int(a.median(cpu) - b.median(cpu)) })
}

func report(o options, sides []*side) {
	fmt.Printf("%d rows, %g a group, seed %d, two threads, medians\n", o.data.rows, o.data.perGroup, o.data.seed)
	fmt.Printf("%-18s %5s %9s %9s %10s %12s\n", "", "runs", "CPU s", "wall s", "peak MiB", "rows/CPU s")
	for _, s := range sides {
		fmt.Printf("%-18s %5d %9.2f %9.2f %10d %12.0f\n", s.name, len(s.runs), seconds(s.median(cpu)), seconds(s.median(wall)),
			s.median(peak)>>10, float64(o.data.rows)/seconds(s.median(cpu)))
	}
	if len(sides) > 1 {
		best := fastest(sides[1:])
		fmt.Printf("ratio to %s: CPU %.2f, wall %.2f\n", best.name,
			float64(sides[0].median(cpu))/float64(best.median(cpu)), float64(sides[0].median(wall))/float64(best.median(wall)))
	}
}

func seconds(nanos int64) float64 { return float64(nanos) / 1e9 }

func call(name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}
