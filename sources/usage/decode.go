package usage

import (
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"iter"
	"sync"

	"daybook/sources/blob"
)

// Decode is a decoder process's work: it reads a request from in, computes it
// with the engine, and writes the days to out. The files' bytes come through in
// too; the process needs no store. It returns when the pass has ended, or when
// in has, because the process that started it is gone.
func Decode(ctx context.Context, in io.Reader, out io.Writer, engine Engine) error {
	answers := gob.NewDecoder(in)
	var asked wireRequest
	if err := answers.Decode(&asked); err != nil {
		return fmt.Errorf("read the request of a usage pass: %w", err)
	}
	r, err := asked.request()
	if err != nil {
		return fmt.Errorf("read the meters of a usage pass: %w", err)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	s := &remote{url: asked.URL, out: gob.NewEncoder(out), waiting: map[uint64]chan answer{}}
	go func() { cancel(s.receive(answers)) }()
	r.Store = s
	r.Progress = func(rows, bytes int64) { _ = s.send(message{Rows: rows, Bytes: bytes}) }
	err = engine.Rollup(ctx, r, func(d Day) error { return s.send(message{Day: &d}) })
	return s.send(message{Ended: true, Failures: failuresOf(err)})
}

// remote is the store of a decoder: it asks the process that started it.
type remote struct {
	url string

	writing sync.Mutex
	out     *gob.Encoder

	lock    sync.Mutex
	last    uint64
	waiting map[uint64]chan answer
}

var _ blob.Store = (*remote)(nil)

func (s *remote) send(m message) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	return s.out.Encode(m)
}

// receive hands the answers out until there are no more.
func (s *remote) receive(answers *gob.Decoder) error {
	for {
		var a answer
		if err := answers.Decode(&a); err != nil {
			return fmt.Errorf("the process that started this one is gone: %w", err)
		}
		s.lock.Lock()
		to := s.waiting[a.ID]
		delete(s.waiting, a.ID)
		s.lock.Unlock()
		if to != nil {
			to <- a
		}
	}
}

func (s *remote) ask(ctx context.Context, m message) (answer, error) {
	to := make(chan answer, 1)
	s.lock.Lock()
	s.last++
	m.ID = s.last
	s.waiting[m.ID] = to
	s.lock.Unlock()
	if err := s.send(m); err != nil {
		return answer{}, err
	}
	select {
	case a := <-to:
		return a, errorOf(a.Failures)
	case <-ctx.Done():
		return answer{}, ctx.Err()
	}
}

// URL implements [blob.Store].
func (s *remote) URL() string { return s.url }

// Stat implements [blob.Store].
func (s *remote) Stat(ctx context.Context, key string) (blob.Object, error) {
	a, err := s.ask(ctx, message{Ask: askStat, Object: blob.Object{Key: key}})
	return a.Object, err
}

// ReadAt implements [blob.Store].
func (s *remote) ReadAt(ctx context.Context, o blob.Object, p []byte, off int64) error {
	a, err := s.ask(ctx, message{Ask: askRead, Object: o, Offset: off, Length: int64(len(p))})
	if err == nil && copy(p, a.Body) < len(p) {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// errReadOnly is what a decoder gets for more than reading its files.
var errReadOnly = errors.New("a decoder only reads the files of its pass")

// List implements [blob.Store].
func (s *remote) List(context.Context, string, string) iter.Seq2[blob.Object, error] {
	return func(yield func(blob.Object, error) bool) { yield(blob.Object{}, errReadOnly) }
}

// Put implements [blob.Store].
func (s *remote) Put(context.Context, string, []byte, blob.Cond) (blob.Object, error) {
	return blob.Object{}, errReadOnly
}

// Delete implements [blob.Store].
func (s *remote) Delete(context.Context, string) error { return errReadOnly }
