package jobs

import (
	"encoding/base64"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"daybook/pricing"
	"daybook/sinks/webhooks"
)

// testReceiver verifies each event with the Standard Webhooks library and
// refuses those sent to /broken until it is mended.
type testReceiver struct {
	server     *httptest.Server
	secret     string
	mu         sync.Mutex
	broken     bool
	answer     func(path string, nth int) int // status of the nth request; nil: 200
	count      int
	retryAfter string                       // header of every answer but 200
	events     map[string]map[string]string // path -> id -> body
	log        []received                   // every request, acknowledged or not
}

type received struct{ path, id, body string }

func newTestReceiver(t *testing.T) *testReceiver {
	t.Helper()
	r := &testReceiver{
		broken: true, events: map[string]map[string]string{},
		secret: "whsec_" + base64.StdEncoding.EncodeToString([]byte("a secret of thirty-two bytes, ok")),
	}
	verifier, err := standardwebhooks.NewWebhook(r.secret)
	if err != nil {
		t.Fatal(err)
	}
	r.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			t.Error(err)
		}
		// The pipeline's clock is the test's, so the age of the stamp is not judged.
		if err := verifier.VerifyIgnoringTimestamp(body, req.Header); err != nil {
			t.Errorf("signature: %v", err)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.count++
		r.log = append(r.log, received{req.URL.Path, req.Header.Get("webhook-id"), string(body)})
		if r.broken && req.URL.Path == "/broken" {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		if r.answer != nil {
			if status := r.answer(req.URL.Path, r.count); status != http.StatusOK {
				if r.retryAfter != "" {
					w.Header().Set("Retry-After", r.retryAfter)
				}
				w.WriteHeader(status)
				return
			}
		}
		if r.events[req.URL.Path] == nil {
			r.events[req.URL.Path] = map[string]string{}
		}
		r.events[req.URL.Path][req.Header.Get("webhook-id")] = string(body)
	}))
	t.Cleanup(r.server.Close)
	return r
}

func (r *testReceiver) endpoint(id, path string) Endpoint {
	secret, err := webhooks.ParseSecret(r.secret)
	if err != nil {
		panic(err)
	}
	return Endpoint{Since: pricing.NewDate(2026, 1, 1), Endpoint: webhooks.Endpoint{
		ID: id, URL: r.server.URL + path, Secrets: []webhooks.Secret{secret}, Insecure: true,
		Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
	}}
}

// requested returns the ids of all requests to a path, in their order, and fails
// when one id came with two bodies.
func (r *testReceiver) requested(t *testing.T, path string) []string {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	bodies := map[string]string{}
	var ids []string
	for _, q := range r.log {
		if q.path != path {
			continue
		}
		if before, ok := bodies[q.id]; ok && before != q.body {
			t.Errorf("%s came with two bodies", q.id)
		}
		bodies[q.id], ids = q.body, append(ids, q.id)
	}
	return ids
}

func (r *testReceiver) answers(answer func(path string, nth int) int) {
	r.mu.Lock()
	r.answer = answer
	r.mu.Unlock()
}

func (r *testReceiver) mend() { r.mu.Lock(); r.broken = false; r.mu.Unlock() }

func (r *testReceiver) requests() int { r.mu.Lock(); defer r.mu.Unlock(); return r.count }

func (r *testReceiver) seen(path string) map[string]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.events[path])
}
