package webhooks

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}

func receiver(t *testing.T, handle http.HandlerFunc) (*httptest.Server, Endpoint) {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return server, Endpoint{ID: "erp", URL: server.URL + "/hooks?token=canary", Insecure: true, Allow: loopback, Secrets: []Secret{secret(t, secretText)}}
}

func sender() *Sender { return New(Options{Now: time.Now}) }

var event = Event{ID: "evt_abc", Type: "invoice.issued", Body: []byte(`{"type":"invoice.issued"}`)}

func TestSend_TheReceiverVerifiesWhatItGets(t *testing.T) {
	w, err := standardwebhooks.NewWebhook(secretText)
	if err != nil {
		t.Fatal(err)
	}
	_, to := receiver(t, func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if err := w.Verify(body, r.Header); err != nil || string(body) != string(event.Body) || r.Method != http.MethodPost ||
			r.Header.Get("Content-Type") != "application/json" || r.Header.Get("webhook-id") != event.ID || r.URL.String() != "/hooks?token=canary" {
			t.Errorf("%s %s %v %q: %v", r.Method, r.URL, r.Header, body, err)
		}
		rw.WriteHeader(http.StatusAccepted)
	})
	s := sender()
	for range 3 {
		receipt, err := s.Send(t.Context(), to, event)
		if err != nil || receipt.Status != 202 {
			t.Errorf("receipt is %+v, %v", receipt, err)
		}
	}
}

// The request of ComputeStacks billing_usages, Monthly aggregation and webhook; any
// 2xx is success, although its documentation asks for 202.
func TestSend_AsComputeStacksDoes(t *testing.T) {
	for _, status := range []int{http.StatusOK, http.StatusAccepted} {
		_, to := receiver(t, func(rw http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			if string(body) != `[{"total":3.048}]` || r.Header.Get("Content-Type") != "application/json; charset=UTF-8" || r.Header.Get("Accept") != "application/json" ||
				r.Header.Get(HeaderSignature) != "" || r.Header.Get(HeaderOrbSignature) != "" || r.Header.Get(HeaderID) != "evt_abc" {
				t.Errorf("%s %v", body, r.Header)
			}
			rw.WriteHeader(status)
		})
		to.Style, to.Secrets = StyleComputeStacks, nil
		if receipt, err := sender().Send(t.Context(), to, Event{ID: "evt_abc", Type: "usage.aggregated", Body: []byte(`[{"total":3.048}]`)}); err != nil || receipt.Status != status {
			t.Errorf("receipt is %+v, %v", receipt, err)
		}
	}
}

func TestSend_WhatEachStatusMeans(t *testing.T) {
	for _, c := range []struct {
		status int
		err    error
	}{
		{200, nil},
		{201, nil},
		{204, nil},
		{299, nil},
		{301, ErrUndelivered},
		{302, ErrUndelivered},
		{304, ErrUndelivered},
		{307, ErrUndelivered},
		{308, ErrUndelivered},
		{400, ErrUndelivered},
		{401, ErrUndelivered},
		{404, ErrUndelivered},
		{410, ErrGone},
		{410, ErrUndelivered},
		{429, ErrUndelivered},
		{500, ErrUndelivered},
		{503, ErrUndelivered},
		{599, ErrUndelivered},
	} {
		_, to := receiver(t, func(rw http.ResponseWriter, _ *http.Request) {
			rw.WriteHeader(c.status)
			if c.status != 204 && c.status != 304 {
				_, _ = io.WriteString(rw, "canary")
			}
		})
		receipt, err := sender().Send(t.Context(), to, event)
		if !errors.Is(err, c.err) || (err == nil) != (c.err == nil) || receipt.Status != c.status {
			t.Errorf("%d: %+v, %v", c.status, receipt, err)
		}
		if err != nil && (strings.Contains(err.Error(), "canary") || !strings.Contains(err.Error(), "evt_abc to endpoint erp")) {
			t.Errorf("%d: error is %v", c.status, err)
		}
	}
}

