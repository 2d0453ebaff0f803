package api

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
)

// Token is who may ask for what. Of its text only the digest is kept.
type Token struct {
	ID      string  `json:"id"`
	SHA256  string  `json:"sha256"`            // hex, of the token's whole text
	Account string  `json:"account,omitempty"` // sees it and what stands below it; "" with scope admin alone
	Scopes  []Scope `json:"scopes"`
}

// tokenID is how a token is called; it is a part of its text.
var tokenID = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$`)

const tokenIDLimit = 40

const tokenPrefix = "dbk_"

// NewToken makes a token of 32 random bytes. Its text, "dbk_<id>_<secret>", is
// shown once; what is kept is its digest.
func NewToken(id, account string, scopes []Scope, random io.Reader) (Token, string, error) {
	secret := make([]byte, 32)
	if _, err := io.ReadFull(random, secret); err != nil {
		return Token{}, "", fmt.Errorf("make token: %w", err)
	}
	text := tokenPrefix + id + "_" + base64.RawURLEncoding.EncodeToString(secret)
	t := Token{ID: id, SHA256: digestOf(text), Account: account, Scopes: scopes}
	return t, text, t.check()
}

func digestOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func (t *Token) check() error {
	known := []Scope{ScopeAdmin, ScopeBillingRead, ScopeAccount, ScopeOrganization, ScopeSpace, ScopeUsageDelete}
	if len(t.ID) > tokenIDLimit || !tokenID.MatchString(t.ID) {
		return fmt.Errorf("token %q: an id is lower-case letters, digits and dashes, at most %d", t.ID, tokenIDLimit)
	}
	if sum, err := hex.DecodeString(t.SHA256); err != nil || len(sum) != sha256.Size {
		return fmt.Errorf("token %s: sha256 is not the hex of a digest; make tokens with `daybook token create`", t.ID)
	}
	if len(t.Scopes) == 0 {
		return fmt.Errorf("token %s: it has no scopes; the scopes are %v", t.ID, known)
	}
	for _, s := range t.Scopes {
		if !slices.Contains(known, s) {
			return fmt.Errorf("token %s: unknown scope %q; the scopes are %v", t.ID, s, known)
		}
	}
	if (t.Account == "") != slices.Contains(t.Scopes, ScopeAdmin) {
		return fmt.Errorf("token %s: a token has an account, or the scope admin, which sees all", t.ID)
	}
	return nil
}

// ParseTokens reads a token file: a JSON object a line.
func ParseTokens(content []byte) ([]Token, error) {
	var out []Token
	ids := map[string]bool{}
	for n, line := range bytes.Split(content, []byte("\n")) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		dec := json.NewDecoder(bytes.NewReader(line))
		dec.DisallowUnknownFields()
		var t Token
		if err := dec.Decode(&t); err != nil {
			return nil, fmt.Errorf("line %d: %w", n+1, err)
		}
		if err := t.check(); err != nil {
			return nil, fmt.Errorf("line %d: %w", n+1, err)
		}
		if ids[t.ID] {
			return nil, fmt.Errorf("line %d: token %s is there twice; leave one", n+1, t.ID)
		}
		ids[t.ID] = true
		out = append(out, t)
	}
	return out, nil
}

// Tokens are the tokens that hold now. They may be replaced at any time.
type Tokens struct {
	byID atomic.Pointer[map[string]heldToken]
}

type heldToken struct {
	sum    []byte
	access Access
}

// NewTokens holds the tokens.
func NewTokens(list []Token) (*Tokens, error) {
	t := &Tokens{}
	return t, t.Set(list)
}

// Set replaces the tokens.
func (t *Tokens) Set(list []Token) error {
	byID := make(map[string]heldToken, len(list))
	for _, one := range list {
		if err := one.check(); err != nil {
			return err
		}
		sum, err := hex.DecodeString(one.SHA256)
		if err != nil {
			return errors.New("sha256 is not hex")
		}
		byID[one.ID] = heldToken{sum, Access{Token: one.ID, Account: one.Account, Scopes: one.Scopes, key: fmt.Sprintf("%q", one)}}
	}
	t.byID.Store(&byID)
	return nil
}

// find returns what a token's text allows. The digests are compared in constant
// time; the id, which is no secret, only picks the one to compare with.
func (t *Tokens) find(text string) (Access, bool) {
	rest, ok := strings.CutPrefix(text, tokenPrefix)
	if !ok || len(text) > 256 {
		return Access{}, false
	}
	id, _, _ := strings.Cut(rest, "_")
	held, known := (*t.byID.Load())[id]
	sum := sha256.Sum256([]byte(text))
	if !known {
		held.sum = make([]byte, sha256.Size) // equals no digest; as long as with a known id
	}
	same := subtle.ConstantTimeCompare(sum[:], held.sum) == 1
	return held.access, known && same
}

// credentials returns the token of a request: by the system's own header, as a
// Bearer authorization, or as the password of a Basic one (any user name).
func credentials(h http.Header, own func(http.Header) string) string {
	if own != nil {
		if text := own(h); text != "" {
			return text
		}
	}
	kind, rest, _ := strings.Cut(h.Get("Authorization"), " ")
	switch {
	case strings.EqualFold(kind, "bearer"):
		return strings.TrimSpace(rest)
	case strings.EqualFold(kind, "basic"):
		decoded, err := base64.StdEncoding.DecodeString(strings.TrimSpace(rest))
		if err != nil {
			return ""
		}
		_, password, _ := strings.Cut(string(decoded), ":")
		return password
	}
	return ""
}
