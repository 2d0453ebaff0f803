package jobs

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/sinks/webhooks"
)

// newDeliveryWorld is a world whose October has been closed, with two events.
func newDeliveryWorld(t *testing.T, paths ...string) (*testWorld, *testReceiver) {
	t.Helper()
	w, receiver := newTestWorld(t), newTestReceiver(t)
	for _, path := range paths {
		w.settings.Endpoints = append(w.settings.Endpoints, receiver.endpoint(strings.Trim(path, "/"), path))
	}
	w.clock = newTestClock()
	w.options.Clock = w.clock.clock()
	if _, err := w.billOctober(t); err != nil {
		t.Fatal(err)
	}
	return w, receiver
}

func TestDeliver_GoneStopsTheEndpointUntilItIsMended(t *testing.T) {
	w, receiver := newDeliveryWorld(t, "/gone")
	receiver.answer = func(string, int) int { return http.StatusGone }
	for range 3 {
		outcomes, err := w.pipeline(t).Deliver(t.Context())
		if !errors.Is(err, ErrPending) || !errors.Is(err, webhooks.ErrGone) {
			t.Errorf("error %v, want %v and %v", err, ErrPending, webhooks.ErrGone)
		}
		if len(outcomes) != 1 || outcomes[0].Pending != 2 {
			t.Errorf("outcomes %+v, want two events pending", outcomes)
		}
	}
	if n := receiver.requests(); n != 1 {
		t.Errorf("%d requests, want none after the first 410", n)
	}
}

func TestDeliver_GoesOnWhereItStopped(t *testing.T) {
	w, receiver := newDeliveryWorld(t, "/erp")
	receiver.answer = func(_ string, n int) int {
		if n == 1 {
			return http.StatusOK
		}
		return http.StatusInternalServerError
	}
	outcomes, err := w.pipeline(t).Deliver(t.Context())
	if !errors.Is(err, ErrPending) || outcomes[0].Sent != 1 || outcomes[0].Pending != 1 {
		t.Fatalf("%+v, %v: want one sent and one pending", outcomes, err)
	}
	before := receiver.requests()
	receiver.answer = nil
	w.clock.advance(time.Hour)
	if _, err := w.pipeline(t).Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := receiver.requests() - before; n != 1 {
		t.Errorf("%d requests, want one: the first event was acknowledged", n)
	}
	if got := receiver.seen("/erp"); len(got) != 2 {
		t.Errorf("the endpoint has %d events, want 2", len(got))
	}
}

func TestDeliver_CountsOnlyWhatAnEndpointWants(t *testing.T) {
	w, receiver := newDeliveryWorld(t, "/erp")
	w.settings.Endpoints[0].Events = []string{"invoice.voided"}
	receiver.answer = func(string, int) int { return http.StatusInternalServerError }
	outcomes, err := w.pipeline(t).Deliver(t.Context())
	if err != nil || receiver.requests() != 0 || (len(outcomes) > 0 && outcomes[0].Pending != 0) {
		t.Errorf("%+v, %v, %d requests: want nothing sent and nothing pending", outcomes, err, receiver.requests())
	}
}

func TestDeliver_LeavesAloneWhatIsBeforeSince(t *testing.T) {
	w, receiver := newDeliveryWorld(t, "/erp")
	w.settings.Endpoints[0].Since = pricing.NewDate(2026, 11, 1)
	if _, err := w.pipeline(t).Deliver(t.Context()); err != nil || receiver.requests() != 0 {
		t.Errorf("%v, %d requests: want none for a closing before 2026-11-01", err, receiver.requests())
	}
}

func TestDeliver_WithNothingPendingReadsNoManifest(t *testing.T) {
	w, _ := newDeliveryWorld(t, "/erp")
	if _, err := w.pipeline(t).Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	counting := faulty(t, w.out, "")
	w.out = counting
	if _, err := w.pipeline(t).Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := counting.Count("any"); n > 2 || counting.Count("list") != n {
		t.Errorf("%d calls, want two lists at most: %v", n, counting.Calls())
	}
}

func TestDeliver_ACancelledRunMarksNothing(t *testing.T) {
	w, receiver := newDeliveryWorld(t, "/erp")
	ctx, cancel := context.WithCancel(t.Context())
	receiver.answer = func(_ string, n int) int {
		if n == 2 {
			cancel()
		}
		return http.StatusOK
	}
	counting := faulty(t, w.out, "")
	w.out = counting
	if _, err := w.pipeline(t).Deliver(ctx); err == nil {
		t.Error("a run that was cancelled reports success")
	}
	for _, c := range counting.Calls() {
		if c.Op == "put" && !strings.HasPrefix(c.Key, "probe/") {
			t.Errorf("%s after the end", c)
		}
	}
}
