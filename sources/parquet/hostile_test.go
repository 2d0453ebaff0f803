package parquet_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"runtime/metrics"
	"slices"
	"strings"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/sources/blob"
	"daybook/sources/blob/mem"
	"daybook/sources/parquet"
	"daybook/sources/usage"
)

// The rig of `make hostile`: the default usage engine over every truncation and
// every flipped bit of small files. Without DAYBOOK_HOSTILE=all it samples.

const (
	mostTime  = time.Second // of the processor, for one file
	mostBytes = 256 << 20   // allocated for one file in all, and so in use at once
	sampled   = 37          // of how many flips a short run tries one
)

var fifth = pricing.NewDate(2026, 10, 5)

// engineRun rolls up one file of 5 October.
type engineRun struct {
	engine usage.Engine
	store  *digested
}

// digested is a store that keeps a checksum of its one object, as S3 does.
type digested struct {
	blob.Store
	checksum blob.Checksum
}

func (s *digested) Stat(ctx context.Context, key string) (blob.Object, error) {
	o, err := s.Store.Stat(ctx, key)
	o.Checksum = s.checksum
	return o, err
}

func newEngineRun() *engineRun {
	return &engineRun{usage.New(), &digested{Store: mem.New("hostile")}}
}

// rollup returns a summary of what is billed and how many rows were rejected.
func (r *engineRun) rollup(t testing.TB, body []byte) (bill string, rejected int64, err error) {
	o, err := r.store.Put(t.Context(), "a.parquet", body, blob.Cond{})
	if err != nil {
		t.Fatal(err)
	}
	entries := map[string][]pricing.AttributionEntry{}
	for _, id := range []string{"sub-0", "sub-1", "sub-2"} {
		entries[pricing.SubscriptionKey(id)] = []pricing.AttributionEntry{{Account: "acme", Subscription: id, End: math.MaxInt64, Zone: "UTC"}}
	}
	err = r.engine.Rollup(t.Context(), usage.Request{
		Store: r.store, Days: []pricing.Date{fifth}, AsOf: fifth.AddDays(1).UTC().UnixMicro(), Workers: 1,
		Files:       []usage.File{{Object: o, Days: []pricing.Date{fifth}, Home: fifth}},
		Meters:      []pricing.Meter{{ID: "traffic", Aggregate: pricing.Sum, Grain: pricing.GrainDay, Scale: 12}},
		Attribution: pricing.AttributionOf(entries),
	}, func(d usage.Day) error {
		bill, rejected = billed(&d), d.Counts.Rejected
		return nil
	})
	var file *usage.FileError
	if err != nil && !errors.As(err, &file) {
		t.Errorf("%v is not a *usage.FileError", err)
	}
	return bill, rejected, err
}

// billed says what a day's bill comes from, and where its rows went.
func billed(d *usage.Day) string {
	var b strings.Builder
	for i := range d.Batch.Len() {
		row := d.Batch.Row(i)
		fmt.Fprintf(&b, "%s %s %s %v %d\n", row.Subscription, row.Meter, row.Day, row.Sum, row.Events)
	}
	fmt.Fprintf(&b, "%+v\n", d.Counts)
	return b.String()
}

// guarded runs work on one file within the rig's limits.
func guarded(t *testing.T, what func() string, work func()) {
	t.Helper()
	allocated := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(allocated)
	before, start := allocated[0].Value.Uint64(), parquet.Spent(t)
	work()
	if took := parquet.Spent(t) - start; took > mostTime {
		t.Errorf("%s took %s of the processor", what(), took)
	}
	metrics.Read(allocated)
	if used := allocated[0].Value.Uint64() - before; used > mostBytes {
		t.Errorf("%s allocated %d MiB", what(), used>>20)
	}
}

// step is the distance between the flips that are tried.
func step() int {
	if os.Getenv("DAYBOOK_HOSTILE") == "all" {
		return 1
	}
	return sampled
}

func TestHostile_EveryTruncationIsRefused(t *testing.T) {
	r := newEngineRun()
	for name, body := range parquet.UsageFiles(t) {
		for n := 0; n < len(body); n += max(1, step()/8) {
			guarded(t, func() string { return fmt.Sprintf("%s: its first %d bytes", name, n) }, func() {
				if _, _, err := r.rollup(t, body[:n]); err == nil {
					t.Errorf("%s: the first %d of %d bytes were billed", name, n, len(body))
				}
			})
		}
	}
}

