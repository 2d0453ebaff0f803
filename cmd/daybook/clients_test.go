package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"daybook/sinks/documents"
	"daybook/sinks/webhooks"
)

// compileClients compiles the programs of testdata/tools/clients against the
// declarations of the systems' own libraries, once.
var compileClients = sync.OnceValue(func() error {
	command := exec.Command("node", "node_modules/typescript/bin/tsc", "-p", ".")
	command.Dir = os.Getenv("DAYBOOK_NODE_CLIENTS")
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("compile the clients: %w\n%s", err, out)
	}
	return nil
})

// nodeClient runs a program of testdata/tools/clients, such as "orb-webhook", in
// the folder named by DAYBOOK_NODE_CLIENTS and returns what it writes. It fails
// the test where the program exits with another code than 0.
func nodeClient(t *testing.T, program string, input []byte, args ...string) []byte {
	t.Helper()
	folder := os.Getenv("DAYBOOK_NODE_CLIENTS")
	if folder == "" {
		t.Skip("tests with the systems' own clients need DAYBOOK_NODE_CLIENTS; run make check")
	}
	if err := compileClients(); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "node", append([]string{filepath.Join("dist", program+".js")}, args...)...)
	command.Dir, command.Stdin = folder, bytes.NewReader(input)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", program, err, out, stderr.String())
	}
	return out
}

// Orb's own library takes what our sender sends, and refuses what was changed.
func TestNodeClients_OrbUnwrapsOurWebhooks(t *testing.T) {
	if os.Getenv("DAYBOOK_NODE_CLIENTS") == "" {
		t.Skip("tests with the systems' own clients need DAYBOOK_NODE_CLIENTS; run make check")
	}
	const text = "c-UGKYdnhHh436B_sMouYAPUvXyWpzOdunZBV5dFSD8"
	secret, err := webhooks.ParseTextSecret(text)
	if err != nil {
		t.Fatal(err)
	}
	headers := map[string]string{}
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		for name := range r.Header {
			headers[name] = strings.Join(r.Header[name], " ")
		}
	}))
	t.Cleanup(receiver.Close)
	endpoint := webhooks.Endpoint{
		ID: "erp", URL: receiver.URL, Insecure: true, Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		Style: webhooks.StyleOrb, Secrets: []webhooks.Secret{secret},
	}
	world := servedSystem(t, "orb")
	_, list := world.get(t, "admin", "/v1/invoices?customer_id=api")
	_, invoice := world.get(t, "admin", "/v1/invoices/"+valueAt(t, list, "data/0/id").(string))
	event, err := documents.OrbEvent("evt_1", documents.TypeInvoiceIssued, time.Date(2023, 7, 2, 19, 0, 0, 0, time.UTC), []byte(invoice))
	if err != nil {
		t.Fatal(err)
	}
	body := string(event)
	wantValid(t, orbSchemas(t)["orb-event"], "the event", body)
	sender := webhooks.New(webhooks.Options{Now: time.Now}) // the library compares with its own clock
	if _, err := sender.Send(t.Context(), endpoint, webhooks.Event{ID: "evt_1", Type: documents.TypeInvoiceIssued, Body: event}); err != nil {
		t.Fatal(err)
	}
	input, err := json.Marshal(map[string]any{"headers": headers, "body": body, "secret": text})
	if err != nil {
		t.Fatal(err)
	}
	var got, want any
	if err := json.Unmarshal(nodeClient(t, "orb-webhook", input), &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(body), &want); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("unwrap gives %v, want %v", got, want)
	}
}

// Orb's own library reads our API: every call that the reference names.
func TestNodeClients_OrbReadsOurAPI(t *testing.T) {
	if os.Getenv("DAYBOOK_NODE_CLIENTS") == "" {
		t.Skip("tests with the systems' own clients need DAYBOOK_NODE_CLIENTS; run make check")
	}
	s := servedSystem(t, "orb")
	if got := string(nodeClient(t, "orb", nil, s.server.URL+"/v1", s.tokens["admin"])); got != "ok\n" {
		t.Errorf("the client says %q", got)
	}
}
