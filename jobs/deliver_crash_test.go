package jobs

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"daybook/sources/blob/fault"
)

// deliverCalls are the store calls of one undisturbed deliver of a world.
func deliverCalls(t *testing.T, w *testWorld) []fault.Call {
	t.Helper()
	counting := faulty(t, w.out, "")
	inner := w.out
	w.out = counting
	defer func() { w.out = inner }()
	if _, err := w.pipeline(t).Deliver(t.Context()); err != nil && !errors.Is(err, ErrPending) {
		t.Fatal(err)
	}
	return counting.Calls()
}

// pickyWorld has 40 events, one of which its receiver refuses at first, and an
// earlier closing that is delivered.
func pickyWorld(t *testing.T) (*testWorld, *testReceiver) {
	t.Helper()
	w, receiver := newEventWorld(t, 2, "/erp")
	if _, err := w.pipeline(t).Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.closeWith(t, "2026-11", "november", 40)
	refused := w.ids(t)[11]
	receiver.answers(func(string, int) int {
		if receiver.log[len(receiver.log)-1].id == refused {
			return http.StatusBadRequest
		}
		return http.StatusOK
	})
	return w, receiver
}

// Every store call of a deliver fails, before its effect, after it (a lost
// answer), or the process dies there. Later runs must bring every event under
// one id with one body, repeat no more than what was not kept, and mark it.
func TestDeliver_SurvivesAFaultAtEveryStoreCall(t *testing.T) {
	counted, _ := pickyWorld(t)
	calls := deliverCalls(t, counted)
	puts := 0
	for _, c := range calls {
		if c.Op == "put" && strings.HasPrefix(c.Key, "outbox/") {
			puts++
		}
	}
	// 40 events: kept after 16, 32 and 40, and once more in the pass after 5 s.
	if puts != 4 || len(calls) < 20 {
		t.Fatalf("%d store calls, %d of them states: the rig does not see the run: %v", len(calls), puts, calls)
	}
	for n := 1; n <= len(calls); n++ {
		for _, how := range []string{"stop", "stop-after", "error transient", "lost", "error denied", "short"} {
			what := fmt.Sprintf("call %d (%s) %s", n, calls[n-1], how)
			w, receiver := pickyWorld(t)
			inner := w.out
			faults := faulty(t, inner, fmt.Sprintf("any %d %s", n, how))
			w.out = faults
			_, err := w.pipeline(t).Deliver(t.Context())
			if faults.Injected() == 0 || err == nil {
				t.Errorf("%s: the run did not notice (%v)", what, err)
			}
			w.out = inner
			receiver.answers(nil)
			w.clock.advance(time.Hour)
			if _, err := w.pipeline(t).Deliver(t.Context()); err != nil {
				t.Errorf("%s: the next run: %v", what, err)
			}
			w.wantSettled(t, what)
			requests := receiver.requested(t, "/erp")
			if extra := len(requests) - 42; extra > unkept+2 {
				t.Errorf("%s: %d requests too many, at most %d were not kept", what, extra, unkept)
			}
			slices.Sort(requests)
			want := w.ids(t)
			slices.Sort(want)
			if !slices.Equal(slices.Compact(requests), want) {
				t.Errorf("%s: other ids were sent than the manifest names", what)
			}
			if t.Failed() {
				return
			}
		}
	}
}

// The narrowest place: the receiver has acknowledged, and the process dies before
// it can say so.
func TestDeliver_ADeathBetweenSendAndStateSendsTheSameAgain(t *testing.T) {
	w, receiver := newEventWorld(t, 3, "/erp")
	inner := w.out
	w.out = faulty(t, inner, "put 1 of outbox/ stop")
	if _, err := w.pipeline(t).Deliver(t.Context()); err == nil || errors.Is(err, ErrPending) {
		t.Fatalf("error %v, want the store's", err)
	}
	w.out = inner
	ids := w.ids(t)
	if got := receiver.requested(t, "/erp"); !slices.Equal(got, ids) {
		t.Fatalf("requests %v before the death, want %v", got, ids)
	}
	if _, err := w.pipeline(t).Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := receiver.requested(t, "/erp"); !slices.Equal(got, slices.Concat(ids, ids)) {
		t.Errorf("requests %v, want each of %v twice, with one body", got, ids)
	}
	w.wantSettled(t, "after the death")
}

// A resend that dies anywhere is repeated by the person who asked for it.
func TestResend_SurvivesAFaultAtEveryStoreCall(t *testing.T) {
	deliveredWorld := func() (*testWorld, *testReceiver) {
		w, receiver := newEventWorld(t, 3, "/erp")
		if _, err := w.pipeline(t).Deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
		return w, receiver
	}
	q := DeliveryQuery{Endpoint: "erp", Period: "2026-10"}
	for n := 1; ; n++ {
		faults := 0
		for _, how := range []string{"stop", "stop-after"} {
			w, receiver := deliveredWorld()
			inner := w.out
			store := faulty(t, inner, fmt.Sprintf("any %d %s", n, how))
			w.out = store
			_, err := w.pipeline(t).Resend(t.Context(), q, true)
			if store.Injected() == 0 {
				continue
			}
			if faults++; err == nil {
				t.Errorf("call %d %s: the person was told that it went well", n, how)
			}
			w.out = inner
			if _, err := w.pipeline(t).Resend(t.Context(), q, true); err != nil {
				t.Errorf("call %d %s: again: %v", n, how, err)
			}
			w.wantSettled(t, fmt.Sprintf("call %d %s", n, how))
			if got := receiver.requested(t, "/erp"); len(got) < 6 {
				t.Errorf("call %d %s: %d requests, want each event sent again", n, how, len(got))
			}
		}
		if faults == 0 {
			if n < 15 {
				t.Errorf("only %d store calls: the rig does not see the run", n-1)
			}
			return
		}
	}
}
