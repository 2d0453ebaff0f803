package usage_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daybook/pricing"
	"daybook/sources/blob"
	"daybook/sources/blob/mem"
	"daybook/sources/parquet"
	"daybook/sources/usage"
)

var day = pricing.NewDate(2026, time.October, 5)

// events writes a file of one event for each id, a second apart from the start
// of d, of quantity 1.
func events(t testing.TB, d pricing.Date, ids ...string) []byte {
	t.Helper()
	return eventsOf(t, "m", d, ids...)
}

// eventsOf is events of a meter.
func eventsOf(t testing.TB, meter string, d pricing.Date, ids ...string) []byte {
	t.Helper()
	n := len(ids)
	times, ones := make([]int64, n), make([]int64, n)
	for i := range n {
		times[i], ones[i] = d.UTC().UnixMicro()+int64(i)*1e6, 1
	}
	same := func(s string) []string { return slices.Repeat([]string{s}, n) }
	body, err := parquet.Encode([]parquet.Column{
		{Name: "event_id", Type: parquet.String, Strings: ids},
		{Name: "time", Type: parquet.TimestampMicrosUTC, Ints: times},
		{Name: "subscription_id", Type: parquet.String, Strings: same("sub")},
		{Name: "meter", Type: parquet.String, Strings: same(meter)},
		{Name: "quantity", Type: parquet.Int64, Ints: ones},
	}, n)
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	return body
}

// request is a pass over the given days with one subscription and meter.
func request(s blob.Store, days ...pricing.Date) usage.Request {
	return usage.Request{
		Store: s, Days: days, Workers: 2,
		AsOf:   days[len(days)-1].AddDays(1).UTC().UnixMicro(),
		Meters: []pricing.Meter{{ID: "m", Aggregate: pricing.Sum, Scale: 12}},
		Attribution: pricing.AttributionOf(map[string][]pricing.AttributionEntry{
			"s:sub": {{Account: "acme", Subscription: "sub", End: math.MaxInt64, Zone: "UTC"}},
		}),
	}
}

func add(t testing.TB, r *usage.Request, key string, body []byte, days ...pricing.Date) {
	t.Helper()
	o, err := r.Store.Put(context.Background(), key, body, blob.Cond{})
	if err != nil {
		t.Fatalf("put: %v", err)
	}
	r.Files = append(r.Files, usage.File{Object: o, Days: days, Home: days[0]})
}

// rollup returns the delivered days and the error.
func rollup(t testing.TB, e usage.Engine, r usage.Request) (map[pricing.Date]usage.Day, error) {
	t.Helper()
	out := map[pricing.Date]usage.Day{}
	err := e.Rollup(context.Background(), r, func(d usage.Day) error {
		out[d.UTCDay] = d
		return nil
	})
	return out, err
}

func TestRollup_ALostRowIsNoticed(t *testing.T) {
	for _, noIDs := range []bool{false, true} {
		r := request(mem.New("lost"), day)
		r.Mapping.EventID.None = noIDs
		add(t, &r, "a.parquet", events(t, day, "e1", "e2", "e3"), day)
		e := usage.Losing(func(file string, group, row int64) bool { return file == "a.parquet" && group == 0 && row == 1 })
		days, err := rollup(t, e, r)
		if !errors.Is(err, usage.ErrMiscounted) || len(days) != 0 {
			t.Fatalf("without ids %t: %d days delivered, error %v; want none and ErrMiscounted", noIDs, len(days), err)
		}
		if !strings.Contains(err.Error(), "2026-10-05") || !strings.Contains(err.Error(), "3 read") {
			t.Errorf("without ids %t: error %q names neither day nor counts", noIDs, err)
		}
	}
}

