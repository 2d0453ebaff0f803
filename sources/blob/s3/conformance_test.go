package s3_test

import (
	"fmt"
	"testing"

	"daybook/sources/blob"
	"daybook/sources/blob/blobtest"
	"daybook/sources/blob/s3"
	"daybook/sources/blob/s3test"
)

func TestConformance(t *testing.T) {
	server := s3test.Start(t)
	stores := 0
	blobtest.Run(t, func(t *testing.T) blob.Store {
		stores++ // one bucket, a prefix for each part
		return open(t, server, fmt.Sprintf("part-%d", stores))
	})
}

func open(t *testing.T, server s3test.Server, prefix string) blob.Store {
	t.Helper()
	s, err := s3.New(t.Context(), s3.Options{
		Bucket:    server.Bucket,
		Prefix:    prefix,
		Endpoint:  server.Endpoint,
		PathStyle: true,
		Config:    &server.Config,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
