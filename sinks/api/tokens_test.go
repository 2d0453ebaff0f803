package api

import (
	"bytes"
	"strings"
	"testing"
)

func TestNewToken_IDIsAPartOfItsText(t *testing.T) {
	for id, ok := range map[string]bool{
		"a": true, "ab": true, "a-1": true, strings.Repeat("x", 40): true,
		"": false, strings.Repeat("x", 41): false, "-a": false, "a-": false, "A": false, "a_b": false, "a\n": false,
	} {
		if _, _, err := NewToken(id, "acme", []Scope{ScopeAccount}, bytes.NewReader(make([]byte, 32))); (err == nil) != ok {
			t.Errorf("id %q: %v, want it taken: %t", id, err, ok)
		}
	}
}
