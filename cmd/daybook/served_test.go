package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"daybook/cmd/daybook/world"
	"daybook/jobs"
	"daybook/sinks/api"
	"daybook/sources/blob/mem"
)

// served is a system's world, billed and served.
type served struct {
	cfg    *config
	tokens map[string]string // texts by id
	server *httptest.Server
	p      *jobs.Pipeline // that billed it
}

var servedWorlds struct {
	sync.Mutex
	byName map[string]*served
	dirs   []string
}

// servedSystem bills and serves a system's world, once for all tests of the
// package. Tests only read.
func servedSystem(t *testing.T, name string) *served {
	t.Helper()
	servedWorlds.Lock()
	defer servedWorlds.Unlock()
	if s := servedWorlds.byName[name]; s != nil {
		return s
	}
	if servedWorlds.byName == nil {
		servedWorlds.byName = map[string]*served{}
	}
	dir, err := os.MkdirTemp("", "daybook-served-")
	if err != nil {
		t.Fatal(err)
	}
	servedWorlds.dirs = append(servedWorlds.dirs, dir)
	s := newServed(t, dir, world.Systems()[name])
	servedWorlds.byName[name] = s
	return s
}

// servedTests runs the package's tests and then removes the worlds.
type servedTests struct{ *testing.M }

func (m servedTests) Run() int {
	defer func() {
		for _, s := range servedWorlds.byName {
			s.server.Close()
		}
		for _, dir := range servedWorlds.dirs {
			_ = os.RemoveAll(dir)
		}
	}()
	return m.M.Run()
}

// newServed bills and serves a world in a folder.
func newServed(t *testing.T, dir string, w world.System) *served {
	t.Helper()
	cfg, texts, err := writeSystem(filepath.Join(dir, "world"), w)
	if err != nil {
		t.Fatal(err)
	}
	stores, err := openStores(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	stores.Out = mem.New("out") // a folder waits for the disk at each of thousands of objects
	a := &app{output: "json", quiet: true}
	c := newRoot()
	c.SetContext(t.Context())
	c.SetErr(io.Discard)
	p := a.newPipeline(c, stores, cfg, nil)
	if _, err := runSystem(t.Context(), p, w); err != nil {
		t.Fatal(err)
	}
	list, err := readTokens(cfg.serving.tokens)
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := api.NewTokens(list)
	if err != nil {
		t.Fatal(err)
	}
	handler, err := newAPI(p, cfg, tokens, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &served{cfg, texts, httptest.NewServer(handler), p}
}

// get asks with a token ("" for none) and headers "Name: value", and returns the
// answer with its body.
func (s *served) get(t *testing.T, token, path string, headers ...string) (*http.Response, string) {
	t.Helper()
	return s.ask(t, http.MethodGet, token, path, "", headers...)
}

func (s *served) ask(t *testing.T, method, token, path, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+s.tokens[token])
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	res, err := s.server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(got)
}