func TestRollup_RangedReadsGiveTheSameDays(t *testing.T) {
	r := request(mem.New("ranged"), day)
	add(t, &r, "a.parquet", events(t, day, "e1", "e2", "x", "e3"), day)
	add(t, &r, "b.parquet", events(t, day, "e1", "x", "e4"), day) // x at another second: conflicting
	whole, err := rollup(t, usage.New(), r)
	if err != nil {
		t.Fatal(err)
	}
	ranged, err := rollup(t, usage.Ranged(), r)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(whole, ranged, cmp.AllowUnexported(usage.Total{})); diff != "" {
		t.Errorf("ranged reads differ (-whole +ranged):\n%s", diff)
	}
	if got := ranged[day].Counts; got != (usage.Counts{Read: 7, Kept: 4, Duplicate: 1, Rejected: 2}) {
		t.Errorf("counts %+v", got)
	}
}

func TestRollup_DigestsTheWholeObject(t *testing.T) {
	r := request(mem.New("digest"), day)
	body := events(t, day, "e1")
	add(t, &r, "a.parquet", body, day)
	days, err := rollup(t, usage.New(), r)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(body)
	if f := days[day].Files[0]; f.SHA256 != hex.EncodeToString(sum[:]) || f.Size != int64(len(body)) {
		t.Errorf("file %+v", f)
	}
}

func TestRollup_ABadFileFailsItsDaysAndNoOthers(t *testing.T) {
	good := events(t, day, "e1")
	flipped := slices.Clone(good)
	for i := 8; i < 40; i++ {
		flipped[i] ^= 0xFF
	}
	for name, body := range map[string][]byte{
		"empty": {}, "garbage": []byte("this is not a parquet file at all"), "truncated": good[:len(good)-9],
		"damaged": flipped, "half": good[:len(good)/2],
	} {
		t.Run(name, func(t *testing.T) {
			r := request(mem.New("bad"), day, day+1, day+2)
			add(t, &r, "bad.parquet", body, day, day+1)
			add(t, &r, "good.parquet", events(t, day+2, "e1"), day+2)
			days, err := rollup(t, usage.New(), r)
			var fault *usage.FileError
			if !errors.As(err, &fault) || fault.File != "bad.parquet" {
				t.Fatalf("error %v, want a FileError of bad.parquet", err)
			}
			if len(days) != 1 || days[day+2].Counts.Kept != 1 {
				t.Errorf("delivered %v", days)
			}
		})
	}
}

func TestRollup_AnOverwrittenFileIsErrChanged(t *testing.T) {
	r := request(mem.New("changed"), day)
	add(t, &r, "a.parquet", events(t, day, "e1"), day)
	if _, err := r.Store.Put(t.Context(), "a.parquet", events(t, day, "e2"), blob.Cond{}); err != nil {
		t.Fatal(err)
	}
	for name, e := range map[string]usage.Engine{"whole": usage.New(), "ranged": usage.Ranged()} {
		days, err := rollup(t, e, r)
		var fault *usage.FileError
		if !errors.As(err, &fault) || !errors.Is(err, blob.ErrChanged) || len(days) != 0 {
			t.Errorf("%s: %d days, error %v", name, len(days), err)
		}
	}
}

func TestRollup_AMissingFileIsErrNotFound(t *testing.T) {
	r := request(mem.New("gone"), day)
	add(t, &r, "a.parquet", events(t, day, "e1"), day)
	if err := r.Store.Delete(t.Context(), "a.parquet"); err != nil {
		t.Fatal(err)
	}
	if _, err := rollup(t, usage.New(), r); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("error %v", err)
	}
}

// overwritten changes under its reader after some reads.
type overwritten struct {
	blob.Store
	left int
}

func (o *overwritten) ReadAt(ctx context.Context, obj blob.Object, p []byte, off int64) error {
	if o.left--; o.left < 0 {
		return blob.Fail("read", obj.Key, o.URL(), blob.ErrChanged)
	}
	return o.Store.ReadAt(ctx, obj, p, off)
}

func TestRollup_AFileOverwrittenBeforeItsConflictsAreListedIsErrChanged(t *testing.T) {
	store := &overwritten{Store: mem.New("late"), left: 1}
	r := request(store, day, day+1)
	add(t, &r, "a.parquet", events(t, day, "x", "x"), day)
	days, err := rollup(t, usage.New(), r)
	if !errors.Is(err, blob.ErrChanged) {
		t.Fatalf("error %v, want ErrChanged", err)
	}
	if _, ok := days[day]; ok || len(days) != 1 {
		t.Errorf("delivered %v, want the day without files alone", days)
	}
}

