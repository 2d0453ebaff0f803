// Package jobs says when and in what order the rooms work together: rollup,
// daily, monthly and deliver, each a job of its own with its own inputs, outputs
// and manifest. It does no arithmetic and no encoding.
//
// Every job runs the same way (docs/commit-protocol.md, A run): find the first
// undecided revision of its period; stop if the last decided one is up to date;
// pin the inputs in a plan; compute; put content-named objects; commit one
// manifest; move the current view. A second runner of the same period adopts
// the first one's result.
package jobs

import (
	"context"
	"crypto/ed25519"
	"errors"
	"log/slog"
	"time"

	"daybook/pricing"
	"daybook/sinks/api"
	"daybook/sinks/publish"
	"daybook/sinks/webhooks"
	"daybook/sources/blob"
	"daybook/sources/usage"
)

// Stores are the four places a pipeline works between; several may be prefixes
// of one bucket.
type Stores struct {
	Usage, Registry, Book, Out blob.Store
}

// Options are the parts of a pipeline that vary by caller.
type Options struct {
	Version  string       // engine version, recorded in plans and manifests
	Engine   usage.Engine // nil: the local engine
	Log      *slog.Logger // nil: silent
	Progress func(Progress)
	Clock    Clock              // needed by Deliver and Serve
	ProbeKey string             // key of the store test's probe object, unlike any other process's
	Signing  ed25519.PrivateKey // nil: manifests are not signed
	Systems  []api.System       // whose pages Documents publishes
}

// Progress is a moment of long work.
type Progress struct {
	Job, Period string
	Rows, Bytes int64
	TotalBytes  int64 // 0 unknown
	Done        bool
}

// Pipeline runs the jobs over a set of stores.
type Pipeline struct {
	stores    Stores
	settings  Settings
	engine    usage.Engine
	version   string // of the program
	publisher *publish.Publisher
	log       *slog.Logger
	progress  func(Progress)
	clock     Clock
	sender    sender
	probeKey  string
	probed    bool
	systems   []api.System
	rollups   map[string]keptRollup // by digest, for the next day of a range

	keepsRollups bool // a next day comes
}

// New returns a pipeline. It touches no store.
func New(stores Stores, settings Settings, o Options) *Pipeline {
	p := &Pipeline{stores: stores, settings: settings, engine: o.Engine, version: o.Version, log: o.Log, progress: o.Progress, clock: o.Clock, probeKey: o.ProbeKey, systems: o.Systems}
	if p.engine == nil {
		p.engine = usage.New()
	}
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	if p.progress == nil {
		p.progress = func(Progress) {}
	}
	p.publisher = publish.New(stores.Out, publish.Options{Engine: o.Version, Signing: o.Signing})
	p.sender = webhooks.New(webhooks.Options{Now: p.clock.Now})
	return p
}

// State is how a run ended.
type State string

// The ways a run may end well.
const (
	StatePublished State = "published" // this run published a new revision
	StateUnchanged State = "unchanged" // computed, and equal to what stands
	StateAdopted   State = "adopted"   // another runner published the same revision first
	StateAlready   State = "already"   // up to date; nothing was computed or written

	StateIncomplete State = "incomplete" // refused: Outcome.Missing says why
	StateStopped    State = "stopped"    // refused: Outcome.Corrections are to be accepted by Outcome.Digest
)

// Outcome is what one run of one period did.
type Outcome struct {
	Job      string            `json:"job"`
	Period   string            `json:"period"`
	State    State             `json:"state"`
	Revision int               `json:"revision"`
	AsOf     time.Time         `json:"as_of,omitzero"`
	Counts   *usage.Counts     `json:"counts,omitempty"`
	Rated    *pricing.Rated    `json:"rated,omitempty"`
	Parked   []pricing.Parked  `json:"parked,omitempty"`
	Trees    *TreeCounts       `json:"trees,omitempty"` // of a rating
	Reasons  map[string]int64  `json:"rejected_reasons,omitempty"`
	Invoices []pricing.Invoice `json:"-"`
	// Corrections are those of earlier closings, and Vanished the registry rows
	// without which nothing of an account was corrected.
	Corrections   []CorrectionRow   `json:"corrections,omitempty"`
	Digest        string            `json:"corrections_digest,omitempty"` // of corrections that stopped the run
	Vanished      []Vanished        `json:"vanished,omitempty"`
	Totals        map[string]string `json:"totals,omitempty"`
	Pending       int               `json:"pending_webhooks,omitempty"`
	Sent          int               `json:"delivered_webhooks,omitempty"`
	Dead          int               `json:"dead_webhooks,omitempty"`
	Missing       []Missing         `json:"missing,omitempty"`        // usage that a closing waits for, or was made without
	VanishedUsage []string          `json:"vanished_usage,omitempty"` // usage files that the rollup as it stands counted, and that are gone

	// stands is the manifest of the revision that says what the period is, once the
	// current view has come to it.
	stands *publish.Manifest
	files  string // of a rollup: the token of its usage files, "" where stands is not of the last revision
}

// Fresh reports whether this run made the result.
func (o Outcome) Fresh() bool { return o.State == StatePublished || o.State == StateUnchanged }

// RunOptions are what a person may say about one run.
type RunOptions struct {
	AsOf            time.Time // zero: the period's due instant
	Now             time.Time // decides whether a period is due, nothing else
	Only            bool      // do not bring missing rollups up to date first
	Recompute       bool      // compute even when up to date
	AllowIncomplete bool      // close a month although usage is known to be missing
	NoNotify        bool      // make no webhook events
	// AcceptCorrections lets exactly these corrections pass (CorrectionsError).
	AcceptCorrections string
	Quarantine        []string // usage file keys to publish days without

	replanned bool // inputs changed once already
}

// ErrNotDue is returned for a period that has not ended everywhere yet.
var ErrNotDue = errors.New("not due")

// ErrIncomplete is returned for a closing whose inputs are known to be incomplete.
var ErrIncomplete = errors.New("inputs are incomplete")

// ErrBeforeStart is returned for a period before the first that is billed. Its
// text goes on with that day.
var ErrBeforeStart = errors.New("the configuration starts at")

// ErrNoUsageFile is returned for a file to quarantine or withdraw that is not there.
var ErrNoUsageFile = errors.New("no usage file has that key")

// ErrNoInvoice is returned for an invoice or a line that no closing has.
var ErrNoInvoice = errors.New("there is no invoice")

// Probe tests that the output store keeps put conditions (blob.ErrUnsafe).
func (p *Pipeline) Probe(ctx context.Context) error { return blob.Probe(ctx, p.stores.Out, p.probeKey) }

// probe refuses a store on which put-if-absent means nothing, once a process
// and before its first write.
func (p *Pipeline) probe(ctx context.Context) error {
	if p.probed {
		return nil
	}
	if err := p.Probe(ctx); err != nil {
		return err
	}
	p.probed = true
	return nil
}
