package publish

import (
	"encoding/json"
	"fmt"
	"time"
)

// Verdict is what became of a revision (docs/commit-protocol.md, "Words").
type Verdict string

// The verdicts. A decided revision has exactly one, for good.
const (
	Published Verdict = "published" // its objects are the period's results
	Unchanged Verdict = "unchanged" // computed, and equal to what it would supersede
	Abandoned Verdict = "abandoned" // its inputs changed under it, or its engine is gone
	Sealed    Verdict = "sealed"    // a closing that takes no more supplements
)

// Roles of objects.
const (
	RoleTable     = "table"     // one partition of a table, Parquet
	RoleDocuments = "documents" // a pack of documents, NDJSON
	RoleIndex     = "index"     // where the documents of one pack stand, NDJSON of Document
	RoleEvents    = "events"    // a pack of event bodies, NDJSON
	RoleTrace     = "trace"     // what a rollup took from the registry
	RoleChain     = "chain"     // what the next closing takes from this one
)

// Object is one immutable object of a revision, named by its content.
type Object struct {
	Key       string `json:"key"`
	SHA256    string `json:"sha256"` // hex
	Size      int64  `json:"size"`   // bytes
	Rows      int64  `json:"rows"`
	Table     string `json:"table,omitempty"`     // tables only
	Partition string `json:"partition,omitempty"` // tables only: "utc_day=2026-10-01"
	Role      string `json:"role"`
}

// Event is one webhook event of a revision and where its body stands. Length
// counts the bytes of the body, without the line end that follows it.
type Event struct {
	ID      string `json:"id"`
	Type    string `json:"type"`
	Subject string `json:"subject"`
	Format  string `json:"format"`
	Pack    string `json:"pack"` // key of the object that holds the body
	Offset  int64  `json:"offset"`
	Length  int64  `json:"length"`
}

// Document is one line of an index object: a file under current/documents/ and
// the bytes of a pack that it is made of, line end included.
type Document struct {
	Path   string `json:"path"` // relative to current/documents/
	Pack   string `json:"pack"` // sha256 of the pack object
	Offset int64  `json:"offset"`
	Length int64  `json:"length"`
	SHA256 string `json:"sha256"` // of the file's bytes, hex
}

// Chain is what the next closing takes from this one
// (docs/commit-protocol.md, "Closings").
type Chain struct {
	Predecessor string           `json:"predecessor"` // "2026-09 r000001 <manifest sha256>"; "" for the first closing
	Numbers     map[string]int64 `json:"numbers"`     // the next number of each series
	Coverage    *Object          `json:"coverage,omitempty"`
	Anchors     int              `json:"anchors,omitempty"` // billing anchors that the coverage holds
	Issued      *Object          `json:"issued,omitempty"`
	Posted      *Object          `json:"posted,omitempty"` // payments and adjustments that the books have entered
}

// Manifest is the verdict on one revision and all that it made. Its file is a
// pure function of the run's inputs and engine: the same on any store, machine
// and number of cores.
//
// Supersedes is the latest published revision before this one, 0 for none: a
// published revision takes its place, any other verdict leaves it standing.
type Manifest struct {
	Format         int               `json:"format"`
	Job            string            `json:"job"`
	Period         string            `json:"period"`
	Revision       int               `json:"revision"`
	Verdict        Verdict           `json:"verdict"`
	Engine         string            `json:"engine"`
	Plan           string            `json:"plan"` // digest of the identity; "" for sealed
	AsOf           time.Time         `json:"as_of"`
	Supersedes     int               `json:"supersedes"`
	Notify         bool              `json:"notify"`
	Reason         string            `json:"reason,omitempty"`
	Inputs         []Input           `json:"inputs,omitempty"`
	Objects        []Object          `json:"objects,omitempty"`
	Totals         map[string]string `json:"totals,omitempty"`
	Reconciliation json.RawMessage   `json:"reconciliation,omitempty"` // the job's own account of its rows
	Events         []Event           `json:"events,omitempty"`
	Trace          string            `json:"trace,omitempty"` // digest
	Chain          *Chain            `json:"chain,omitempty"`
}

// ManifestDigest returns the sha256, in hex, of the manifest's file: what the
// next closing names its predecessor by.
func ManifestDigest(m Manifest) (string, error) {
	body, err := encodeChecked(m)
	if err != nil {
		return "", fmt.Errorf("encode manifest of %s %s: %w", m.Job, m.Period, err)
	}
	return digest(body), nil
}

// parseManifest reads the manifest file of one revision.
func parseManifest(body []byte, job, period string, revision int) (Manifest, error) {
	var m Manifest
	if err := decodeChecked(body, &m); err != nil {
		return Manifest{}, err
	}
	switch {
	case m.Format != format:
		return Manifest{}, fmt.Errorf("its format is %d and this program writes %d; use the version that wrote it", m.Format, format)
	case m.Job != job || m.Period != period || m.Revision != revision:
		return Manifest{}, fmt.Errorf("%w: it belongs to %s %s %s", ErrDamaged, m.Job, m.Period, revisionSegment(m.Revision))
	}
	return m, nil
}
