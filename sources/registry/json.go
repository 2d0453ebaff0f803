package registry

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// maxLine bounds a line of a text file, in bytes.
const maxLine = 1 << 20

// member is one name and value of a JSON object.
type member struct {
	name string
	cell cell
}

// parseObject reads one JSON object. Names said twice are refused: readers
// differ on which of the two counts.
func parseObject(text string) ([]member, *fault) {
	if !utf8.ValidString(text) {
		return nil, &fault{"is not UTF-8 text", "export the file as UTF-8"}
	}
	dec := json.NewDecoder(strings.NewReader(text))
	notJSON := &fault{"is not a JSON object", "write one object a line: {\"id\": \"…\", …}"}
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, notJSON
	}
	var out []member
	seen := map[string]bool{}
	for dec.More() {
		t, err := dec.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return nil, notJSON
		}
		if seen[name] {
			return nil, &fault{"has the name " + cell{kind: word, text: name}.shown() + " twice", "write it once"}
		}
		seen[name] = true
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return nil, notJSON
		}
		out = append(out, member{name, cellOfJSON(raw)})
	}
	if _, err := dec.Token(); err != nil {
		return nil, notJSON
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, &fault{"has more behind its JSON object", "write one object a line"}
	}
	return out, nil
}

// cellOfJSON tells apart what a JSON value is. Numbers keep their text.
func cellOfJSON(raw json.RawMessage) cell {
	switch raw[0] {
	case '"':
		var s string
		if json.Unmarshal(raw, &s) != nil || strings.ContainsRune(s, utf8.RuneError) && !bytes.ContainsRune(raw, utf8.RuneError) {
			return cell{kind: other, text: "a text with a broken escape"}
		}
		return wordCell(s)
	case '{':
		return cell{kind: object, text: string(raw)}
	case '[':
		return cell{kind: listing, text: string(raw)}
	case 't', 'f':
		return cell{kind: truth, yes: raw[0] == 't'}
	case 'n':
		return cell{}
	default:
		return cell{kind: numeral, text: string(raw)}
	}
}

// readNDJSON reads one JSON object a line.
func readNDJSON(r io.Reader, t rows) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if n == 1 {
			line = strings.TrimPrefix(line, "\uFEFF")
		}
		if line == "" {
			continue
		}
		at := position{line: n}
		members, f := parseObject(line)
		if f != nil {
			t.fault(at, "", *f)
			continue
		}
		if !t.begin(at) {
			return nil
		}
		for _, m := range members {
			if i, known := t.column(m.name, at); known {
				t.set(i, m.cell)
			}
		}
		t.end()
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return &fatal{"has a line of more than 1 MiB", "write one object a line"}
	}
	return lines.Err()
}