// denied refuses every read.
type denied struct{ blob.Store }

func (d denied) ReadAt(_ context.Context, o blob.Object, _ []byte, _ int64) error {
	return blob.Fail("read", o.Key, d.URL(), blob.ErrDenied)
}

func TestRollup_AFaultOfTheStoreStopsThePass(t *testing.T) {
	r := request(mem.New("denied"), day, day+1)
	for i := range 5 {
		add(t, &r, fmt.Sprintf("%d.parquet", i), events(t, day, "e"), day)
	}
	r.Store = denied{r.Store}
	days, err := rollup(t, usage.New(), r)
	if !errors.Is(err, blob.ErrDenied) || strings.Count(err.Error(), "denied") > 2 || len(days) != 0 {
		t.Errorf("%d days, error %v", len(days), err)
	}
}

func TestRollup_AnErrorOfDeliverStopsThePass(t *testing.T) {
	r := request(mem.New("stop"), day, day+1, day+2, day+3, day+4)
	for i := range r.Days {
		add(t, &r, fmt.Sprintf("%d.parquet", i), events(t, r.Days[i], "e"), r.Days[i])
	}
	stop, seen := errors.New("stop"), 0
	err := usage.New().Rollup(t.Context(), r, func(usage.Day) error {
		if seen++; seen == 2 {
			return stop
		}
		return nil
	})
	if !errors.Is(err, stop) || seen != 2 {
		t.Errorf("%d days delivered, error %v", seen, err)
	}
}

func TestRollup_ACancelledPassDeliversNothingMore(t *testing.T) {
	r := request(mem.New("cancel"), day, day+1)
	add(t, &r, "a.parquet", events(t, day, "e"), day, day+1)
	ctx, cancel := context.WithCancel(t.Context())
	seen := 0
	err := usage.New().Rollup(ctx, r, func(usage.Day) error { seen++; cancel(); return nil })
	if !errors.Is(err, context.Canceled) || seen != 1 {
		t.Errorf("%d days delivered, error %v", seen, err)
	}
}

func TestRollup_ReportsAllRowsAndBytes(t *testing.T) {
	r := request(mem.New("progress"), day)
	add(t, &r, "a.parquet", events(t, day, "e1", "e2"), day)
	add(t, &r, "b.parquet", events(t, day, "e3"), day)
	var rows, bytes int64
	r.Progress = func(n, b int64) {
		if n < rows || b < bytes {
			t.Errorf("progress goes back from %d, %d to %d, %d", rows, bytes, n, b)
		}
		rows, bytes = n, b
	}
	if _, err := rollup(t, usage.New(), r); err != nil {
		t.Fatal(err)
	}
	if want := r.Files[0].Object.Size + r.Files[1].Object.Size; rows != 3 || bytes != want {
		t.Errorf("progress ends at %d rows and %d bytes, want 3 and %d", rows, bytes, want)
	}
}

