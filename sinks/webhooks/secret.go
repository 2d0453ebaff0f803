package webhooks

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

const (
	secretPrefix   = "whsec_"
	secretMinBytes = 24 // Standard Webhooks, "Signature scheme"
	secretMaxBytes = 64
	secretMaxText  = 256 // of a secret that is its own key
	hidden         = "[secret]"
)

// Secret is a key that events are signed with. However it is printed, it is
// "[secret]".
type Secret struct{ key []byte }

var (
	_ fmt.Formatter  = Secret{}
	_ slog.LogValuer = Secret{}
)

// ParseSecret reads "whsec_" and the base64 of 24 to 64 bytes, the form of the
// Standard Webhooks convention. Its errors do not repeat the text.
func ParseSecret(text string) (Secret, error) {
	encoded, ok := strings.CutPrefix(text, secretPrefix)
	if !ok {
		return Secret{}, errors.New("parse webhook secret: it does not begin with whsec_")
	}
	key, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil || strings.ContainsAny(encoded, "\r\n") { // line ends, which the decoder skips
		return Secret{}, errors.New("parse webhook secret: what follows whsec_ is not base64")
	}
	if len(key) < secretMinBytes || len(key) > secretMaxBytes {
		return Secret{}, fmt.Errorf("parse webhook secret: it has %d bytes and needs %d to %d; make one with: echo whsec_$(openssl rand -base64 32)",
			len(key), secretMinBytes, secretMaxBytes)
	}
	return Secret{key: key}, nil
}

// ParseTextSecret takes a text of 24 to 256 printable ASCII characters as the key
// itself, as Orb does. Its errors do not repeat the text.
func ParseTextSecret(text string) (Secret, error) {
	if len(text) < secretMinBytes || len(text) > secretMaxText {
		return Secret{}, fmt.Errorf("parse webhook secret: it has %d characters and needs %d to %d", len(text), secretMinBytes, secretMaxText)
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return Secret{}, errors.New("parse webhook secret: it holds a space or what is not printable ASCII")
	}
	return Secret{key: []byte(text)}, nil
}

// String implements [fmt.Stringer].
func (s Secret) String() string { return hidden }

// GoString implements [fmt.GoStringer].
func (s Secret) GoString() string { return hidden }

// Format implements [fmt.Formatter], for the verbs that ask neither String nor
// GoString.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// MarshalJSON implements json.Marshaler.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }

// MarshalText implements encoding.TextMarshaler.
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// LogValue implements [slog.LogValuer].
func (s Secret) LogValue() slog.Value { return slog.StringValue(hidden) }
