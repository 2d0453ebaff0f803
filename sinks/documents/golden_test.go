package documents

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files; read the diff")

// checkGolden compares a document with its golden file, which is indented for
// reading, and checks that the document itself is compact.
func checkGolden(t *testing.T, name string, document []byte) {
	t.Helper()
	var indented, compacted bytes.Buffer
	if err := json.Indent(&indented, document, "", "  "); err != nil {
		t.Fatalf("document is not JSON: %v\n%s", err, document)
	}
	if err := json.Compact(&compacted, document); err != nil || !bytes.Equal(compacted.Bytes(), document) {
		t.Errorf("%s is not compact: %v", name, err)
	}
	indented.WriteByte('\n')
	path := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.WriteFile(path, indented.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run go test ./sinks/documents -update and read the diff", err)
	}
	if !bytes.Equal(want, indented.Bytes()) {
		t.Errorf("%s differs; run go test ./sinks/documents -update and read the diff\ngot:\n%s\nwant:\n%s", name, &indented, want)
	}
}

// parsed reads a document back, numbers by their text.
func parsed(t *testing.T, document []byte) map[string]any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(document))
	d.UseNumber()
	var v map[string]any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("document is not JSON: %v\n%s", err, document)
	}
	return v
}
