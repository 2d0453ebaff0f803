package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"

	"daybook/pricing"
	"daybook/sources/parquet"
)

// The world: a month of two files a day, with five meters, eight regions and
// twelve instance types. One event in a hundred stands in both files of its day.
const (
	days          = 30
	filesPerDay   = 2
	subscriptions = 20_000
	meters        = 5
	regions       = 8
	types         = 12
	duplicate     = 100
)

var firstDay = pricing.NewDate(2026, 9, 1)

// dataset is what is generated: rows in all, and how many fall into one group of
// the rollup on average.
type dataset struct {
	rows     int
	perGroup float64
	seed     uint64
}

// path is the folder of a data set; the same name has the same bytes.
func (s dataset) path(root string) string {
	return filepath.Join(root, fmt.Sprintf("usage-%d-%g-%d", s.rows, s.perGroup, s.seed))
}

// write makes the files that are not there yet.
func (s dataset) write(root string) error {
	dir := s.path(root)
	if _, err := os.Stat(filepath.Join(dir, "whole")); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for d := range days {
		if err := s.writeDay(dir, d); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(dir, "whole"), nil, 0o644)
}

// sheet is one file's columns while it is made.
type sheet struct {
	ids                                []string
	times, quantities                  []int64
	subscription, meter, region, model []int32
}

func (s dataset) writeDay(dir string, d int) error {
	rng := rand.New(rand.NewPCG(s.seed, uint64(d)))
	groups := max(1, int(float64(s.rows)/days/s.perGroup))
	var files [filesPerDay]sheet
	start := firstDay.AddDays(d).UTC().UnixMicro()
	for n := range s.rows / days {
		f := &files[n%filesPerDay]
		g := rng.IntN(groups)
		a, z := rng.Uint64(), rng.Uint64()
		f.ids = append(f.ids, fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", uint32(a), uint16(a>>32), uint16(a>>48), uint16(z), z>>16))
		f.times = append(f.times, start+rng.Int64N(86_400_000_000))
		f.quantities = append(f.quantities, rng.Int64N(1_000_000_000))
		subscription := int32(uint64(g) * 0x9E3779B97F4A7C15 >> 20 % subscriptions)
		f.subscription = append(f.subscription, subscription)
		f.meter = append(f.meter, int32(g%meters))
		f.region = append(f.region, subscription%regions)
		f.model = append(f.model, int32(g/meters%types))
		if n%duplicate == duplicate-1 {
			files[(n+1)%filesPerDay].again(f)
		}
	}
	for i := range files {
		body, err := files[i].encode()
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%d.parquet", firstDay.AddDays(d), i)), body, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// again adds the other file's last row.
func (f *sheet) again(o *sheet) {
	i := len(o.ids) - 1
	f.ids, f.times, f.quantities = append(f.ids, o.ids[i]), append(f.times, o.times[i]), append(f.quantities, o.quantities[i])
	f.subscription, f.meter = append(f.subscription, o.subscription[i]), append(f.meter, o.meter[i])
	f.region, f.model = append(f.region, o.region[i]), append(f.model, o.model[i])
}

func (f *sheet) encode() ([]byte, error) {
	return parquet.EncodeGroups([]parquet.Column{
		{Name: "event_id", Type: parquet.String, Strings: f.ids},
		{Name: "time", Type: parquet.TimestampMicrosUTC, Ints: f.times},
		words("subscription_id", "sub-%05d", subscriptions, f.subscription),
		words("meter", "meter-%d", meters, f.meter),
		{Name: "quantity", Type: parquet.Int64, Ints: f.quantities},
		words("region", "region-%d", regions, f.region),
		words("instance_type", "type-%02d", types, f.model),
	}, len(f.ids), 1<<18)
}

// words is a dictionary column.
func words(name, format string, n int, index []int32) parquet.Column {
	c := parquet.Column{Name: name, Type: parquet.String, Index: index}
	for i := range n {
		c.Dict = append(c.Dict, fmt.Sprintf(format, i))
	}
	return c
}
