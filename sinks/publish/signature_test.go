package publish

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"daybook/sources/blob"
	"daybook/sources/blob/mem"
)

// The key pair of RFC 8410, section 10.3 and 10.1. The id is what
// `openssl pkey -pubin -in FILE -outform DER | sha256sum` prints for it.
const (
	rfcPrivate = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
`
	rfcPublic = `-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
`
	rfcKeyID = "a1e9156054e04fac899ae9f275132cdc07a5dbc4ea2c2ad3a1ffc6e0d253681f"
)

func TestParseKeys_ReadsPEMAndBase64Alone(t *testing.T) {
	key, err := ParseSigningKey(rfcPrivate)
	if err != nil {
		t.Fatal(err)
	}
	alone, err := ParseSigningKey("MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC")
	if err != nil || !alone.Equal(key) {
		t.Errorf("base64 alone: %v", err)
	}
	public, err := ParsePublicKey(rfcPublic)
	if err != nil || !public.Equal(key.Public()) {
		t.Errorf("the public key is not that of the private one: %v", err)
	}
	if id, err := KeyID(public); err != nil || id != rfcKeyID {
		t.Errorf("key id %s, %v; want %s", id, err, rfcKeyID)
	}
	for _, text := range []string{"", "secret", rfcPublic, strings.ToLower(rfcPrivate)} {
		if _, err := ParseSigningKey(text); err == nil || text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("private key %q: %v", text, err)
		}
	}
	if _, err := ParsePublicKey(rfcPrivate); err == nil {
		t.Error("a private key is taken for a public one")
	}
}

func TestSign_StandsBesideTheManifestAndIsCheckedOverItsBytes(t *testing.T) {
	key, err := ParseSigningKey(rfcPrivate)
	if err != nil {
		t.Fatal(err)
	}
	store := mem.New("out")
	p := New(store, Options{Engine: "1", Signing: key})
	run, err := p.Begin(t.Context(), Identity{Job: "daily", Period: "2026-10-05"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	m, _, err := run.Commit(t.Context(), Manifest{})
	if err != nil {
		t.Fatal(err)
	}
	keys := []ed25519.PublicKey{key.Public().(ed25519.PublicKey)}
	check := func() error { return p.CheckSignature(t.Context(), "daily", "2026-10-05", 1, keys) }
	if err := check(); !errors.Is(err, ErrUnsigned) {
		t.Errorf("before it is signed: %v", err)
	}
	for range 2 { // the second time it stands there
		if err := p.Sign(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	if err := check(); err != nil {
		t.Errorf("signed: %v", err)
	}
	var stands Signature
	body := readKey(t, store, signatureKey("daily", "2026-10-05", 1))
	if err := json.Unmarshal(body, &stands); err != nil || stands.KeyID != rfcKeyID {
		t.Errorf("signature %s: %v", body, err)
	}
	manifest := readKey(t, store, manifestKey("daily", "2026-10-05", 1))
	raw, err := base64.StdEncoding.DecodeString(stands.Signature)
	if err != nil || !ed25519.Verify(keys[0], manifest, raw) {
		t.Errorf("the signature is not over the bytes of the manifest: %v", err)
	}
	other := []ed25519.PublicKey{make(ed25519.PublicKey, ed25519.PublicKeySize)}
	if err := p.CheckSignature(t.Context(), "daily", "2026-10-05", 1, other); !errors.Is(err, ErrBadSignature) {
		t.Errorf("by another key: %v", err)
	}
	m.Reason = "forged"
	forged, err := encodeChecked(m)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Put(t.Context(), manifestKey("daily", "2026-10-05", 1), forged, blob.Cond{}); err != nil {
		t.Fatal(err)
	}
	if err := check(); !errors.Is(err, ErrBadSignature) || !strings.Contains(err.Error(), digest(forged)) {
		t.Errorf("after the manifest was changed: %v", err)
	}
}

func readKey(t *testing.T, s blob.Store, key string) []byte {
	t.Helper()
	body, _, err := blob.ReadAll(t.Context(), s, key, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return body
}
