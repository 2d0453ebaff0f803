package api

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"daybook/pricing"
)

// state is a published state of two customers, a tree each.
type state struct {
	Facts // nil: what is not asked for in these tests
	name  string
	reg   *pricing.Registry
}

func (s *state) State() string               { return s.name }
func (s *state) AsOf() time.Time             { return time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC) }
func (s *state) Registry() *pricing.Registry { return s.reg }

type source struct {
	facts Facts
	err   error
}

func (s *source) Current(context.Context) (Facts, error) { return s.facts, s.err }

// world serves a system with one route that counts its answers.
type world struct {
	*httptest.Server
	systems []System
	source  *source
	tokens  *Tokens
	texts   map[string]string
	answers int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	reg, problems := pricing.NewRegistry([]pricing.Account{{ID: "acme"}, {ID: "acme-eu", Parent: "acme"}, {ID: "globex"}}, nil, nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	w := &world{source: &source{facts: &state{name: "s1", reg: reg}}, texts: map[string]string{}}
	var list []Token
	for id, of := range map[string]Token{
		"acme":  {Account: "acme", Scopes: []Scope{ScopeBillingRead}},
		"eu":    {Account: "acme-eu", Scopes: []Scope{ScopeBillingRead}},
		"space": {Account: "acme", Scopes: []Scope{ScopeSpace}},
		"admin": {Scopes: []Scope{ScopeAdmin}},
	} {
		token, text, err := NewToken(id, of.Account, of.Scopes, bytes.NewReader(bytes.Repeat([]byte(id), 32)))
		if err != nil {
			t.Fatal(err)
		}
		list, w.texts[id] = append(list, token), text
	}
	var err error
	if w.tokens, err = NewTokens(list); err != nil {
		t.Fatal(err)
	}
	system := System{
		Name: "shop", Prefixes: []string{"/shop/"}, ContentType: "application/json",
		Fault: func(f *Fault) (string, []byte) { return "application/json", fmt.Appendf(nil, `{"code":%q}`, f.Code) },
		Routes: []Route{
			{"GET /shop/accounts/{id}", []Scope{ScopeBillingRead}, func(_ context.Context, r *Request) (Answer, error) {
				w.answers++
				id := r.Path("id")
				if !r.Sees(id) {
					return Answer{}, NotFound("no such account")
				}
				return Answer{Body: []byte(strings.Repeat(id+" ", 10_000) + r.Query.Get("q"))}, nil
			}},
			{"GET /shop/broken", []Scope{ScopeBillingRead}, func(context.Context, *Request) (Answer, error) { return Answer{}, errors.New("inner secret") }},
			{"GET /shop/panics", []Scope{ScopeBillingRead}, func(context.Context, *Request) (Answer, error) { panic("inner secret") }},
			{"DELETE /shop/items/{id}", []Scope{ScopeUsageDelete}, func(context.Context, *Request) (Answer, error) { return Answer{Status: http.StatusNoContent}, nil }},
		},
	}
	w.systems = []System{system}
	server, err := New(Options{Systems: w.systems, Source: w.source, Tokens: w.tokens, Now: func() time.Time { return time.Time{} }})
	if err != nil {
		t.Fatal(err)
	}
	w.Server = httptest.NewServer(server)
	t.Cleanup(w.Close)
	return w
}

// ask asks as a token and returns status, headers and body as they came.
func (w *world) ask(t *testing.T, method, token, path string, headers ...string) (int, http.Header, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, w.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if text, ok := w.texts[token]; ok {
		r.Header.Set("Authorization", "Bearer "+text)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	res, err := (&http.Transport{DisableCompression: true}).RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.Header, string(body)
}

func TestServer_LimitsEachTokenToItsAccountAndScopes(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		method, token, path string
		want                int
	}{
		{"GET", "acme", "/shop/accounts/acme", 200},
		{"GET", "acme", "/shop/accounts/acme-eu", 200},
		{"GET", "acme", "/shop/accounts/globex", 404},
		{"GET", "acme", "/shop/accounts/nobody", 404},
		{"GET", "eu", "/shop/accounts/acme", 404},
		{"GET", "eu", "/shop/accounts/acme-eu", 200},
		{"GET", "admin", "/shop/accounts/globex", 200},
		{"GET", "admin", "/shop/accounts/nobody", 404},
		{"GET", "space", "/shop/accounts/acme", 403},
		{"GET", "", "/shop/accounts/acme", 401},
		{"GET", "", "/shop/nothing", 401},
		{"GET", "acme", "/shop/nothing", 404},
		{"DELETE", "admin", "/shop/items/1", 403},
		{"GET", "acme", "/elsewhere", 404},
		{"GET", "acme", "/shop/accounts/acme?q=%zz", 400},
		{"GET", "acme", "/shop/accounts/acme?q=" + strings.Repeat("x", maxQuery), 414},
		{"GET", "acme", "/shop/accounts/" + strings.Repeat("x", maxPath), 414},
	} {
		if status, _, body := w.ask(t, c.method, c.token, c.path); status != c.want {
			t.Errorf("%s %.60s as %q: status %d %s, want %d", c.method, c.path, c.token, status, body, c.want)
		}
	}
}

func TestServer_TakesTokensFromTheUsualPlaces(t *testing.T) {
	w := newWorld(t)
	text := w.texts["acme"]
	basic := func(s string) string { return "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(s)) }
	for header, want := range map[string]int{
		"Authorization: Bearer " + text:                      200,
		"Authorization: bearer " + text:                      200,
		basic("somebody@example.com:" + text):                200,
		basic(":" + text):                                    200,
		basic(text):                                          401,
		"Authorization: Basic !":                             401,
		"Authorization: " + text:                             401,
		"Authorization: Bearer " + text + "x":                401,
		"Authorization: Bearer " + text[:len(text)-1]:        401,
		"Authorization: Bearer dbk_acme_":                    401,
		"Authorization: Bearer dbk_nobody_" + text[9:]:       401,
		"Authorization: Bearer " + strings.Repeat("x", 5000): 401,
	} {
		if status, _, _ := w.ask(t, "GET", "", "/shop/accounts/acme", header); status != want {
			t.Errorf("%.60s: status %d, want %d", header, status, want)
		}
	}
}

func TestServer_KnowsAnAnswerAgainUntilTheStateChanges(t *testing.T) {
	w := newWorld(t)
	const path = "/shop/accounts/acme?q=1"
	status, h, body := w.ask(t, "GET", "acme", path)
	tag := h.Get("ETag")
	if status != 200 || tag == "" || h.Get("Content-Type") != "application/json" || h.Get("X-Content-Type-Options") != "nosniff" {
		t.Fatalf("status %d, headers %v", status, h)
	}
	if _, again, body2 := w.ask(t, "GET", "acme", path); body2 != body || again.Get("ETag") != tag || w.answers != 1 {
		t.Errorf("the second answer differs, or was made anew: %d answers", w.answers)
	}
	for _, header := range []string{tag, "W/" + tag, `"x", ` + tag, zippedTag(tag), "*"} {
		if status, _, body := w.ask(t, "GET", "acme", path, "If-None-Match: "+header); status != 304 || body != "" {
			t.Errorf("If-None-Match %s: status %d", header, status)
		}
	}
	if status, _, _ := w.ask(t, "GET", "eu", "/shop/accounts/acme-eu", "If-None-Match: "+tag); status != 200 {
		t.Errorf("another's tag: status %d", status)
	}
	w.source.facts.(*state).name = "s2"
	if status, again, _ := w.ask(t, "GET", "acme", path, "If-None-Match: "+tag); status != 200 || again.Get("ETag") == tag {
		t.Errorf("after a new state: status %d, tag %s", status, again.Get("ETag"))
	}
}

// What is not there is not "not modified", and what another edition of the program
// has answered may be answered otherwise by this one.
func TestServer_ATagIsOfAnAnswerOfThisEdition(t *testing.T) {
	w := newWorld(t)
	if status, _, body := w.ask(t, "GET", "acme", "/shop/accounts/globex", "If-None-Match: *"); status != 404 {
		t.Errorf("If-None-Match: * of what is not there: status %d %s, want 404", status, body)
	}
	tags := map[string]bool{}
	for _, edition := range []string{"1", "2"} {
		server, err := New(Options{Systems: w.systems, Source: w.source, Tokens: w.tokens, Edition: edition, Now: func() time.Time { return time.Time{} }})
		if err != nil {
			t.Fatal(err)
		}
		tags[w.record(t.Context(), server, "/shop/accounts/acme").Header().Get("ETag")] = true
	}
	if len(tags) != 2 || tags[""] {
		t.Errorf("two editions answer with the tags %v", tags)
	}
}

// However many ask and go away again, no more answers are made at a time than may be.
func TestServer_MakesSoManyAnswersAtATime(t *testing.T) {
	w := newWorld(t)
	began, end := make(chan bool, 3), make(chan bool)
	w.systems[0].Routes = []Route{{"GET /shop/slow/{id}", []Scope{ScopeBillingRead}, func(_ context.Context, r *Request) (Answer, error) {
		began <- true
		<-end
		return Answer{Body: []byte(r.Path("id"))}, nil
	}}}
	server, err := New(Options{Systems: w.systems, Source: w.source, Tokens: w.tokens, AtOnce: 2, Now: func() time.Time { return time.Time{} }})
	if err != nil {
		t.Fatal(err)
	}
	var open sync.WaitGroup
	for _, id := range []string{"a", "b"} {
		open.Go(func() {
			if got := w.record(t.Context(), server, "/shop/slow/"+id); got.Code != 200 || got.Body.String() != id {
				t.Errorf("%s: %d %s", id, got.Code, got.Body)
			}
		})
		<-began
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	third := make(chan int, 1)
	open.Go(func() { third <- w.record(gone, server, "/shop/slow/c").Code })
	select {
	case status := <-third:
		if status != 499 {
			t.Errorf("who went away while it waited was answered %d", status)
		}
	case <-began:
		t.Error("a third answer was made while two were")
	}
	close(end)
	open.Wait()
}

// What an address is for stands in the header of a refusal, as RFC 9110 demands.
func TestServer_SaysWhichMethodsAreAllowed(t *testing.T) {
	w := newWorld(t)
	server, err := New(Options{Systems: []System{CloudSigma()}, Source: w.source, Tokens: w.tokens, Now: func() time.Time { return time.Time{} }})
	if err != nil {
		t.Fatal(err)
	}
	for request, want := range map[string]string{"POST /api/2.0/balance/": "GET, HEAD", "GET /api/2.0/subscriptioncalculator/": "POST"} {
		method, path, _ := strings.Cut(request, " ")
		r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
		r.Header.Set("Authorization", "Bearer "+w.texts["acme"])
		got := httptest.NewRecorder()
		if server.ServeHTTP(got, r); got.Code != 405 || got.Header().Get("Allow") != want {
			t.Errorf("%s: %d, Allow %q, want 405 and %q", request, got.Code, got.Header().Get("Allow"), want)
		}
	}
}

// An answer that is not kept gives its turn back before it is sent: whoever reads
// slowly keeps nobody waiting.
func TestServer_ASlowReaderKeepsNoTurn(t *testing.T) {
	w := newWorld(t)
	w.systems[0].Routes = []Route{{"POST /shop/accounts/{id}", []Scope{ScopeBillingRead}, func(context.Context, *Request) (Answer, error) {
		return Answer{Body: []byte("{}")}, nil
	}}}
	server, err := New(Options{Systems: w.systems, Source: w.source, Tokens: w.tokens, AtOnce: 1, Now: func() time.Time { return time.Time{} }})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), "POST", "/shop/accounts/acme", strings.NewReader("{}"))
	r.Header.Set("Authorization", "Bearer "+w.texts["acme"])
	sent := slowReader{httptest.NewRecorder(), func() {
		if len(server.turns) != 0 {
			t.Error("a turn is held while the answer is sent")
		}
	}}
	if server.ServeHTTP(sent, r); sent.Code != 200 || sent.Body.String() != "{}" {
		t.Errorf("%d %s", sent.Code, sent.Body)
	}
}

type slowReader struct {
	*httptest.ResponseRecorder
	writes func()
}

func (s slowReader) Write(p []byte) (int, error) {
	s.writes()
	return s.ResponseRecorder.Write(p)
}

// record asks a server as acme, without a connection.
func (w *world) record(ctx context.Context, server *Server, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(ctx, "GET", path, nil)
	r.Header.Set("Authorization", "Bearer "+w.texts["acme"])
	out := httptest.NewRecorder()
	server.ServeHTTP(out, r)
	return out
}

func TestServer_PacksForWhoTakesIt(t *testing.T) {
	w := newWorld(t)
	_, plainHeader, plain := w.ask(t, "GET", "acme", "/shop/accounts/acme")
	status, h, packed := w.ask(t, "GET", "acme", "/shop/accounts/acme", "Accept-Encoding: br, gzip;q=0.8")
	if status != 200 || h.Get("Content-Encoding") != "gzip" || len(packed) >= len(plain) || h.Get("ETag") == plainHeader.Get("ETag") {
		t.Fatalf("status %d, headers %v, %d of %d bytes", status, h, len(packed), len(plain))
	}
	z, err := gzip.NewReader(strings.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(z); err != nil || string(got) != plain {
		t.Errorf("unpacked %d bytes, %v", len(got), err)
	}
	if _, h, _ := w.ask(t, "GET", "acme", "/shop/accounts/acme", "Accept-Encoding: gzip;q=0"); h.Get("Content-Encoding") != "" {
		t.Error("packed for who refuses it")
	}
	if status, h, body := w.ask(t, "HEAD", "acme", "/shop/accounts/acme"); status != 200 || body != "" || h.Get("Content-Length") != fmt.Sprint(len(plain)) {
		t.Errorf("HEAD: status %d, %d bytes, headers %v", status, len(body), h)
	}
}

func TestServer_TellsNothingFromInside(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/shop/broken", "/shop/panics"} {
		if status, h, body := w.ask(t, "GET", "acme", path); status != 500 || body != `{"code":"internal_error"}` || h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	w.source.err = ErrNothingPublished
	if status, h, body := w.ask(t, "GET", "acme", "/shop/accounts/acme"); status != 503 || body != `{"code":"not_published"}` || h.Get("Retry-After") == "" {
		t.Errorf("nothing published: %d %s", status, body)
	}
	if status, _, _ := w.ask(t, "GET", "", "/healthz"); status != 503 {
		t.Errorf("health: %d", status)
	}
	w.source.err = nil
	if status, _, body := w.ask(t, "GET", "", "/healthz"); status != 200 || body != `{"status":"ok","state":"s1","as_of":"2026-10-01T00:00:00Z"}`+"\n" {
		t.Errorf("health: %d %s", status, body)
	}
}

func TestServer_CountsWithoutNamingAnybody(t *testing.T) {
	w := newWorld(t)
	server := w.Config.Handler.(*Server) // counts once an answer is sent, so there must be no connection between
	w.record(t.Context(), server, "/shop/accounts/acme")
	w.record(t.Context(), server, "/shop/accounts/globex")
	_, _, body := w.ask(t, "GET", "", "/metrics")
	for _, line := range []string{
		`daybook_api_requests_total{system="shop",route="GET /shop/accounts/{id}",status="2xx"} 1`,
		`daybook_api_requests_total{system="shop",route="GET /shop/accounts/{id}",status="4xx"} 1`,
		`daybook_api_seconds_count{system="shop",route="GET /shop/accounts/{id}"} 2`,
	} {
		if !strings.Contains(body, line+"\n") {
			t.Errorf("no %s in\n%s", line, body)
		}
	}
	if strings.Contains(body, "acme") || strings.Contains(body, "globex") {
		t.Error("an account is named")
	}
}

func TestTokens_ARevokedOneIsRefused(t *testing.T) {
	w := newWorld(t)
	if err := w.tokens.Set(nil); err != nil {
		t.Fatal(err)
	}
	if status, _, _ := w.ask(t, "GET", "acme", "/shop/accounts/acme"); status != 401 {
		t.Errorf("status %d", status)
	}
}

func TestParseTokens_NamesWhatIsWrong(t *testing.T) {
	token, text, err := NewToken("a", "acme", []Scope{ScopeSpace}, bytes.NewReader(make([]byte, 32)))
	if err != nil || strings.Contains(fmt.Sprint(token), text) {
		t.Fatalf("token %v holds its text, %v", token, err)
	}
	line := fmt.Sprintf(`{"id":"a","sha256":%q,"account":"acme","scopes":["space"]}`, token.SHA256)
	if got, err := ParseTokens([]byte(line + "\n\n")); err != nil || len(got) != 1 || got[0].Account != "acme" {
		t.Fatalf("%v, %v", got, err)
	}
	for content, want := range map[string]string{
		line + "\n" + line:                                "line 2: token a is there twice",
		`{"id":"A","sha256":"","scopes":["space"]}`:       "an id is",
		strings.Replace(line, token.SHA256, "ab", 1):      "sha256",
		strings.Replace(line, "space", "spaces", 1):       `unknown scope "spaces"`,
		strings.Replace(line, `"account":"acme",`, "", 1): "has an account, or the scope admin",
		strings.Replace(line, `["space"]`, "[]", 1):       "no scopes",
		strings.Replace(line, `"account"`, `"acount"`, 1): "acount",
	} {
		if _, err := ParseTokens([]byte(content)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80s: error is %v, want %q", content, err, want)
		}
	}
}

func TestCache_KeepsWhatWasUsedLast(t *testing.T) {
	c := newCache(10_000)
	for i := range 10 {
		c.put(fmt.Sprint(i), &entry{body: make([]byte, 1000)})
		c.get("0")
	}
	if c.get("0") == nil || c.get("9") == nil || c.get("1") != nil || c.size > 10_000 {
		t.Errorf("kept %d bytes: %v", c.size, c.byKey)
	}
	c.put("large", &entry{body: make([]byte, 9000)})
	if c.get("large") != nil {
		t.Error("one answer pushed out all others")
	}
}
