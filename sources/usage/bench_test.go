package usage_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"daybook/pricing"
	"daybook/sources/blob/mem"
	"daybook/sources/parquet"
	"daybook/sources/usage"
)

// benchFile writes n events of one day: UUID-like ids, 1 % of them twice,
// 20,000 subscriptions, 5 meters, 8 regions and 12 types.
func benchFile(b testing.TB, seed uint64, n int) []byte {
	b.Helper()
	rng := rand.New(rand.NewPCG(1, seed))
	ids, subs, meters := make([]string, n), dictColumn("subscription_id", "sub-%05d", 20_000, n), dictColumn("meter", "m%d", 5, n)
	regions, types := dictColumn("region", "region-%d", 8, n), dictColumn("type", "type-%d", 12, n)
	times, qty := make([]int64, n), make([]parquet.Decimal128, n)
	for i := range n {
		if i > 0 && i%100 == 0 { // the row above again
			ids[i], times[i], qty[i] = ids[i-1], times[i-1], qty[i-1]
			for _, c := range []*parquet.Column{&subs, &meters, &regions, &types} {
				c.Index[i] = c.Index[i-1]
			}
			continue
		}
		a, z := rng.Uint64(), rng.Uint64()
		ids[i] = fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", uint32(a), uint16(a>>32), uint16(a>>48), uint16(z), z>>16)
		times[i] = day.UTC().UnixMicro() + rng.Int64N(86_400_000_000)
		qty[i] = parquet.Decimal128{Lo: rng.Uint64N(1e9)}
		for _, c := range []*parquet.Column{&subs, &meters, &regions, &types} {
			c.Index[i] = rng.Int32N(int32(len(c.Dict)))
		}
	}
	body, err := parquet.Encode([]parquet.Column{
		{Name: "event_id", Type: parquet.String, Strings: ids},
		{Name: "time", Type: parquet.TimestampMicrosUTC, Ints: times},
		subs, meters, regions, types,
		{Name: "quantity", Type: parquet.Decimal(38, 6), Decimals: qty},
	}, n)
	if err != nil {
		b.Fatal(err)
	}
	return body
}

func dictColumn(name, format string, values, rows int) parquet.Column {
	c := parquet.Column{Name: name, Type: parquet.String, Index: make([]int32, rows)}
	for i := range values {
		c.Dict = append(c.Dict, fmt.Sprintf(format, i))
	}
	return c
}

// BenchmarkRollup reads, checks, de-duplicates and aggregates a million rows of
// one day in four files.
func BenchmarkRollup(b *testing.B) {
	b.Run("10 rows a group", func(b *testing.B) { benchRollup(b, nil) })
	b.Run("1 row a group", func(b *testing.B) { benchRollup(b, []string{"region", "type"}) })
}

func benchRollup(b *testing.B, by []string) {
	const rows, files = 1_000_000, 4
	r := benchRequest(b, rows, files, by)
	r.Workers = 0
	b.ReportAllocs()
	for b.Loop() {
		if _, err := rollup(b, usage.New(), r); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
}

func benchRequest(b testing.TB, rows, files int, by []string) usage.Request {
	b.Helper()
	r := request(mem.New("bench"), day)
	r.Meters = nil
	for i := range 5 {
		r.Meters = append(r.Meters, pricing.Meter{ID: fmt.Sprintf("m%d", i), Aggregate: pricing.Sum, Scale: 12, By: by})
	}
	for i := range 20_000 {
		id := fmt.Sprintf("sub-%05d", i)
		r.Attribution.Set("s:"+id, pricing.AttributionEntry{Account: fmt.Sprintf("acct-%04d", i/3), Subscription: id, End: math.MaxInt64, Zone: "Europe/Zurich"})
	}
	for i := range files {
		add(b, &r, fmt.Sprintf("%d.parquet", i), benchFile(b, uint64(i), rows/files), day)
	}
	return r
}

// innerLoops are what a pass does with each of its rows.
var innerLoops = []struct {
	name string
	run  func(usageLoops, testing.TB)
}{
	{"decode", usageLoops.Decode},
	{"decode and hash", usageLoops.Hash},
	{"decode, check and partition", usageLoops.Check},
	{"de-duplicate", usageLoops.Deduplicate},
	{"accumulate", usageLoops.Accumulate},
}

type usageLoops interface {
	Decode(testing.TB)
	Hash(testing.TB)
	Check(testing.TB)
	Deduplicate(testing.TB)
	Accumulate(testing.TB)
}

func BenchmarkLoops(b *testing.B) {
	loops := usage.NewLoops(b, benchRequest(b, 200_000, 2, []string{"region", "type"}))
	for _, loop := range innerLoops {
		b.Run(loop.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				loop.run(loops, b)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(loops.Rows), "ns/row")
		})
	}
}

// TestLoops_AllocateNothingPerRow holds what the benchmarks measure: allocations
// follow row groups, chunks, partitions and buckets, of which ten times the rows
// have no more, or next to none.
func TestLoops_AllocateNothingPerRow(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector drops what pools keep at random, so memory that stays is allocated anew")
	}
	loops := usage.NewLoops(t, benchRequest(t, 40_000, 1, []string{"region", "type"}))
	for _, loop := range innerLoops {
		loop.run(loops, t) // fills the memory that stays
		allocations := testing.AllocsPerRun(3, func() { loop.run(loops, t) })
		if perRow := allocations / float64(loops.Rows); perRow >= 0.005 {
			t.Errorf("%s: %.0f allocations for %d rows, want none for a row", loop.name, allocations, loops.Rows)
		}
	}
}
