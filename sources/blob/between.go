package blob

import (
	"context"
	"iter"
	"strings"
)

// Between yields the objects in and between two folders, which end in a slash, in
// byte order of keys: one listing, which stops after the second folder.
func Between(ctx context.Context, s Store, from, to string) iter.Seq2[Object, error] {
	n := 0
	for n < len(from) && n < len(to) && from[n] == to[n] {
		n++
	}
	return func(yield func(Object, error) bool) {
		for o, err := range s.List(ctx, from[:n], from) {
			if err == nil && o.Key > to && !strings.HasPrefix(o.Key, to) {
				return
			}
			if !yield(o, err) {
				return
			}
		}
	}
}
