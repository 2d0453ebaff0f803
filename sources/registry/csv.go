package registry

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// readCSV reads RFC 4180 with a header line; a byte order mark is skipped.
func readCSV(text string, t rows) error {
	in := csvText{text: strings.TrimPrefix(text, "\uFEFF"), line: 1}
	header, _, err := in.record(nil)
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
	t.expect(rowsIn(in.text))
	var row []string
	for {
		var line int
		row, line, err = in.record(row[:0])
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return csvFault(err)
		}
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

// csvFault turns the reader's error into a fault of its line. Behind a broken
// quote nothing can be read.
func csvFault(err error) error {
	var broken *csv.ParseError
	if !errors.As(err, &broken) {
		return err
	}
	return &fatal{fmt.Sprintf("line %d, column %d: %v", broken.Line, broken.Column, broken.Err), "quote cells with commas, quotes and line breaks as RFC 4180 says"}
}
