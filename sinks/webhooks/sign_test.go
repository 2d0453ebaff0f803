package webhooks

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

const (
	secretText = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	otherText  = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
)

func secret(t *testing.T, text string) Secret {
	t.Helper()
	s, err := ParseSecret(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The signature is the one that the tests of the Standard Webhooks libraries give
// for these values in every language.
func TestSign_IsTheStandardsOwnExample(t *testing.T) {
	e := Event{ID: "msg_p5jXN8AQM9LWM0D4loKWxJek", Body: []byte(`{"test": 2432232314}`)}
	h := Sign(e, time.Unix(1614265330, 999), []Secret{secret(t, secretText)})
	for name, want := range map[string]string{
		"webhook-id":        "msg_p5jXN8AQM9LWM0D4loKWxJek",
		"webhook-timestamp": "1614265330",
		"webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// The vector of Orb's own client tests (orb-go webhook_test.go, orb-node
// webhooks.test.ts).
func TestSign_IsOrbsOwnExample(t *testing.T) {
	key, err := ParseTextSecret("c-UGKYdnhHh436B_sMouYAPUvXyWpzOdunZBV5dFSD8")
	if err != nil {
		t.Fatal(err)
	}
	body := `{"id": "o4mmewpfNNTnjfZc", "created_at": "2024-03-27T15:42:29+00:00", "type": "resource_event.test", "properties": {"message": "A test webhook from Orb. Happy testing!"}}`
	e := Event{ID: "o4mmewpfNNTnjfZc", Type: "resource_event.test", Body: []byte(body)}
	to := Endpoint{ID: "erp", Style: StyleOrb, Secrets: []Secret{key}}
	at := time.Date(2024, 3, 27, 17, 42, 29, 551_000_000, time.FixedZone("", 2*3600))
	h := sign(to, e, at)
	for name, want := range map[string]string{
		"X-Orb-Timestamp": "2024-03-27T15:42:29.551",
		"X-Orb-Signature": "v1=9d25de966891ab0bc18754faf8d83d0980b44ae330fcc130b41a6cf3daf1f391",
		"webhook-id":      "o4mmewpfNNTnjfZc",
	} {
		if got := h.Get(name); got != want || len(h.Values(name)) != 1 {
			t.Errorf("%s is %q, want %q, once", name, got, want)
		}
	}
	// As orb-go reads it: a zone behind it would be refused.
	if got, err := time.Parse("2006-01-02T15:04:05.999999999", h.Get("X-Orb-Timestamp")); err != nil || !got.Equal(at) {
		t.Errorf("the timestamp reads as %s, %v", got, err)
	}
	if h.Get(HeaderSignature) != "" {
		t.Error("it is signed twice, the second time with a key that is no key of that kind")
	}
}

func TestParseTextSecret_RefusesWithoutRepeatingTheText(t *testing.T) {
	for _, text := range []string{"", "canary", strings.Repeat("canary", 50), "canary canary canary canary", "canary\ncanarycanarycanary", "canärycanarycanarycanary"} {
		if _, err := ParseTextSecret(text); err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestSign_EachSecretVerifiesByItself(t *testing.T) {
	e := Event{ID: "evt_1", Body: []byte(`{"a":"ü <&>"}`)}
	h := Sign(e, time.Now(), []Secret{secret(t, secretText), secret(t, otherText)})
	for _, text := range []string{secretText, otherText} {
		w, err := standardwebhooks.NewWebhook(text)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Verify(e.Body, h); err != nil {
			t.Errorf("the receiver refuses: %v", err)
		}
		if err := w.Verify(append(e.Body, ' '), h); err == nil {
			t.Error("the receiver takes another body")
		}
	}
	stranger, err := standardwebhooks.NewWebhook("whsec_" + base64.StdEncoding.EncodeToString([]byte("another secret of enough bytes")))
	if err != nil {
		t.Fatal(err)
	}
	if err := stranger.Verify(e.Body, h); err == nil {
		t.Error("a secret that signed nothing verifies")
	}
}

func TestSecret_IsNeverPrinted(t *testing.T) {
	s := secret(t, secretText)
	key := string(s.key)
	e := Endpoint{ID: "erp", Secrets: []Secret{s}}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", s, "endpoint", e)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "secret", s, "endpoint", e)
	printed := []string{log.String()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%b", "%c", "%U", "%t", "%e", "%08b"} {
		printed = append(printed, fmt.Sprintf(verb, s), fmt.Sprintf(verb, &s), fmt.Sprintf(verb, e), fmt.Sprintf(verb, []Secret{s}))
	}
	for _, v := range []any{s, &s, e, map[string]any{"s": s}} {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		printed = append(printed, string(b))
	}
	forbidden := []string{
		key, strings.TrimPrefix(secretText, "whsec_"), fmt.Sprintf("%x", key), fmt.Sprintf("%X", key),
		strings.Trim(fmt.Sprint([]byte(key)), "[]"), strings.Trim(fmt.Sprintf("%#v", []byte(key)), "[]byte{}"), fmt.Sprintf("%b", []byte(key))[1:20],
	}
	for _, text := range printed {
		for _, f := range forbidden {
			if strings.Contains(text, f) {
				t.Errorf("printed: %s", text)
			}
		}
	}
	if fmt.Sprint(s) != "[secret]" || s.String() != "[secret]" || s.GoString() != "[secret]" {
		t.Errorf("a secret prints as %v", s)
	}
}

func TestParseSecret_RefusesWithoutRepeatingTheText(t *testing.T) {
	for _, text := range []string{
		"", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_canary!", "whsec_Y2FuYXJ5",
		"whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 23)), "whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 65)),
		secretText + "\n", " " + secretText,
	} {
		_, err := ParseSecret(text)
		if err == nil {
			t.Errorf("%q was taken", text)
			continue
		}
		if body := strings.TrimPrefix(text, "whsec_"); len(body) > 5 && strings.Contains(err.Error(), body) {
			t.Errorf("the error repeats the text: %v", err)
		}
	}
	for _, n := range []int{24, 32, 64} {
		secret(t, "whsec_"+base64.StdEncoding.EncodeToString(make([]byte, n)))
	}
}

// The id was computed apart from this package, with Python's hashlib and base64:
// sha256 over each field after its length as 8 bytes, big endian.
func TestEventID_IsAFunctionOfItsFields(t *testing.T) {
	const want = "evt_7bqpocrdh2snopq3emri2ccoriaonetp"
	if got := EventID("monthly", "2026-10", 1, "invoice.issued", "acme/CHF", "daybook"); got != want {
		t.Errorf("id is %s, want %s", got, want)
	}
	seen := map[string]bool{}
	for _, f := range [][5]string{
		{"monthly", "2026-10", "t", "s", "f"},
		{"monthly2", "026-10", "t", "s", "f"},
		{"monthly", "2026-10", "ts", "", "f"},
		{"monthly", "2026-10", "t", "sf", ""},
		{"monthly", "2026-10", "", "t", "sf"},
		{"", "monthly2026-10", "t", "s", "f"},
	} {
		for revision := range 3 {
			id := EventID(f[0], f[1], revision, f[2], f[3], f[4])
			if seen[id] || !eventID.MatchString(id) || len(id) != 36 {
				t.Errorf("id %s of %v is not its own", id, f)
			}
			seen[id] = true
		}
	}
}
