package jobs

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"

	"daybook/sinks/publish"
	"daybook/sources/blob"
)

// VerifyOptions say what is verified, and against which keys.
type VerifyOptions struct {
	Job      string // "": every job
	From, To string // periods, days or months, both included; "": open. A month holds its days
	All      bool   // superseded and abandoned revisions too
	Keys     []ed25519.PublicKey
}

// Fault is one thing that is not as it should be: where it stands, what was
// expected there and what was found.
type Fault struct {
	Key      string `json:"key"`             // the file or object
	Where    string `json:"where,omitempty"` // its row, cell, line or member
	Expected string `json:"expected"`
	Found    string `json:"found"`
}

// VerifiedRun is what was found out about one revision.
type VerifiedRun struct {
	Job       string          `json:"job"`
	Period    string          `json:"period"`
	Revision  int             `json:"revision"`
	Verdict   publish.Verdict `json:"verdict,omitempty"` // "": planned, not decided
	Engine    string          `json:"engine,omitempty"`
	Objects   int             `json:"objects"`            // whose bytes were read
	Rederived bool            `json:"rederived"`          // computed again from its inputs
	Unproven  []string        `json:"unproven,omitempty"` // what could not be checked, and why
	Faults    []Fault         `json:"faults,omitempty"`
}

// verifier is one call of Verify.
type verifier struct {
	p    *Pipeline
	o    VerifyOptions
	list *listing // of usage files, for all days
	done []VerifiedRun

	later  map[string]bool              // documents of the period that later revisions have
	tables map[string]map[string]string // keys of the current view by table and partition
}

// Verify derives every digest and total of published revisions again from what
// is stored, and computes the revisions themselves again from their pinned
// inputs (docs/verify.md). It writes nothing. What is wrong is in the Faults; an
// error means that the store could not be asked.
func (p *Pipeline) Verify(ctx context.Context, o VerifyOptions) ([]VerifiedRun, error) {
	defer p.forgetRollups()
	v := &verifier{p: p, o: o, list: p.newListing()}
	runs, err := p.publisher.Runs(ctx, o.Job, "")
	if err != nil {
		return nil, err
	}
	for len(runs) > 0 {
		first := runs[0]
		n := slices.IndexFunc(runs, func(r publish.RunFiles) bool { return r.Job != first.Job || r.Period != first.Period })
		if n < 0 {
			n = len(runs)
		}
		if within(first.Period, o.From, o.To) {
			if err := v.period(ctx, runs[:n]); err != nil {
				return v.done, fmt.Errorf("verify %s %s: %w", first.Job, first.Period, err)
			}
		}
		runs = runs[n:]
	}
	return v.done, nil
}

// within reports whether a period lies in a range of days or months; as far as
// one is shorter than the other, the shorter one decides.
func within(period, from, to string) bool {
	compare := func(bound string) (a, b string) {
		n := min(len(period), len(bound))
		return period[:n], bound[:n]
	}
	p, f := compare(from)
	if p < f {
		return false
	}
	p, t := compare(to)
	return p <= t
}

// period verifies the revisions of one job and period: that their manifests
// follow each other, and then each one by itself.
func (v *verifier) period(ctx context.Context, runs []publish.RunFiles) error {
	published, unread := 0, false // unread: a manifest since then that nobody can read
	checks := make([]*runCheck, 0, len(runs))
	for i, files := range runs {
		c := &runCheck{v: v, p: v.p, files: files, out: &VerifiedRun{Job: files.Job, Period: files.Period, Revision: files.Revision}}
		checks = append(checks, c)
		if files.Revision != i+1 {
			c.fault(publish.ManifestKey(files.Job, files.Period, files.Revision), "revision", fmt.Sprint(i+1), fmt.Sprint(files.Revision))
		}
		supersedes := published
		if unread {
			supersedes = unknownRevision
		}
		if err := c.readManifest(ctx, supersedes, i == len(runs)-1); err != nil {
			return err
		}
		switch {
		case c.m == nil:
			unread = unread || files.Decided
		case c.m.Verdict == publish.Published:
			published, unread = files.Revision, false
		}
	}
	from := len(v.done)
	v.later = map[string]bool{}
	for _, c := range slices.Backward(checks) { // the latest one says what later ones replaced
		c.standing = c.files.Revision == published
		if c.files.Revision < published && len(c.out.Faults) == 0 && !v.o.All && !c.issued() {
			continue
		}
		if err := c.check(ctx); err != nil {
			return err
		}
		v.done = append(v.done, *c.out)
	}
	slices.Reverse(v.done[from:])
	return nil
}

// runCheck verifies one revision.
type runCheck struct {
	v        *verifier
	p        *Pipeline
	files    publish.RunFiles
	standing bool // the latest published one
	m        *publish.Manifest
	plan     *publish.Plan
	bodies   map[string][]byte // of its objects, as found
	out      *VerifiedRun
}

// issued reports whether the revision is of a closing, and published: a later one
// adds to what it issued, and takes no document or event of it back.
func (c *runCheck) issued() bool {
	return c.files.Job == string(JobMonthly) && c.m != nil && c.m.Verdict == publish.Published
}

// faultLimit bounds the faults listed of one revision.
const faultLimit = 100

func (c *runCheck) fault(key, where, expected, found string) {
	if f := (Fault{key, where, expected, found}); len(c.out.Faults) < faultLimit && !slices.Contains(c.out.Faults, f) {
		c.out.Faults = append(c.out.Faults, f)
	}
}

func (c *runCheck) unproven(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(c.out.Unproven, text) {
		c.out.Unproven = append(c.out.Unproven, text)
	}
}

// manifestKey is where the revision's manifest stands.
func (c *runCheck) manifestKey() string {
	return publish.ManifestKey(c.files.Job, c.files.Period, c.files.Revision)
}

// check goes from the outside in, so that what is named first is nearest to the
// cause: files, inputs, objects, what stands in them, and the same computed again.
func (c *runCheck) check(ctx context.Context) error {
	steps := []func(context.Context) error{c.checkPlan, c.checkInputs, c.checkObjects, c.checkContents, c.checkReplay, c.checkCurrent, c.checkSignature}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// told reports whether err says that bytes are missing or not those that were
// written, which is for the report and not the end of it.
func told(err error) bool {
	return errors.Is(err, publish.ErrDamaged) || errors.Is(err, blob.ErrNotFound) || errors.Is(err, blob.ErrTooLarge)
}

// unanswered passes on errors of a store that could not be asked.
func unanswered(err error) error {
	if stopsRun(err) {
		return err
	}
	return nil
}

// found says what stands where something else was expected.
func found(err error) string {
	if errors.Is(err, blob.ErrNotFound) {
		return "nothing"
	}
	return err.Error()
}
