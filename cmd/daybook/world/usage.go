package world

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"daybook/pricing"
	"daybook/sources/parquet"
)

// event is one usage row before it is written.
type event struct {
	id, subscription, meter string
	time                    int64 // Unix microseconds
	micros                  int64 // quantity × 10^6
	region, kind            string
	noID                    bool
}

// customer is a source of events: from the start of its subscription, the local
// midnight of a day.
type customer struct {
	subscription string
	from         pricing.Date
	zone         *time.Location
	weights      map[string]int // meter -> how often, of 100
}

func customers(m pricing.Month) ([]customer, error) {
	zurich, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		return nil, fmt.Errorf("load time zone: %w", err)
	}
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		return nil, fmt.Errorf("load time zone: %w", err)
	}
	first := m.First()
	standard := map[string]int{"traffic": 40, "renders": 30, "instance_hours": 25, "storage": 5}
	return []customer{
		{"sub-web", first, zurich, standard},
		{"sub-data", first, zurich, map[string]int{"traffic": 30, "renders": 5, "instance_hours": 50, "storage": 15}},
		{"sub-labs", first, zurich, map[string]int{"api_calls": 80, "traffic": 20}},
		{"sub-app", first, newYork, standard},
		{"sub-ml", m.Previous().First().AddDays(anniversary - 1), newYork, map[string]int{"traffic": 20, "instance_hours": 70, "storage": 10}},
	}, nil
}

// meterOrder fixes the order in which weights are walked.
var meterOrder = []string{"api_calls", "instance_hours", "renders", "storage", "traffic"}

// WriteUsage makes the usage files: dt=YYYY-MM-DD/part-N.parquet, a partition a
// UTC day. One row in a hundred stands twice, in two files; some rows are bad.
func WriteUsage(o Options, put func(path string, body []byte) error) error {
	random := rand.New(rand.NewPCG(o.Seed, 0x9E3779B97F4A7C15))
	parts := o.FilesPerDay
	if parts == 0 {
		parts = 2
	}
	who, err := customers(o.Month)
	if err != nil {
		return err
	}
	last := o.Month.Next().First()
	perDay := max(1, o.Events/int(last-o.Month.First()))
	for day := o.Month.Previous().First(); day <= last; day++ {
		var events []event
		for i := range perDay {
			c := who[random.IntN(len(who))]
			e := newEvent(random, c, day)
			early := e.time < c.from.In(c.zone).UnixMicro() && i%200 != 0       // a few come before the contract
			if day < c.from.AddDays(-1) || early || (day == last && i%8 != 0) { // the last day is still filling up
				continue
			}
			events = append(events, e)
		}
		if len(events) == 0 {
			continue
		}
		for n, file := range spread(random, events, parts, day) {
			body, err := encode(file, o.RowGroupRows)
			if err != nil {
				return fmt.Errorf("write usage of %s: %w", day, err)
			}
			if err := put(fmt.Sprintf("dt=%s/part-%d.parquet", day, n), body); err != nil {
				return err
			}
		}
	}
	return nil
}

func newEvent(r *rand.Rand, c customer, day pricing.Date) event {
	e := event{
		id:           fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", r.Uint32(), r.Uint32()&0xffff, r.Uint32()&0xfff, 0x8000|r.Uint32()&0x3fff, r.Uint64()&0xffffffffffff),
		subscription: c.subscription,
		time:         day.UTC().UnixMicro() + r.Int64N(24*time.Hour.Microseconds()),
	}
	pick := r.IntN(100)
	for _, meter := range meterOrder {
		if pick -= c.weights[meter]; pick < 0 {
			e.meter = meter
			break
		}
	}
	const unit = 1_000_000
	switch e.meter {
	case "traffic":
		e.micros = (1_000 + r.Int64N(60_000_000)) * unit
	case "renders":
		e.micros = unit
	case "instance_hours":
		e.micros = (1 + r.Int64N(4)) * unit / 4
		e.region = []string{"eu-west", "eu-west", "us-east", "ap-south"}[r.IntN(4)]
		e.kind = []string{"small", "small", "large"}[r.IntN(3)]
	case "storage":
		age := int64(day) - int64(c.from)
		e.micros = (300_000_000_000 + age*5_000_000_000 + r.Int64N(2_000_000_000)) * unit
	case "api_calls":
		e.micros = (1 + r.Int64N(40)) * unit
	}
	return e
}

// spread deals a day's events to its files and adds what real usage has:
// repeats in another file, typing mistakes, strangers, lost ids, a negative
// quantity and two events that contradict each other.
func spread(r *rand.Rand, events []event, parts int, day pricing.Date) [][]event {
	files := make([][]event, parts)
	for _, e := range events {
		n := r.IntN(parts)
		files[n] = append(files[n], e)
		if r.IntN(100) == 0 {
			files[(n+1)%parts] = append(files[(n+1)%parts], e)
		}
	}
	bad := func(change func(*event)) {
		e := events[r.IntN(len(events))]
		e.id = fmt.Sprintf("bad-%s-%08x", day, r.Uint32())
		change(&e)
		files[0] = append(files[0], e)
	}
	switch day % 6 {
	case 0:
		bad(func(e *event) { e.meter = "trafic" })
	case 1:
		bad(func(e *event) { e.subscription = "sub-unknown" })
	case 2:
		bad(func(e *event) { e.noID = true })
	case 3:
		bad(func(e *event) { e.meter, e.micros = "traffic", -5_000_000 })
	case 4:
		e := events[0]
		e.id = fmt.Sprintf("twice-%s", day)
		files[0] = append(files[0], e)
		e.micros += 1_000_000
		files[parts-1] = append(files[parts-1], e)
	}
	for _, file := range files {
		slices.SortStableFunc(file, func(a, b event) int { return int(min(max(a.time-b.time, -1), 1)) })
	}
	return files
}

func encode(events []event, rowGroupRows int) ([]byte, error) {
	n := len(events)
	text := func(name string, nullable bool, value func(event) (string, bool)) parquet.Column {
		c := parquet.Column{Name: name, Type: parquet.String, Nullable: nullable, Strings: make([]string, n)}
		if nullable {
			c.Valid = make([]bool, n)
		}
		for i, e := range events {
			v, ok := value(e)
			c.Strings[i] = v
			if nullable {
				c.Valid[i] = ok
			}
		}
		return c
	}
	times, quantities := make([]int64, n), make([]parquet.Decimal128, n)
	for i, e := range events {
		times[i] = e.time
		quantities[i] = parquet.Decimal128{Lo: uint64(e.micros), Hi: e.micros >> 63}
	}
	columns := []parquet.Column{
		text("event_id", true, func(e event) (string, bool) { return e.id, !e.noID }),
		{Name: "time", Type: parquet.TimestampMicrosUTC, Ints: times},
		text("subscription_id", false, func(e event) (string, bool) { return e.subscription, true }),
		text("meter", false, func(e event) (string, bool) { return e.meter, true }),
		{Name: "quantity", Type: parquet.Decimal(38, 6), Decimals: quantities},
		text("region", true, func(e event) (string, bool) { return e.region, e.region != "" }),
		text("type", true, func(e event) (string, bool) { return e.kind, e.kind != "" }),
	}
	if rowGroupRows > 0 {
		return parquet.EncodeGroups(columns, n, rowGroupRows)
	}
	return parquet.Encode(columns, n)
}
