package spelling

import (
	"strings"
	"testing"
)

// One mistake is always near: a letter too few, too many, another one, or two
// that are swapped. Of longer words a third of the letters may be wrong.
func TestDidYouMean(t *testing.T) {
	known := []string{"unit", "graduated", "volume"}
	for _, c := range []struct{ word, want string }{
		{"unt", "did you mean `unit`?"},
		{"units", "did you mean `unit`?"},
		{"unjt", "did you mean `unit`?"},
		{"nuit", "did you mean `unit`?"},
		{"UNIT", "did you mean `unit`?"},
		{"gradated", "did you mean `graduated`?"},
		{"grdtd", ""},
		{"gratuates", "did you mean `graduated`?"},
		{"package", ""},
		{"", ""},
		{strings.Repeat("volume", 20), ""},
	} {
		if got := DidYouMean(c.word, known); got != c.want {
			t.Errorf("DidYouMean(%q) = %q, want %q", c.word, got, c.want)
		}
	}
}
