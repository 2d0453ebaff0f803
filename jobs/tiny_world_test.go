package jobs

import (
	"sync"
	"testing"

	"daybook/pricing"
	"daybook/sinks/webhooks"
	"daybook/sources/blob/mem"
)

const tinyAccounts = `{"id":"acme","kind":"organization","name":"Acme","bills":true,"currency":"CHF"}
{"id":"beta","kind":"organization","name":"Beta","bills":true,"currency":"CHF"}
`

const tinySubscriptions = `{"id":"sub-a","account":"acme","plan":"standard","start":"2026-10-31"}
{"id":"sub-b","account":"beta","plan":"standard","start":"2026-10-31"}
`

var (
	lastOfOctober   = pricing.NewDate(2026, 10, 31)
	firstOfNovember = pricing.NewDate(2026, 11, 1)
	november        = october.Next()
	december        = november.Next()

	// tinyDays are the days that may have usage.
	tinyDays = []pricing.Date{lastOfOctober, firstOfNovember, firstOfNovember + 14}
)

// tinyBase is what every tiny world begins with, made once: its inputs, and its
// output with the days through a month rolled up, but those that stories edit.
type tinyBase struct {
	once   sync.Once
	bucket *mem.Store
	out    map[pricing.Month]*mem.Store
}

var tinyBases = map[bool]*tinyBase{false: {}, true: {}} // with the items of stories that take some back

// newTinyWorld is a world that closes a month in some 10 ms, for rigs that tell
// thousands of stories: it begins on the last day of October. Where months through
// a later one are to be closed too, their days from 2 November on are rolled up
// already.
func newTinyWorld(t *testing.T, through pricing.Month) *testWorld {
	t.Helper()
	return tinyWorldOf(t, through, false)
}

func tinyWorldOf(t *testing.T, through pricing.Month, withItems bool) *testWorld {
	t.Helper()
	w := newTestWorld(t)
	w.settings.Start = lastOfOctober
	w.settings.Workers = 1
	w.settings.Endpoints = []Endpoint{{Since: lastOfOctober, Endpoint: webhooks.Endpoint{ID: "erp", URL: "https://erp.example/"}}}
	w.clock = newTestClock()
	w.options.Clock = w.clock.clock()
	base := tinyBases[withItems]
	base.once.Do(func() {
		bucket, out := mem.New("bucket"), mem.New("out")
		w.bucket, w.out = bucket, out
		w.put(t, "book/shop.yaml", testBook)
		w.put(t, "registry/accounts.ndjson", tinyAccounts)
		w.put(t, "registry/subscriptions.ndjson", tinySubscriptions)
		w.usage(t, "dt=2026-10-31/a.parquet", usageRow{"e1", "2026-10-31T08:00:00Z", "sub-a", 10}, usageRow{"e2", "2026-10-31T09:00:00Z", "sub-b", 4})
		w.usage(t, "dt=2026-11-01/a.parquet", usageRow{"e3", "2026-11-01T08:00:00Z", "sub-a", 30})
		w.usage(t, "dt=2026-12-10/a.parquet", usageRow{"e20", "2026-12-10T08:00:00Z", "sub-b", 1})
		if withItems {
			w.put(t, "book/shop.yaml", itemsBook)
			w.itemsWithout(t)
		}
		base.bucket, base.out = bucket, map[pricing.Month]*mem.Store{october: mem.New("out")}
		from := firstOfNovember + 1
		for _, m := range november.Through(december) {
			rest := Span{from, m.Next().First()}
			if _, err := w.pipeline(t).Rollup(t.Context(), rest.Days(), allDue); err != nil {
				t.Fatal(err)
			}
			base.out[m], from = out.Clone(), rest.To+1
		}
	})
	w.bucket, w.out = base.bucket.Clone(), base.out[through].Clone()
	return w
}
