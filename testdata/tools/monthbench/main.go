// Monthbench measures what comes before and after the rollup: it makes a month of
// a world with a fixed seed, runs the jobs over it, each as a process of its own
// with two threads, and prints what each took.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

type options struct {
	world   world
	work    string
	profile string
	step    string // of a child: run it and leave
	allDays bool
	rollups bool
	keep    bool
	again   bool
}

func main() {
	var o options
	flag.IntVar(&o.world.subscriptions, "subscriptions", 100_000, "subscriptions, five to an account, with five prices each")
	flag.Uint64Var(&o.world.seed, "seed", 1, "the same seed gives the same events")
	flag.StringVar(&o.work, "work", ".cache/bench/month", "folder for the world and what is made of it")
	flag.StringVar(&o.profile, "profile", "", "write a processor profile of each step here, its name added")
	flag.StringVar(&o.step, "step", "", "only this step, of what stands in the folder")
	flag.BoolVar(&o.allDays, "all-days", false, "rate every day of the month too")
	flag.BoolVar(&o.rollups, "rollups", false, "only the rollups")
	flag.IntVar(&o.world.days, "days", len(allDays()), "the month's last days, with usage")
	flag.BoolVar(&o.keep, "keep", false, "leave the folder")
	flag.BoolVar(&o.again, "again", false, "only a day's costs and the closing, over the rollups of a folder that was kept")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "monthbench:", err)
		os.Exit(1)
	}
}

func run(o options) error {
	if o.step != "" {
		return step(context.Background(), o.step, o.work, o.profile)
	}
	if err := o.begin(); err != nil {
		return err
	}
	if !o.keep {
		defer os.RemoveAll(o.work)
	}
	fmt.Printf("%d subscriptions, 5 to an account, 5 prices each, %d days, seed %d, two threads\n", o.world.subscriptions, o.world.days, o.world.seed)
	fmt.Printf("%-18s %9s %9s %10s\n", "", "CPU s", "wall s", "peak MiB")
	took := map[string]time.Duration{}
	for _, name := range o.steps() {
		if name == stepOneMoreDay {
			if err := o.world.writeDay(o.work, month.Next().First()-1); err != nil {
				return err
			}
		}
		c, err := o.child(name)
		if err != nil {
			return err
		}
		took[name] = c.cpu
		fmt.Printf("%-18s %9.2f %9.2f %10d\n", name, c.cpu.Seconds(), c.wall.Seconds(), c.peak>>10)
	}
	if !o.again {
		fmt.Printf("one more day is 1/%.0f of the %d days before\n", took[stepRollup].Seconds()/took[stepOneMoreDay].Seconds(), o.world.days-1)
	}
	if o.rollups {
		return nil
	}
	fmt.Printf("a day and the closing: %.2f CPU s\n", (took[stepDaily] + took[stepMonthly]).Seconds())
	return nil
}

// begin makes the world, or takes what the ratings of another run made out of it.
func (o options) begin() error {
	if !o.again {
		if err := os.RemoveAll(o.work); err != nil {
			return err
		}
		return o.world.write(o.work)
	}
	made := []string{"runs/daily", "runs/monthly", "data/daily", "data/monthly", "current/documents"}
	for _, table := range []string{"daily_costs", "invoices", "invoice_line_items", "invoice_taxes", "ledger_entries", "balances", "parked_accounts"} {
		made = append(made, "current/tables/"+table)
	}
	for _, made := range made {
		if err := os.RemoveAll(filepath.Join(o.work, "out", made)); err != nil {
			return err
		}
	}
	return nil
}

// steps are what is run, in this order.
func (o options) steps() []string {
	var steps []string
	if !o.again {
		steps = append(steps, stepRollup, stepOneMoreDay)
	}
	if !o.rollups {
		steps = append(steps, stepDaily, stepMonthly)
	}
	if o.allDays {
		steps = append(steps, stepAllDays)
	}
	return steps
}

// cost is what a process took.
type cost struct {
	cpu, wall time.Duration
	peak      int64 // KiB
}

func (o options) child(name string) (cost, error) {
	self, err := os.Executable()
	if err != nil {
		return cost{}, err
	}
	work, err := filepath.Abs(o.work)
	if err != nil {
		return cost{}, err
	}
	cmd := exec.Command(self, "-step", name, "-work", work, "-profile", o.profile)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=2")
	var said bytes.Buffer
	cmd.Stderr = &said
	began := time.Now()
	if err := cmd.Run(); err != nil {
		return cost{}, fmt.Errorf("%s: %w: %s", name, err, said.String())
	}
	p := cmd.ProcessState
	c := cost{cpu: p.UserTime() + p.SystemTime(), wall: time.Since(began)}
	if usage, ok := p.SysUsage().(*syscall.Rusage); ok {
		c.peak = usage.Maxrss
	}
	return c, nil
}
