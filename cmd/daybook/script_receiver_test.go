package main

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// receiverSecret is the secret of the stories' receiver, in $ERP_SECRET.
const receiverSecret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

// storyReceiver is the webhook receiver of one story.
type storyReceiver struct {
	server *httptest.Server
	status atomic.Int64
	seen   atomic.Int64 // events in all
	hold   atomic.Int64 // from this event on none is answered; 0: all are
}

type receiverKey struct{}

// receiverCommand runs a webhook receiver of the story's own. `receiver listen
// daybook.yaml received.txt` starts one, writes its address for RECEIVER in the
// configuration, and adds a line "status type id sha256" to received.txt for each event
// whose signature the Standard Webhooks library takes; `receiver answer 503` sets
// what it answers; `receiver hold 2` lets the second event from the start and all
// later ones hang until the next `receiver answer`, and `receiver wait 2` waits
// until so many have come.
func receiverCommand(ts *testscript.TestScript, neg bool, args []string) {
	switch {
	case !neg && len(args) == 3 && args[0] == "listen":
		listenFor(ts, args[1], ts.MkAbs(args[2]))
	case !neg && len(args) == 2 && args[0] == "answer":
		status, err := strconv.Atoi(args[1])
		ts.Check(err)
		r := ts.Value(receiverKey{}).(*storyReceiver)
		r.status.Store(int64(status))
		r.hold.Store(0)
	case !neg && len(args) == 2 && args[0] == "hold":
		n, err := strconv.Atoi(args[1])
		ts.Check(err)
		ts.Value(receiverKey{}).(*storyReceiver).hold.Store(int64(n))
	case !neg && len(args) == 2 && args[0] == "wait":
		n, err := strconv.Atoi(args[1])
		ts.Check(err)
		ts.Value(receiverKey{}).(*storyReceiver).wait(ts, int64(n))
	default:
		ts.Fatalf("usage: receiver listen CONFIG LOG | receiver answer STATUS | receiver hold N | receiver wait N")
	}
}

func (r *storyReceiver) wait(ts *testscript.TestScript, n int64) {
	for range 600 {
		if r.seen.Load() >= n {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("%d events in 30 s, want %d", r.seen.Load(), n)
}

func listenFor(ts *testscript.TestScript, config, log string) {
	verifier, err := standardwebhooks.NewWebhook(receiverSecret)
	ts.Check(err)
	r := ts.Value(receiverKey{}).(*storyReceiver)
	r.status.Store(http.StatusOK)
	r.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		var event struct{ Type, ID string }
		if req.URL.Path == "/computestacks" { // an array that nobody signs
			var groups []struct{ Total json.Number }
			event.Type, event.ID = "usage.aggregated", req.Header.Get("webhook-id")
			err = errors.Join(err, json.Unmarshal(body, &groups))
		} else if err = errors.Join(err, verifier.Verify(body, req.Header)); err == nil {
			err = json.Unmarshal(body, &event)
		}
		if err != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if event.ID != req.Header.Get("webhook-id") {
			w.WriteHeader(http.StatusUnprocessableEntity)
			return
		}
		f, err := os.OpenFile(log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err == nil {
			_, err = fmt.Fprintf(f, "%d %s %s %x\n", r.status.Load(), event.Type, event.ID, sha256.Sum256(body))
			_ = f.Close()
		}
		if n := r.seen.Add(1); r.hold.Load() > 0 && n >= r.hold.Load() {
			<-req.Context().Done() // until the sender is gone
			return
		}
		if err != nil {
			w.WriteHeader(http.StatusInsufficientStorage)
			return
		}
		w.WriteHeader(int(r.status.Load()))
	}))
	ts.Defer(r.server.Close)
	path := ts.MkAbs(config)
	text := strings.ReplaceAll(ts.ReadFile(config), "RECEIVER", r.server.URL)
	ts.Check(os.WriteFile(path, []byte(text), 0o644))
	ts.Setenv("ERP_SECRET", receiverSecret)
}

// distinct wants so many different events in a receiver's log, and no id with two
// bodies: `distinct received.txt 2`.
func distinct(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: distinct LOG N")
	}
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	bodies := map[string]string{}
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		words := strings.Fields(line) // status, type, id, sha256
		id, sum := words[2], words[3]
		if before, ok := bodies[id]; ok && before != sum {
			ts.Fatalf("%s came with two bodies", id)
		}
		bodies[id] = sum
	}
	if len(bodies) != want {
		ts.Fatalf("%d different events, want %d", len(bodies), want)
	}
}
