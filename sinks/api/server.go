package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/sync/singleflight"
)

// Limits of a request. What is longer is no request of any of these systems.
const (
	maxQuery = 8 << 10  // bytes
	maxBody  = 64 << 10 // bytes
	maxPath  = 2 << 10  // bytes
)

// Options are the parts of a server.
type Options struct {
	Systems []System
	Source  Source
	Tokens  *Tokens
	Ask     Asker            // nil: nothing may be asked for
	Log     *slog.Logger     // nil: silent
	Cache   int64            // bytes of answers to keep; 0: 256 MiB
	AtOnce  int              // answers that are made at a time; 0: 32
	Edition string           // of the program and of its settings that answers show: another may answer otherwise
	Now     func() time.Time // for the times in /metrics alone
}

// Server answers the systems' routes, /healthz and /metrics. It is an
// http.Handler.
type Server struct {
	mux     *http.ServeMux
	source  Source
	tokens  *Tokens
	ask     Asker
	log     *slog.Logger
	cache   *cache
	edition string
	turns   chan struct{} // one for each answer that is being made
	flight  singleflight.Group
	metrics metrics
	now     func() time.Time
}

// New returns a server. Two systems that claim one path are an error.
func New(o Options) (s *Server, err error) {
	defer func() { // the mux panics on conflicting patterns
		if e := recover(); e != nil {
			s, err = nil, fmt.Errorf("serve: %v", e)
		}
	}()
	s = &Server{
		mux: http.NewServeMux(), source: o.Source, tokens: o.Tokens, ask: o.Ask, log: o.Log, cache: newCache(cmp.Or(o.Cache, 256<<20)),
		edition: o.Edition, turns: make(chan struct{}, cmp.Or(o.AtOnce, 32)), now: o.Now,
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	for i := range o.Systems {
		system := &o.Systems[i]
		for _, r := range system.Routes {
			s.mux.Handle(r.Pattern, &endpoint{server: s, system: system, route: r, count: s.metrics.of(system.Name, r.Pattern)})
		}
		for _, prefix := range system.Prefixes {
			s.mux.Handle(prefix, &endpoint{server: s, system: system, count: s.metrics.of(system.Name, "other")})
		}
	}
	s.mux.HandleFunc("GET /healthz", s.healthz)
	s.mux.HandleFunc("GET /metrics", s.metrics.serve)
	return s, nil
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	s.mux.ServeHTTP(w, r)
}

// healthz says whether facts can be had.
func (s *Server) healthz(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	facts, err := s.source.Current(r.Context())
	if err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, `{"status":"unavailable"}`+"\n")
		return
	}
	fmt.Fprintf(w, `{"status":"ok","state":%q,"as_of":%q}`+"\n", facts.State(), facts.AsOf().Format(time.RFC3339))
}

// endpoint serves one route, or what a system does not know.
type endpoint struct {
	server *Server
	system *System
	route  Route // without Answer: not found
	count  *counter
}

func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := e.server.now()
	status := e.serve(w, r)
	e.count.add(status, e.server.now().Sub(began))
}

// serve answers and returns the status.
func (e *endpoint) serve(w http.ResponseWriter, r *http.Request) (status int) {
	defer func() {
		if p := recover(); p != nil {
			e.server.log.Error("answer failed", "system", e.system.Name, "path", r.URL.Path, "panic", fmt.Sprint(p))
			status = e.fault(w, &Fault{Status: http.StatusInternalServerError, Code: "internal_error", Message: "the request could not be answered"})
		}
	}()
	facts, req, fault := e.admit(r)
	if fault != nil {
		return e.fault(w, fault)
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		done, err := e.server.turn(r.Context())
		if err != nil {
			return e.fault(w, e.asFault(r, err))
		}
		a, err := func() (Answer, error) {
			defer done() // before it is sent, which may take whoever reads it long
			return e.route.Answer(r.Context(), req)
		}()
		if err != nil {
			return e.fault(w, e.asFault(r, err))
		}
		return e.send(w, r, entryOf(e.system, a, ""))
	}
	key := strings.Join([]string{e.server.edition, facts.State(), req.Access.key, e.system.Name, r.URL.EscapedPath(), r.URL.RawQuery, req.Accept}, "\x00")
	tag := tagOf(key)
	if matches(r.Header.Get("If-None-Match"), tag) {
		return notModified(w, tag)
	}
	kept, err := e.answer(r.Context(), key, tag, req)
	if err != nil {
		return e.fault(w, e.asFault(r, err))
	}
	if strings.TrimSpace(r.Header.Get("If-None-Match")) == "*" { // any answer that there is
		return notModified(w, tag)
	}
	return e.send(w, r, kept)
}

