package jobs

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"daybook/pricing/money"
	"daybook/sinks/publish"
	"daybook/sinks/tables"
	"daybook/sources/blob"
)

// A mutation changes one thing in a verified world and says what verify must
// name: the key (its beginning is enough), where in it, what was expected there
// and what was found.
type mutation struct {
	name      string
	mutate    func(t *testing.T, w *testWorld) []Fault
	everybody bool // it is about what beta owes too
}

// October: acme used 10 GB on the 5th and 30 GB on the 6th at 0.50 a GB, so the
// line of traffic is 20 and with the fee of 10 the invoice 30; beta used 4 GB, so
// its invoice is 12 and both together 42.
func mutations() []mutation {
	return []mutation{
		{"a raw row", rawRow(false), false},
		{"a raw row, and the rollup's manifest with it", rawRow(true), false},
		{"a rollup row", rollupRow(false), false},
		{"a rollup row, and its manifest with it", rollupRow(true), false},
		{"a table cell", tableCell(false), false},
		{"a table cell, and its manifest with it", tableCell(true), false},
		{"a document", document(false), false},
		{"a document, and its index and manifest with it", document(true), false},
		{"a total in the manifest", manifestTotal(false), false},
		{"a total in the manifest, and its digest", manifestTotal(true), false},
		{"an event body", eventBody(false), false},
		{"an event body, and its manifest with it", eventBody(true), false},
		{"a plan", planFile(false), false},
		{"a plan, and its digest", planFile(true), true},
		{"a book copy", bookCopy(false), false},
		{"a book copy, and plan and manifest with it", bookCopy(true), true},
		{"an invoice number", invoiceNumber(false), false},
		{"an invoice number, and its manifest with it", invoiceNumber(true), false},
		{"a deleted object", deletedObject(false), true},
		{"a deleted object, and its manifest with it", deletedObject(true), true},
	}
}

func TestVerify_NamesEachMutationExactly(t *testing.T) {
	world := verifiedWorld(t)
	for _, c := range mutations() {
		t.Run(c.name, func(t *testing.T) {
			w := world.copied(t)
			wanted := c.mutate(t, w)
			for _, f := range w.wantNamed(t, wanted, "") {
				if strings.Contains(f.Where, "beta") && !c.everybody {
					t.Errorf("beta has nothing to do with it: %+v", f)
				}
				if strings.Contains(f.Key, "/r000002/") {
					t.Errorf("the seal is as it was: %+v", f)
				}
			}
			// Another version, which may compute otherwise, still names what
			// contradicts itself.
			w.options.Version = "other"
			w.wantNamed(t, wanted, "computed again")
		})
	}
}

// wantNamed wants verify to name faults, but for those whose place ends so, and
// returns all that it names.
func (w *testWorld) wantNamed(t *testing.T, wanted []Fault, but string) (found []Fault) {
	t.Helper()
	// All that the mutations touch; the other days take their time.
	runs := append(w.verify(t, VerifyOptions{Job: "monthly"}), w.verify(t, VerifyOptions{Job: "rollup", From: "2026-10-05", To: "2026-10-05"})...)
	for _, r := range runs {
		found = append(found, r.Faults...)
	}
	for _, want := range wanted {
		if (but == "" || !strings.HasSuffix(want.Where, but)) && !hasFault(found, want) {
			t.Errorf("not named: %+v", want)
		}
	}
	if t.Failed() {
		for _, f := range found {
			t.Logf("named: %+v", f)
		}
	}
	return found
}

func hasFault(found []Fault, want Fault) bool {
	for _, f := range found {
		if strings.HasPrefix(f.Key, want.Key) && f.Where == want.Where && f.Expected == want.Expected && f.Found == want.Found {
			return true
		}
	}
	return false
}

const (
	octoberData   = "data/monthly/2026-10/r000001/"
	fifthData     = "data/rollup/2026-10-05/r000001/"
	octoberRun    = "runs/monthly/2026-10/r000001/"
	acmesRollup   = `row 0 (account_id "acme", subscription_id "sub-a", meter "traffic", dimensions "{}", day 2026-10-05, slot_start null), column sum, computed again`
	acmesDocument = "document invoices/acme/2026-10-CHF.json, "
)