func TestRollup_RefusesRequestsThatContradictThemselves(t *testing.T) {
	for name, change := range map[string]func(*usage.Request){
		"no as_of":             func(r *usage.Request) { r.AsOf = 0 },
		"days descend":         func(r *usage.Request) { r.Days = []pricing.Date{day + 1, day} },
		"a day twice":          func(r *usage.Request) { r.Days = []pricing.Date{day, day} },
		"days before 1970":     func(r *usage.Request) { r.Days = []pricing.Date{-1, day} },
		"file of another day":  func(r *usage.Request) { r.Files[0].Days = []pricing.Date{day + 9} },
		"file twice":           func(r *usage.Request) { r.Files = append(r.Files, r.Files[0]) },
		"unknown zone":         func(r *usage.Request) { r.Attribution.Of("s:sub")[0].Zone = "Mars" },
		"meter twice":          func(r *usage.Request) { r.Meters = append(r.Meters, r.Meters[0]) },
		"scale over 12":        func(r *usage.Request) { r.Meters[0].Scale = 13 },
		"unknown grain":        func(r *usage.Request) { r.Meters[0].Grain = "week" },
		"two sources of time":  func(r *usage.Request) { r.Mapping.Time = usage.Source{Column: "a", Const: "b"} },
		"hash of meters":       func(r *usage.Request) { r.Mapping.Meter = usage.Source{HashOf: []string{"a"}} },
		"no id and a column":   func(r *usage.Request) { r.Mapping.EventID = usage.Source{Column: "a", None: true} },
		"no meter":             func(r *usage.Request) { r.Mapping.Meter = usage.Source{None: true} },
		"hash and const of id": func(r *usage.Request) { r.Mapping.EventID = usage.Source{Const: "c", HashOf: []string{"a"}} },
	} {
		t.Run(name, func(t *testing.T) {
			r := request(mem.New("bad"), day)
			add(t, &r, "a.parquet", events(t, day, "e"), day)
			change(&r)
			if days, err := rollup(t, usage.New(), r); err == nil || len(days) != 0 {
				t.Errorf("%d days, error %v", len(days), err)
			}
		})
	}
}

// columns is a file of rows that differ in event id and time alone.
func columns(t testing.TB, ids parquet.Column, times []int64, valid []bool) []byte {
	t.Helper()
	n := len(times)
	same := func(name, value string) parquet.Column {
		return parquet.Column{Name: name, Type: parquet.String, Dict: []string{value}, Index: make([]int32, n)}
	}
	body, err := parquet.Encode([]parquet.Column{
		ids, same("subscription_id", "sub"), same("meter", "m"),
		{Name: "time", Type: parquet.TimestampMicrosUTC, Ints: times, Nullable: true, Valid: valid},
		{Name: "quantity", Type: parquet.Int64, Ints: slices.Repeat([]int64{1}, n)},
	}, n)
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	return body
}

func TestRollup_RowsThatStatisticsPlaceElsewhereAreStillCounted(t *testing.T) {
	ids := parquet.Column{Name: "event_id", Type: parquet.String, Strings: []string{"a", "b", "c"}}
	times := slices.Repeat([]int64{day.UTC().UnixMicro()}, 3)
	for name, c := range map[string]struct {
		valid []bool
		want  usage.Counts
	}{
		"all outside":            {nil, usage.Counts{Read: 3, Outside: 3}},
		"a null beside them":     {[]bool{true, false, true}, usage.Counts{Read: 3, Outside: 2, Rejected: 1}},
		"nulls and nothing else": {[]bool{false, false, false}, usage.Counts{Read: 3, Rejected: 3}},
	} {
		t.Run(name, func(t *testing.T) {
			r := request(mem.New("far"), day+5)
			add(t, &r, "a.parquet", columns(t, ids, times, c.valid), day+5)
			days, err := rollup(t, usage.New(), r)
			if err != nil || days[day+5].Counts != c.want {
				t.Errorf("counts %+v, error %v, want %+v", days[day+5].Counts, err, c.want)
			}
		})
	}
}

func TestRollup_DuplicatesAndConflictsReachOverRowGroups(t *testing.T) {
	const group = 1 << 20 // rows of the writer's row groups
	n := group + 4
	ids := parquet.Column{Name: "event_id", Type: parquet.String, Strings: make([]string, n)}
	times := make([]int64, n)
	for i := range n {
		ids.Strings[i], times[i] = fmt.Sprintf("e%07d", i), day.UTC().UnixMicro()+int64(i)
	}
	ids.Strings[group], times[group] = ids.Strings[5], times[5] // equal to row 5: a duplicate
	ids.Strings[group+1] = ids.Strings[7]                       // row 7's id at another time: a conflict
	r := request(mem.New("groups"), day)
	add(t, &r, "a.parquet", columns(t, ids, times, nil), day)
	days, err := rollup(t, usage.New(), r)
	if err != nil {
		t.Fatal(err)
	}
	d := days[day]
	if want := (usage.Counts{Read: int64(n), Kept: int64(n) - 3, Duplicate: 1, Rejected: 2}); d.Counts != want {
		t.Errorf("counts %+v, want %+v", d.Counts, want)
	}
	want := []usage.Rejected{
		{File: "a.parquet", RowGroup: 0, Row: 7, Reason: usage.ConflictingEvent, Field: "event_id", Value: "e0000007", EventID: "e0000007", Time: times[7]},
		{File: "a.parquet", RowGroup: 1, Row: 1, Reason: usage.ConflictingEvent, Field: "event_id", Value: "e0000007", EventID: "e0000007", Time: times[group+1]},
	}
	if diff := cmp.Diff(want, d.Rejected); diff != "" {
		t.Errorf("rejected (-want +got):\n%s", diff)
	}
}

