package documents

import (
	"bytes"
	"testing"
)

func TestInvoiceIssuedEvent_Golden(t *testing.T) {
	body, err := InvoiceIssuedEvent(Origin{ID: "evt_abc", Period: "2026-10", Revision: 1, Document: "invoices/globex/2026-10-CHF.json"}, written(t))
	if err != nil {
		t.Fatal(err)
	}
	checkGolden(t, "event.json", body)
}

func TestInvoiceIssuedEvent_CarriesTheDocumentByteForByte(t *testing.T) {
	body, err := InvoiceIssuedEvent(Origin{ID: "evt_abc", Period: "2026-10", Revision: 3, Supersedes: 2, Document: "invoices/globex/2026-10-CHF.json"}, written(t))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"schema":"daybook/event/1","type":"invoice.issued","id":"evt_abc","period":"2026-10","revision":3,"supersedes":2,"document":"invoices/globex/2026-10-CHF.json","invoice":`
	if !bytes.Equal(body, append(append([]byte(want), mustInvoice(t, octoberInvoice(), zurichParty)...), '}')) {
		t.Errorf("got %s", body)
	}
}

func TestInvoiceIssuedEvent_RefusesNoDocument(t *testing.T) {
	if _, err := InvoiceIssuedEvent(Origin{ID: "evt_abc"}, WrittenInvoice{}); err == nil {
		t.Error("an event without an invoice was written")
	}
}

func written(t *testing.T) WrittenInvoice {
	t.Helper()
	w, err := WriteInvoice(octoberInvoice(), zurichParty)
	if err != nil {
		t.Fatal(err)
	}
	return w
}
