package webhooks

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"daybook/sources/blob/crash"
)

var (
	// ErrGone means that the receiver answered 410: it wants no more events.
	ErrGone = errors.New("the receiver is gone (410): remove the endpoint, or repair it")
	// ErrUndelivered means that an attempt was not acknowledged; the event may
	// have arrived all the same, and is to be sent again later.
	ErrUndelivered = errors.New("not acknowledged")
)

const (
	responseLimit  = 64 << 10 // bytes of a response that are read, and dropped
	defaultTimeout = 15 * time.Second

	computeStacksTimeout = 30 * time.Second // ComputeStacks billing_usages, Monthly aggregation and webhook
)

// Options are the parts of a sender that vary by caller. Now is needed; the zero
// value of everything else is useful.
type Options struct {
	// Now is the clock that signatures carry.
	Now func() time.Time
	// Timeout bounds one request, response included; 0 means 15 s.
	Timeout time.Duration
	// Resolver looks names up; nil is the system's.
	Resolver *net.Resolver
	// RootCAs are the certificate authorities trusted; nil is the system's.
	RootCAs *x509.CertPool
}

// Receipt is how an attempt went.
type Receipt struct {
	Status     int           // HTTP status of the answer; 0 for none
	RetryAfter time.Duration // what the answer asked for, at most 24 h
}

// Sender delivers events. Use [New]. It is safe for concurrent use.
type Sender struct {
	opts Options

	mu         sync.Mutex
	transports map[string]*http.Transport // by endpoint and what its guard allows
}

// New returns a sender. It opens no connection.
func New(o Options) *Sender {
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	return &Sender{opts: o, transports: map[string]*http.Transport{}}
}

// Send sends an event once. It is acknowledged by a status of 2xx; anything else
// is [ErrUndelivered], and of this a 410 is [ErrGone] and an address that the
// guard refuses [ErrBlocked]. When to try again is the caller's ([Pause]).
// Errors name the endpoint by its id and hold neither its URL nor any part of an
// answer.
func (s *Sender) Send(ctx context.Context, to Endpoint, e Event) (Receipt, error) {
	receipt, err := s.send(ctx, to, e)
	if err != nil {
		return receipt, fmt.Errorf("deliver %s to endpoint %s: %w", e.ID, to.ID, err)
	}
	return receipt, nil
}

func (s *Sender) send(ctx context.Context, to Endpoint, e Event) (Receipt, error) {
	if err := errors.Join(Validate(to), e.check(), ctx.Err()); err != nil {
		return Receipt{}, err
	}
	if s.opts.Now == nil {
		return Receipt{}, errors.New("the sender has no clock")
	}
	status, wait, err := s.attempt(ctx, to, e)
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("%w: %w", ErrUndelivered, err)
	}
	return Receipt{Status: status, RetryAfter: wait}, err
}

// attempt sends an event once. Its status is 0 when there was no answer.
func (s *Sender) attempt(ctx context.Context, to Endpoint, e Event) (status int, wait time.Duration, err error) {
	timeout := to.Timeout
	if timeout == 0 && to.Style == StyleComputeStacks {
		timeout = computeStacksTimeout
	}
	if timeout == 0 {
		timeout = s.opts.Timeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.URL, bytes.NewReader(e.Body))
	if err != nil {
		return 0, 0, errors.New("its url cannot be used")
	}
	req.Header = sign(to, e, s.opts.Now())
	req.Header.Set("Content-Type", "application/json")
	if to.Style == StyleComputeStacks {
		req.Header.Set("Content-Type", "application/json; charset=UTF-8")
		req.Header.Set("Accept", "application/json")
	}
	req.Header.Set("User-Agent", "daybook")
	// The transport itself follows no redirect and keeps no cookie.
	var resp *http.Response
	err = crash.Around("webhook:post", e.ID, func() (err error) {
		resp, err = s.transport(to).RoundTrip(req)
		return err
	})
	if err != nil {
		return 0, 0, explain(err, timeout)
	}
	defer resp.Body.Close()
	// Reading to the end lets the connection be used again. What the body says,
	// or that it breaks off, changes nothing: the status has been given.
	_, _ = io.CopyN(io.Discard, resp.Body, responseLimit)
	switch {
	case resp.StatusCode >= 200 && resp.StatusCode <= 299:
		return resp.StatusCode, 0, nil
	case resp.StatusCode == http.StatusGone:
		return resp.StatusCode, 0, ErrGone
	case resp.StatusCode >= 300 && resp.StatusCode <= 399:
		err = fmt.Errorf("status %d: redirects are not followed; give the final url", resp.StatusCode)
	default:
		err = fmt.Errorf("status %d", resp.StatusCode)
	}
	return resp.StatusCode, retryAfter(resp.Header, s.opts.Now()), err
}

// explain keeps what says why there was no answer, and drops messages that may
// repeat a part of one.
func explain(err error, timeout time.Duration) error {
	var (
		connection *net.OpError
		lookup     *net.DNSError
		trust      *tls.CertificateVerificationError
	)
	switch {
	case errors.Is(err, ErrBlocked), errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("no answer within %s", timeout)
	case errors.As(err, &lookup):
		return lookup
	case errors.As(err, &connection):
		return connection
	case errors.As(err, &trust):
		return fmt.Errorf("its certificate is not trusted: %w", trust.Err)
	default:
		return errors.New("the connection broke or the answer was not HTTP")
	}
}

// transport returns the endpoint's own connections: they are not shared, since
// another endpoint's guard may allow less.
func (s *Sender) transport(to Endpoint) *http.Transport {
	key := fmt.Sprintf("%q %v", to.ID, to.Allow)
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.transports[key]; t != nil {
		return t
	}
	dialer := &net.Dialer{Resolver: s.opts.Resolver, ControlContext: guard{allow: to.Allow}.control}
	t := &http.Transport{
		Proxy:                  nil, // not even from the environment: a proxy would dial unguarded
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: s.opts.RootCAs},
		ForceAttemptHTTP2:      true,
		DisableCompression:     true, // a small answer must not unfold into a large one
		MaxResponseHeaderBytes: responseLimit,
		MaxIdleConnsPerHost:    4,
		IdleConnTimeout:        30 * time.Second,
	}
	s.transports[key] = t
	return t
}
