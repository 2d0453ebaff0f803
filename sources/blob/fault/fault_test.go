package fault_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"daybook/sources/blob"
	"daybook/sources/blob/blobtest"
	"daybook/sources/blob/fault"
	"daybook/sources/blob/mem"
)

func open(t *testing.T, script string) (*fault.Store, *mem.Store) {
	t.Helper()
	inner := mem.New("fault")
	s, err := fault.New(inner, fault.Options{Script: script})
	if err != nil {
		t.Fatal(err)
	}
	return s, inner
}

func TestConformance_WithoutFaults(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blob.Store {
		s, _ := open(t, "# nothing")
		return s
	})
}

func TestPut_FailsAtTheCallTheScriptNames(t *testing.T) {
	for script, want := range map[string]string{ // which of five puts fail, "L" after their effect
		"put 3 lost":             "..L..",
		"put 2+ error transient": ".EEEE",
		"put * error full":       "EEEEE",
		"any 1 error denied; put 1 lost; put 4 lost": "E..L.",
		"put 2 of key-3 error full":                  ".....",
		"put 1 of key-3 error full # comment":        "...E.",
		"stat 1 lost\nput 5 error changed":           "....E",
		"put 2 stop":                                 ".EEEE",
		"put 2 stop-after":                           ".LEEE",
	} {
		s, inner := open(t, script)
		got := ""
		for n := range 5 {
			key := fmt.Sprintf("key-%d", n)
			_, err := s.Put(t.Context(), key, []byte("x"), blob.Cond{})
			_, standing := inner.Stat(t.Context(), key)
			switch {
			case err == nil && standing == nil:
				got += "."
			case err != nil && standing == nil:
				got += "L"
			case err != nil:
				got += "E"
			default:
				got += "?"
			}
		}
		if got != want {
			t.Errorf("script %q: got %s, want %s", script, got, want)
		}
	}
}

func TestErrors_AreTheKindTheScriptNames(t *testing.T) {
	for kind, want := range map[string]error{
		"transient": blob.ErrTransient, "denied": blob.ErrDenied, "notfound": blob.ErrNotFound,
		"exists": blob.ErrExists, "changed": blob.ErrChanged, "nobucket": blob.ErrNoBucket, "full": blob.ErrFull,
	} {
		s, _ := open(t, "any * error "+kind)
		var e *blob.Error
		if _, err := s.Stat(t.Context(), "k"); !errors.Is(err, want) || !errors.As(err, &e) {
			t.Errorf("error %s: got %v", kind, err)
		}
	}
}

func TestReadAt_ShortAndCorruptBodies(t *testing.T) {
	s, _ := open(t, "read 1 short; read 2 corrupt; read 3 lost")
	body := []byte("0123456789")
	o, err := s.Put(t.Context(), "key", body, blob.Cond{})
	if err != nil {
		t.Fatal(err)
	}
	p := make([]byte, 10)
	if err := s.ReadAt(t.Context(), o, p, 0); !errors.Is(err, io.ErrUnexpectedEOF) || string(p[:5]) != "01234" || p[5] != 0 {
		t.Errorf("short read: %q, %v", p, err)
	}
	if err := s.ReadAt(t.Context(), o, p, 0); err != nil || slices.Equal(p, body) {
		t.Errorf("corrupt read: %q, %v; want other bytes and no error", p, err)
	}
	if err := s.ReadAt(t.Context(), o, p, 0); !errors.Is(err, blob.ErrTransient) {
		t.Errorf("lost read: %v, want ErrTransient", err)
	}
	if err := s.ReadAt(t.Context(), o, p, 0); err != nil || !slices.Equal(p, body) {
		t.Errorf("read without fault: %q, %v", p, err)
	}
}

func TestPut_CorruptStoresOtherBytesAndKeepsTheCallers(t *testing.T) {
	s, inner := open(t, "put 1 corrupt")
	body := []byte("as written")
	if _, err := s.Put(t.Context(), "key", body, blob.Cond{}); err != nil {
		t.Fatal(err)
	}
	stored, _, err := blob.ReadAll(t.Context(), inner, "key", 100)
	if err != nil || string(stored) == "as written" || len(stored) != 10 || string(body) != "as written" {
		t.Errorf("stored %q, %v, body now %q", stored, err, body)
	}
}

func TestHang_EndsWithItsContext(t *testing.T) {
	s, _ := open(t, "stat * hang")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := s.Stat(ctx, "k"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want DeadlineExceeded", err)
	}
}

func TestStop_IsCalledAndNothingWorksAfterwards(t *testing.T) {
	inner, stops := mem.New("m"), 0
	s, err := fault.New(inner, fault.Options{Script: "put 1 stop", Stop: func() { stops++ }})
	if err != nil {
		t.Fatal(err)
	}
	s.Put(t.Context(), "a", nil, blob.Cond{})
	if _, err := s.Stat(t.Context(), "a"); !errors.Is(err, blob.ErrTransient) || stops != 1 {
		t.Errorf("after the stop: %v, %d stops", err, stops)
	}
}

func TestCalls_AreLoggedInOrder(t *testing.T) {
	s, _ := open(t, "put 1 lost")
	s.Put(t.Context(), "a", nil, blob.Cond{})
	s.Stat(t.Context(), "a")
	s.Delete(t.Context(), "a")
	for range s.List(t.Context(), "p/", "") {
	}
	var got []string
	for _, c := range s.Calls() {
		got = append(got, c.String())
	}
	if want := "put a: lost, stat a, delete a, list p/"; strings.Join(got, ", ") != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if s.Injected() != 1 || s.Count("any") != 4 || s.Count("list") != 1 {
		t.Errorf("injected %d, calls %d, lists %d", s.Injected(), s.Count("any"), s.Count("list"))
	}
}

func TestNew_RefusesScriptsItCannotRead(t *testing.T) {
	for _, script := range []string{
		"put", "put 1", "fetch 1 lost", "put 0 lost", "put x lost", "put -1 lost", "put 1 explode",
		"put 1 error", "put 1 error strange", "put 1 lost again", "put 1 of key", "put 1 of",
	} {
		if _, err := fault.New(mem.New("m"), fault.Options{Script: script}); err == nil {
			t.Errorf("script %q was accepted", script)
		}
	}
}
