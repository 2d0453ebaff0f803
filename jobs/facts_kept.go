package jobs

import (
	"container/list"
	"sync"

	"golang.org/x/sync/singleflight"

	"daybook/pricing"
	"daybook/sinks/publish"
)

// keptFacts is what facts have read: immutable things by a name that holds their
// content's digest or revision, so later states use them too.
type keptFacts struct {
	manifests *keeper[*publish.Manifest]
	indexes   *keeper[*costIndex]
	batches   *keeper[*pricing.UsageBatch]
	closings  *keeper[*closedMonth]
	billed    *keeper[pricing.Coverage]
	requests  *keeper[publish.PlacedRequest] // by key, which holds the content's digest
}

func newKeptFacts() *keptFacts {
	return &keptFacts{
		newKeeper[*publish.Manifest](64 << 20), newKeeper[*costIndex](256 << 20),
		newKeeper[*pricing.UsageBatch](512 << 20), newKeeper[*closedMonth](256 << 20), newKeeper[pricing.Coverage](64 << 20),
		newKeeper[publish.PlacedRequest](32 << 20),
	}
}

// keeper keeps values used last, up to a rough number of bytes. What is asked for
// by several at once is made once.
type keeper[T any] struct {
	limit int64

	flight singleflight.Group
	mu     sync.Mutex
	size   int64
	order  list.List // of keptValue[T], the latest first
	byName map[string]*list.Element
}

type keptValue[T any] struct {
	name  string
	value T
	size  int64
}

func newKeeper[T any](limit int64) *keeper[T] {
	return &keeper[T]{limit: limit, byName: map[string]*list.Element{}}
}

// get returns a value, or makes and keeps it; make tells its size in bytes.
func (k *keeper[T]) get(name string, makeIt func() (T, int64, error)) (T, error) {
	if v, ok := k.find(name); ok {
		return v, nil
	}
	made, err, _ := k.flight.Do(name, func() (any, error) {
		if v, ok := k.find(name); ok {
			return v, nil
		}
		v, size, err := makeIt()
		if err == nil {
			k.put(name, v, size)
		}
		return v, err
	})
	if err != nil {
		var none T
		return none, err
	}
	return made.(T), nil
}

func (k *keeper[T]) find(name string) (T, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	at := k.byName[name]
	if at == nil {
		var none T
		return none, false
	}
	k.order.MoveToFront(at)
	return at.Value.(keptValue[T]).value, true
}

func (k *keeper[T]) put(name string, v T, size int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.byName[name] = k.order.PushFront(keptValue[T]{name, v, size})
	k.size += size
	for k.size > k.limit && k.order.Len() > 1 {
		last := k.order.Back()
		old := last.Value.(keptValue[T])
		k.order.Remove(last)
		delete(k.byName, old.name)
		k.size -= old.size
	}
}