func TestRollup_ManyGroupsOfOneHolderStayApartAndInOrder(t *testing.T) {
	const n = 3000
	ids := parquet.Column{Name: "event_id", Type: parquet.String}
	times := make([]int64, n)
	for i := range n {
		ids.Strings = append(ids.Strings, fmt.Sprintf("e%04d", (i*7)%n)) // 7 and 3,000 share no factor: every id once
		times[i] = day.UTC().UnixMicro() + int64(i)
	}
	r := request(mem.New("many"), day)
	r.Meters[0].By = []string{"event_id"}
	add(t, &r, "a.parquet", columns(t, ids, times, nil), day)
	days, err := rollup(t, usage.New(), r)
	if err != nil {
		t.Fatal(err)
	}
	b := days[day].Batch
	if b.Len() != n {
		t.Fatalf("%d rows, want %d", b.Len(), n)
	}
	for i := range n {
		if want := fmt.Sprintf(`{"event_id":"e%04d"}`, i); b.Dimensions.At(i) != want || b.Events[i] != 1 {
			t.Fatalf("row %d has %d events of %s, want one of %s", i, b.Events[i], b.Dimensions.At(i), want)
		}
	}
}

func TestRollup_FindsTheEntryAmongMany(t *testing.T) {
	r := request(mem.New("entries"), day)
	start := day.UTC().UnixMicro()
	var entries []pricing.AttributionEntry
	for i := range int64(30) { // one hold a second; the one of second 20 is missing
		if i != 20 {
			entries = append(entries, pricing.AttributionEntry{Account: "acme", Subscription: fmt.Sprintf("s%02d", i), Start: start + i*1e6, End: start + (i+1)*1e6, Zone: "UTC"})
		}
	}
	r.Attribution.Set("s:sub", entries...)
	var ids []string
	for i := range 30 {
		ids = append(ids, fmt.Sprintf("e%02d", i))
	}
	add(t, &r, "a.parquet", events(t, day, ids...), day)
	days, err := rollup(t, usage.New(), r)
	if err != nil {
		t.Fatal(err)
	}
	d := days[day]
	if d.Counts != (usage.Counts{Read: 30, Kept: 29, Rejected: 1}) || d.Rejected[0].EventID != "e20" || d.Rejected[0].Reason != usage.OutsideSubscription {
		t.Fatalf("counts %+v, rejected %+v", d.Counts, d.Rejected)
	}
	for i := range d.Batch.Len() {
		s := d.Batch.Row(i)
		if want := fmt.Sprintf("s%02d", (s.FirstTime-start)/1e6); s.Subscription != want {
			t.Errorf("second %d went to %s, want %s", (s.FirstTime-start)/1e6, s.Subscription, want)
		}
	}
}

