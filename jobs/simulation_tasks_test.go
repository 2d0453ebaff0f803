package jobs

import "context"

// task is a command that a process is started with.
type task struct {
	name string
	run  func(context.Context, *Pipeline) error
}

// tasks are the commands that processes of a story are started with.
func (s *story) tasks() []task {
	monthly := task{"monthly", func(ctx context.Context, p *Pipeline) error {
		_, err := p.Monthly(ctx, s.months, afterNovember)
		return err
	}}
	recompute := afterNovember
	recompute.Recompute = true
	return []task{
		monthly, monthly,
		{"daily", func(ctx context.Context, p *Pipeline) error {
			_, err := p.Daily(ctx, s.days, afterNovember)
			return err
		}},
		{"rollup", func(ctx context.Context, p *Pipeline) error {
			_, err := p.Rollup(ctx, tinyDays, afterNovember)
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
			s.superseded = true
			_, err := p.Collect(ctx, CollectOptions{Superseded: true, Keep: 1})
			return err
		}},
	}
}
