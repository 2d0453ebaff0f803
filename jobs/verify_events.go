package jobs

import (
	"encoding/json"
	"fmt"
	"slices"

	"daybook/sinks/documents"
	"daybook/sinks/publish"
	"daybook/sinks/webhooks"
)

// checkEvents holds every event against its id and the document that it is about.
func (c *runCheck) checkEvents() {
	for _, e := range c.m.Events {
		where := "event " + e.ID
		if id := webhooks.EventID(c.m.Job, c.m.Period, c.m.Revision, e.Type, e.Subject, e.Format); id != e.ID {
			c.fault(c.manifestKey(), where, "id "+id, "id "+e.ID)
		}
		pack := c.bodies[e.Pack]
		if pack == nil {
			if !slices.ContainsFunc(c.m.Objects, func(o publish.Object) bool { return o.Key == e.Pack }) {
				c.fault(c.manifestKey(), where, "a pack that the manifest names", e.Pack)
			}
			continue
		}
		if e.Offset < 0 || e.Length < 0 || e.Offset > int64(len(pack)) || e.Length > int64(len(pack))-e.Offset {
			c.fault(c.manifestKey(), where, fmt.Sprintf("bytes within the %d of its pack", len(pack)), fmt.Sprintf("bytes %d+%d", e.Offset, e.Length))
			continue
		}
		c.checkEvent(e, pack[e.Offset:e.Offset+e.Length])
	}
}

func (c *runCheck) checkEvent(e publish.Event, body []byte) {
	var says struct {
		ID       string `json:"id"`
		Type     string `json:"type"`
		Document string `json:"document"`
		Revision int    `json:"revision"`
	}
	where := "event " + e.ID
	if e.Format == formatComputeStacks {
		if !json.Valid(body) || len(body) == 0 || body[0] != '[' {
			c.fault(e.Pack, where, "a JSON array", "something else")
		}
		return // it says neither its id nor its type
	}
	if err := json.Unmarshal(body, &says); err != nil {
		c.fault(e.Pack, where, "JSON", err.Error())
		return
	}
	if says.ID != e.ID || says.Type != e.Type {
		c.fault(e.Pack, where+", id and type, against the manifest", e.ID+" "+e.Type, says.ID+" "+says.Type)
	}
	if e.Type != documents.TypeInvoiceIssued || e.Format != formatCanonical {
		return
	}
	document, _ := c.document(says.Document)
	if document == nil {
		c.fault(e.Pack, where+", document", "a document of this revision", says.Document)
		return
	}
	var invoice struct {
		Invoice json.RawMessage `json:"invoice"`
	}
	if json.Unmarshal(body, &invoice) != nil {
		return
	}
	for _, d := range diffJSON(document, invoice.Invoice) {
		c.fault(e.Pack, where+", invoice."+d.path+", against its document", d.expected, d.found)
	}
}