func TestSpan_IsTheDaysOfTheTimes(t *testing.T) {
	r := request(mem.New("span"), day)
	times := []int64{day.UTC().UnixMicro(), (day + 3).UTC().UnixMicro() - 1}
	body, err := parquet.Encode([]parquet.Column{{Name: "time", Type: parquet.TimestampMicrosUTC, Ints: times}}, 2)
	if err != nil {
		t.Fatal(err)
	}
	add(t, &r, "two.parquet", body, day)
	first, last, ok, err := usage.Span(t.Context(), r.Store, r.Files[0].Object, usage.Mapping{})
	if err != nil || !ok || first != day || last != day+2 {
		t.Errorf("span %s to %s, %v, %v", first, last, ok, err)
	}
	_, _, _, err = usage.Span(t.Context(), r.Store, r.Files[0].Object, usage.Mapping{Time: usage.Source{Column: "ts"}})
	if err == nil || !strings.Contains(err.Error(), "usage.columns.time") {
		t.Errorf("error %v", err)
	}
	add(t, &r, "none.parquet", events(t, day), day)
	if first, last, ok, err = usage.Span(t.Context(), r.Store, r.Files[1].Object, usage.Mapping{}); err != nil || !ok || first <= last {
		t.Errorf("a file without rows spans %s to %s, %v, %v", first, last, ok, err)
	}
}

// parquetTesting returns a file of the shared parquet-testing folder.
func parquetTesting(t *testing.T, name string) []byte {
	t.Helper()
	shared := os.Getenv("DAYBOOK_SHARED")
	root := shared
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	body, err := os.ReadFile(filepath.Join(root, "data", "parquet-testing", name))
	if errors.Is(err, os.ErrNotExist) && shared == "" {
		t.Skipf("%s is not here: set DAYBOOK_SHARED to the folder that holds data/parquet-testing", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// alltypes_plain.parquet was written by Impala: ids 0 to 7, string_col "0" or
// "1", float_col 1.1 and double_col 10.1 times that, and INT96 timestamps at
// 00:00 and 00:01 on the first days of January to April 2009.
func TestRollup_ReadsInt96TimesAndDoublesOfOtherWriters(t *testing.T) {
	body := parquetTesting(t, "alltypes_plain.parquet")
	march := pricing.NewDate(2009, time.March, 1)
	for column, want := range map[string]string{"double_col": "10.1", "float_col": "1.1", "bigint_col": "10", "tinyint_col": "1"} {
		r := request(mem.New("impala"), march)
		r.Attribution = pricing.Attribution{}
		for _, id := range []string{"0", "1"} {
			r.Attribution.Set("s:"+id, pricing.AttributionEntry{Account: "acme", Subscription: id, End: math.MaxInt64, Zone: "UTC"})
		}
		r.Mapping = usage.Mapping{
			EventID: usage.Source{Column: "id"}, Time: usage.Source{Column: "timestamp_col"}, Subscription: usage.Source{Column: "string_col"},
			Meter: usage.Source{Const: "m"}, Quantity: usage.Source{Column: column},
		}
		add(t, &r, "alltypes_plain.parquet", body, march)
		days, err := rollup(t, usage.New(), r)
		if err != nil {
			t.Fatal(err)
		}
		d := days[march]
		if d.Counts != (usage.Counts{Read: 8, Kept: 2, Outside: 6}) || d.Batch.Len() != 2 {
			t.Fatalf("%s: counts %+v, rejected %+v", column, d.Counts, d.Rejected)
		}
		if zero, one := d.Batch.Row(0), d.Batch.Row(1); !(zero.Sum.Quantity(12).IsZero() && one.Sum.Quantity(12).String() == want) {
			t.Errorf("%s: sums %s and %s, want 0 and %s", column, zero.Sum.Quantity(12), one.Sum.Quantity(12), want)
		}
		if got := d.Batch.FirstTime[1] - d.Batch.FirstTime[0]; got != 60*1e6 {
			t.Errorf("the events are %d µs apart, want a minute", got)
		}
	}
}

func TestRollup_RefusesEncryptedFiles(t *testing.T) {
	r := request(mem.New("encrypted"), day)
	add(t, &r, "secret.parquet", parquetTesting(t, "encrypt_columns_and_footer.parquet.encrypted"), day)
	if _, err := rollup(t, usage.New(), r); err == nil || !strings.Contains(err.Error(), "encrypt") {
		t.Errorf("error %v does not say encrypted", err)
	}
}
