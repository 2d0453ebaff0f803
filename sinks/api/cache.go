package api

import (
	"container/list"
	"sync"
)

// cache keeps the answers used last, up to a number of bytes.
type cache struct {
	limit int64

	mu    sync.Mutex
	size  int64
	order list.List // of *kept, the latest first
	byKey map[string]*list.Element
}

type kept struct {
	key   string
	entry *entry
	size  int64
}

// entryCost is what an entry takes beside its bytes and key, roughly.
const entryCost = 512

func newCache(limit int64) *cache { return &cache{limit: limit, byKey: map[string]*list.Element{}} }

func (c *cache) get(key string) *entry {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := c.byKey[key]
	if at == nil {
		return nil
	}
	c.order.MoveToFront(at)
	return at.Value.(*kept).entry
}

// put keeps an answer.
func (c *cache) put(key string, e *entry) {
	k := &kept{key, e, int64(len(key)+len(e.body)+len(e.zipped)) + entryCost}
	if k.size > c.limit/4 {
		return // it would push out too many others
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byKey[key] != nil {
		return
	}
	c.byKey[key] = c.order.PushFront(k)
	c.size += k.size
	for c.size > c.limit {
		last := c.order.Back()
		old := last.Value.(*kept)
		c.order.Remove(last)
		delete(c.byKey, old.key)
		c.size -= old.size
	}
}
