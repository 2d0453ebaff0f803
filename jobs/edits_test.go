package jobs

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/sinks/publish"
	"daybook/sources/blob"
	"daybook/sources/blob/mem"
)

// edited is a world that a script of random edits changes, as exports, late files
// and people do.
type edited struct {
	random        *rand.Rand
	live, full    blob.Store // the bucket, and one in which nothing vanished
	out           blob.Store
	requests      []publish.Request
	quarantined   map[string]pricing.Date // file -> its day
	files         map[string][]usageRow   // of full, by key
	gone          map[string]bool         // of live
	accounts      map[string]string       // id -> its row
	subscriptions map[string]*editedSubscription
	versions      map[string][2]string // effective -> prices of plans small and big
	events, names int
}

type editedSubscription struct{ account, plan, rest string }

var editedDays = Span{pricing.NewDate(2026, 10, 3), pricing.NewDate(2026, 10, 5)}

func newEdited(seed uint64) *edited {
	e := &edited{
		random: rand.New(rand.NewPCG(seed, 7)), live: mem.New("live"), full: mem.New("full"), out: mem.New("out"),
		quarantined: map[string]pricing.Date{}, files: map[string][]usageRow{}, gone: map[string]bool{},
		accounts: map[string]string{}, subscriptions: map[string]*editedSubscription{}, versions: map[string][2]string{"2026-01-01": {"0.50", "0.40"}},
	}
	for _, a := range []string{"acme", "beta", "corp", "dora", "east"} {
		e.accounts[a] = `"bills":true,"currency":"CHF"`
		e.subscriptions["sub-"+a] = &editedSubscription{a, "small", ""}
	}
	e.accounts["corp-lab"] = `"parent":"corp"`
	e.subscriptions["sub-lab"] = &editedSubscription{"corp-lab", "small", ""}
	e.subscriptions["sub-dora"].plan, e.subscriptions["sub-east"].plan = "big", "big"
	return e
}

// put writes to both buckets.
func (e *edited) put(t *testing.T, key, body string) {
	t.Helper()
	for _, s := range []blob.Store{e.live, e.full} {
		if _, err := s.Put(t.Context(), key, []byte(body), blob.Cond{}); err != nil {
			t.Fatal(err)
		}
	}
}