// turn waits until another answer may be made. Answers are small, but what is rated
// for them is not; who goes away while it waits costs nothing.
func (s *Server) turn(ctx context.Context) (done func(), err error) {
	select {
	case s.turns <- struct{}{}:
		return func() { <-s.turns }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (e *endpoint) send(w http.ResponseWriter, r *http.Request, kept *entry) int {
	status, err := send(w, r, kept)
	if err != nil {
		return e.fault(w, e.asFault(r, err))
	}
	return status
}

// answer returns the answer of a request from the cache, or makes it; equal
// requests at one time are answered once.
func (e *endpoint) answer(ctx context.Context, key, tag string, req *Request) (*entry, error) {
	if kept := e.server.cache.get(key); kept != nil {
		return kept, nil
	}
	done, err := e.server.turn(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	if kept := e.server.cache.get(key); kept != nil { // made in the meantime
		return kept, nil
	}
	made, err, _ := e.server.flight.Do(key, func() (any, error) {
		// Who came first may go away; the answer is for all that wait.
		a, err := e.route.Answer(context.WithoutCancel(ctx), req)
		if err != nil {
			return nil, err
		}
		kept := entryOf(e.system, a, tag)
		e.server.cache.put(key, kept)
		return kept, nil
	})
	if err != nil {
		return nil, err
	}
	return made.(*entry), nil
}

// admit checks a request's size, token and scopes.
func (e *endpoint) admit(r *http.Request) (Facts, *Request, *Fault) {
	if len(r.URL.RawQuery) > maxQuery || len(r.URL.EscapedPath()) > maxPath {
		return nil, nil, &Fault{Status: http.StatusRequestURITooLong, Code: "uri_too_long", Message: "the address is too long"}
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, nil, BadParameter("", "the query is not well formed: percent-encode it")
	}
	access, ok := e.server.tokens.find(credentials(r.Header, e.system.Credentials))
	switch {
	case !ok:
		return nil, nil, Unauthorized()
	case e.route.Answer == nil:
		return nil, nil, NotFound("there is nothing at this address")
	case !access.May(e.route.Scopes):
		return nil, nil, Denied("the token may not ask for this")
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil || len(body) > maxBody {
		return nil, nil, &Fault{Status: http.StatusRequestEntityTooLarge, Code: "too_large", Message: "the body is too large"}
	}
	facts, err := e.server.source.Current(r.Context())
	if err != nil {
		return nil, nil, e.asFault(r, err)
	}
	return facts, &Request{
		Path: r.PathValue, Query: query, Accept: r.Header.Get("Accept"), Body: body,
		Access: access, Facts: facts, Ask: e.server.ask,
	}, nil
}

// asFault is the fault of an error. What went wrong inside is logged and not
// told.
func (e *endpoint) asFault(r *http.Request, err error) *Fault {
	var f *Fault
	switch {
	case errors.As(err, &f):
		return f
	case errors.Is(err, ErrNothingPublished):
		return &Fault{Status: http.StatusServiceUnavailable, Code: "not_published", Message: "nothing is published yet"}
	case r.Context().Err() != nil:
		return &Fault{Status: 499, Code: "client_closed_request", Message: "the client went away"}
	}
	e.server.log.Error("answer failed", "system", e.system.Name, "path", r.URL.Path, "error", err)
	return &Fault{Status: http.StatusInternalServerError, Code: "internal_error", Message: "the request could not be answered"}
}

func (e *endpoint) fault(w http.ResponseWriter, f *Fault) int {
	contentType, body := e.system.Fault(f)
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Cache-Control", "no-store")
	switch f.Status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Basic realm="billing", charset="UTF-8"`)
	case http.StatusMethodNotAllowed:
		h.Set("Allow", f.Allow)
	case http.StatusServiceUnavailable:
		h.Set("Retry-After", "10")
	}
	w.WriteHeader(f.Status)
	_, _ = w.Write(body)
	return f.Status
}
