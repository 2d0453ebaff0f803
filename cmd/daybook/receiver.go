package main

import (
	"crypto/hmac"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"daybook/jobs"
	"daybook/pricing"
	"daybook/sinks/webhooks"
)

// receiver is the demo's own webhook endpoint on loopback. It checks every
// signature and keeps the distinct event ids it accepted.
type receiver struct {
	server *http.Server
	addr   string
	secret webhooks.Secret
	mu     sync.Mutex
	ids    map[string]bool
}

func listen() (*receiver, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("receive webhooks on loopback: %w", err)
	}
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return nil, fmt.Errorf("make webhook secret: %w", err)
	}
	secret, err := webhooks.ParseSecret("whsec_" + base64.StdEncoding.EncodeToString(key))
	if err != nil {
		return nil, err
	}
	r := &receiver{addr: listener.Addr().String(), secret: secret, ids: map[string]bool{}}
	r.server = &http.Server{Handler: r, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = r.server.Serve(listener) }()
	return r, nil
}

// ServeHTTP accepts an event whose signature is right.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	id := req.Header.Get(webhooks.HeaderID)
	stamp, stampErr := strconv.ParseInt(req.Header.Get(webhooks.HeaderTimestamp), 10, 64)
	body, err := io.ReadAll(io.LimitReader(req.Body, 16<<20))
	if err := errors.Join(err, stampErr); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	want := webhooks.Sign(webhooks.Event{ID: id, Body: body}, time.Unix(stamp, 0), []webhooks.Secret{r.secret})
	if !hmac.Equal([]byte(want.Get(webhooks.HeaderSignature)), []byte(req.Header.Get(webhooks.HeaderSignature))) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	r.mu.Lock()
	r.ids[id] = true
	r.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}

// endpoint is the receiver as a configuration would name it; loopback has to be
// allowed, since the guard refuses private addresses.
func (r *receiver) endpoint() jobs.Endpoint {
	return jobs.Endpoint{
		Since: pricing.NewDate(2026, 1, 1),
		Endpoint: webhooks.Endpoint{
			ID: "demo", URL: "http://" + r.addr + "/hooks", Secrets: []webhooks.Secret{r.secret},
			Insecure: true, Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		},
	}
}

func (r *receiver) close() { _ = r.server.Close() }

func (r *receiver) events() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.ids)
}
