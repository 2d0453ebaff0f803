package publish

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"strings"
)

var (
	errSigningKey = errors.New("it is no Ed25519 private key; make one with `openssl genpkey -algorithm ed25519`, as PEM or as its base64 alone")
	errPublicKey  = errors.New("it is no Ed25519 public key; make one with `openssl pkey -pubout`, as PEM or as its base64 alone")
)

// ParseSigningKey reads an Ed25519 private key as openssl writes it: PKCS #8, in
// PEM, or its base64 on one line, which an environment variable takes more
// easily. Its errors never show the text.
func ParseSigningKey(text string) (ed25519.PrivateKey, error) {
	der, ok := keyBytes(text, "PRIVATE KEY")
	if !ok {
		return nil, errSigningKey
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, errSigningKey
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, errSigningKey
	}
	return key, nil
}

// ParsePublicKey reads an Ed25519 public key as openssl writes it, in PEM or the
// base64 of it alone.
func ParsePublicKey(text string) (ed25519.PublicKey, error) {
	der, ok := keyBytes(text, "PUBLIC KEY")
	if !ok {
		return nil, errPublicKey
	}
	parsed, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, errPublicKey
	}
	key, ok := parsed.(ed25519.PublicKey)
	if !ok {
		return nil, errPublicKey
	}
	return key, nil
}

func keyBytes(text, kind string) ([]byte, bool) {
	if block, _ := pem.Decode([]byte(text)); block != nil {
		return block.Bytes, block.Type == kind
	}
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	return der, err == nil
}

// KeyID names a public key: the sha256, in hex, of its DER form, which is what
// `openssl pkey -pubin -in FILE -outform DER | sha256sum` prints.
func KeyID(key ed25519.PublicKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return "", err
	}
	return digest(der), nil
}
