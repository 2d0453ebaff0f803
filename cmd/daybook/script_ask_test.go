package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/rogpeppe/go-internal/testscript"

	"daybook/sinks/api"
)

// ask is `daybook serve` for one request: it writes the status and the body of its
// answer from what the story published to the file "answer":
// `ask ACCOUNT SCOPE PATH`, as a token of the account; or `ask - admin PATH`.
func ask(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: ask ACCOUNT|- SCOPE PATH")
	}
	account := args[0]
	if account == "-" {
		account = ""
	}
	token, text, err := api.NewToken("story", account, []api.Scope{api.Scope(args[1])}, bytes.NewReader(make([]byte, 32)))
	ts.Check(err)
	tokens, err := api.NewTokens([]api.Token{token})
	ts.Check(err)
	cfg, err := loadConfig(ts.MkAbs("daybook.yaml"))
	ts.Check(err)
	c := newRoot()
	c.SetErr(io.Discard)
	stores, err := openStores(c.Context(), cfg)
	ts.Check(err)
	handler, err := newAPI((&app{quiet: true}).newPipeline(c, stores, cfg, nil), cfg, tokens, nil)
	ts.Check(err)
	r := httptest.NewRequest(http.MethodGet, args[2], nil)
	r.Header.Set("Authorization", "Bearer "+text)
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	ts.Check(os.WriteFile(ts.MkAbs("answer"), fmt.Appendf(nil, "%d\n%s\n", w.Code, w.Body), 0o600))
}
