package usage

import (
	"context"
	"runtime"
)

// preparedRow is about what a row of a batch takes while a table is made of it, in
// bytes: itself, its columns as they are written, its pages, and what is read back.
const preparedRow = 800

// RollupPrepared is e.Rollup for days of which something has to be made before they
// are delivered, such as a file. prepare is called by several goroutines, each with
// another day, while the engine computes the next ones: r.Workers at once, fewer
// where they would take more than an eighth of r.Memory, but one. When it returns, the
// columns of its day are another's. deliver is called from one goroutine with what
// prepare made, in the order of the days. An error of either stops the pass, and is
// returned; the days before it are delivered. So are those that the engine delivered
// when the pass fails by itself.
func RollupPrepared[T any](ctx context.Context, e Engine, r Request, prepare func(Day) (T, error), deliver func(T) error) error {
	r.spare = new(spare)
	q := &preparing[T]{deliver: deliver, most: r.Workers, room: newBudget(r.Memory).prepared}
	q.prepare = func(d Day) (T, error) {
		defer r.spare.put(d.Batch)
		return prepare(d)
	}
	if q.most <= 0 {
		q.most = runtime.GOMAXPROCS(0)
	}
	defer q.abandon()
	err := e.Rollup(ctx, r, q.add)
	if q.err == nil {
		q.await(0, 0)
	}
	if q.err != nil {
		return q.err
	}
	return err
}

// preparing is the days that are being prepared, in their order.
type preparing[T any] struct {
	prepare func(Day) (T, error)
	deliver func(T) error
	most    int   // days at once
	room    int64 // bytes that they may take
	days    []*prepared[T]
	held    int64
	err     error // the first
}

type prepared[T any] struct {
	size int64
	done chan struct{}
	out  T
	err  error
}

// add begins to prepare a day, once there is room.
func (q *preparing[T]) add(d Day) error {
	p := &prepared[T]{size: min(int64(d.Batch.Len())*preparedRow, q.room), done: make(chan struct{})}
	if q.await(q.most-1, q.room-p.size); q.err != nil {
		return q.err
	}
	q.days, q.held = append(q.days, p), q.held+p.size
	go func() {
		defer close(p.done)
		p.out, p.err = q.prepare(d)
	}()
	return nil
}

// await delivers the first days until no more than so many are left and they take
// no more than so many bytes.
func (q *preparing[T]) await(days int, held int64) {
	for q.err == nil && (len(q.days) > days || q.held > held) {
		p := q.days[0]
		<-p.done
		q.days, q.held = q.days[1:], q.held-p.size
		if q.err = p.err; q.err == nil {
			q.err = q.deliver(p.out)
		}
	}
}

// abandon waits for the days that nobody wants any more.
func (q *preparing[T]) abandon() {
	for _, p := range q.days {
		<-p.done
	}
}
