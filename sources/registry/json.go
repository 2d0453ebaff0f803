package registry

import (
	"encoding/json"
	"slices"
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

// fewMembers is how many names are compared one by one.
const fewMembers = 16

// parseObject reads one JSON object and appends its members to out. Texts are
// parts of text, not copies. Names said twice are refused: readers differ on
// which of the two counts.
func parseObject(text string, out []member) ([]member, *fault) {
	if !utf8.ValidString(text) {
		return nil, &fault{"is not UTF-8 text", "export the file as UTF-8"}
	}
	notJSON := func() ([]member, *fault) {
		return nil, &fault{"is not a JSON object", "write one object a line: {\"id\": \"…\", …}"}
	}
	j := jsonText{text: text}
	if !j.next('{') {
		return notJSON()
	}
	var seen map[string]bool
	for n := 0; !j.next('}'); n++ {
		if n > 0 && !j.next(',') {
			return notJSON()
		}
		name, ok := j.value(0)
		if !ok || name[0] != '"' {
			return notJSON()
		}
		name = unquoted(name)
		if n == fewMembers {
			seen = make(map[string]bool, 2*fewMembers)
			for _, m := range out {
				seen[m.name] = true
			}
		}
		if seen[name] || n < fewMembers && slices.ContainsFunc(out, func(m member) bool { return m.name == name }) {
			return nil, &fault{"has the name " + cell{kind: word, text: name}.shown() + " twice", "write it once"}
		}
		if seen != nil {
			seen[name] = true
		}
		if !j.next(':') {
			return notJSON()
		}
		raw, ok := j.value(0)
		if !ok {
			return notJSON()
		}
		out = append(out, member{name, cellOfJSON(raw)})
	}
	if j.space(); j.at < len(text) {
		return nil, &fault{"has more behind its JSON object", "write one object a line"}
	}
	return out, nil
}

// unquoted is what a JSON string says, which stands in valid UTF-8. Broken
// escapes become the replacement character.
func unquoted(raw string) string {
	inner := raw[1 : len(raw)-1]
	if strings.IndexByte(inner, '\\') < 0 {
		return inner
	}
	var s string
	_ = json.Unmarshal([]byte(raw), &s) // it is a string, so that it can be read
	return s
}

// cellOfJSON tells apart what a JSON value is. Numbers keep their text.
func cellOfJSON(raw string) cell {
	switch raw[0] {
	case '"':
		s := unquoted(raw)
		if len(s) != len(raw)-2 && strings.ContainsRune(s, utf8.RuneError) && !strings.ContainsRune(raw, utf8.RuneError) {
			return cell{kind: other, text: "a text with a broken escape"}
		}
		return wordCell(s)
	case '{':
		return cell{kind: object, text: raw}
	case '[':
		return cell{kind: listing, text: raw}
	case 't', 'f':
		return cell{kind: truth, yes: raw[0] == 't'}
	case 'n':
		return cell{}
	default:
		return cell{kind: numeral, text: raw}
	}
}

// readNDJSON reads one JSON object a line.
func readNDJSON(text string, t rows) error {
	t.expect(rowsIn(text))
	var members []member
	var columns columnsInTurn
	for n := 1; text != ""; n++ {
		line, rest, _ := strings.Cut(text, "\n")
		if text = rest; len(line) >= maxLine {
			return &fatal{"has a line of more than 1 MiB", "write one object a line"}
		}
		line = strings.TrimSpace(line)
		if n == 1 {
			line = strings.TrimPrefix(line, "\uFEFF")
		}
		if line == "" {
			continue
		}
		at := position{line: n}
		var f *fault
		if members, f = parseObject(line, members[:0]); f != nil {
			t.fault(at, "", *f)
			continue
		}
		if !t.begin(at) {
			return nil
		}
		for i := range members {
			if column := columns.find(i, members[i].name, t, at); column >= 0 {
				t.set(column, members[i].cell)
			}
		}
		t.end()
	}
	return nil
}

// columnsInTurn remembers where the members of the last rows went: most rows name
// the same ones in the same order.
type columnsInTurn []struct {
	name   string
	column int // -1: skipped
}

// find returns the column of a row's member i, -1 where it is skipped.
func (c *columnsInTurn) find(i int, name string, t rows, at position) int {
	if i < len(*c) && (*c)[i].name == name {
		return (*c)[i].column
	}
	column, known := t.column(name, at)
	if !known {
		column = -1
	}
	if i == len(*c) && i < fewMembers {
		*c = append(*c, struct {
			name   string
			column int
		}{name, column})
	} else if i < len(*c) {
		(*c)[i].name, (*c)[i].column = name, column
	}
	return column
}

// rowsIn is about how many rows a text has, for their memory: no more than a
// little for each of its bytes.
func rowsIn(text string) int { return min(strings.Count(text, "\n"), len(text)/48) + 1 }