func TestSend_FollowsNoRedirect(t *testing.T) {
	var inside atomic.Int32
	target, _ := receiver(t, func(http.ResponseWriter, *http.Request) { inside.Add(1) })
	for _, location := range []string{target.URL, "http://169.254.169.254/", "::bad::", "/again"} {
		_, to := receiver(t, func(rw http.ResponseWriter, r *http.Request) {
			rw.Header().Set("Location", location)
			rw.WriteHeader(http.StatusTemporaryRedirect)
		})
		receipt, err := sender().Send(t.Context(), to, event)
		if !errors.Is(err, ErrUndelivered) || receipt.Status != 307 || inside.Load() != 0 || strings.Contains(err.Error(), location) {
			t.Errorf("%s: %+v, %v", location, receipt, err)
		}
	}
}

func TestSend_TellsWhatTheReceiverAsksToWait(t *testing.T) {
	for header, want := range map[string]time.Duration{
		"": 0, "20": 20 * time.Second, "3600": time.Hour, "99999999999999999999": 0, "9999999999": 24 * time.Hour,
	} {
		_, to := receiver(t, func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Retry-After", header)
			rw.WriteHeader(http.StatusServiceUnavailable)
		})
		receipt, err := sender().Send(t.Context(), to, event)
		if !errors.Is(err, ErrUndelivered) || receipt.Status != 503 || receipt.RetryAfter != want {
			t.Errorf("%q: %+v, %v, want %s", header, receipt, err, want)
		}
	}
}

func TestRetryAfter_SecondsOrDate(t *testing.T) {
	now := time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "0": 0, "120": 2 * time.Minute, " 7 ": 7 * time.Second, "-5": 0, "1.5": 0, "soon": 0, "86401": 24 * time.Hour,
		"Tue, 03 Nov 2026 12:00:30 GMT": 30 * time.Second,
		"Tue, 03 Nov 2026 11:00:00 GMT": 0,
		"Fri, 03 Nov 2226 12:00:00 GMT": 24 * time.Hour,
	} {
		if got := retryAfter(http.Header{"Retry-After": {text}}, now); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

func TestSend_AReceiverThatHangsIsCutOff(t *testing.T) {
	release := make(chan struct{})
	_, to := receiver(t, func(http.ResponseWriter, *http.Request) { <-release })
	defer close(release)
	to.Timeout = 20 * time.Millisecond
	receipt, err := sender().Send(t.Context(), to, event)
	if !errors.Is(err, ErrUndelivered) || receipt.Status != 0 || !strings.Contains(err.Error(), "no answer within 20ms") {
		t.Errorf("%+v, %v", receipt, err)
	}
}

func TestSend_AnEndlessAnswerIsDropped(t *testing.T) {
	var written atomic.Int64
	_, to := receiver(t, func(rw http.ResponseWriter, _ *http.Request) {
		chunk := make([]byte, 64<<10)
		for {
			n, err := rw.Write(chunk)
			written.Add(int64(n))
			if err != nil {
				return
			}
		}
	})
	if receipt, err := sender().Send(t.Context(), to, event); err != nil {
		t.Errorf("%+v, %v", receipt, err)
	}
	if n := written.Load(); n > 64<<20 { // what the sockets' buffers take
		t.Errorf("%d bytes were taken", n)
	}
}

func TestSend_HugeHeadersAreRefused(t *testing.T) {
	_, to := receiver(t, func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("X-Big", strings.Repeat("canary", 100_000))
	})
	_, err := sender().Send(t.Context(), to, event)
	if !errors.Is(err, ErrUndelivered) || strings.Contains(err.Error(), "canary") {
		t.Errorf("error is %v", err)
	}
}

// An endpoint of somebody's own network that speaks no HTTP must not have its
// greeting end up in our log.
func TestSend_RepeatsNothingOfAnAnswer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(c, "canary-2.0 hello\r\n")
			c.Close()
		}
	}()
	to := Endpoint{ID: "erp", URL: "http://" + listener.Addr().String() + "/canary", Insecure: true, Allow: loopback, Secrets: []Secret{secret(t, secretText)}}
	_, err = sender().Send(t.Context(), to, event)
	if !errors.Is(err, ErrUndelivered) || strings.Contains(err.Error(), "canary") {
		t.Errorf("error is %v", err)
	}
}

