package publish

import (
	"bytes"
	"encoding/json"
	"testing"
)

// The layout is that of encoding/json, whose indentation earlier versions wrote.
func FuzzIndent(f *testing.F) {
	for _, text := range []string{
		`{}`, `[]`, `null`, `{"a":[]}`, `{"a":{},"b":[{},[]]}`, `[1,-2.5e+9,true,"x"]`,
		`{"a":"b","c":["d",{"e":null}],"f":{"g":[[0]]}}`, `"{\"a\":[1,2]}"`, `["\\","\\\"",":,{}[]"]`, `{"\"":"é\u2028"}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var compact, want bytes.Buffer
		if json.Compact(&compact, text) != nil || json.Indent(&want, compact.Bytes(), "", "  ") != nil {
			t.Skip("not JSON")
		}
		if got := indent(compact.Bytes()); !bytes.Equal(got, want.Bytes()) {
			t.Errorf("%s is laid out as\n%s\nwant\n%s", compact.Bytes(), got, want.Bytes())
		}
	})
}
