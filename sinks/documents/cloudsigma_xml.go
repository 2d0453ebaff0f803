package documents

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"regexp"
	"strings"
)

// CloudSigmaXML writes an answer of CloudSigma's API as XML, as the framework
// that the API is built with does: an element for each key, with the type of what
// is no text; elements of a list are object, or value.
//
// A key that is no name of an element is an error.
func CloudSigmaXML(answer []byte) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(answer))
	d.UseNumber()
	var out bytes.Buffer
	out.WriteString("<?xml version='1.0' encoding='utf-8'?>\n")
	e := xml.NewEncoder(&out)
	if err := writeCloudSigmaXML(d, e, "response", 0); err != nil {
		return nil, fmt.Errorf("write XML: %w", err)
	}
	if err := e.Flush(); err != nil {
		return nil, fmt.Errorf("write XML: %w", err)
	}
	return out.Bytes(), nil
}

// cloudSigmaElement is a name that an element may have.
var cloudSigmaElement = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)

// writeCloudSigmaXML writes the next value as an element.
func writeCloudSigmaXML(d *json.Decoder, e *xml.Encoder, name string, depth int) error {
	if !cloudSigmaElement.MatchString(name) {
		return fmt.Errorf("%.60q is no name of an element; ask for JSON", name)
	}
	token, err := d.Token()
	if err != nil {
		return err
	}
	start := xml.StartElement{Name: xml.Name{Local: name}}
	kind, text := "", ""
	switch v := token.(type) {
	case json.Delim:
		kind = map[json.Delim]string{'{': "hash", '[': "list"}[v]
	case string:
		text = v
	case json.Number:
		kind, text = "integer", v.String()
		if strings.ContainsAny(text, ".eE") {
			kind = "float"
		}
	case bool:
		kind, text = "boolean", map[bool]string{true: "True", false: "False"}[v]
	case nil:
		kind = "null"
	}
	if kind != "" && depth > 0 && name != "object" {
		start.Attr = []xml.Attr{{Name: xml.Name{Local: "type"}, Value: kind}}
	}
	if err := e.EncodeToken(start); err != nil {
		return err
	}
	for isHash := kind == "hash"; (isHash || kind == "list") && d.More(); {
		child := "value"
		if isHash {
			key, err := d.Token()
			if err != nil {
				return err
			}
			child, _ = key.(string)
		} else if name == "objects" {
			child = "object"
		}
		if err := writeCloudSigmaXML(d, e, child, depth+1); err != nil {
			return err
		}
	}
	if kind == "hash" || kind == "list" {
		if _, err := d.Token(); err != nil { // its end
			return err
		}
	}
	if err := e.EncodeToken(xml.CharData(text)); err != nil {
		return err
	}
	return e.EncodeToken(start.End())
}
