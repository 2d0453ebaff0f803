package jobs

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"daybook/sources/blob/s3"
	"daybook/sources/blob/s3test"
)

// The states of four deliverers meet under a real server's If-Match.
func TestOutbox_DeliverersAtOnceOnARealServer(t *testing.T) {
	server := s3test.Start(t)
	store, err := s3.New(t.Context(), s3.Options{Bucket: server.Bucket, Prefix: "out", Endpoint: server.Endpoint, PathStyle: true, Config: &server.Config})
	if err != nil {
		t.Fatal(err)
	}
	w := newTestWorld(t)
	w.out = store
	receiver := newTestReceiver(t)
	w.settings.Endpoints = []Endpoint{receiver.endpoint("erp", "/erp")}
	w.clock = newTestClock()
	w.options.Clock = w.clock.clock()
	w.closeWith(t, "2026-10", "first", 300)
	var group sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		p := w.pipeline(t)
		group.Go(func() { _, errs[i] = p.Deliver(t.Context()) })
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	got, want := receiver.requested(t, "/erp"), w.ids(t)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(slices.Compact(got), want) {
		t.Error("the receiver was sent other ids than the manifest names")
	}
	w.wantSettled(t, "four deliverers")
}
