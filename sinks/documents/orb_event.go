package documents

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// OrbTypeTest is the type of Orb's event that is about nothing.
const OrbTypeTest = "resource_event.test"

// OrbEvent writes the body of a webhook as Orb does: the resource stands under the
// first part of the event's type, as "invoice" of "invoice.issued". Like our own
// body it carries no clock and no attempt; created_at is when the resource was made.
// An event without a resource has none.
func OrbEvent(id, typ string, created time.Time, resource json.RawMessage) ([]byte, error) {
	head, err := compact(struct {
		ID      string `json:"id"`
		Created string `json:"created_at"`
		Type    string `json:"type"`
	}{id, orbTime(created), typ})
	if err != nil {
		return nil, fmt.Errorf("write event %s: %w", id, err)
	}
	name, _, _ := strings.Cut(typ, ".")
	var out bytes.Buffer
	out.Write(head[:len(head)-1])
	if resource != nil {
		fmt.Fprintf(&out, ",%q:%s", name, resource)
	}
	out.WriteString(`,"properties":{}}`)
	return out.Bytes(), nil
}
