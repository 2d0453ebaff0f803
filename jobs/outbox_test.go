package jobs

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"daybook/sinks/publish"
	"daybook/sinks/webhooks"
	"daybook/sources/blob"
)

// newEventWorld is a world whose October has been closed with n events, put
// straight into the store: what is delivered does not depend on what was billed.
func newEventWorld(t *testing.T, n int, paths ...string) (*testWorld, *testReceiver) {
	t.Helper()
	w, receiver := newTestWorld(t), newTestReceiver(t)
	for _, path := range paths {
		w.settings.Endpoints = append(w.settings.Endpoints, receiver.endpoint(strings.Trim(path, "/"), path))
	}
	w.clock = newTestClock()
	w.options.Clock = w.clock.clock()
	w.closeWith(t, "2026-10", "first", n)
	return w, receiver
}

// closeWith publishes a revision of a closing with n events.
func (w *testWorld) closeWith(t *testing.T, period, parameter string, n int) publish.Manifest {
	t.Helper()
	p := publish.New(w.out, publish.Options{Engine: "test"})
	run, err := p.Begin(t.Context(), publish.Identity{
		Job: string(JobMonthly), Period: period, AsOf: time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC),
		Parameters: map[string]string{"n": parameter},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	pack := run.NewPack()
	for i := range n {
		subject := fmt.Sprintf("inv_%04d", i)
		id := webhooks.EventID("monthly", period, run.Revision, "invoice.issued", subject, "daybook")
		e := publish.Event{ID: id, Type: "invoice.issued", Subject: subject, Format: "daybook"}
		if err := pack.Event(t.Context(), e, fmt.Appendf(nil, `{"id":%q,"subject":%q}`, id, subject)); err != nil {
			t.Fatal(err)
		}
	}
	objects, events, err := pack.Close(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	m, _, err := run.Commit(t.Context(), publish.Manifest{Notify: true, Objects: objects, Events: events})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// ids returns the ids of October's events in the order of the manifest.
func (w *testWorld) ids(t *testing.T) []string {
	t.Helper()
	p := publish.New(w.out, publish.Options{})
	revisions, err := p.Revisions(t.Context(), string(JobMonthly))
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, r := range revisions {
		m, err := p.Manifest(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range m.Events {
			ids = append(ids, e.ID)
		}
	}
	return ids
}

// wantSettled fails unless every event of every endpoint is delivered and marked.
func (w *testWorld) wantSettled(t *testing.T, what string) {
	t.Helper()
	counts, err := w.pipeline(t).DeliveryCounts(t.Context(), DeliveryQuery{})
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	for _, c := range counts {
		if c.Delivered != c.Events || c.Pending+c.Dead != 0 {
			t.Errorf("%s: %+v, want all delivered", what, c)
		}
		if _, err := w.out.Stat(t.Context(), publish.DeliveredKey("monthly", c.Period, c.Revision, c.Endpoint)); err != nil {
			t.Errorf("%s: %s of %s is not marked: %v", what, c.Period, c.Endpoint, err)
		}
	}
}

func TestOutbox_AThousandEventsGoOutInOrderInFourShards(t *testing.T) {
	w, receiver := newEventWorld(t, 1000, "/erp")
	outcomes, err := w.pipeline(t).Deliver(t.Context())
	if err != nil || len(outcomes) != 1 || outcomes[0].Sent != 1000 || outcomes[0].Pending != 0 {
		t.Fatalf("%+v, %v: want 1,000 sent", outcomes, err)
	}
	if got := receiver.requested(t, "/erp"); !slices.Equal(got, w.ids(t)) {
		t.Errorf("%d requests, not one each in the order of the manifest", len(got))
	}
	var states []string
	for o, err := range w.out.List(t.Context(), "outbox/", "") {
		if err != nil {
			t.Fatal(err)
		}
		states = append(states, o.Key)
		if o.Size > outboxLimit/4 {
			t.Errorf("%s has %d bytes", o.Key, o.Size)
		}
	}
	want := []string{
		"outbox/monthly/2026-10/r000001/erp/0001.json", "outbox/monthly/2026-10/r000001/erp/0002.json",
		"outbox/monthly/2026-10/r000001/erp/0003.json", "outbox/monthly/2026-10/r000001/erp/0004.json",
	}
	if !slices.Equal(states, want) {
		t.Errorf("states %v, want %v", states, want)
	}
	w.wantSettled(t, "after one run")
}

func TestOutbox_EveryPublishedRevisionIsDelivered(t *testing.T) {
	w, receiver := newEventWorld(t, 2, "/erp")
	if _, err := w.pipeline(t).Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.closeWith(t, "2026-10", "supplement", 3)
	w.closeWith(t, "2026-11", "november", 1)
	outcomes, err := w.pipeline(t).Deliver(t.Context())
	if err != nil || len(outcomes) != 2 || outcomes[0].Revision != 2 || outcomes[0].Sent != 3 || outcomes[1].Sent != 1 {
		t.Errorf("%+v, %v: want three events of the second revision and one of November", outcomes, err)
	}
	if got := receiver.requested(t, "/erp"); !slices.Equal(got, w.ids(t)) {
		t.Errorf("requests %v, want %v", got, w.ids(t))
	}
}

// By hand from docs/commit-protocol.md: attempts 5 s, 5 min, 30 min, 2 h, 5 h,
// 10 h, 14 h, 20 h and 24 h after the one before, a tenth more or less.
func TestOutbox_RetriesByTheScheduleAndThenTheEventIsDead(t *testing.T) {
	w, receiver := newEventWorld(t, 1, "/erp")
	receiver.answers(func(string, int) int { return http.StatusInternalServerError })
	begin := w.clock.now()
	var at []time.Duration
	var dead error
	for range 12 * 24 * 5 { // every 5 minutes for 5 days
		before := receiver.requests()
		now := w.clock.now()
		_, err := w.pipeline(t).Deliver(t.Context())
		for range receiver.requests() - before {
			at = append(at, now.Sub(begin))
		}
		if err != nil && len(at) == 10 && dead == nil {
			dead = err
		} else if dead != nil && err != nil {
			t.Fatalf("a later run: %v", err)
		}
		w.clock.advance(5*time.Minute - w.clock.now().Sub(now))
	}
	if len(at) != 10 {
		t.Fatalf("%d attempts at %v, want 10", len(at), at)
	}
	pauses := []time.Duration{0, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour}
	for i, pause := range pauses { // the first of 5 s falls into the first run
		if got := at[i+1] - at[i]; got < pause*9/10 || got > pause*11/10+5*time.Minute {
			t.Errorf("attempt %d came %s after the one before, want %s", i+2, got, pause)
		}
	}
	if !errors.Is(dead, ErrPending) || !strings.Contains(dead.Error(), "1 event given up after 10 attempts") || !strings.Contains(dead.Error(), "webhooks resend --endpoint erp") {
		t.Errorf("the run that gave up says %v", dead)
	}
	found, err := w.pipeline(t).Deliveries(t.Context(), DeliveryQuery{State: DeliveryDead})
	if err != nil || len(found) != 1 || found[0].Attempts != 10 || found[0].Status != 500 {
		t.Fatalf("dead letters %+v, %v: want one of ten attempts", found, err)
	}

	receiver.answers(nil)
	outcomes, err := w.pipeline(t).Resend(t.Context(), DeliveryQuery{Endpoint: "erp", Period: "2026-10"}, false)
	if err != nil || len(outcomes) != 1 || outcomes[0].Sent != 1 {
		t.Errorf("resend: %+v, %v: want one sent", outcomes, err)
	}
	ids := receiver.requested(t, "/erp")
	if len(ids) != 11 || len(slices.Compact(ids)) != 1 {
		t.Errorf("requests %v, want eleven of one id", ids)
	}
	w.wantSettled(t, "after resend")
}

func TestOutbox_AReceiverThatComesBackGetsEverythingOnceMore(t *testing.T) {
	w, receiver := newEventWorld(t, 300, "/erp")
	receiver.answers(func(string, int) int { return http.StatusBadGateway })
	for range 12 { // an hour of runs
		if _, err := w.pipeline(t).Deliver(t.Context()); !errors.Is(err, ErrPending) {
			t.Fatalf("error %v, want %v", err, ErrPending)
		}
		w.clock.advance(5 * time.Minute)
	}
	// Five failures end a pass; passes follow at 0, 5 s, 5 min, 30 min, 2 h.
	if n := receiver.requests(); n != 4*failuresInARow {
		t.Errorf("%d requests in an hour at a receiver that is down, want %d", n, 4*failuresInARow)
	}
	receiver.answers(nil)
	for range 36 { // three hours: longer than the longest pause
		_, _ = w.pipeline(t).Deliver(t.Context())
		w.clock.advance(5 * time.Minute)
	}
	if got := receiver.seen("/erp"); len(got) != 300 {
		t.Errorf("the receiver has %d events, want 300", len(got))
	}
	receiver.requested(t, "/erp")
	w.wantSettled(t, "after the receiver came back")
}

func TestOutbox_OneBadEventHoldsNoOtherBack(t *testing.T) {
	w, receiver := newEventWorld(t, 40, "/erp")
	ids := w.ids(t)
	receiver.answers(func(string, int) int {
		if receiver.log[len(receiver.log)-1].id == ids[7] {
			return http.StatusBadRequest
		}
		return http.StatusOK
	})
	outcomes, err := w.pipeline(t).Deliver(t.Context())
	if !errors.Is(err, ErrPending) || outcomes[0].Sent != 39 || outcomes[0].Pending != 1 {
		t.Errorf("%+v, %v: want 39 sent and one pending", outcomes, err)
	}
	var others []string
	for _, id := range receiver.requested(t, "/erp") {
		if id != ids[7] {
			others = append(others, id)
		}
	}
	if !slices.Equal(others, slices.Delete(slices.Clone(ids), 7, 8)) {
		t.Error("the others did not come in their order")
	}
}

func TestOutbox_RetryAfterIsHonouredByTheWholeEndpoint(t *testing.T) {
	w, receiver := newEventWorld(t, 3, "/erp")
	receiver.retryAfter = "7200"
	receiver.answers(func(string, int) int { return http.StatusTooManyRequests })
	for range 23 { // 115 minutes
		if _, err := w.pipeline(t).Deliver(t.Context()); !errors.Is(err, ErrPending) {
			t.Fatal(err)
		}
		w.clock.advance(5 * time.Minute)
	}
	if n := receiver.requests(); n != 1 {
		t.Errorf("%d requests within two hours, want one", n)
	}
	receiver.answers(nil)
	w.clock.advance(5 * time.Minute)
	if _, err := w.pipeline(t).Deliver(t.Context()); err != nil {
		t.Error(err)
	}
	w.wantSettled(t, "after two hours")
}

func TestOutbox_ATestThatIsAcknowledgedResumesWhatA410Stopped(t *testing.T) {
	w, receiver := newEventWorld(t, 3, "/erp")
	w.closeWith(t, "2026-11", "november", 2)
	receiver.answers(func(string, int) int { return http.StatusGone })
	if _, err := w.pipeline(t).Deliver(t.Context()); !errors.Is(err, webhooks.ErrGone) || receiver.requests() != 1 {
		t.Fatalf("%v after %d requests: want one 410 to stop both closings", err, receiver.requests())
	}
	if _, err := w.pipeline(t).TestEndpoint(t.Context(), "erp", "evt_test_1"); !errors.Is(err, webhooks.ErrGone) {
		t.Errorf("test: %v, want %v", err, webhooks.ErrGone)
	}
	w.clock.advance(time.Hour)
	if _, err := w.pipeline(t).Deliver(t.Context()); !errors.Is(err, webhooks.ErrGone) || receiver.requests() != 2 {
		t.Errorf("%v after %d requests: a test that fails resumes nothing", err, receiver.requests())
	}
	receiver.answers(nil)
	if receipt, err := w.pipeline(t).TestEndpoint(t.Context(), "erp", "evt_test_2"); err != nil || receipt.Status != 200 {
		t.Errorf("test: %+v, %v", receipt, err)
	}
	if _, err := w.pipeline(t).Deliver(t.Context()); err != nil {
		t.Error(err)
	}
	w.wantSettled(t, "after the test")
}

func TestOutbox_ASlowReceiverIsLeftToTheNextRun(t *testing.T) {
	w, receiver := newEventWorld(t, 100, "/erp")
	receiver.answers(func(string, int) int {
		w.clock.advance(10 * time.Second)
		return http.StatusOK
	})
	outcomes, err := w.pipeline(t).Deliver(t.Context())
	// 4 minutes are 24 requests of 10 s; the one that ends then is the 25th at most.
	if !errors.Is(err, ErrPending) || outcomes[0].Sent < 24 || outcomes[0].Sent > 25 || outcomes[0].Pending != 100-outcomes[0].Sent {
		t.Errorf("%+v, %v: want a round that ends after 4 minutes", outcomes, err)
	}
	if want := "next attempt " + w.clock.now().Format(time.RFC3339); !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %s", err, want)
	}
	for range 4 {
		_, err = w.pipeline(t).Deliver(t.Context())
	}
	if err != nil || receiver.requests() != 100 {
		t.Errorf("%v after %d requests: want all delivered, each once", err, receiver.requests())
	}
}

func TestOutbox_DeliverersAtOnceSendEachEventAtLeastOnce(t *testing.T) {
	w, receiver := newEventWorld(t, 120, "/erp", "/audit")
	var group sync.WaitGroup
	errs := make([]error, 16)
	for i := range errs {
		p := w.pipeline(t)
		group.Go(func() { _, errs[i] = p.Deliver(t.Context()) })
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/erp", "/audit"} {
		got := receiver.requested(t, path)
		slices.Sort(got)
		want := w.ids(t)
		slices.Sort(want)
		if !slices.Equal(slices.Compact(got), want) {
			t.Errorf("%s did not get each event", path)
		}
	}
	w.wantSettled(t, "sixteen deliverers")
}

// A failure that another runner has overtaken must not undo an acknowledgement,
// nor an acknowledgement be lost to a failure.
func TestChange_AnAcknowledgementAlwaysCounts(t *testing.T) {
	at := wellAfter.Now
	fresh := Delivery{ID: "e", State: DeliveryPending}
	failed := Delivery{ID: "e", State: DeliveryPending, Attempts: 1, At: at, Next: at.Add(time.Minute)}
	twice := Delivery{ID: "e", State: DeliveryPending, Attempts: 2, At: at.Add(time.Hour), Next: at.Add(2 * time.Hour)}
	dead := Delivery{ID: "e", State: DeliveryDead, Attempts: 10, At: at}
	delivered := Delivery{ID: "e", State: DeliveryDelivered, At: at}
	for _, c := range []struct {
		what                        string
		before, after, stands, want Delivery
		force                       bool
	}{
		{"nobody else", fresh, failed, fresh, failed, false},
		{"acknowledged", fresh, delivered, fresh, delivered, false},
		{"another's acknowledgement stays", fresh, failed, delivered, delivered, false},
		{"another's failure counts once", fresh, failed, twice, twice, false},
		{"ours against another's failure", fresh, delivered, twice, delivered, false},
		{"ours against a dead one", fresh, delivered, dead, delivered, false},
		{"made pending by hand meanwhile", failed, dead, fresh, fresh, false},
		{"by hand", dead, fresh, dead, fresh, true},
		{"by hand against an acknowledgement", dead, fresh, delivered, fresh, true},
		{"done twice", fresh, failed, failed, failed, false},
	} {
		if got := (change{before: c.before, after: c.after, force: c.force}).apply(c.stands); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.what, got, c.want)
		}
	}
}

func TestOutbox_ADamagedStateIsNamedAndStopsOnlyItsEndpoint(t *testing.T) {
	w, receiver := newEventWorld(t, 2, "/erp", "/audit")
	key := "outbox/monthly/2026-10/r000001/erp/0001.json"
	if _, err := w.out.Put(t.Context(), key, []byte(`{"format":1,"events":[{`), blob.Cond{}); err != nil {
		t.Fatal(err)
	}
	_, err := w.pipeline(t).Deliver(t.Context())
	if err == nil || errors.Is(err, ErrPending) || !strings.Contains(err.Error(), key) || !strings.Contains(err.Error(), "delete it") {
		t.Errorf("error %v, want one that names %s and the remedy", err, key)
	}
	if len(receiver.seen("/audit")) != 2 || len(receiver.seen("/erp")) != 0 {
		t.Error("the other endpoint was held back, or this one served blindly")
	}
}

func TestResend_WhatItTakes(t *testing.T) {
	w, receiver := newEventWorld(t, 3, "/erp")
	if _, err := w.pipeline(t).Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	ids := w.ids(t)
	for _, c := range []struct {
		q    DeliveryQuery
		all  bool
		sent []string
		err  error
	}{
		{DeliveryQuery{Endpoint: "erp", Period: "2026-10"}, false, nil, ErrNoDelivery},
		{DeliveryQuery{Endpoint: "erp", Period: "2026-10", Event: ids[1]}, false, ids[1:2], nil},
		{DeliveryQuery{Endpoint: "erp", Period: "2026-10"}, true, ids, nil},
		{DeliveryQuery{Endpoint: "erp", Period: "2026-10", Event: "evt_unknown"}, false, nil, ErrNoDelivery},
		{DeliveryQuery{Endpoint: "erp", Period: "2026-12"}, true, nil, ErrNoDelivery},
		{DeliveryQuery{Endpoint: "erp", Period: "2025-12"}, true, nil, ErrNoDelivery}, // before since
		{DeliveryQuery{Endpoint: "nobody", Period: "2026-10"}, true, nil, ErrNoDelivery},
		{DeliveryQuery{Period: "2026-10"}, true, nil, ErrNoDelivery},
	} {
		before := len(receiver.requested(t, "/erp"))
		_, err := w.pipeline(t).Resend(t.Context(), c.q, c.all)
		if sent := receiver.requested(t, "/erp")[before:]; !errors.Is(err, c.err) || !slices.Equal(sent, c.sent) {
			t.Errorf("%+v: sent %v, %v, want %v, %v", c.q, sent, err, c.sent, c.err)
		}
	}
	w.wantSettled(t, "after all")
}

func TestResend_SendsWhatTheEndpointHasComeToWant(t *testing.T) {
	w, receiver := newEventWorld(t, 3, "/erp")
	w.settings.Endpoints[0].Events = []string{"invoice.voided"}
	if _, err := w.pipeline(t).Deliver(t.Context()); err != nil || receiver.requests() != 0 {
		t.Fatalf("%v after %d requests: want none", err, receiver.requests())
	}
	w.settings.Endpoints[0].Events = nil
	if _, err := w.pipeline(t).Deliver(t.Context()); err != nil || receiver.requests() != 0 {
		t.Errorf("%v after %d requests: what is done is done", err, receiver.requests())
	}
	counts, err := w.pipeline(t).DeliveryCounts(t.Context(), DeliveryQuery{})
	if err != nil || len(counts) != 1 || counts[0].Skipped != 3 || counts[0].Pending != 0 {
		t.Errorf("%+v, %v: want three skipped", counts, err)
	}
	if _, err := w.pipeline(t).Resend(t.Context(), DeliveryQuery{Endpoint: "erp", Period: "2026-10"}, false); err != nil {
		t.Error(err)
	}
	w.wantSettled(t, "after resend")
}

func TestResend_SendsWhatAClosingWithoutNotifyingKept(t *testing.T) {
	w := newTestWorld(t)
	receiver := newTestReceiver(t)
	w.settings.Endpoints = []Endpoint{receiver.endpoint("erp", "/erp")}
	w.clock = newTestClock()
	w.options.Clock = w.clock.clock()
	o := wellAfter
	o.NoNotify = true
	if _, err := w.pipeline(t).Monthly(t.Context(), october.Through(october), o); err != nil {
		t.Fatal(err)
	}
	if _, err := w.pipeline(t).Deliver(t.Context()); err != nil || receiver.requests() != 0 {
		t.Fatalf("%v after %d requests: want none", err, receiver.requests())
	}
	outcomes, err := w.pipeline(t).Resend(t.Context(), DeliveryQuery{Endpoint: "erp", Period: "2026-10"}, false)
	if err != nil || len(outcomes) != 1 || outcomes[0].Sent != 2 || len(receiver.seen("/erp")) != 2 {
		t.Errorf("%+v, %v: want both invoices' events", outcomes, err)
	}
}

// interposed calls before ahead of each put.
type interposed struct {
	blob.Store
	before func(key string)
}

func (s interposed) Put(ctx context.Context, key string, body []byte, c blob.Cond) (blob.Object, error) {
	s.before(key)
	return s.Store.Put(ctx, key, body, c)
}

// One runner is about to put the marker while a person makes the events pending
// and takes the marker, which is not there yet, away. The person's own deliver
// dies at once: the next run must find the events all the same.
func TestResend_NoMarkerHidesWhatAPersonMadePending(t *testing.T) {
	w, receiver := newEventWorld(t, 3, "/erp")
	inner := w.out
	person := w.pipeline(t)
	var once sync.Once
	w.out = interposed{inner, func(key string) {
		if !strings.HasPrefix(key, "delivered/") {
			return
		}
		once.Do(func() {
			q := DeliveryQuery{Endpoint: "erp", Period: "2026-10"}
			err := person.eachOutbox(t.Context(), q, func(e Endpoint, m *publish.Manifest, shards []*shard) error {
				_, err := person.reopen(t.Context(), e, m, shards, func(publish.Event, Delivery) bool { return true })
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}}
	if _, err := w.pipeline(t).Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.out = inner
	if _, err := w.pipeline(t).Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	ids := w.ids(t)
	if got := receiver.requested(t, "/erp"); !slices.Equal(got, slices.Concat(ids, ids)) {
		t.Errorf("%d requests, want each of %d events twice", len(got), len(ids))
	}
	w.wantSettled(t, "after the next run")
}

// An endpoint that hangs takes its own time and nobody else's.
func TestOutbox_AnEndpointThatHangsHoldsNoOtherBack(t *testing.T) {
	w, receiver := newEventWorld(t, 3, "/hangs", "/good")
	w.settings.Endpoints[0].Timeout = 300 * time.Millisecond
	release := make(chan struct{})
	var good sync.WaitGroup
	good.Add(3)
	receiver.server.Config.Handler = hanging{receiver.server.Config.Handler, release, &good}
	done := make(chan error, 1)
	p := w.pipeline(t)
	go func() { _, err := p.Deliver(t.Context()); done <- err }()
	good.Wait() // all three of the good one while the first of the other hangs
	err := <-done
	close(release)
	if !errors.Is(err, ErrPending) || !strings.Contains(err.Error(), "endpoint hangs: 3 events") || !strings.Contains(err.Error(), "no answer within 300ms") {
		t.Errorf("error %v, want the three events of the one that hangs", err)
	}
}

type hanging struct {
	http.Handler
	release chan struct{}
	good    *sync.WaitGroup
}

func (h hanging) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/hangs" {
		<-h.release
		return
	}
	h.Handler.ServeHTTP(w, r)
	h.good.Done()
}

// What may hold a password is in no state, no report and no error: neither the
// path of the URL, nor a secret, nor anything that a receiver answers.
func TestOutbox_HoldsNoSecret(t *testing.T) {
	w, receiver := newEventWorld(t, 2, "/canary-path")
	receiver.server.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("X-Answer", "canary-header")
		rw.Header().Set("Location", "http://canary-location.example/")
		rw.WriteHeader(http.StatusFound)
		_, _ = rw.Write([]byte("canary-body"))
	})
	w.settings.Endpoints[0].ID = "erp"
	_, err := w.pipeline(t).Deliver(t.Context())
	if !errors.Is(err, ErrPending) {
		t.Fatal(err)
	}
	counts, countErr := w.pipeline(t).DeliveryCounts(t.Context(), DeliveryQuery{})
	found, findErr := w.pipeline(t).Deliveries(t.Context(), DeliveryQuery{})
	texts := []string{err.Error(), fmt.Sprint(counts, countErr), fmt.Sprint(found, findErr)}
	for key, body := range contents(t, w.out) {
		texts = append(texts, key+body)
	}
	for _, text := range texts {
		if strings.Contains(text, "canary") || strings.Contains(text, strings.TrimPrefix(receiver.secret, "whsec_")) {
			t.Errorf("it holds what it must not: %s", text)
		}
	}
	if len(found) != 2 || !strings.Contains(found[0].Failure, "status 302") {
		t.Errorf("%+v: want the failure without its answer", found)
	}
}
