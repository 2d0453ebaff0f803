package jobs

import (
	"encoding/json"
	"fmt"
	"strings"

	"daybook/sinks/publish"
)

// compareDocument holds a document, or what there should be of it, against the
// figures of the tables. Members that no table has are left out of both.
func (c *runCheck) compareDocument(path string, expected []byte, without ...string) {
	stands, key := c.document(path)
	if key == "" {
		return
	}
	if stands == nil {
		c.fault(key, "document "+path, "a document of the figures in the tables", "nothing")
		return
	}
	for _, d := range diffJSON(expected, stands, without...) {
		c.fault(key, "document "+path+", "+d.path+", against the tables", d.expected, d.found)
	}
}

// document returns the bytes of a document of the revision as they stand in its
// pack, and the key of the pack, or of the index where the document is missing.
// The key is "" where the index or the pack cannot be read, which has been said.
func (c *runCheck) document(path string) (body []byte, key string) {
	packs := map[string]publish.Object{}
	for _, o := range c.m.Objects {
		if o.Role == publish.RoleDocuments {
			packs[o.SHA256] = o
		}
	}
	for _, o := range c.m.Objects {
		if o.Role != publish.RoleIndex {
			continue
		}
		key = o.Key
		if c.bodies[o.Key] == nil {
			return nil, ""
		}
		for _, d := range decodeLines[publish.Document](c.bodies[o.Key]) {
			if d.Path != path {
				continue
			}
			pack, named := packs[d.Pack]
			bytes := c.bodies[pack.Key]
			switch {
			case !named:
				c.fault(o.Key, "pack of document "+path, "an object of the manifest", d.Pack)
				return nil, ""
			case bytes == nil:
				return nil, ""
			case d.Offset < 0 || d.Length < 0 || d.Offset > int64(len(bytes)) || d.Length > int64(len(bytes))-d.Offset:
				c.fault(o.Key, "place of document "+path, fmt.Sprintf("within %d bytes", len(bytes)), fmt.Sprintf("bytes %d+%d", d.Offset, d.Length))
				return nil, ""
			}
			body = bytes[d.Offset : d.Offset+d.Length]
			if sum := digest(body); sum != d.SHA256 {
				c.fault(pack.Key, "document "+path+", sha256, against its index", d.SHA256, sum)
			}
			return body, pack.Key
		}
	}
	return nil, key
}

// decodeLines reads the lines of an NDJSON object that can be read.
func decodeLines[T any](body []byte) []T {
	var out []T
	for line := range strings.Lines(string(body)) {
		var v T
		if json.Unmarshal([]byte(line), &v) == nil {
			out = append(out, v)
		}
	}
	return out
}
