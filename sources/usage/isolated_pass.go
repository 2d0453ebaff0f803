package usage

import (
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"sync"

	"daybook/sources/blob"
)

// maxDecoderRead bounds one read that a decoder asks for, in bytes.
const maxDecoderRead = 512 << 20

// death is how a decoder ended before its pass did.
type death struct {
	reason error
	read   map[string]bool // files that it had begun
}

// pass runs one decoder. It returns how that died, or else the pass's error.
func (e *Isolated) pass(ctx context.Context, r Request, deliver func(Day) error) (*death, error) {
	process, err := e.start(ctx)
	if err != nil {
		return nil, fmt.Errorf("start the usage decoder: %w", err)
	}
	k := &keeper{request: r, out: gob.NewEncoder(process), read: map[string]bool{}, may: map[string]bool{}}
	for _, f := range r.Files {
		k.may[f.Object.Key] = true
		for _, key := range f.Sums {
			k.may[key] = true
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, process.Kill)
	defer stop()
	ended, messages := make(chan error, 1), make(chan message)
	go func() { ended <- k.serve(ctx, process, messages) }()
	go k.send(func(out *gob.Encoder) error { return sendRequest(out, r) })
	var result *message
	var refused error
	for m := range messages {
		switch {
		case m.Day != nil && refused == nil:
			if refused = deliver(*m.Day); refused != nil {
				process.Kill()
			}
		case m.Ended:
			result = &m
			process.Close()
		}
	}
	broke := <-ended
	process.Kill() // it has ended, or says what nobody understands
	reason := process.Wait()
	switch {
	case refused != nil:
		return nil, refused
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case result != nil:
		return nil, result.failure()
	}
	return &death{reason: cmpOr(reason, broke), read: k.read}, nil
}

// cmpOr returns the first error that is one.
func cmpOr(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return errors.New("it ended without a result")
}

// keeper answers a decoder: it has the store.
type keeper struct {
	request Request
	may     map[string]bool // the keys that the decoder may read

	lock sync.Mutex
	out  *gob.Encoder

	read map[string]bool // by serve alone
}

// serve reads a decoder's messages until it ends, answers what is about the
// store at once, and hands on days and the end.
func (k *keeper) serve(ctx context.Context, in io.Reader, messages chan<- message) error {
	defer close(messages)
	decoder := gob.NewDecoder(in)
	var reads sync.WaitGroup
	defer reads.Wait()
	for {
		var m message
		if err := decoder.Decode(&m); err != nil {
			return err
		}
		switch {
		case m.Ask != "":
			k.read[m.Object.Key] = true
			reads.Go(func() { k.answer(ctx, m) })
		case m.Day != nil, m.Ended:
			messages <- m
		case k.request.Progress != nil:
			k.request.Progress(m.Rows, m.Bytes)
		}
	}
}

// answer does what a decoder asks of the store.
func (k *keeper) answer(ctx context.Context, m message) {
	reply := answer{ID: m.ID}
	var err error
	switch {
	case !k.may[m.Object.Key], m.Length < 0, m.Length > maxDecoderRead:
		err = fmt.Errorf("the decoder asked for %q, %d bytes, which is none of its business", m.Object.Key, m.Length)
	case m.Ask == askStat:
		reply.Object, err = k.request.Store.Stat(ctx, m.Object.Key)
	case m.Ask == askRead:
		reply.Body = make([]byte, m.Length)
		err = k.request.Store.ReadAt(ctx, m.Object, reply.Body, m.Offset)
	}
	if err != nil {
		reply.Body, reply.Failures = nil, failuresOf(blob.Fail(m.Ask, m.Object.Key, k.request.Store.URL(), err))
	}
	k.send(func(out *gob.Encoder) error { return out.Encode(reply) })
}

// send writes one message. A decoder that no longer reads has died or is about
// to: serve sees that.
func (k *keeper) send(write func(*gob.Encoder) error) {
	k.lock.Lock()
	defer k.lock.Unlock()
	_ = write(k.out)
}
