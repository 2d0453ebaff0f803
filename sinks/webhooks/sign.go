package webhooks

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
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
