package jobs

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/sinks/publish"
	"daybook/sources/blob"
	"daybook/sources/parquet"
)

// itemsBook has meters beside, of kinds of which a window can be taken back.
var itemsBook = strings.NewReplacer(
	"{aggregate: sum, unit: GB}", `{aggregate: sum, unit: GB}
  level: {aggregate: time_average, grain: hour}
  peak: {aggregate: max, grain: hour}
  seen: {aggregate: unique, of: event_id, grain: hour}
  single: {aggregate: sum, per_event: true}`,
	"      fee:", `      level: {description: Level, meter: level, unit: 0.31}
      peak: {description: Peak, meter: peak, unit: 0.07}
      seen: {description: Seen, meter: seen, graduated: [{up_to: 1, unit: 0.20}, {unit: 0.11}]}
      single: {description: Single, meter: single, unit: 0.03}
      fee:`,
).Replace(testBook)

// items are the usage of those meters: an event of each in one hour, which a story
// may take back, and one in the next. A level that is taken back was there until then,
// and what holds in November stays.
var items = []struct {
	subscription, meter string
	quantity            [2]int64 // at half past eight and half past nine
}{{"sub-b", "level", [2]int64{9, 4}}, {"sub-a", "peak", [2]int64{30, 20}}, {"sub-a", "seen", [2]int64{1, 1}}, {"sub-b", "single", [2]int64{7, 2}}}

const itemsFile = "dt=2026-10-31/items.parquet"

var itemsHour = lastOfOctober.UTC().Add(8 * time.Hour)

// itemsWithout writes the items but for those of some meters that may be taken back.
func (w *testWorld) itemsWithout(t *testing.T, void ...string) {
	t.Helper()
	c := []parquet.Column{
		{Name: "event_id", Type: parquet.String},
		{Name: "time", Type: parquet.TimestampMicrosUTC},
		{Name: "subscription_id", Type: parquet.String},
		{Name: "meter", Type: parquet.String},
		{Name: "quantity", Type: parquet.Int64},
	}
	for _, i := range items {
		for n, at := range []time.Time{itemsHour.Add(30 * time.Minute), itemsHour.Add(90 * time.Minute)} {
			if n == 0 && slices.Contains(void, i.meter) {
				continue
			}
			c[0].Strings, c[1].Ints = append(c[0].Strings, i.meter+at.String()), append(c[1].Ints, at.UnixMicro())
			c[2].Strings, c[3].Strings = append(c[2].Strings, i.subscription), append(c[3].Strings, i.meter)
			c[4].Ints = append(c[4].Ints, i.quantity[n])
		}
	}
	body, err := parquet.Encode(c, len(c[1].Ints))
	if err != nil {
		t.Fatal(err)
	}
	w.put(t, "usage/"+itemsFile, string(body))
}

// voidItem is the request for the item of one of the meters.
func voidItem(n int) pricing.VoidUsage {
	return pricing.VoidUsage{
		Subscription: items[n].subscription, Meter: items[n].meter, Dimensions: "{}", From: itemsHour.UnixMicro(), Until: itemsHour.Add(time.Hour).UnixMicro(),
	}
}

// voidMeters lists the meters whose items have been taken back.
func (s *story) voidMeters() (meters []string) {
	asked, err := publish.New(s.inner, publish.Options{}).Requests(s.t.Context(), string(JobRollup))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, r := range asked {
		if r.Kind == publish.RequestVoid {
			meters = append(meters, r.Subject[subjectMeter])
		}
	}
	slices.Sort(meters)
	return meters
}

// owedWithout is what one run charges over files without the items that have been
// taken back, of which nobody asks it anything but which files are withdrawn.
func (s *story) owedWithout(void []string, files, asked map[string][]byte) charges {
	for key := range asked {
		if strings.Contains(string(asked[key]), publish.RequestVoid) {
			delete(asked, key)
		}
	}
	name := fmt.Sprintln("without", void, len(s.closed), nameOf(files), nameOf(asked))
	return remembered(name, func() *ending {
		fresh := s.fresh()
		fresh.bucket = s.bucketWithout(void)
		putAll(s.t, fresh.out, asked, nil)
		fresh.clean(s.t, newInbox(), s.closed, nil)
		return &ending{charged: fresh.charges(s.t, latestOf(s.t, decided(s.t, fresh.out)))}
	}).charged
}

func (s *story) bucketWithout(void []string) blob.Store {
	w := s.world(s.w.settings.Corrections.Notes)
	files := map[string][]byte{}
	for key, body := range contents(s.t, s.w.bucket) {
		files[key] = []byte(body)
	}
	become(s.t, w.bucket, files)
	w.itemsWithout(s.t, void...)
	return w.bucket
}
