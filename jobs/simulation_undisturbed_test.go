package jobs

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"daybook/pricing"
	"daybook/sinks/publish"
	"daybook/sources/blob"
)

// ended are the states from which a story was ended: what comes then is a function
// of the state, so that it is looked at once.
var ended sync.Map

// state names all that the end of a story begins from.
func (s *story) state() [sha256.Size]byte {
	return stateOf(s.t, []blob.Store{s.w.bucket, s.inner},
		s.closed, s.days, s.w.settings.Corrections.Notes, s.superseded.Load(), s.w.clock.now(), s.receiver.acked, s.receiver.bodies, s.receiver.broken)
}

// stateOf names what stores hold, etags included, and whatever else there is: what a
// run does is a function of it.
func stateOf(t *testing.T, stores []blob.Store, more ...any) [sha256.Size]byte {
	t.Helper()
	h := sha256.New()
	for _, store := range stores {
		for o, err := range store.List(t.Context(), "", "") {
			if err != nil {
				t.Fatal(err)
			}
			body, err := blob.Read(t.Context(), store, o)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintln(h, o.Key, o.ETag, len(body))
			h.Write(body)
		}
	}
	fmt.Fprintln(h, more...)
	return [sha256.Size]byte(h.Sum(nil))
}

// undisturbed remembers what single runs without faults come to.
var undisturbed struct {
	sync.Mutex
	ends map[string]*ending // by inputs
}

// ending is what a single run without faults comes to.
type ending struct {
	results map[string]map[string]string // by job and period
	charged charges                      // of the closings
	parked  map[string]bool              // accounts that a closing could not bill
}

func remembered(name string, compute func() *ending) *ending {
	undisturbed.Lock()
	found := undisturbed.ends[name]
	undisturbed.Unlock()
	if found != nil {
		return found
	}
	found = compute()
	undisturbed.Lock()
	defer undisturbed.Unlock()
	if undisturbed.ends == nil {
		undisturbed.ends = map[string]*ending{}
	}
	undisturbed.ends[name] = found
	return found
}

// resultsOf are the results of the latest published revisions of some jobs.
func resultsOf(latest map[string]publish.Manifest, jobs ...Job) map[string]map[string]string {
	found := map[string]map[string]string{}
	for key, m := range latest {
		if slices.Contains(jobs, Job(m.Job)) {
			found[key] = results(m)
		}
	}
	return found
}

// now is what one run over the inputs as they are now comes to: payments, which
// decide nothing of it, do not name it. Of the requests it has those to rollups:
// what is void is billed by it.
func (s *story) now() *ending {
	files, asked := map[string][]byte{}, map[string][]byte{}
	for key, body := range contents(s.t, s.w.bucket) {
		if key != "registry/payments.csv" {
			files[key] = []byte(body)
		}
	}
	for key, body := range contents(s.t, blob.Under(s.inner, "requests/rollup")) {
		asked["requests/rollup/"+key] = []byte(body)
	}
	return remembered(fmt.Sprintln("now", len(s.closed), s.days, nameOf(files), nameOf(asked)), func() *ending {
		fresh := s.fresh()
		putAll(s.t, fresh.out, asked, nil)
		fresh.clean(s.t, newInbox(), s.closed, s.days)
		latest := latestOf(s.t, decided(s.t, fresh.out))
		out := &ending{resultsOf(latest, JobRollup, JobDaily), fresh.charges(s.t, latest), fresh.parked(s.t, latest)}
		if void := s.voidMeters(); len(void) > 0 {
			out.charged = s.owedWithout(void, files, asked)
		}
		return out
	})
}

// wantUndisturbed fails unless the rollups and daily costs are those of one run
// over the inputs as they are now, and the closings those of one run over what
// each of them took.
func (s *story) wantUndisturbed(latest map[string]publish.Manifest) {
	t := s.t
	sameResults(t, "the current inputs", resultsOf(latest, JobRollup, JobDaily), s.now().results)

	// One run a month, each over what that closing took. A supplement goes on from
	// its closing, over other inputs: no one run does what both did.
	for _, m := range s.closed {
		if latest["monthly "+m.String()].Supersedes > 0 {
			return
		}
	}
	name := fmt.Sprintln("closings", s.w.settings.Corrections.Notes)
	took, asked := make([]map[string][]byte, len(s.closed)), make([]map[string][]byte, len(s.closed))
	for i, m := range s.closed {
		took[i], asked[i] = s.files.pinned(t, s.inner, latest["monthly "+m.String()])
		name += fmt.Sprintln(m, nameOf(took[i]), nameOf(asked[i]))
	}
	want := remembered(name, func() *ending {
		fresh := s.world(s.w.settings.Corrections.Notes)
		for i, m := range s.closed {
			become(t, fresh.bucket, took[i])
			putAll(t, fresh.out, asked[i], nil)
			fresh.clean(t, newInbox(), []pricing.Month{m}, nil)
		}
		return &ending{results: resultsOf(latestOf(t, decided(t, fresh.out)), JobMonthly)}
	})
	sameResults(t, "what the closings took", resultsOf(latest, JobMonthly), want.results)
}

func sameResults(t *testing.T, what string, got, want map[string]map[string]string) {
	t.Helper()
	for key, r := range want {
		if !maps.Equal(got[key], r) {
			t.Errorf("%s has not the results of an undisturbed run over %s:\n got %v\nwant %v", key, what, got[key], r)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d published periods, an undisturbed run over %s has %d", len(got), what, len(want))
	}
}
