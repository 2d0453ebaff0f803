package documents

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// csDecimals are the members that are decimals, and not text.
var csDecimals = map[string]bool{"rate": true, "qty": true, "qty_total": true, "total": true}

// ComputeStacksXML writes an answer in XML as Rails does: what is under key in the
// JSON answer as the root, dashes in names, and types as attributes.
func ComputeStacksXML(answer []byte, key string) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(answer))
	d.UseNumber()
	w := &xmlWriter{in: d}
	w.out.WriteString(xml.Header)
	if err := w.find(key); err != nil {
		return nil, fmt.Errorf("write usage items in XML: %w", err)
	}
	if err := w.element(key, 0); err != nil {
		return nil, fmt.Errorf("write usage items in XML: %w", err)
	}
	return w.out.Bytes(), nil
}

// xmlWriter turns JSON into XML as it reads it, so that members keep their order.
type xmlWriter struct {
	in  *json.Decoder
	out bytes.Buffer
}

// find reads up to the value of a member of the outermost object.
func (w *xmlWriter) find(key string) error {
	if _, err := w.in.Token(); err != nil {
		return err
	}
	for w.in.More() {
		name, err := w.in.Token()
		if err != nil {
			return err
		}
		if name == key {
			return nil
		}
		var skipped json.RawMessage
		if err := w.in.Decode(&skipped); err != nil {
			return err
		}
	}
	return io.ErrUnexpectedEOF
}

// element writes the next value as an element.
func (w *xmlWriter) element(name string, depth int) error {
	tag, indent := strings.ReplaceAll(name, "_", "-"), strings.Repeat("  ", depth)
	if !isXMLName(tag) {
		tag = "member" // a label may be called anything
	}
	token, err := w.in.Token()
	if err != nil {
		return err
	}
	switch v := token.(type) {
	case json.Delim:
		typ := ""
		if v == '[' {
			typ = ` type="array"`
		}
		fmt.Fprintf(&w.out, "%s<%s%s>\n", indent, tag, typ)
		for w.in.More() {
			child := strings.TrimSuffix(name, "s")
			if v == '{' {
				key, err := w.in.Token()
				if err != nil {
					return err
				}
				child = key.(string)
			}
			if err := w.element(child, depth+1); err != nil {
				return err
			}
		}
		_, err := w.in.Token()
		fmt.Fprintf(&w.out, "%s</%s>\n", indent, tag)
		return err
	case nil:
		fmt.Fprintf(&w.out, "%s<%s nil=\"true\"/>\n", indent, tag)
		return nil
	default:
		fmt.Fprintf(&w.out, "%s<%s%s>", indent, tag, xmlType(name, v))
		err := xml.EscapeText(&w.out, fmt.Append(nil, v))
		fmt.Fprintf(&w.out, "</%s>\n", tag)
		return err
	}
}

// xmlType is the attribute of a value's type; text has none.
func xmlType(name string, v json.Token) string {
	switch v := v.(type) {
	case bool:
		return ` type="boolean"`
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			return ` type="decimal"`
		}
		return ` type="integer"`
	case string:
		if csDecimals[name] {
			return ` type="decimal"`
		}
		if _, err := time.Parse(time.RFC3339Nano, v); err == nil {
			return ` type="dateTime"`
		}
	}
	return ""
}

// isXMLName reports whether an element can have the name.
func isXMLName(name string) bool {
	for i, r := range name {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_'
		if !letter && (i == 0 || (r < '0' || r > '9') && r != '-' && r != '.') {
			return false
		}
	}
	return name != ""
}
