package publish

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"daybook/sources/blob/mem"
)

func TestPack_SplitsAndFindsEverythingAgain(t *testing.T) {
	store := mem.New("out")
	p := New(store, Options{Engine: "v1"})
	r, err := p.Begin(t.Context(), daily("1").identity(), nil)
	if err != nil {
		t.Fatal(err)
	}
	k := r.NewPack()
	k.limit = 64
	bodies := map[string]string{}
	for i := range 20 {
		body := fmt.Sprintf(`{"n":%d,"x":%q}`, i, strings.Repeat("<&>", i%7))
		path := fmt.Sprintf("invoices/a%02d.json", i)
		bodies[path], bodies["evt_"+path[10:12]] = body+"\n", body
		if err := k.Document(t.Context(), path, []byte(body)); err != nil {
			t.Fatal(err)
		}
		e := Event{ID: "evt_" + path[10:12], Type: "invoice.issued"}
		if err := k.Event(t.Context(), e, []byte(body+"\n")); err != nil {
			t.Fatal(err)
		}
	}
	objects, events, err := k.Close(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	m, _, err := r.Commit(t.Context(), Manifest{Objects: objects, Events: events})
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Events) != 20 {
		t.Errorf("%d events", len(m.Events))
	}
	for i, e := range m.Events {
		body, err := p.EventBody(t.Context(), m, e)
		if err != nil || string(body) != bodies[e.ID] || e.ID != fmt.Sprintf("evt_%02d", i) {
			t.Errorf("event %d %s has %q, %v", i, e.ID, body, err)
		}
	}
	packs, documents := 0, 0
	for _, o := range m.Objects {
		if o.Role != RoleIndex && o.Size > 64 {
			t.Errorf("pack %s has %d bytes", o.Key, o.Size)
		}
		switch o.Role {
		case RoleDocuments:
			packs++
			body, err := p.ReadObject(t.Context(), o)
			if err != nil || int64(bytes.Count(body, []byte("\n"))) != o.Rows {
				t.Errorf("pack %s has not %d lines, %v", o.Key, o.Rows, err)
			}
		case RoleIndex:
			lines, err := p.Documents(t.Context(), o)
			if err != nil || int64(len(lines)) != o.Rows {
				t.Errorf("index %s: %v", o.Key, err)
			}
			for _, d := range lines {
				if d.SHA256 != sum([]byte(bodies[d.Path])) {
					t.Errorf("%s has another sha256", d.Path)
				}
			}
			documents += len(lines)
		}
	}
	if packs < 5 || documents != 20 {
		t.Errorf("%d packs, %d documents", packs, documents)
	}
	if err := p.Advance(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	for path, body := range bodies {
		if strings.HasPrefix(path, "invoices/") && content1(t, store, "current/documents/"+path) != body {
			t.Errorf("%s is not its document", path)
		}
	}
}

func TestPack_RefusesWhatIsNotOneLineOrNotOnce(t *testing.T) {
	r, err := New(mem.New("out"), Options{}).Begin(t.Context(), daily("1").identity(), nil)
	if err != nil {
		t.Fatal(err)
	}
	k := r.NewPack()
	k.limit = 10
	if err := k.Document(t.Context(), "a.json", []byte("{}")); err != nil {
		t.Fatal(err)
	}
	if err := k.Event(t.Context(), Event{ID: "evt_a", Type: "t"}, []byte("{}")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ path, body, want string }{
		{"a.json", "{}", "one already"},
		{"b.json", "{\n}", "more than one line"},
		{"b.json", "{}\n\n", "more than one line"},
		{"b.json", "{}\r\n", "more than one line"},
		{"b.json", "", "empty"},
		{"b.json", `{"a":"too long"}`, "at most 10 fit"},
		{"../b.json", "{}", "segment .."},
		{"a//b.json", "{}", "empty segment"},
	} {
		if err := k.Document(t.Context(), c.path, []byte(c.body)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %q: error is %v, want %q", c.path, c.body, err, c.want)
		}
	}
	for _, e := range []Event{{ID: "evt_a", Type: "t"}, {ID: "evt_b"}, {Type: "t"}} {
		if err := k.Event(t.Context(), e, []byte("{}")); err == nil {
			t.Errorf("event %+v was packed", e)
		}
	}
}

func TestEventBody_OutsideOfItsPackIsDamage(t *testing.T) {
	store := mem.New("out")
	m := daily("1").must(t, store)
	p := New(store, Options{})
	e := m.Events[0]
	for _, change := range []func(*Event){
		func(e *Event) { e.Offset = -1 },
		func(e *Event) { e.Length = 1 << 62 },
		func(e *Event) { e.Offset = 1 << 62 },
		func(e *Event) { e.Pack = "data/other" },
	} {
		bad := e
		change(&bad)
		_, err := p.EventBody(t.Context(), m, bad)
		is(t, err, ErrDamaged)
	}
}
