package rigs

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// misbehaviour is one way of a proxy to treat a request. It answers, or forwards
// and answers, or ends the connection by panicking with http.ErrAbortHandler.
type misbehaviour func(p *proxy, w http.ResponseWriter, r *http.Request)

// proxy stands between a run and a server, counts the calls and misbehaves at one of
// them, or from one on.
type proxy struct {
	endpoint string
	close    func()
	forward  *httputil.ReverseProxy

	mu      sync.Mutex
	calls   []string // method and path of each request
	from    int      // the first call that is misbehaved at, from 1; 0: none
	to      int      // the last one; 0: no last
	fault   misbehaviour
	faulted int
}

// onward is what all proxies reach their servers by: each is there for one run, of
// which connections would be a tenth.
var onward = &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 8 * lanes}

// newProxy returns a proxy before an endpoint. Signatures cover the Host header,
// which is therefore passed on as the client wrote it.
func newProxy(t testing.TB, endpoint string) *proxy {
	target, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{forward: &httputil.ReverseProxy{
		ErrorLog: log.New(io.Discard, "", 0), // of calls that the client gave up
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host
		},
		Transport: onward,
	}}
	server := httptest.NewServer(p)
	var once sync.Once
	p.close = func() { once.Do(server.Close) }
	t.Cleanup(p.close)
	p.endpoint = server.URL
	return p
}

// misbehave makes calls from the from-th to the to-th go wrong, and counts anew.
func (p *proxy) misbehave(fault misbehaviour, from, to int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls, p.faulted = nil, 0
	p.fault, p.from, p.to = fault, from, to
}

// counts returns how many calls were made and how many of them went wrong.
func (p *proxy) counts() (calls, faulted int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.calls), p.faulted
}

// ServeHTTP passes a call on, or not.
func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.calls = append(p.calls, r.Method+" "+r.URL.Path)
	n := len(p.calls)
	fault := p.fault
	if fault == nil || p.from == 0 || n < p.from || p.to != 0 && n > p.to {
		fault = (*proxy).pass
	} else {
		p.faulted++
	}
	p.mu.Unlock()
	fault(p, w, r)
}

func (p *proxy) pass(w http.ResponseWriter, r *http.Request) { p.forward.ServeHTTP(w, r) }

// done makes the call and returns its answer without passing it on.
func (p *proxy) done(r *http.Request) *http.Response {
	recorder := httptest.NewRecorder()
	p.forward.ServeHTTP(recorder, r)
	return recorder.Result()
}

// misbehaving is a misbehaviour and what may come of it.
type misbehaving struct {
	name string
	do   misbehaviour
	want error // that a run which fails must end with; nil: any
}

// misbehaviours are what a network or a server may do to a call.
var misbehaviours = []misbehaving{
	{name: "500", do: answer(http.StatusInternalServerError, "InternalError")},
	{name: "503", do: answer(http.StatusServiceUnavailable, "SlowDown")},
	{name: "429", do: answer(http.StatusTooManyRequests, "TooManyRequests")},
	{name: "409", do: answer(http.StatusConflict, "ConditionalRequestConflict")},
	{name: "412", do: answer(http.StatusPreconditionFailed, "PreconditionFailed")},
	{name: "refused", do: func(*proxy, http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
	{name: "lost answer", do: lost},
	{name: "timeout", do: timeout},
	{name: "short body", do: part(func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) })},
	{name: "slow body", do: part(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })},
	{name: "corrupt answer", do: corruptAnswer},
	{name: "corrupt request", do: corruptRequest},
}

// answer refuses a call before it has any effect.
func answer(status int, code string) misbehaviour {
	return func(_ *proxy, w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(status)
		if r.Method != http.MethodHead {
			fmt.Fprintf(w, "<Error><Code>%s</Code><Message>the proxy said so</Message></Error>", code)
		}
	}
}

// lost makes the call and ends the connection instead of answering.
func lost(p *proxy, _ http.ResponseWriter, r *http.Request) {
	p.done(r)
	panic(http.ErrAbortHandler)
}

// timeout makes the call and never answers.
func timeout(p *proxy, _ http.ResponseWriter, r *http.Request) {
	p.done(r)
	<-r.Context().Done()
}

// part announces the whole answer, sends the first half of its body and leaves the
// rest to then. An answer without a body is passed on.
func part(then http.HandlerFunc) misbehaviour {
	return func(p *proxy, w http.ResponseWriter, r *http.Request) {
		res := p.done(r)
		body := head(w, res)
		_, _ = w.Write(body[:len(body)/2])
		if len(body) > 0 {
			_ = http.NewResponseController(w).Flush()
			then(w, r)
		}
	}
}

// corruptAnswer flips one bit in the middle of the body.
func corruptAnswer(p *proxy, w http.ResponseWriter, r *http.Request) {
	body := head(w, p.done(r))
	flip(body)
	_, _ = w.Write(body)
}

// corruptRequest flips one bit in the middle of the body on its way to the server.
func corruptRequest(p *proxy, w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	flip(body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	p.pass(w, r)
}

// head writes the status and headers of an answer and returns its body.
func head(w http.ResponseWriter, res *http.Response) []byte {
	body, _ := io.ReadAll(res.Body)
	for name, values := range res.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(res.StatusCode)
	return body
}

func flip(body []byte) {
	if len(body) > 0 {
		body[len(body)/2] ^= 1
	}
}

// usageRead reports whether a call reads a usage file.
func usageRead(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/usage/")
}