func (e *edited) drop(t *testing.T, key string, from ...blob.Store) {
	t.Helper()
	for _, s := range from {
		if err := s.Delete(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
}

func (e *edited) putRegistry(t *testing.T) {
	t.Helper()
	var accounts, subscriptions strings.Builder
	for _, id := range slices.Sorted(maps.Keys(e.accounts)) {
		fmt.Fprintf(&accounts, "{\"id\":%q,%s}\n", id, e.accounts[id])
	}
	for _, id := range slices.Sorted(maps.Keys(e.subscriptions)) {
		s := e.subscriptions[id]
		fmt.Fprintf(&subscriptions, "{\"id\":%q,\"account\":%q,\"plan\":%q,\"start\":\"2026-10-01\"%s}\n", id, s.account, s.plan, s.rest)
	}
	e.put(t, "registry/accounts.ndjson", accounts.String())
	e.put(t, "registry/subscriptions.ndjson", subscriptions.String())
}

func (e *edited) putBook(t *testing.T) {
	t.Helper()
	var book strings.Builder
	for i, effective := range slices.Sorted(maps.Keys(e.versions)) {
		if i > 0 {
			book.WriteString("---\n")
		}
		fmt.Fprintf(&book, `book: shop
currency: CHF
effective: %s
meters: {traffic: {aggregate: sum, unit: GB}}
plans:
  small: {prices: {traffic: {meter: traffic, graduated: [{up_to: 20, unit: %s}, {unit: 0.10}]}, fee: {fixed: 10}}}
  big: {prices: {traffic: {meter: traffic, unit: %s}}}
`, effective, e.versions[effective][0], e.versions[effective][1])
	}
	e.put(t, "book/shop.yaml", book.String())
}

// rows makes usage of a day by one subscription.
func (e *edited) rows(day pricing.Date, subscription string) []usageRow {
	var out []usageRow
	for range 1 + e.random.IntN(3) {
		e.events++
		at := day.UTC().Add(time.Duration(e.random.IntN(86400)) * time.Second)
		out = append(out, usageRow{fmt.Sprintf("e%d", e.events), at.Format(time.RFC3339), subscription, int64(1 + e.random.IntN(30))})
	}
	return out
}

func (e *edited) putUsage(t *testing.T, key string, rows []usageRow) {
	t.Helper()
	for _, s := range []blob.Store{e.live, e.full} {
		w := &testWorld{bucket: s}
		w.usage(t, key, rows...)
	}
	e.files[key] = rows
}

func (e *edited) newKey(day pricing.Date) string {
	e.names++
	return fmt.Sprintf("dt=%s/f%04d.parquet", day, e.names)
}

// dayOfKey is the day whose partition a file lies in.
func dayOfKey(key string) pricing.Date {
	d, _ := pricing.ParseDate(key[len("dt="):len("dt=2026-10-05")])
	return d
}

// whole reports whether no file of a day is gone or quarantined.
func (e *edited) whole(day pricing.Date) bool {
	for key := range e.files {
		if dayOfKey(key) == day && (e.gone[key] || e.quarantined[key] != 0) {
			return false
		}
	}
	for _, d := range e.quarantined {
		if d == day {
			return false
		}
	}
	return true
}

func pick[T any](e *edited, from []T) T { return from[e.random.IntN(len(from))] }

// edit changes one thing and says what, and whose trees alone it may concern; nil
// says nothing about them.
func (e *edited) edit(t *testing.T) (what string, concerns []string) {
	t.Helper()
	subscription := pick(e, slices.Sorted(maps.Keys(e.subscriptions)))
	payer := e.payer(e.subscriptions[subscription].account)
	day := pick(e, Span{editedDays.From.AddDays(-2), editedDays.To}.Days())
	var keys []string
	for _, key := range slices.Sorted(maps.Keys(e.files)) {
		if dayOfKey(key) == day {
			keys = append(keys, key)
		}
	}
	kind := e.random.IntN(11)
	if kind <= 5 && !e.whole(day) || kind >= 1 && kind <= 4 && len(keys) == 0 {
		kind = 0
		if !e.whole(day) {
			kind = 8
		}
	}
	switch kind {
	case 0:
		e.putUsage(t, e.newKey(day), e.rows(day, subscription))
		return "late file of " + subscription, []string{payer}
	case 1:
		key := pick(e, keys)
		concerned := map[string]bool{payer: true}
		for _, r := range e.files[key] {
			if s := e.subscriptions[r.subscription]; s != nil {
				concerned[e.payer(s.account)] = true
			}
		}
		e.putUsage(t, key, e.rows(day, subscription))
		return "replaced " + key, slices.Collect(maps.Keys(concerned))
	case 2:
		var all []usageRow
		concerned := []string{}
		for _, key := range keys {
			if slices.ContainsFunc(e.requests, func(r publish.Request) bool { return r.Subject[publish.SubjectFile] == key }) {
				concerned = nil // its rows count again, under another file's name
			}
			all = append(all, e.files[key]...)
			e.drop(t, "usage/"+key, e.live, e.full)
			delete(e.files, key)
		}
		e.putUsage(t, e.newKey(day), all)
		return fmt.Sprintf("compacted %s", day), concerned
	case 3:
		key := pick(e, keys)
		e.drop(t, "usage/"+key, e.live)
		e.gone[key] = true
		return "vanished " + key, []string{}
	case 4:
		key := pick(e, keys)
		e.requests = append(e.requests, publish.Request{Kind: publish.RequestWithdraw, Subject: map[string]string{publish.SubjectFile: key}, Reason: "sent twice"})
		return "withdrawn " + key, nil
	case 5:
		key := e.newKey(day)
		e.put(t, "usage/"+key, "PAR1 this is not a Parquet file PAR1")
		e.quarantined[key] = day
		return "quarantined " + key, []string{}
	case 6:
		effective := pick(e, []string{"2026-01-01", "2026-10-02", "2026-10-04", "2026-10-20", "2026-12-01"})
		prices, known := e.versions[effective]
		if !known {
			prices = e.versions["2026-01-01"]
		}
		prices[1] = fmt.Sprintf("0.%02d", 1+e.random.IntN(99))
		e.versions[effective] = prices
		e.putBook(t)
		if !known {
			return "price version " + effective, nil
		}
		var payers []string
		for _, s := range e.subscriptions {
			if s.plan == "big" {
				payers = append(payers, e.payer(s.account))
			}
		}
		return "price of plan big in " + effective, payers
	case 7:
		id := fmt.Sprintf("new-%d", len(e.accounts))
		e.accounts[id] = `"bills":true,"currency":"CHF"`
		e.subscriptions["sub-"+id] = &editedSubscription{id, pick(e, []string{"small", "big", "no-such-plan"}), ""}
		e.putRegistry(t)
		return "account " + id, []string{id}
	case 8:
		s := e.subscriptions[subscription]
		s.plan = pick(e, []string{"small", "big"})
		e.putRegistry(t)
		return "plan of " + subscription, []string{payer}
	case 9:
		s := e.subscriptions[subscription]
		s.rest = pick(e, []string{"", `,"end":"2026-10-04"`, `,"end":"2026-10-25"`, `,"quantities":{"fee":"3"}`})
		e.putRegistry(t)
		return "terms of " + subscription, []string{payer}
	default:
		account := e.subscriptions[subscription].account
		row, _, _ := strings.Cut(e.accounts[account], `,"time_zone"`)
		e.accounts[account] = row + pick(e, []string{"", `,"time_zone":"America/New_York"`, `,"time_zone":"Asia/Tokyo"`})
		e.putRegistry(t)
		return "zone of " + account, []string{payer}
	}
}

func (e *edited) payer(account string) string {
	if account == "corp-lab" {
		return "corp"
	}
	return account
}

// restore puts back, or withdraws, what is gone, now and then.
func (e *edited) restore(t *testing.T) {
	t.Helper()
	for _, key := range slices.Sorted(maps.Keys(e.gone)) {
		if e.random.IntN(4) == 0 {
			e.putUsage(t, key, e.files[key])
			delete(e.gone, key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(e.quarantined)) {
		if e.random.IntN(4) == 0 {
			e.drop(t, "usage/"+key, e.live, e.full)
			delete(e.quarantined, key)
		}
	}
}

// ask puts what people have asked for, and publishes days without broken files.
func (e *edited) ask(t *testing.T, w *testWorld) {
	t.Helper()
	for _, r := range e.requests {
		if _, err := publish.New(w.out, publish.Options{}).PutRequest(t.Context(), string(JobRollup), r); err != nil {
			t.Fatal(err)
		}
	}
	for key, day := range e.quarantined {
		o := wellAfter
		o.Quarantine = []string{key}
		for file, other := range e.quarantined {
			if other == day && file != key {
				o.Quarantine = append(o.Quarantine, file)
			}
		}
		if _, err := w.pipeline(t).Rollup(t.Context(), []pricing.Date{day}, o); err != nil {
			t.Fatal(err)
		}
	}
}

// bill brings rollups and days up to date from a bucket into a store.
func (e *edited) bill(t *testing.T, bucket, out blob.Store) []Outcome {
	t.Helper()
	w := e.world(t, bucket, out)
	e.ask(t, w)
	outcomes, err := w.pipeline(t).Daily(t.Context(), editedDays.Days(), wellAfter)
	if err != nil {
		t.Fatal(err)
	}
	return outcomes
}

// draft makes the drafts of October, which is closed, and of November up to a day,
// which corrects October.
func (e *edited) draft(t *testing.T, bucket, out blob.Store) []Outcome {
	t.Helper()
	w := e.world(t, bucket, out)
	e.ask(t, w)
	p := w.pipeline(t)
	outcomes, err := p.Draft(t.Context(), []pricing.Month{october}, wellAfter)
	if err != nil {
		t.Fatal(err)
	}
	o := wellAfter
	o.AsOf = time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	more, err := p.Draft(t.Context(), []pricing.Month{october.Next()}, o)
	if err != nil {
		t.Fatal(err)
	}
	return append(outcomes, more...)
}

// close closes a month in the live store, whatever its usage lacks.
func (e *edited) close(t *testing.T, m pricing.Month) {
	t.Helper()
	o := closingOptions
	o.AllowIncomplete = true
	if _, err := e.world(t, e.live, e.out).pipeline(t).Monthly(t.Context(), []pricing.Month{m}, o); err != nil {
		t.Fatal(err)
	}
}

func (e *edited) world(t *testing.T, bucket, out blob.Store) *testWorld {
	return &testWorld{bucket: bucket, out: out, settings: newTestWorld(t).settings, options: Options{Version: "test"}}
}

// standingBytes lists, by place, the digests of what stands of jobs, and what the
// current view shows.
func standingBytes(t *testing.T, out blob.Store, jobs ...Job) map[string]string {
	t.Helper()
	results := map[string]string{}
	p := publish.New(out, publish.Options{Engine: "test"})
	for _, job := range jobs {
		periods, err := p.Periods(t.Context(), string(job))
		if err != nil {
			t.Fatal(err)
		}
		for _, period := range periods {
			h, err := p.Decided(t.Context(), string(job), period)
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range standing(h).Objects {
				results[fmt.Sprintf("%s %s %s %s", job, period, o.Role, o.Table)] += o.SHA256 + " "
			}
		}
	}
	for o, err := range out.List(t.Context(), "current/", "") {
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(o.Key, "_manifest.json") || strings.Contains(o.Key, "/publications/") {
			continue // which name revisions
		}
		body, err := blob.Read(t.Context(), out, o)
		if err != nil {
			t.Fatal(err)
		}
		results[o.Key] = digest(body)
	}
	return results
}

// Issue 4: after each of many random edits, bringing a store up to date gives the
// bytes of a store that computes everything from the same inputs, and rates no
// tree that the edit does not concern. Drafts are compared with those of a store in
// which nothing has happened since October was closed.
func TestEdits_BringingUpToDateEqualsAFreshStore(t *testing.T) {
	scripts, steps := 2, 5
	if os.Getenv("DAYBOOK_CRASH") == "all" {
		scripts, steps = 20, 10
	}
	var rated, copied int
	for seed := range scripts {
		e := newEdited(uint64(seed))
		e.putRegistry(t)
		e.putBook(t)
		for _, id := range slices.Sorted(maps.Keys(e.subscriptions)) {
			e.putUsage(t, e.newKey(editedDays.From), e.rows(editedDays.From, id))
		}
		e.bill(t, e.live, e.out)
		e.close(t, october)
		closed := e.out.(*mem.Store).Clone()
		for step := range steps {
			e.restore(t)
			e.bill(t, e.live, e.out)
			e.draft(t, e.live, e.out)
			what, concerns := e.edit(t)
			outcomes := append(e.bill(t, e.live, e.out), e.draft(t, e.live, e.out)...)
			for _, o := range outcomes {
				if o.Trees == nil {
					continue
				}
				rated, copied = rated+o.Trees.Rated, copied+o.Trees.Copied
				most := len(concerns) + len(o.Parked)
				if o.Job == string(JobDraft) { // for the month itself, and for what it corrects
					most *= 2
				}
				if concerns != nil && o.Trees.Rated > most {
					t.Errorf("script %d step %d, %s: %s rated %d trees, want at most %d", seed, step, what, o.Period, o.Trees.Rated, most)
				}
			}
			fresh := mem.New("fresh")
			e.bill(t, e.full, fresh)
			scratch := closed.Clone()
			e.draft(t, e.full, scratch)
			got := standingBytes(t, e.out, JobRollup, JobDaily, JobDraft)
			for of, want := range map[string]map[string]string{
				"a fresh store":          standingBytes(t, fresh, JobRollup, JobDaily),
				"a store without drafts": standingBytes(t, scratch, JobDraft),
			} {
				for place, sum := range want {
					// What a day no longer has of an account stays where it is, so that only the
					// drafts of a store that had days before are those of any other.
					if of != "a fresh store" && !strings.Contains(place, "draft") {
						continue
					}
					if got[place] != sum {
						t.Errorf("script %d step %d, %s: %s is not what %s has", seed, step, what, place, of)
					}
				}
			}
			if t.Failed() {
				return
			}
		}
		w := e.world(t, e.live, e.out)
		if _, err := w.pipeline(t).Draft(t.Context(), []pricing.Month{october.Next()}, closingOptions); err != nil {
			t.Fatal(err)
		}
		e.close(t, october.Next())
		w.wantIssuedAsDrafted(t, october.Next())
	}
	if copied < rated {
		t.Errorf("%d trees rated and %d copied, want most of them copied", rated, copied)
	}
	t.Logf("%d trees rated, %d copied", rated, copied)
}
