package jobs

import (
	"context"
	"fmt"
)

// task is a command that a process is started with.
type task struct {
	name string
	run  func(context.Context, *Pipeline) error
}

// tasks are the commands that processes of a story are started with.
func (s *story) tasks() []task {
	monthly := task{"monthly", func(ctx context.Context, p *Pipeline) error {
		_, err := p.Monthly(ctx, s.months, allDue)
		return err
	}}
	recompute := allDue
	recompute.Recompute = true
	line, file := 1+s.dice.IntN(2), withdrawable[s.dice.IntN(len(withdrawable))]
	tasks := []task{
		monthly, monthly, monthly,
		{"daily", func(ctx context.Context, p *Pipeline) error {
			_, err := p.Daily(ctx, s.days, allDue)
			return err
		}},
		{"rollup", func(ctx context.Context, p *Pipeline) error {
			_, err := p.Rollup(ctx, tinyDays, allDue)
			return err
		}},
		{"recompute", func(ctx context.Context, p *Pipeline) error {
			_, err := p.Daily(ctx, s.days[:1], recompute)
			return err
		}},
		{"deliver", func(ctx context.Context, p *Pipeline) error {
			_, err := p.Deliver(ctx)
			return err
		}},
		{"gc", func(ctx context.Context, p *Pipeline) error {
			_, err := p.Collect(ctx, CollectOptions{})
			return err
		}},
		{"gc --superseded", func(ctx context.Context, p *Pipeline) error {
			s.superseded.Store(true)
			_, err := p.Collect(ctx, CollectOptions{Superseded: true, Keep: 1})
			return err
		}},
		{fmt.Sprintf("void line %d", line), func(ctx context.Context, p *Pipeline) error {
			_, err := p.Void(ctx, "2026-000001", line, "disputed", "")
			return err
		}},
		{"withdraw " + file, func(ctx context.Context, p *Pipeline) error {
			_, err := p.WithdrawFile(ctx, file, "written twice", "")
			return err
		}},
	}
	if s.items {
		item := s.dice.IntN(len(items))
		take := task{"void " + items[item].meter, func(ctx context.Context, p *Pipeline) error {
			_, err := p.VoidUsage(ctx, voidItem(item), "read twice", "")
			return err
		}}
		tasks = append(tasks, take, take)
	}
	return tasks
}

// withdrawable are usage files that a story may withdraw, once they are there.
var withdrawable = []string{"dt=2026-10-31/late.parquet", "dt=2026-11-01/late.parquet"}
