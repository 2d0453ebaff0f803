package registry

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzText wants of our readers of NDJSON and CSV what plain ones make of the
// standard library's: the same rows, cells and faults, in the same order.
func FuzzText(f *testing.F) {
	for _, s := range []string{
		accountsNDJSON, subscriptionsNDJSON, resourcesNDJSON,
		`{"a":"\ud800\u0041\n","b":[1,{"c":null}],"d":-0.5e+10,"a":1}` + "\n{}\r\n\n{\"e\":01}\n{\"f\":1,}\n [1]\n{} {}\n{\"g\":tru}\n{\"\\u0041\":true,\"A\":1}",
		"\uFEFF{\"a\":\"\xff\"}\n\u00a0{\"b\":\"\uFFFD\"}\u00a0\n{\"c\":\"\t\"}\n{\"d\":\"\\x\"}\n{\"e\":\"",
		`{"0":0,"1":1,"2":2,"3":3,"4":4,"5":5,"6":6,"7":7,"8":8,"9":9,"a":0,"b":1,"c":2,"d":3,"e":4,"f":5,"g":6,"h":7,"0":8}`,
	} {
		f.Add(false, s)
	}
	for _, s := range []string{
		accountsCSV, subscriptionsCSV, resourcesCSV,
		"a,b\r\n\"x\r\ny\",\"z\n\"\"\"\n\n\r\n1\r,2\n\"a\"b,c\n", "a,b\n1,2\"\n", "a\n\"open\n", "\uFEFFa,a\n,\n1\r", "\n\n", "a,b\n\"\",\r\n\"\"\"\",\"\n\n", "a\n\r\r\n\r",
	} {
		f.Add(true, s)
	}
	f.Fuzz(func(t *testing.T, isCSV bool, text string) {
		var want, got recorded
		var wantErr, gotErr error
		if isCSV {
			wantErr, gotErr = slowCSV(strings.NewReader(text), &want), readCSV(text, &got)
		} else {
			wantErr, gotErr = slowNDJSON(strings.NewReader(text), &want), readNDJSON(text, &got)
		}
		if fmt.Sprint(wantErr) != fmt.Sprint(gotErr) {
			t.Errorf("error %v, want %v", gotErr, wantErr)
		}
		if !slices.Equal(got.events, want.events) {
			t.Errorf("read %q, want %q", got.events, want.events)
		}
	})
}

// Lines are as long as they may be, values as deep.
func TestReadNDJSON_HasTheBoundsOfThePlainReader(t *testing.T) {
	deep := func(n int) string { return `{"a":` + strings.Repeat("[", n) + strings.Repeat("]", n) + "}" }
	long := func(n int) string { return `{"a":"` + strings.Repeat("x", n-len(`{"a":""}`)) + `"}` }
	for name, text := range map[string]string{
		"deepest": deep(maxNesting), "too deep": deep(maxNesting + 1),
		"longest": long(maxLine-1) + "\n{}", "too long": long(maxLine) + "\n{}", "too long at the end": long(maxLine), "longest at the end": long(maxLine - 1),
	} {
		var want, got recorded
		wantErr, gotErr := slowNDJSON(strings.NewReader(text), &want), readNDJSON(text, &got)
		if fmt.Sprint(wantErr) != fmt.Sprint(gotErr) || !slices.Equal(got.events, want.events) {
			t.Errorf("%s: %v and %d events, want %v and %d", name, gotErr, len(got.events), wantErr, len(want.events))
		}
	}
}

// recorded is what a reader says.
type recorded struct{ names, events []string }

func (r *recorded) say(format string, args ...any) {
	r.events = append(r.events, fmt.Sprintf(format, args...))
}

func (r *recorded) expect(int) {}

// column knows the names that do not begin with an x.
func (r *recorded) column(name string, _ position) (int, bool) {
	if strings.HasPrefix(name, "x") {
		return 0, false
	}
	if i := slices.Index(r.names, name); i >= 0 {
		return i, true
	}
	r.names = append(r.names, name)
	return len(r.names) - 1, true
}

func (r *recorded) begin(at position) bool {
	r.say("row at %d", at.line)
	return true
}

func (r *recorded) set(column int, c cell) { r.say("%q is %+v", r.names[column], c) }
func (r *recorded) end()                   { r.say("end") }
func (r *recorded) fault(at position, field string, f fault) {
	r.say("fault at %d, %s: %s; %s", at.line, field, f.reason, f.remedy)
}

func slowObject(text string) ([]member, *fault) {
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
		out = append(out, member{name, slowCell(raw)})
	}
	if _, err := dec.Token(); err != nil {
		return nil, notJSON
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, &fault{"has more behind its JSON object", "write one object a line"}
	}
	return out, nil
}

func slowCell(raw json.RawMessage) cell {
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

func slowNDJSON(r io.Reader, t rows) error {
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
		members, f := slowObject(line)
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

func slowCSV(r io.Reader, t rows) error {
	in := bufio.NewReader(r)
	if mark, _ := in.Peek(3); string(mark) == "\uFEFF" {
		_, _ = in.Discard(3)
	}
	c := csv.NewReader(in)
	c.FieldsPerRecord, c.ReuseRecord = -1, true
	header, err := c.Read()
	if errors.Is(err, io.EOF) {
		return &fatal{"has no header line", "write the names of the columns in the first line"}
	}
	if err != nil {
		return csvFault(err)
	}
	columns := make([]int, len(header))
	seen := map[string]bool{}
	for i, name := range header {
		columns[i] = -1
		if seen[name] {
			t.fault(position{line: 1}, name, fault{"this column is there twice", "export it once"})
			continue
		}
		seen[name] = true
		if at, known := t.column(name, position{line: 1}); known {
			columns[i] = at
		}
	}
	for {
		row, err := c.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return csvFault(err)
		}
		line, _ := c.FieldPos(0)
		at := position{line: line}
		if len(row) != len(columns) {
			t.fault(at, "", fault{fmt.Sprintf("has %d cells where the header has %d", len(row), len(columns)), "check the commas and quotes of this line"})
			continue
		}
		if !t.begin(at) {
			return nil
		}
		for i, s := range row {
			if columns[i] >= 0 {
				t.set(columns[i], wordCell(s))
			}
		}
		t.end()
	}
}
