package api

import (
	"log/slog"
	"net/http"
)

// Options are the parts of a server.
type Options struct {
	Systems []System
	Source  Source
	Tokens  []Token
	Ask     Asker        // nil: nothing may be asked for
	Log     *slog.Logger // nil: silent
}

// Token is who may ask for what. Only the digest of its secret is kept.
type Token struct {
	ID      string
	SHA256  string // hex, of the whole text of the token
	Account string // sees it and what stands below it; "" with scope admin
	Scopes  []Scope
}

// New returns the handler of the systems' routes.
func New(o Options) (http.Handler, error) { return nil, nil }
