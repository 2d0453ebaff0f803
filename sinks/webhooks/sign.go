package webhooks

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The headers of the Standard Webhooks convention.
const (
	HeaderID        = "webhook-id"
	HeaderTimestamp = "webhook-timestamp" // seconds since 1970
	HeaderSignature = "webhook-signature" // "v1,<base64> v1,<base64>", one for each secret
)

// The headers of Orb's webhooks.
const (
	HeaderOrbTimestamp = "X-Orb-Timestamp" // UTC without a zone: Orb's Go client reads no other
	HeaderOrbSignature = "X-Orb-Signature" // "v1=<hex>"
)

// Style is how an endpoint's requests are signed. The zero value is the Standard
// Webhooks convention.
type Style string

// The styles. Orb's is for receivers that verify with its client libraries;
// ComputeStacks' are not signed, and are sent and tried again as it does.
const (
	StyleStandard      Style = "standard"
	StyleOrb           Style = "orb"
	StyleComputeStacks Style = "computestacks"
)

// sign returns the headers that say who sends an event, in an endpoint's style.
func sign(to Endpoint, e Event, at time.Time) http.Header {
	switch to.Style {
	case StyleOrb:
		return signOrb(e, at, to.Secrets[0])
	case StyleComputeStacks:
		h := http.Header{}
		h.Set(HeaderID, e.ID)
		return h
	}
	return Sign(e, at, to.Secrets)
}

// signOrb signs as Orb does: HMAC-SHA256 over "v1:timestamp:body", keyed with the
// secret's own text. The id goes along in the header of the standard, so that
// repeats can be told apart.
func signOrb(e Event, at time.Time, secret Secret) http.Header {
	timestamp := at.UTC().Format("2006-01-02T15:04:05.000")
	mac := hmac.New(sha256.New, secret.key)
	mac.Write([]byte("v1:" + timestamp + ":"))
	mac.Write(e.Body)
	h := http.Header{}
	h.Set(HeaderID, e.ID)
	h.Set(HeaderOrbTimestamp, timestamp)
	h.Set(HeaderOrbSignature, "v1="+hex.EncodeToString(mac.Sum(nil)))
	return h
}

// Sign returns the headers of a delivery of e at one time: HMAC-SHA256 over
// "id.timestamp.body" (Standard Webhooks, "Signature scheme"), once for each
// secret, so that a receiver can change from one to another.
func Sign(e Event, at time.Time, secrets []Secret) http.Header {
	timestamp := strconv.FormatInt(at.Unix(), 10)
	signatures := make([]string, len(secrets))
	for i, s := range secrets {
		mac := hmac.New(sha256.New, s.key)
		mac.Write([]byte(e.ID + "." + timestamp + "."))
		mac.Write(e.Body)
		signatures[i] = "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	h := http.Header{}
	h.Set(HeaderID, e.ID)
	h.Set(HeaderTimestamp, timestamp)
	h.Set(HeaderSignature, strings.Join(signatures, " "))
	return h
}