func TestSend_UsesNoProxy(t *testing.T) {
	var proxied atomic.Int32
	proxy, _ := receiver(t, func(http.ResponseWriter, *http.Request) { proxied.Add(1) })
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"} {
		t.Setenv(name, proxy.URL)
	}
	s := sender()
	to := Endpoint{ID: "erp", URL: "http://hooks.acme.invalid/", Insecure: true, Secrets: []Secret{secret(t, secretText)}}
	if _, err := s.Send(t.Context(), to, event); !errors.Is(err, ErrUndelivered) || proxied.Load() != 0 {
		t.Errorf("error is %v, %d requests to the proxy", err, proxied.Load())
	}
	if s.transport(to).Proxy != nil {
		t.Error("the transport has a proxy")
	}
}

func TestSend_ACancelledContextSendsNothing(t *testing.T) {
	var calls atomic.Int32
	_, to := receiver(t, func(http.ResponseWriter, *http.Request) { calls.Add(1) })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := sender().Send(ctx, to, event); !errors.Is(err, context.Canceled) || calls.Load() != 0 {
		t.Errorf("error is %v after %d calls", err, calls.Load())
	}
}

func TestSend_RefusesBadEventsAndNoClock(t *testing.T) {
	_, to := receiver(t, func(http.ResponseWriter, *http.Request) { t.Error("something was sent") })
	for _, e := range []Event{{}, {ID: "evt.1", Body: []byte("{}")}, {ID: "evt\r\nX: y", Body: []byte("{}")}, {ID: "evt_1"}} {
		if _, err := sender().Send(t.Context(), to, e); err == nil {
			t.Errorf("%+v was sent", e)
		}
	}
	if _, err := New(Options{}).Send(t.Context(), to, event); err == nil || !strings.Contains(err.Error(), "clock") {
		t.Errorf("error is %v", err)
	}
}

func TestSend_TheGuardJudgesWhatTheNameResolvesTo(t *testing.T) {
	var calls atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		rw.Header().Set("Connection", "close")
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // it is told of refused certificates
	server.StartTLS()
	defer server.Close()
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	to := Endpoint{ID: "erp", URL: fmt.Sprintf("https://example.com:%s/", port), Secrets: []Secret{secret(t, secretText)}}
	deliver := func(resolver *net.Resolver, roots *x509.CertPool, allow []netip.Prefix) (*Sender, error) {
		e := to
		e.Allow = allow
		s := New(Options{Now: time.Now, Resolver: resolver, RootCAs: roots})
		_, err := s.Send(t.Context(), e, event)
		return s, err
	}
	for _, private := range []string{"127.0.0.1", "10.0.0.1", "169.254.169.254", "0.0.0.0"} {
		if _, err := deliver(names(t, private), roots, nil); !errors.Is(err, ErrBlocked) || calls.Load() != 0 {
			t.Errorf("%s: error is %v", private, err)
		}
	}
	if _, err := deliver(names(t, "127.0.0.1"), nil, loopback); !errors.Is(err, ErrUndelivered) || !strings.Contains(err.Error(), "certificate is not trusted") || calls.Load() != 0 {
		t.Errorf("a stranger's certificate: error is %v", err)
	}
	// The name is allowed at first and then moves: DNS rebinding.
	s, err := deliver(names(t, "127.0.0.1", "127.0.0.2"), roots, loopback)
	if err != nil || calls.Load() != 1 {
		t.Fatalf("error is %v after %d calls", err, calls.Load())
	}
	to.Allow = loopback
	if _, err := s.Send(t.Context(), to, event); !errors.Is(err, ErrBlocked) || calls.Load() != 1 {
		t.Errorf("after rebinding: error is %v after %d calls", err, calls.Load())
	}
	// Another endpoint with the same URL does not inherit what this one may do.
	to.ID, to.Allow = "other", nil
	if _, err := s.Send(t.Context(), to, event); !errors.Is(err, ErrBlocked) {
		t.Errorf("another endpoint: error is %v", err)
	}
}