func rawRow(digests bool) func(*testing.T, *testWorld) []Fault {
	return func(t *testing.T, w *testWorld) []Fault {
		const file = "usage/dt=2026-10-05/a.parquet"
		before, _, err := blob.ReadAll(t.Context(), w.bucket, file, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		w.usage(t, "dt=2026-10-05/a.parquet", usageRow{"e1", "2026-10-05T08:00:00Z", "sub-a", 11}, usageRow{"e2", "2026-10-05T09:00:00Z", "sub-b", 4})
		after, _, err := blob.ReadAll(t.Context(), w.bucket, file, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		faults := []Fault{{fifthData + "usage_daily.", acmesRollup, "11", "10"}}
		if !digests {
			return append(faults, Fault{"usage dt=2026-10-05/a.parquet", "sha256, against the manifest of the rollup", digest(before), digest(after)})
		}
		f := newForger(t, w, "rollup", "2026-10-05", 1)
		for _, inputs := range [][]publish.Input{f.m.Inputs, f.plan.Identity.Inputs} {
			for i := range inputs {
				if inputs[i].Kind == "usage" {
					inputs[i].Size = int64(len(after))
				}
			}
		}
		for i := range f.m.Inputs {
			if f.m.Inputs[i].Kind == "usage" {
				f.m.Inputs[i].SHA256 = digest(after)
			}
		}
		f.commit()
		return faults
	}
}

func rollupRow(digests bool) func(*testing.T, *testWorld) []Fault {
	return func(t *testing.T, w *testWorld) []Fault {
		f := newForger(t, w, "rollup", "2026-10-05", 1)
		o := f.object("usage_daily")
		old := *o
		batch, err := tables.DecodeUsageDaily(o.Key, []byte(f.read(o.Key)))
		if err != nil {
			t.Fatal(err)
		}
		nine, err := money.ParseQuantity("9")
		if err != nil {
			t.Fatal(err)
		}
		if batch.Sum[0], err = nine.Fixed(12); err != nil {
			t.Fatal(err)
		}
		body, err := tables.EncodeUsageDaily(batch, map[string]string{"traffic": "GB"})
		if err != nil {
			t.Fatal(err)
		}
		faults := []Fault{{fifthData + "usage_daily.", acmesRollup, "10", "9"}}
		if !digests {
			f.put(o.Key, string(body))
			return append(faults, Fault{o.Key, "sha256", o.SHA256, digest(body)})
		}
		f.replace(o, string(body))
		f.commit()
		// The closing and the days still say which rollup they were computed from.
		return append(faults,
			Fault{old.Key, "", "sha256 " + old.SHA256, "nothing"},
			Fault{"runs/rollup/2026-10-05/r000001/manifest.json", "object usage_daily, which monthly 2026-10 r000001 was computed from", old.Key, o.Key})
	}
}

func tableCell(digests bool) func(*testing.T, *testWorld) []Fault {
	return func(t *testing.T, w *testWorld) []Fault {
		f := newForger(t, w, "monthly", "2026-10", 1)
		o := f.object("invoice_line_items")
		invoices, err := w.pipeline(t).Invoices(t.Context(), october, "")
		if err != nil {
			t.Fatal(err)
		}
		line := &invoices[0].Lines[0]
		if line.Price != "traffic" || line.Total.String() != "20" {
			t.Fatalf("line %+v is not acme's traffic of 20", line)
		}
		if line.Total, err = money.ParseAmount("21"); err != nil {
			t.Fatal(err)
		}
		body, err := tables.EncodeLines("2026-10", invoices)
		if err != nil {
			t.Fatal(err)
		}
		id := invoices[0].ID
		faults := []Fault{{octoberData + "invoice_line_items.", fmt.Sprintf(`row 0 (invoice_id %q, line 1), column total, computed again`, id), "20", "21"}}
		if !digests {
			f.put(o.Key, string(body))
			return append(faults, Fault{o.Key, "sha256", o.SHA256, digest(body)})
		}
		f.replace(o, string(body))
		f.commit()
		return append(faults,
			Fault{octoberData + "documents-0001.", acmesDocument + "lines[0].total, against the tables", `"21.00"`, `"20.00"`},
			Fault{
				octoberData + "invoices.", `invoice 2026-000001 of account "acme"`, "sums of its lines and taxes",
				"invoice " + id + " of account acme does not add up: total is 30, its lines make 31",
			})
	}
}

func document(digests bool) func(*testing.T, *testWorld) []Fault {
	return func(t *testing.T, w *testWorld) []Fault {
		f := newForger(t, w, "monthly", "2026-10", 1)
		o := f.object("documents-0001")
		was := o.SHA256
		body := f.edit(f.read(o.Key), `"amount_due":"30.00"`, `"amount_due":"31.00"`)
		faults := []Fault{
			{octoberData + "documents-0001.", acmesDocument + "amount_due, against the tables", `"30.00"`, `"31.00"`},
			{octoberData + "documents-0001.", "line 1 (document invoices/acme/2026-10-CHF.json), amount_due, computed again", `"30.00"`, `"31.00"`},
		}
		if !digests {
			f.put(o.Key, body)
			return append(faults, Fault{o.Key, "sha256", was, digest([]byte(body))})
		}
		f.replace(o, body)
		index := f.object("documents-0001-index")
		var lines strings.Builder
		for _, d := range decodeLines[publish.Document]([]byte(f.read(index.Key))) {
			d.Pack, d.SHA256 = o.SHA256, digest([]byte(body[d.Offset:d.Offset+d.Length]))
			if err := json.NewEncoder(&lines).Encode(d); err != nil {
				t.Fatal(err)
			}
		}
		f.replace(index, lines.String())
		f.commit()
		return faults
	}
}

func manifestTotal(digests bool) func(*testing.T, *testWorld) []Fault {
	return func(t *testing.T, w *testWorld) []Fault {
		f := newForger(t, w, "monthly", "2026-10", 1)
		if !digests {
			key := octoberRun + "manifest.json"
			text := f.read(key)
			forged := f.edit(text, `"CHF": "42"`, `"CHF": "43"`)
			f.put(key, forged)
			written := text[len(text)-len(`"`+"\n}\n")-64:][:64]
			computed := digest([]byte(forged[:strings.LastIndex(forged, ",\n  \"sha256\"")]))
			return []Fault{{key, "sha256 of the text before it", computed, written}}
		}
		f.m.Totals["CHF"] = "43"
		before := publish.ManifestKey("monthly", "2026-10", 1)
		old := f.read(before)
		f.commit()
		return []Fault{
			{octoberRun + "manifest.json", "totals.CHF, against the sum of the rows", "42", "43"},
			{octoberRun + "manifest.json", "totals.CHF, computed again", `"42"`, `"43"`},
			{octoberRun + "manifest.json", "sha256, which closing 2026-11 r000001 names as its predecessor's", digest([]byte(old)), digest([]byte(f.read(before)))},
		}
	}
}

func eventBody(digests bool) func(*testing.T, *testWorld) []Fault {
	return func(t *testing.T, w *testWorld) []Fault {
		f := newForger(t, w, "monthly", "2026-10", 1)
		o := f.object("events-0001")
		was, id := o.SHA256, f.m.Events[0].ID
		body := f.edit(f.read(o.Key), `"total":"30.00"`, `"total":"33.00"`)
		faults := []Fault{
			{octoberData + "events-0001.", "event " + id + ", invoice.total, against its document", `"30.00"`, `"33.00"`},
			{octoberData + "events-0001.", "line 1 (event " + id + "), invoice.total, computed again", `"30.00"`, `"33.00"`},
		}
		if !digests {
			f.put(o.Key, body)
			return append(faults, Fault{o.Key, "sha256", was, digest([]byte(body))})
		}
		f.replace(o, body)
		f.commit()
		return faults
	}
}

func planFile(digests bool) func(*testing.T, *testWorld) []Fault {
	return func(t *testing.T, w *testWorld) []Fault {
		f := newForger(t, w, "monthly", "2026-10", 1)
		key := octoberRun + "plan.json"
		if !digests {
			text := f.read(key)
			forged := f.edit(text, `Acme Cloud`, `Acne Cloud`)
			f.put(key, forged)
			computed := digest([]byte(forged[:strings.LastIndex(forged, ",\n  \"sha256\"")]))
			return []Fault{{key, "sha256 of the text before it", computed, text[len(text)-len(`"`+"\n}\n")-64:][:64]}}
		}
		was := f.plan.Identity.Digest()
		f.plan.Identity.Parameters[parameterNext] = "8"
		f.writeChecked(key, f.plan)
		return []Fault{
			{key, "digest of the identity, against plan in the manifest", was, f.plan.Identity.Digest()},
			{octoberRun + "manifest.json", "chain.numbers.invoice, computed again", "10", "3"},
		}
	}
}

func bookCopy(digests bool) func(*testing.T, *testWorld) []Fault {
	return func(t *testing.T, w *testWorld) []Fault {
		f := newForger(t, w, "monthly", "2026-10", 1)
		at := 0
		for f.m.Inputs[at].Kind != kindBook {
			at++
		}
		was := f.m.Inputs[at]
		key := publish.CopyKey(was)
		body := f.edit(f.read(key), "unit: 0.50", "unit: 0.60")
		if !digests {
			f.put(key, body)
			return []Fault{{key, "book shop.yaml: sha256", was.SHA256, digest([]byte(body))}}
		}
		for _, inputs := range [][]publish.Input{f.m.Inputs, f.plan.Identity.Inputs} {
			for i := range inputs {
				if inputs[i].Kind == kindBook {
					inputs[i].SHA256 = digest([]byte(body))
				}
			}
		}
		f.put(publish.CopyKey(f.m.Inputs[at]), body)
		f.commit()
		invoices, err := w.pipeline(t).Invoices(t.Context(), october, "acme")
		if err != nil {
			t.Fatal(err)
		}
		// 40 GB at 0.60 would have been 24.
		return []Fault{{octoberData + "invoice_line_items.", fmt.Sprintf(`row 0 (invoice_id %q, line 1), column total, computed again`, invoices[0].ID), "24", "20"}}
	}
}

func invoiceNumber(digests bool) func(*testing.T, *testWorld) []Fault {
	return func(t *testing.T, w *testWorld) []Fault {
		f := newForger(t, w, "monthly", "2026-10", 1)
		o := f.object("invoices")
		was := o.SHA256
		invoices, err := tables.DecodeInvoices(o.Key, []byte(f.read(o.Key)))
		if err != nil {
			t.Fatal(err)
		}
		invoices[0].Number = "2026-000007"
		body, err := tables.EncodeInvoices("2026-10", invoices)
		if err != nil {
			t.Fatal(err)
		}
		faults := []Fault{
			{octoberData + "invoices.", "number 2026-000001", "on one invoice", "on 0"},
			{octoberData + "invoices.", fmt.Sprintf(`invoice %s of account "acme", column number`, invoices[0].ID), "the next of its series", "2026-000007"},
			{octoberData + "documents-0001.", acmesDocument + "number, against the tables", `"2026-000007"`, `"2026-000001"`},
		}
		if !digests {
			f.put(o.Key, string(body))
			return append(faults, Fault{o.Key, "sha256", was, digest(body)})
		}
		f.replace(o, string(body))
		f.commit()
		return faults
	}
}

func deletedObject(digests bool) func(*testing.T, *testWorld) []Fault {
	return func(t *testing.T, w *testWorld) []Fault {
		f := newForger(t, w, "monthly", "2026-10", 1)
		o := *f.object("ledger_entries")
		f.delete(o.Key)
		if !digests {
			return []Fault{{o.Key, "", "sha256 " + o.SHA256, "nothing"}}
		}
		kept := f.m.Objects[:0]
		for _, other := range f.m.Objects {
			if other != o {
				kept = append(kept, other)
			}
		}
		f.m.Objects = kept
		f.commit()
		return []Fault{
			{octoberRun + "manifest.json", "table ledger_entries", "an object", "nothing"},
			{octoberRun + "manifest.json", "object ledger_entries closing=2026-10, computed again", o.Key, "nothing"},
		}
	}
}
