package webhooks

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// longestRetryAfter bounds what a receiver may ask for (docs/commit-protocol.md,
// "Webhooks").
const longestRetryAfter = 24 * time.Hour

// retryAfter reads the header of that name: seconds, or a date. What cannot be
// read, or lies in the past, is 0.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if text == "" {
		return 0
	}
	if seconds, err := strconv.ParseUint(text, 10, 64); err == nil {
		return time.Duration(min(seconds, uint64(longestRetryAfter/time.Second))) * time.Second
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), longestRetryAfter)
}
