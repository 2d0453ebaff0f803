package registry

import (
	"fmt"
	"slices"
	"strings"

	"daybook/sources/spelling"
)

// position is a row's place in its file.
type position struct {
	line int   // of text, from 1
	row  int64 // of Parquet, from 1
}

// rows takes what a format reads: for each row begin, set for its cells, end.
type rows interface {
	// expect makes room for about so many rows.
	expect(n int)
	// column returns where a column's cells go; false when they are skipped. A
	// name that is not known is reported once for each file.
	column(name string, at position) (int, bool)
	// begin returns false when no more rows are taken.
	begin(at position) bool
	set(column int, c cell)
	end()
	fault(at position, field string, f fault)
}

// fatal is a reason for which the rest of a file cannot be read.
type fatal struct{ reason, remedy string }

func (f *fatal) Error() string { return f.reason + "; " + f.remedy }

// table collects the rows of one kind from all its files.
type table[T any] struct {
	fields []field[T]
	index  map[string]int
	needed uint64 // bit i: rows need fields[i]
	names  []string
	faults *Errors
	limit  int64
	out    []T

	file    string
	unknown map[string]bool
	count   int64 // rows of this file
	total   int64 // rows of all files
	full    bool
	row     T
	at      position
	seen    uint64 // bit i: fields[i] has a value
	faulty  bool
}

func newTable[T any](fields []field[T], faults *Errors, limit int64) *table[T] {
	t := &table[T]{fields: fields, index: map[string]int{}, names: names(fields), faults: faults, limit: limit}
	for i, name := range t.names {
		t.index[name] = i
		if fields[i].need {
			t.needed |= 1 << i
		}
	}
	return t
}

// open begins a file.
func (t *table[T]) open(file string) {
	t.file, t.unknown, t.count = file, map[string]bool{}, 0
}

func (t *table[T]) expect(n int) {
	t.out = slices.Grow(t.out, int(min(int64(n), t.limit-t.total)))
}

func (t *table[T]) column(name string, at position) (int, bool) {
	i, known := t.index[name]
	if !known && !strings.HasPrefix(name, "x_") && !t.unknown[name] {
		t.unknown[name] = true
		remedy := spelling.DidYouMean(name, t.names)
		if remedy == "" {
			remedy = "the columns are " + strings.Join(t.names, ", ") + "; begin the name of a column of your own with x_"
		}
		t.fault(at, name, fault{"is not a column of this file", remedy})
	}
	return i, known
}

func (t *table[T]) begin(at position) bool {
	if t.total >= t.limit {
		if !t.full {
			t.full = true
			t.fault(at, "", fault{fmt.Sprintf("is beyond the limit of %d rows", t.limit), "export only what is still billed"})
		}
		return false
	}
	t.count++
	t.total++
	var zero T
	t.row, t.at, t.seen, t.faulty = zero, at, 0, false
	return true
}

func (t *table[T]) set(column int, c cell) {
	if c.kind == empty {
		return
	}
	t.seen |= 1 << column
	if f := t.fields[column].set(&t.row, c); f != nil {
		t.fault(t.at, t.fields[column].name, *f)
	}
}

func (t *table[T]) end() {
	if t.seen&t.needed != t.needed {
		for i, f := range t.fields {
			if f.need && t.seen&(1<<i) == 0 {
				t.fault(t.at, f.name, fault{"is missing or empty", "every row needs it"})
			}
		}
	}
	if !t.faulty {
		t.out = append(t.out, t.row)
	}
}

func (t *table[T]) fault(at position, field string, f fault) {
	t.faulty = true
	t.faults.add(InputError{File: t.file, Line: at.line, Row: at.row, Field: field, Reason: f.reason, Remedy: f.remedy})
}
