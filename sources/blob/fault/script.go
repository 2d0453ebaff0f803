package fault

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"daybook/sources/blob"
)

// rule is one line of a script.
type rule struct {
	op    string // or "any"
	from  int    // first call it fits, from 1
	to    int    // last call it fits; 0 for no last
	of    string // part of the key; empty for every key
	fault string
	err   error // of fault "error"

	seen int // calls it was about so far
}

var (
	operations = []string{"stat", "read", "list", "put", "delete", "any"}
	faults     = []string{"error", "lost", "short", "corrupt", "hang", "stop", "stop-after"}
	kinds      = []struct {
		name string
		err  error
	}{
		{"transient", blob.ErrTransient},
		{"denied", blob.ErrDenied},
		{"notfound", blob.ErrNotFound},
		{"exists", blob.ErrExists},
		{"changed", blob.ErrChanged},
		{"nobucket", blob.ErrNoBucket},
		{"full", blob.ErrFull},
	}
)

// parse reads a script.
func parse(script string) ([]*rule, error) {
	var rules []*rule
	for line := range strings.SplitSeq(script, "\n") {
		line, _, _ = strings.Cut(line, "#")
		for text := range strings.SplitSeq(line, ";") {
			words := strings.Fields(text)
			if len(words) == 0 {
				continue
			}
			r, err := parseRule(words)
			if err != nil {
				return nil, fmt.Errorf("parse fault rule %q: %w", strings.Join(words, " "), err)
			}
			rules = append(rules, r)
		}
	}
	return rules, nil
}

func parseRule(words []string) (*rule, error) {
	if len(words) < 3 {
		return nil, fmt.Errorf("want an operation, which calls, and a fault")
	}
	r := &rule{op: words[0]}
	if !slices.Contains(operations, r.op) {
		return nil, fmt.Errorf("operation %q is none of %s", r.op, strings.Join(operations, ", "))
	}
	if err := r.parseCalls(words[1]); err != nil {
		return nil, err
	}
	rest := words[2:]
	if rest[0] == "of" {
		if len(rest) < 3 {
			return nil, fmt.Errorf("want a part of a key and a fault after \"of\"")
		}
		r.of, rest = rest[1], rest[2:]
	}
	return r, r.parseFault(rest)
}

func (r *rule) parseCalls(word string) error {
	if word == "*" {
		r.from = 1
		return nil
	}
	digits, open := strings.CutSuffix(word, "+")
	n, err := strconv.Atoi(digits)
	if err != nil || n < 1 {
		return fmt.Errorf("calls %q are neither a number from 1, nor a number and \"+\", nor \"*\"", word)
	}
	r.from = n
	if !open {
		r.to = n
	}
	return nil
}

func (r *rule) parseFault(words []string) error {
	r.fault = words[0]
	if !slices.Contains(faults, r.fault) {
		return fmt.Errorf("fault %q is none of %s", r.fault, strings.Join(faults, ", "))
	}
	if r.fault != "error" {
		if len(words) > 1 {
			return fmt.Errorf("fault %q takes nothing after it", r.fault)
		}
		return nil
	}
	if len(words) != 2 {
		return fmt.Errorf("want one kind after \"error\"")
	}
	for _, k := range kinds {
		if k.name == words[1] {
			r.err = k.err
			return nil
		}
	}
	return fmt.Errorf("kind of error %q is not known", words[1])
}

// fits counts a call the rule is about, and reports whether it is one of those
// that fail.
func (r *rule) fits(op, key string) bool {
	if r.op != "any" && r.op != op || !strings.Contains(key, r.of) {
		return false
	}
	r.seen++
	return r.seen >= r.from && (r.to == 0 || r.seen <= r.to)
}
