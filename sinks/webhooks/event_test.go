package webhooks

import (
	"strings"
	"testing"
)

func TestEvent_IDIsUsableInAHeader(t *testing.T) {
	for id, ok := range map[string]bool{
		"evt_1": true, "A-z_9": true, strings.Repeat("x", 128): true,
		"": false, strings.Repeat("x", 129): false, "a.b": false, "a b": false, "a\n": false, "é": false,
	} {
		if err := (Event{ID: id, Body: []byte("{}")}).check(); (err == nil) != ok {
			t.Errorf("id %q: %v, want it taken: %t", id, err, ok)
		}
	}
}