// TestHostile_NoFlippedBitPassesADigest: with a digest of the producer, every
// damage is found before a row is read, by whatever algorithm.
func TestHostile_NoFlippedBitPassesADigest(t *testing.T) {
	r := newEngineRun()
	algorithms := []blob.Algorithm{blob.SHA256, blob.CRC64NVME, blob.CRC32C, blob.CRC32, blob.SHA1}
	tried := 0
	for _, body := range parquet.UsageFiles(t) {
		sums := map[blob.Algorithm]blob.Checksum{}
		for _, a := range algorithms {
			h := a.New()
			h.Write(body)
			sums[a] = blob.Checksum{Algorithm: a, Sum: hex.EncodeToString(h.Sum(nil))}
			r.store.checksum = sums[a]
			if _, _, err := r.rollup(t, body); err != nil {
				t.Fatalf("undamaged, with its %s: %v", a, err)
			}
		}
		damaged := bytes.Clone(body)
		for bit := 0; bit < 8*len(body); bit += step() {
			r.store.checksum = sums[algorithms[bit%len(algorithms)]]
			damaged[bit/8] ^= 1 << (bit % 8)
			if _, _, err := r.rollup(t, damaged); !errors.Is(err, usage.ErrDigest) {
				t.Fatalf("bit %d flipped, with a %s: %v", bit, r.store.checksum.Algorithm, err)
			}
			damaged[bit/8] ^= 1 << (bit % 8)
			tried++
		}
	}
	t.Logf("%d flips, all refused", tried)
}

// outcome is what became of a damaged file.
type outcome int

const (
	refused  outcome = iota // an error, or rows in rejected_usage
	harmless                // the same bill
	wrong                   // another bill, and nobody is told
	outcomes
)

// flips are the outcomes by kind of file and region.
type flips map[string]*[outcomes]int

func (f flips) count(key string, o outcome) {
	if f[key] == nil {
		f[key] = &[outcomes]int{}
	}
	f[key][o]++
}

func TestHostile_EveryFlippedBitEndsInTime(t *testing.T) {
	r := newEngineRun()
	ours := flips{}
	files := parquet.UsageFiles(t)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		body := files[name]
		regions := parquet.Regions(t, body)
		bill, rejected, err := r.rollup(t, body)
		if err != nil || rejected != 0 || !strings.Contains(bill, "Kept:24 ") {
			t.Fatalf("%s: undamaged: %v, %s", name, err, bill)
		}
		damaged := bytes.Clone(body)
		for bit := 0; bit < 8*len(body); bit += step() {
			damaged[bit/8] ^= 1 << (bit % 8)
			guarded(t, func() string { return fmt.Sprintf("%s: bit %d", name, bit) }, func() {
				got, rejected, err := r.rollup(t, damaged)
				result := wrong
				switch {
				case err != nil || rejected > 0:
					result = refused
				case got == bill:
					result = harmless
				}
				ours.count(kind(name)+"|"+regions[bit/8], result)
			})
			damaged[bit/8] ^= 1 << (bit % 8)
		}
	}
	report(t, ours, duckFlips(t, files))
}

// kind is a variant's codec, by which the table has its columns.
func kind(name string) string { codec, _, _ := strings.Cut(name, " "); return codec }

func report(t *testing.T, ours, duck flips) {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%-8s %-14s %9s %9s %9s %9s | %s\n", "codec", "region", "flips", "refused", "harmless", "silent", "DuckDB: flips, silent")
	for _, key := range slices.Sorted(maps.Keys(ours)) {
		codec, region, _ := strings.Cut(key, "|")
		o := ours[key]
		n := o[refused] + o[harmless] + o[wrong]
		share := func(k, n int) string { return fmt.Sprintf("%.2f %%", 100*float64(k)/float64(max(n, 1))) }
		fmt.Fprintf(&b, "%-8s %-14s %9d %9s %9s %9s |", codec, region, n, share(o[refused], n), share(o[harmless], n), share(o[wrong], n))
		if d := duck[key]; d != nil {
			m := d[refused] + d[harmless] + d[wrong]
			fmt.Fprintf(&b, " %6d %9s", m, share(d[wrong], m))
		}
		b.WriteByte('\n')
	}
	t.Log(b.String())
}
