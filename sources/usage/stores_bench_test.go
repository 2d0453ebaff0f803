package usage_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"daybook/sources/blob"
	"daybook/sources/blob/dir"
	"daybook/sources/blob/s3"
	"daybook/sources/blob/s3test"
	"daybook/sources/usage"
)

// BenchmarkStores rolls up the same eight files of usage from a folder and from an
// S3 server on this machine (DAYBOOK_VERSITYGW), in turn: files fetched whole, and
// by the ranges of their row groups, as very large ones are. The figure is the
// ratio of the best times on the wall; the server takes its share of the
// processors.
func BenchmarkStores(b *testing.B) {
	server := s3test.Start(b)
	remote, err := s3.New(b.Context(), s3.Options{Bucket: server.Bucket, Endpoint: server.Endpoint, PathStyle: true, Config: &server.Config})
	if err != nil {
		b.Fatal(err)
	}
	local, err := dir.New(b.TempDir(), dir.Options{})
	if err != nil {
		b.Fatal(err)
	}
	const files = 8
	bodies := make([][]byte, files)
	for i := range bodies {
		bodies[i] = benchFile(b, uint64(i), 100_000)
	}
	requests := map[blob.Store]usage.Request{}
	for _, s := range []blob.Store{local, remote} {
		r := benchRequest(b, 0, 0, []string{"region"})
		r.Store = s
		for i, body := range bodies {
			add(b, &r, fmt.Sprintf("%d.parquet", i), body, day)
		}
		requests[s] = r
	}
	for name, engine := range map[string]usage.Engine{"whole files": usage.New(), "ranges": usage.Ranged()} {
		b.Run(name, func(b *testing.B) {
			best := map[blob.Store]time.Duration{local: time.Hour, remote: time.Hour}
			for b.Loop() {
				for s, r := range requests {
					began := time.Now()
					if err := engine.Rollup(context.Background(), r, func(usage.Day) error { return nil }); err != nil {
						b.Fatal(err)
					}
					best[s] = min(best[s], time.Since(began))
				}
			}
			b.ReportMetric(float64(best[remote])/float64(best[local]), "x-files")
		})
	}
}
