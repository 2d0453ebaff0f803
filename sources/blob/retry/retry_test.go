package retry_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"daybook/sources/blob"
	"daybook/sources/blob/blobtest"
	"daybook/sources/blob/fault"
	"daybook/sources/blob/mem"
	"daybook/sources/blob/retry"
)

// open returns a retrying store over one that fails by script, over memory.
func open(t *testing.T, script string) (*retry.Store, *fault.Store, *mem.Store) {
	t.Helper()
	inner := mem.New("retry")
	failing, err := fault.New(inner, fault.Options{Script: script})
	if err != nil {
		t.Fatal(err)
	}
	noSleep := func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	return retry.New(failing, retry.Options{Sleep: noSleep}), failing, inner
}

func TestConformance(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blob.Store {
		s, _, _ := open(t, "")
		return s
	})
}

// In each part of the suite some answers of each kind are lost, broken or
// refused: the promise holds all the same.
func TestConformance_WithLostAnswersInEveryPart(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blob.Store {
		s, _, _ := open(t, "put 2 lost; put 11 error transient; stat 1 lost; read 2 short; read 1 lost; list 1 lost; list 2 error transient; delete 1 lost")
		return s
	})
}

func TestPut_LostAnswerOfAPutIfAbsentIsOnesOwnSuccess(t *testing.T) {
	s, failing, _ := open(t, "put 1 lost")
	o, err := s.Put(t.Context(), "key", []byte("mine"), blob.Cond{IfAbsent: true})
	if err != nil {
		t.Fatal(err)
	}
	if now, err := s.Stat(t.Context(), "key"); err != nil || now != o {
		t.Errorf("put returned %+v, stat says %+v, %v", o, now, err)
	}
	if n := failing.Count("put"); n != 2 {
		t.Errorf("%d puts were made, want 2", n)
	}
}

func TestPut_LostAnswerOfAPutIfMatchIsOnesOwnSuccess(t *testing.T) {
	s, _, inner := open(t, "put 1 lost")
	before, err := inner.Put(t.Context(), "key", []byte("old"), blob.Cond{})
	if err != nil {
		t.Fatal(err)
	}
	o, err := s.Put(t.Context(), "key", []byte("mine"), blob.Cond{IfMatch: before.ETag})
	if err != nil || o.ETag == before.ETag {
		t.Errorf("got %+v, %v; want the new version", o, err)
	}
}

func TestPut_AnotherWritersBytesAfterAnUnknownOutcomeAreALoss(t *testing.T) {
	for _, theirs := range []string{"them", "longer than mine", ""} {
		s, _, inner := open(t, "put 1 error transient")
		if _, err := inner.Put(t.Context(), "key", []byte(theirs), blob.Cond{}); err != nil {
			t.Fatal(err)
		}
		_, err := s.Put(t.Context(), "key", []byte("mine"), blob.Cond{IfAbsent: true})
		if !errors.Is(err, blob.ErrExists) {
			t.Errorf("against %q: got %v, want ErrExists", theirs, err)
		}
		_, err = s.Put(t.Context(), "key", []byte("mine"), blob.Cond{IfMatch: "0"})
		if !errors.Is(err, blob.ErrChanged) {
			t.Errorf("against %q: got %v, want ErrChanged", theirs, err)
		}
	}
}

func TestPut_EqualBytesOfAnotherWithoutUnknownOutcomeAreALoss(t *testing.T) {
	s, _, inner := open(t, "")
	if _, err := inner.Put(t.Context(), "key", []byte("same"), blob.Cond{}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put(t.Context(), "key", []byte("same"), blob.Cond{IfAbsent: true}); !errors.Is(err, blob.ErrExists) {
		t.Errorf("got %v, want ErrExists", err)
	}
}

func TestPut_UnknownOutcomeStaysUnknown(t *testing.T) {
	s, failing, _ := open(t, "put * lost; read * error transient")
	_, err := s.Put(t.Context(), "key", []byte("mine"), blob.Cond{IfAbsent: true})
	if !errors.Is(err, blob.ErrTransient) {
		t.Errorf("got %v, want ErrTransient", err)
	}
	if n := failing.Count("put"); n != 5 {
		t.Errorf("%d puts were made, want 5", n)
	}
}

func TestRetry_OnlyTransientErrorsAreAskedAgain(t *testing.T) {
	for _, kind := range []string{"denied", "notfound", "exists", "changed", "nobucket", "full"} {
		s, failing, _ := open(t, "any * error "+kind)
		s.Stat(t.Context(), "key")
		s.Put(t.Context(), "key", nil, blob.Cond{})
		s.Delete(t.Context(), "key")
		for range s.List(t.Context(), "", "") {
		}
		if n := failing.Count("any"); n != 4 {
			t.Errorf("error %s: 4 calls became %d", kind, n)
		}
	}
}

func TestList_GoesOnAfterTheLastObject(t *testing.T) {
	s, failing, inner := open(t, "list * lost")
	want := []string{"a", "b", "c"}
	for _, key := range want {
		if _, err := inner.Put(t.Context(), key, nil, blob.Cond{}); err != nil {
			t.Fatal(err)
		}
	}
	// Each list breaks after one object, the last ones after none at all.
	var got []string
	var last error
	for o, err := range s.List(t.Context(), "", "") {
		if last = err; err == nil {
			got = append(got, o.Key)
		}
	}
	if !slices.Equal(got, want) || !errors.Is(last, blob.ErrTransient) {
		t.Errorf("got %q and %v", got, last)
	}
	if n := failing.Count("list"); n != 2+5 {
		t.Errorf("%d lists were made, want 7", n)
	}
}

func TestRetry_CancelledContextStartsNoWrite(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	failing, err := fault.New(mem.New("m"), fault.Options{Script: "put 1 error transient"})
	if err != nil {
		t.Fatal(err)
	}
	s := retry.New(failing, retry.Options{Sleep: func(context.Context, time.Duration) error {
		cancel() // while it waits; it returns nil all the same
		return nil
	}})
	_, err = s.Put(ctx, "key", nil, blob.Cond{})
	if !errors.Is(err, context.Canceled) || !errors.Is(err, blob.ErrTransient) {
		t.Errorf("got %v, want both the cancellation and the unknown outcome", err)
	}
	if n := failing.Count("put"); n != 1 {
		t.Errorf("%d puts were made, want 1", n)
	}
}

func TestNew_DefaultPausesDouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failing, err := fault.New(mem.New("m"), fault.Options{Script: "stat * error transient"})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		_, err = retry.New(failing, retry.Options{}).Stat(t.Context(), "key")
		if !errors.Is(err, blob.ErrTransient) {
			t.Errorf("got %v, want ErrTransient", err)
		}
		if took := time.Since(began); took != 1500*time.Millisecond { // 0.1 + 0.2 + 0.4 + 0.8
			t.Errorf("five attempts took %v, want 1.5 s", took)
		}
	})
}
