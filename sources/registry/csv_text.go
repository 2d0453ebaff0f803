package registry

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"
)

// csvText reads records off a CSV text as encoding/csv does, whose cells are parts
// of the text and not copies. What is not plain it leaves to encoding/csv.
type csvText struct {
	text string // what is left
	line int    // of its first character
}

// record appends the cells of the next record to cells; line is where it begins.
// Empty lines are none. The error is io.EOF at the end, or a *csv.ParseError.
func (c *csvText) record(cells []string) (out []string, line int, err error) {
	for {
		end := strings.IndexByte(c.text, '\n')
		if end == 0 || end == 1 && c.text[0] == '\r' {
			c.take(end + 1)
			continue
		}
		break
	}
	if c.text == "" {
		return nil, c.line, io.EOF
	}
	line = c.line
	size, cells, ok := plainRecord(c.text, cells)
	if !ok {
		return c.anyRecord()
	}
	c.take(size)
	return cells, line, nil
}

// take drops the first n characters.
func (c *csvText) take(n int) {
	c.line += strings.Count(c.text[:n], "\n")
	c.text = c.text[n:]
}

// plainRecord reads the record that text begins with and tells its size with its
// line end; false where a carriage return or a quote stands in an unusual place.
func plainRecord(text string, cells []string) (size int, out []string, ok bool) {
	for at := 0; ; {
		var cell string
		if at < len(text) && text[at] == '"' {
			cell, at, ok = quotedCell(text, at+1)
		} else {
			cell, at, ok = bareCell(text, at)
		}
		if !ok {
			return 0, cells, false
		}
		cells = append(cells, cell)
		switch {
		case at == len(text):
			return at, cells, true
		case text[at] == ',':
			at++
		case text[at] == '\r':
			return at + 2, cells, true
		default:
			return at + 1, cells, true
		}
	}
}

// bareCell reads a cell up to the comma, line end or end of the text behind it.
func bareCell(text string, at int) (cell string, end int, ok bool) {
	for end = at; end < len(text); end++ {
		switch text[end] {
		case ',', '\n':
			return text[at:end], end, true
		case '\r':
			return text[at:end], end, strings.HasPrefix(text[end:], "\r\n")
		case '"':
			return "", end, false
		}
	}
	return text[at:], end, true
}

// quotedCell reads a cell whose first quote stands before at.
func quotedCell(text string, at int) (cell string, end int, ok bool) {
	doubled := false
	for end = at; end < len(text); end++ {
		switch text[end] {
		case '\r':
			return "", end, false // encoding/csv makes \r\n of a cell a \n
		case '"':
			if end+1 < len(text) && text[end+1] == '"' {
				doubled = true
				end++
				continue
			}
			if cell = text[at:end]; doubled {
				cell = strings.ReplaceAll(cell, `""`, `"`)
			}
			rest := text[end+1:]
			return cell, end + 1, rest == "" || rest[0] == ',' || rest[0] == '\n' || strings.HasPrefix(rest, "\r\n")
		}
	}
	return "", end, false
}

// anyRecord has encoding/csv read the next record.
func (c *csvText) anyRecord() (cells []string, line int, err error) {
	r := csv.NewReader(strings.NewReader(c.text))
	r.FieldsPerRecord = -1
	if cells, err = r.Read(); err != nil {
		var broken *csv.ParseError
		if errors.As(err, &broken) {
			broken.StartLine, broken.Line = broken.StartLine+c.line-1, broken.Line+c.line-1
		}
		return nil, c.line, err
	}
	first, _ := r.FieldPos(0)
	line = c.line + first - 1
	c.take(int(r.InputOffset()))
	return cells, line, nil
}
