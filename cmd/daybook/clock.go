package main

import (
	"context"
	"time"

	"daybook/jobs"
)

// wallClock is the only clock of the program. It decides what is due and stamps
// webhook deliveries; no result depends on it.
func wallClock() jobs.Clock {
	return jobs.Clock{
		Now: time.Now,
		Sleep: func(ctx context.Context, d time.Duration) error {
			timer := time.NewTimer(d)
			defer timer.Stop()
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-timer.C:
				return nil
			}
		},
	}
}
