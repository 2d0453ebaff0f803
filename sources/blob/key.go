package blob

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// MaxKeyBytes is the longest key S3 takes, in bytes of UTF-8.
	MaxKeyBytes = 1024
	// TempPrefix begins the names that blob/dir keeps for itself inside a root
	// folder. No key segment may begin with it, and no listing shows it.
	TempPrefix = ".daybook-tmp"
)

// ValidKey returns [ErrBadKey] with the reason unless key may be written: it is
// relative, its segments are separated by "/", none of them is empty, "." or
// ".." or begins with [TempPrefix], and it is at most [MaxKeyBytes] of valid
// UTF-8 without control characters or backslashes. Such a key means the same
// object in every kind of store and cannot leave a root folder.
func ValidKey(key string) error {
	if reason := badKey(key); reason != "" {
		return fmt.Errorf("%w: %s", ErrBadKey, reason)
	}
	return nil
}

func badKey(key string) string {
	switch {
	case key == "":
		return "it is empty"
	case len(key) > MaxKeyBytes:
		return fmt.Sprintf("it has %d bytes, at most %d fit", len(key), MaxKeyBytes)
	case !utf8.ValidString(key):
		return "it is not valid UTF-8"
	case strings.ContainsFunc(key, unicode.IsControl):
		return "it holds a control character"
	case strings.Contains(key, `\`):
		return "it holds a backslash"
	}
	for segment := range strings.SplitSeq(key, "/") {
		switch {
		case segment == "":
			return "it has an empty segment"
		case segment == "." || segment == "..":
			return "it has a segment " + segment
		case strings.HasPrefix(segment, TempPrefix):
			return "a segment begins with " + TempPrefix
		}
	}
	return ""
}
