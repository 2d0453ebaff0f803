package rigs

import (
	"testing"

	"daybook/sources/blob"
	"daybook/sources/blob/s3"
	"daybook/sources/blob/s3test"
)

// openBucket returns a server's bucket under a prefix, as it is reached through an
// endpoint.
func openBucket(t testing.TB, server s3test.Server, endpoint, prefix string) blob.Store {
	t.Helper()
	s, err := s3.New(t.Context(), s3.Options{Bucket: server.Bucket, Prefix: prefix, Endpoint: endpoint, PathStyle: true, Config: &server.Config})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// fillBucket puts the world's inputs under a prefix of the bucket.
func fillBucket(t testing.TB, server s3test.Server, prefix string) {
	t.Helper()
	store := openBucket(t, server, server.Endpoint, prefix)
	for key, body := range worldBytes(t) {
		if _, err := store.Put(t.Context(), key, body, blob.Cond{}); err != nil {
			t.Fatal(err)
		}
	}
}
