package parquet

import (
	"bytes"
	"fmt"
	"testing"
)

// All files share encoders: what was compressed before must not be seen in a file.
func TestEncode_DoesNotDependOnWhatWasEncodedBefore(t *testing.T) {
	texts := func(n int, word string) []Column {
		all := make([]string, n)
		for i := range all {
			all[i] = fmt.Sprintf("%s %d", word, i*i)
		}
		return []Column{{Name: "id", Type: String, Strings: all}}
	}
	first, err := Encode(texts(3000, "invoice"), 3000)
	if err != nil {
		t.Fatal(err)
	}
	for _, between := range [][]Column{texts(3000, "invoice"), texts(5, "an"), texts(40_000, "a longer text of an invoice")} {
		if _, err := Encode(between, len(between[0].Strings)); err != nil {
			t.Fatal(err)
		}
		if again, err := Encode(texts(3000, "invoice"), 3000); err != nil || !bytes.Equal(again, first) {
			t.Fatalf("%v: other bytes after another file", err)
		}
	}
}
