package publish

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"daybook/sources/blob"
)

// packLimit is the largest pack, in bytes (docs/commit-protocol.md, "Keys").
const packLimit = 64 << 20

// Pack collects a run's documents and event bodies, one line each, into a few
// NDJSON objects of at most 64 MiB. Objects are put as they fill, so memory stays
// bounded; their bytes depend on nothing but the order of the calls. It is not
// safe for concurrent use.
type Pack struct {
	run       *Run
	limit     int
	documents packWriter
	events    packWriter

	index   bytes.Buffer    // of the documents in the open pack
	indexed []Document      // the same, before the pack's digest is known
	open    []Event         // events in the open pack, whose key is not known yet
	paths   map[string]bool // of all documents
	ids     map[string]bool // of all events

	objects []Object
	done    []Event
}

// packWriter is the open pack of one role.
type packWriter struct {
	role  string
	body  []byte
	rows  int64
	count int // packs put
}

// NewPack returns an empty pack of this revision.
func (r *Run) NewPack() *Pack {
	return &Pack{
		run: r, limit: packLimit,
		documents: packWriter{role: RoleDocuments}, events: packWriter{role: RoleEvents},
		paths: map[string]bool{}, ids: map[string]bool{},
	}
}

// Document adds the file current/documents/<path>. Its published bytes are body,
// one line of JSON, and a line end.
func (k *Pack) Document(ctx context.Context, path string, body []byte) error {
	if err := k.document(ctx, path, body); err != nil {
		return fmt.Errorf("pack document %q: %w", path, err)
	}
	return nil
}

func (k *Pack) document(ctx context.Context, path string, body []byte) error {
	if err := blob.ValidKey(documentsPrefix + path); err != nil {
		return err
	}
	if k.paths[path] {
		return errors.New("there is one already")
	}
	text, err := oneLine(body)
	if err != nil {
		return err
	}
	if err := k.room(ctx, &k.documents, len(text)+1); err != nil {
		return err
	}
	k.paths[path] = true
	offset, line := k.documents.add(text, k.limit)
	k.indexed = append(k.indexed, Document{Path: path, Offset: offset, Length: int64(len(line)), SHA256: digest(line)})
	return nil
}

// Event adds an event and its body, one line of JSON, which is delivered without
// the line end. Pack, Offset and Length of e are set here.
func (k *Pack) Event(ctx context.Context, e Event, body []byte) error {
	if err := k.event(ctx, e, body); err != nil {
		return fmt.Errorf("pack event %s: %w", e.ID, err)
	}
	return nil
}

func (k *Pack) event(ctx context.Context, e Event, body []byte) error {
	if e.ID == "" || e.Type == "" || k.ids[e.ID] {
		return errors.New("its id or type is empty, or its id is used twice")
	}
	text, err := oneLine(body)
	if err != nil {
		return err
	}
	if err := k.room(ctx, &k.events, len(text)+1); err != nil {
		return err
	}
	k.ids[e.ID] = true
	e.Offset, _ = k.events.add(text, k.limit)
	e.Length = int64(len(text))
	k.open = append(k.open, e)
	return nil
}

// Close puts what is left and returns the objects and events for the manifest.
func (k *Pack) Close(ctx context.Context) ([]Object, []Event, error) {
	if err := errors.Join(k.flush(ctx, &k.documents), k.flush(ctx, &k.events)); err != nil {
		return nil, nil, fmt.Errorf("close pack: %w", err)
	}
	return k.objects, k.done, nil
}

// oneLine returns body without the one line end that it may have.
func oneLine(body []byte) ([]byte, error) {
	body = bytes.TrimSuffix(body, []byte("\n"))
	if len(body) == 0 {
		return nil, errors.New("it is empty")
	}
	if bytes.IndexByte(body, '\n') >= 0 || bytes.IndexByte(body, '\r') >= 0 {
		return nil, errors.New("it is more than one line")
	}
	return body, nil
}

// add adds a line, for which there is room, and returns where it lies: valid until
// the next. The memory is never more than limit.
func (w *packWriter) add(text []byte, limit int) (offset int64, line []byte) {
	n := len(w.body)
	if size := n + len(text) + 1; size > cap(w.body) {
		w.body = append(make([]byte, 0, min(max(size, 2*cap(w.body)), max(size, limit))), w.body...)
	}
	w.body = append(append(w.body, text...), '\n')
	w.rows++
	return int64(n), w.body[n:]
}

// room puts the open pack when n more bytes would not fit.
func (k *Pack) room(ctx context.Context, w *packWriter, n int) error {
	if n > k.limit {
		return fmt.Errorf("it has %d bytes, at most %d fit a pack", n, k.limit)
	}
	if len(w.body)+n <= k.limit {
		return nil
	}
	return k.flush(ctx, w)
}

// flush puts the open pack of one role and, of documents, its index.
func (k *Pack) flush(ctx context.Context, w *packWriter) error {
	if w.rows == 0 {
		return nil
	}
	name := fmt.Sprintf("%s-%04d", w.role, w.count+1)
	pack, err := k.run.Put(ctx, NewObject{Name: name, Ext: "ndjson", Role: w.role, Rows: w.rows, Body: w.body})
	if err != nil {
		return err
	}
	k.objects = append(k.objects, pack)
	if w.role == RoleDocuments {
		err = k.flushIndex(ctx, name, pack)
	} else {
		for _, e := range k.open {
			e.Pack = pack.Key
			k.done = append(k.done, e)
		}
		k.open = k.open[:0]
	}
	w.count++
	w.rows = 0
	w.body = w.body[:0]
	return err
}

func (k *Pack) flushIndex(ctx context.Context, name string, pack Object) error {
	k.index.Reset()
	enc := json.NewEncoder(&k.index)
	enc.SetEscapeHTML(false)
	for _, d := range k.indexed {
		d.Pack = pack.SHA256
		if err := enc.Encode(d); err != nil {
			return fmt.Errorf("encode index: %w", err)
		}
	}
	index, err := k.run.Put(ctx, NewObject{Name: name + "-index", Ext: "ndjson", Role: RoleIndex, Rows: int64(len(k.indexed)), Body: k.index.Bytes()})
	if err != nil {
		return err
	}
	k.objects = append(k.objects, index)
	k.indexed = k.indexed[:0]
	return nil
}
