package jobs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// diffLimit bounds the differences listed of one document or table.
const diffLimit = 20

// jsonDifference is one member in which two documents differ.
type jsonDifference struct{ path, expected, found string }

// diffJSON returns the members in which found is not as expected, by their paths
// ("lines[0].total"). Numbers are compared by their text. Members named without
// are left out wherever they stand.
func diffJSON(expected, found []byte, without ...string) []jsonDifference {
	var a, b any
	if err := decodeNumbers(expected, &a); err != nil {
		return []jsonDifference{{"", "JSON", err.Error()}}
	}
	if err := decodeNumbers(found, &b); err != nil {
		return []jsonDifference{{"the text", "JSON", err.Error()}}
	}
	d := &jsonDiff{without: without}
	d.compare("", a, b)
	return d.out
}

func decodeNumbers(body []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	return dec.Decode(v)
}

type jsonDiff struct {
	without []string
	out     []jsonDifference
}

func (d *jsonDiff) compare(path string, a, b any) {
	if len(d.out) >= diffLimit {
		return
	}
	switch x := a.(type) {
	case map[string]any:
		if y, ok := b.(map[string]any); ok {
			d.members(path, x, y)
			return
		}
	case []any:
		if y, ok := b.([]any); ok {
			for i := range max(len(x), len(y)) {
				d.compare(fmt.Sprintf("%s[%d]", path, i), element(x, i), element(y, i))
			}
			return
		}
	}
	if x, y := jsonText(a), jsonText(b); x != y {
		d.out = append(d.out, jsonDifference{path, x, y})
	}
}

func (d *jsonDiff) members(path string, x, y map[string]any) {
	names := make([]string, 0, len(x)+len(y))
	for name := range x {
		names = append(names, name)
	}
	for name := range y {
		if _, both := x[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		if slices.Contains(d.without, name) {
			continue
		}
		at := name
		if path != "" {
			at = path + "." + name
		}
		d.compare(at, member(x, name), member(y, name))
	}
}

// missing stands for what one of two documents lacks.
type missing struct{}

func member(m map[string]any, name string) any {
	if v, ok := m[name]; ok {
		return v
	}
	return missing{}
}

func element(list []any, i int) any {
	if i < len(list) {
		return list[i]
	}
	return missing{}
}

func jsonText(v any) string {
	if v == any(missing{}) {
		return "nothing"
	}
	out, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(out)
}
