package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// processRounds is how many rounds are run: 25 in `make soak`, a few in `make
// check`, none in `make test`, since two binaries are built for it.
func processRounds(t *testing.T) int {
	t.Helper()
	if os.Getenv("DAYBOOK_CRASH") == "all" {
		return 25
	}
	n, _ := strconv.Atoi(os.Getenv("DAYBOOK_PROCESSES"))
	if n == 0 {
		t.Skip("sixteen processes race in `make check` and `make soak`")
	}
	return n
}

// processEnv is what the processes get of the environment. They end before there is
// much to collect.
var processEnv = []string{"ERP_SECRET=" + receiverSecret, "GOGC=off"}

// mailbox receives events and keeps each one's body by its id.
type mailbox struct {
	server *httptest.Server
	mu     sync.Mutex
	bodies map[string]string
	broken []string
}

func newMailbox(t *testing.T) *mailbox {
	t.Helper()
	m := &mailbox{bodies: map[string]string{}}
	m.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		id := r.Header.Get("webhook-id")
		m.mu.Lock()
		defer m.mu.Unlock()
		if before, ok := m.bodies[id]; ok && before != string(body) {
			m.broken = append(m.broken, id)
		}
		m.bodies[id] = string(body)
	}))
	t.Cleanup(m.server.Close)
	return m
}

func (m *mailbox) config() string {
	return fmt.Sprintf("webhooks:\n  - {id: erp, url: %s, secrets: [\"${ERP_SECRET}\"], allow: [127.0.0.0/8], insecure: true}\n", m.server.URL)
}

// rigManifest is what the race asks of a manifest.
type rigManifest struct {
	Job, Period, Verdict string
	Events               []struct{ ID string }
}

func rigManifests(t *testing.T, dir string) []rigManifest {
	t.Helper()
	var all []rigManifest
	for _, body := range promisedFiles(t, dir, func(path string) bool {
		return strings.HasSuffix(path, "/manifest.json") || strings.HasPrefix(path, "data/")
	}) {
		var m rigManifest
		if strings.HasPrefix(body, "{\n") && json.Unmarshal([]byte(body), &m) == nil && m.Job != "" {
			all = append(all, m)
		}
	}
	return all
}

// seenByReaders are the files of the current view whose bytes do not say which
// revision made them.
func seenByReaders(path string) bool {
	return strings.HasPrefix(path, "current/") && !strings.HasPrefix(path, "current/tables/publications/") && !strings.HasSuffix(path, "/_manifest.json")
}

var processCommands = [][][]string{
	{{"run", "monthly", "--period", "2025-02"}},
	{{"run", "daily", "--day", "2025-02-28"}},
	{{"run", "rollup", "--day", "2025-02-28"}},
	{{"run", "monthly", "--period", "2025-02"}, {"run", "deliver"}},
}

// Sixteen processes race for one folder, two of them of another version in every
// second round. Each round ends with what one process alone makes: one closing,
// the same numbers and bytes, and every event under one id with one body.
func TestProcesses_SixteenAtOnceMakeOneResult(t *testing.T) {
	rounds := processRounds(t)
	ours, other := goBuild(t, nil), goBuild(t, nil, "-ldflags", "-X main.version=0.0.9")
	inputs := rigInputs(t)
	settle := [][]string{{"run", "daily", "--day", "2025-02-28"}, {"run", "monthly", "--period", "2025-02"}, {"run", "deliver"}}
	finish := func(dir string) (invoices string) {
		for _, args := range settle {
			if out, code := runIn(t.Context(), ours, dir, processEnv, args...); code != exitOK {
				t.Errorf("%v exits with %d:\n%s", args, code, out)
			}
		}
		invoices, _ = runIn(t.Context(), ours, dir, processEnv, "invoices", "--period", "2025-02", "-o", "json")
		return invoices
	}
	alone := rigFolder(t, inputs, newMailbox(t).config())
	wantInvoices := finish(alone)
	want := promisedFiles(t, alone, seenByReaders)

	for round := range rounds {
		mixed := round%2 == 1
		box := newMailbox(t)
		dir := rigFolder(t, inputs, box.config())
		var group sync.WaitGroup
		for i := range 16 {
			binary := ours
			if mixed && i%8 == 3 {
				binary = other
			}
			group.Go(func() {
				for _, args := range processCommands[i%4] {
					out, code := runIn(t.Context(), binary, dir, processEnv, args...)
					if code != exitOK && !(mixed && code == exitFailed) {
						t.Errorf("round %d, process %d: %v exits with %d:\n%s", round, i, args, code, out)
					}
				}
			})
		}
		group.Wait()
		if got := finish(dir); got != wantInvoices {
			t.Errorf("round %d: invoices are\n%s\nwant\n%s", round, got, wantInvoices)
		}
		sameBytes(t, fmt.Sprintf("round %d", round), promisedFiles(t, dir, seenByReaders), want)
		closings := slices.DeleteFunc(rigManifests(t, dir), func(m rigManifest) bool { return m.Job != "monthly" || m.Verdict != "published" })
		if len(closings) != 1 || len(closings[0].Events) != 12 {
			t.Fatalf("round %d: %d closings of 2025-02, want one with 12 events", round, len(closings))
		}
		for _, e := range closings[0].Events {
			if box.bodies[e.ID] == "" {
				t.Errorf("round %d: event %s was not delivered", round, e.ID)
			}
		}
		if len(box.bodies) != 12 || len(box.broken) > 0 {
			t.Errorf("round %d: %d events arrived, %v with two bodies; want 12 with one", round, len(box.bodies), box.broken)
		}
		if left, err := filepath.Glob(filepath.Join(dir, "out", "runs", "*", "*", "*", "manifest.json")); err != nil || len(left) < 3 {
			t.Errorf("round %d: %d manifests, %v", round, len(left), err)
		}
		if t.Failed() {
			return
		}
	}
}
