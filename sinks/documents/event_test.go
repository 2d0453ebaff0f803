package documents

import (
	"bytes"
	"testing"
)

func TestInvoiceIssuedEvent_Golden(t *testing.T) {
	body, err := InvoiceIssuedEvent(Origin{ID: "evt_abc", Period: "2026-10", Revision: 1, Document: "invoices/globex/2026-10-CHF.json"}, mustInvoice(t, octoberInvoice(), zurichParty))
	if err != nil {
		t.Fatal(err)
	}
	checkGolden(t, "event.json", body)
}

func TestInvoiceIssuedEvent_CarriesTheDocumentByteForByte(t *testing.T) {
	invoice := mustInvoice(t, octoberInvoice(), zurichParty)
	body, err := InvoiceIssuedEvent(Origin{ID: "evt_abc", Period: "2026-10", Revision: 3, Supersedes: 2, Document: "invoices/globex/2026-10-CHF.json"}, invoice)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"schema":"daybook/event/1","type":"invoice.issued","id":"evt_abc","period":"2026-10","revision":3,"supersedes":2,"document":"invoices/globex/2026-10-CHF.json","invoice":`
	if !bytes.Equal(body, append(append([]byte(want), invoice...), '}')) {
		t.Errorf("got %s", body)
	}
}

func TestInvoiceIssuedEvent_RefusesWhatIsNoDocument(t *testing.T) {
	if _, err := InvoiceIssuedEvent(Origin{ID: "evt_abc"}, []byte(`{"a":`)); err == nil {
		t.Error("a cut document was accepted")
	}
}
