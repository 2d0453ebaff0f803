package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/rogpeppe/go-internal/testscript"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// receiverSecret is the secret of the stories' receiver, in $ERP_SECRET.
const receiverSecret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

// storyReceiver is the webhook receiver of one story.
type storyReceiver struct {
	server *httptest.Server
	status atomic.Int64
}

type receiverKey struct{}

// receiverCommand runs a webhook receiver of the story's own. `receiver listen
// daybook.yaml received.txt` starts one, writes its address for RECEIVER in the
// configuration, and adds a line "status type id" to received.txt for each event
// whose signature the Standard Webhooks library takes; `receiver answer 503` sets
// what it answers.
func receiverCommand(ts *testscript.TestScript, neg bool, args []string) {
	switch {
	case !neg && len(args) == 3 && args[0] == "listen":
		listenFor(ts, args[1], ts.MkAbs(args[2]))
	case !neg && len(args) == 2 && args[0] == "answer":
		status, err := strconv.Atoi(args[1])
		ts.Check(err)
		ts.Value(receiverKey{}).(*storyReceiver).status.Store(int64(status))
	default:
		ts.Fatalf("usage: receiver listen CONFIG LOG | receiver answer STATUS")
	}
}

func listenFor(ts *testscript.TestScript, config, log string) {
	verifier, err := standardwebhooks.NewWebhook(receiverSecret)
	ts.Check(err)
	r := ts.Value(receiverKey{}).(*storyReceiver)
	r.status.Store(http.StatusOK)
	r.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil || verifier.Verify(body, req.Header) != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		var event struct{ Type, ID string }
		if err := json.Unmarshal(body, &event); err != nil || event.ID != req.Header.Get("webhook-id") {
			w.WriteHeader(http.StatusUnprocessableEntity)
			return
		}
		f, err := os.OpenFile(log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err == nil {
			_, err = fmt.Fprintf(f, "%d %s %s\n", r.status.Load(), event.Type, event.ID)
			_ = f.Close()
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
