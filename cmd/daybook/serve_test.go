package main

import (
	"bytes"
	"log/slog"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"daybook/sinks/api"
)

// A token that is revoked between the first reading of the file and the first look
// at it is refused as any other: here the server has read a, and the file holds b.
func TestFollowTokens_WhatChangesWhileItStarts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens.ndjson")
	token := func(id string) api.Token {
		one, _, err := api.NewToken(id, "acme", []api.Scope{api.ScopeBillingRead}, bytes.NewReader(make([]byte, 32)))
		if err != nil {
			t.Fatal(err)
		}
		return one
	}
	tokens, err := api.NewTokens([]api.Token{token("a")})
	if err != nil {
		t.Fatal(err)
	}
	if err := writeTokens(path, []api.Token{token("b")}); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		go followTokens(t.Context(), path, tokens, slog.New(slog.NewTextHandler(&said, nil)))
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if got := bytes.Count(said.Bytes(), []byte("tokens read")); got != 1 {
			t.Errorf("the file was read %d times within 5 s, want once", got)
		}
	})
}
