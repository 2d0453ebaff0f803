package publish

import (
	"context"
	"crypto/ed25519"
	"errors"
	"sync"

	"daybook/sources/blob"
)

// format is the version of plan and manifest files written here.
const format = 1

var (
	// ErrSealed means that the period takes no more revisions: the next
	// closing stands on it.
	ErrSealed = errors.New("the closing is sealed: its successor stands on it")
	// ErrAbandoned means that another runner gave the revision up, because its
	// inputs changed or its engine is gone. Nothing was published: begin again.
	ErrAbandoned = errors.New("the revision was abandoned; run again to begin the next one")
	// ErrMovedOn means that another runner decided the period since its history
	// was read. Nothing was begun: read the history again and decide anew.
	ErrMovedOn = errors.New("another runner has decided this period meanwhile; run again")
	// ErrDamaged means that stored bytes are not the ones that were written.
	ErrDamaged = errors.New("stored bytes are damaged")
	// ErrNotPublished means that a period has no published revision to stand on.
	ErrNotPublished = errors.New("no revision has been published")
)

// Options are the parts of a publisher that vary by caller.
type Options struct {
	Engine  string             // version of the program, recorded in plans and manifests
	Signing ed25519.PrivateKey // nil: manifests are not signed
}

// Publisher publishes runs into one store. It is safe for concurrent use.
type Publisher struct {
	store   blob.Store
	engine  string
	signing ed25519.PrivateKey

	mu   sync.Mutex
	pack verifiedPack
}

// verifiedPack is the last pack that event bodies were read from.
type verifiedPack struct {
	object Object
	body   []byte
}

// New returns a publisher into store, which must keep put conditions
// (see [blob.Probe]). It touches nothing.
func New(store blob.Store, o Options) *Publisher {
	return &Publisher{store: store, engine: o.Engine, signing: o.Signing}
}

// put writes body under key, unless ctx has ended.
func (p *Publisher) put(ctx context.Context, key string, body []byte, c blob.Cond) (blob.Object, error) {
	if err := ctx.Err(); err != nil {
		return blob.Object{}, blob.Fail("put", key, p.store.URL(), err)
	}
	return p.store.Put(ctx, key, body, c)
}
