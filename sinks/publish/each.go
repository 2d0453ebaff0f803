package publish

import (
	"context"
	"sync"
	"sync/atomic"
)

// parallel is how many files of the current view are asked for or written at
// once.
const parallel = 16

// each calls do for 0 to n-1, several at once, and returns the error of the
// lowest call that failed. After an error no further call is begun.
func each(ctx context.Context, n int, do func(i int) error) error {
	var (
		next   atomic.Int64
		failed atomic.Bool
		wg     sync.WaitGroup
	)
	errs := make([]error, n)
	for range min(n, parallel) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && !failed.Load(); i = int(next.Add(1)) - 1 {
				if errs[i] = ctx.Err(); errs[i] == nil {
					errs[i] = do(i)
				}
				if errs[i] != nil {
					failed.Store(true)
				}
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
