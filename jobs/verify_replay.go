package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"daybook/pricing"
	"daybook/sinks/publish"
	"daybook/sources/blob"
	"daybook/sources/blob/mem"
	"daybook/sources/usage"
)

// checkReplay computes the revision again from its plan and pinned inputs, into a
// store in memory, and holds every member of the manifest and every byte of its
// objects against that. So whoever changes a figure has to change what it was
// computed from as well.
func (c *runCheck) checkReplay(ctx context.Context) error {
	if c.m == nil || c.plan == nil || c.m.Verdict != publish.Published && c.m.Verdict != publish.Unchanged {
		return nil
	}
	replay := map[Job]func(context.Context, *publish.Run) (publish.Manifest, error){
		JobRollup: c.replayRollup, JobDaily: c.replayDay, JobDraft: c.replayDraft, JobMonthly: c.replayClosing, JobDocuments: c.replayPages,
	}[Job(c.m.Job)]
	if replay == nil {
		c.unproven("this version cannot compute a %s again", c.m.Job)
		return nil
	}
	if c.files.Condemned && len(c.bodies) < len(c.m.Objects) {
		return nil
	}
	scratch := publish.New(mem.New("verify"), publish.Options{Engine: c.m.Engine})
	before, err := c.superseded(ctx)
	if err != nil {
		return err
	}
	expected, err := c.commitAgain(ctx, scratch, before, replay)
	if err != nil {
		c.unproven("not computed again: %v", err)
		return unanswered(err)
	}
	if c.m.Engine != c.p.version {
		return c.compareOther(ctx, scratch, expected)
	}
	c.out.Rederived = true
	return c.compare(ctx, scratch, expected)
}

// superseded reads the revision that this one took the place of.
func (c *runCheck) superseded(ctx context.Context) (*publish.Manifest, error) {
	if c.m.Supersedes == 0 {
		return nil, nil
	}
	before, err := c.p.publisher.ManifestOf(ctx, c.m.Job, c.m.Period, c.m.Supersedes)
	if err != nil {
		return nil, unanswered(err)
	}
	return &before, nil
}

func (c *runCheck) commitAgain(ctx context.Context, scratch *publish.Publisher, before *publish.Manifest, replay func(context.Context, *publish.Run) (publish.Manifest, error)) (publish.Manifest, error) {
	run := scratch.Replay(*c.plan, c.m.Revision, before)
	m, err := replay(ctx, run)
	if err != nil {
		return m, err
	}
	m, _, err = run.Commit(ctx, m)
	return m, err
}

// compareOther is compare for what another version made: a difference may be
// that version's way, and is no fault.
func (c *runCheck) compareOther(ctx context.Context, scratch *publish.Publisher, expected publish.Manifest) error {
	faults := c.out.Faults
	err := c.compare(ctx, scratch, expected)
	differences := len(c.out.Faults) - len(faults)
	c.out.Faults = faults
	if err != nil {
		return err
	}
	if differences == 0 {
		c.out.Rederived = true
		return nil
	}
	c.unproven("made by version %s, and version %s computes otherwise (differences: %d); verify it with that version", c.m.Engine, c.p.version, differences)
	return nil
}

// replayRollup reads the usage files that the plan names again.
func (c *runCheck) replayRollup(ctx context.Context, run *publish.Run) (publish.Manifest, error) {
	var none publish.Manifest
	in, err := c.pinnedFiles(ctx)
	if err != nil {
		return none, err
	}
	day, err := pricing.ParseDate(c.m.Period)
	if err != nil {
		return none, fmt.Errorf("period %s is no day", c.m.Period)
	}
	files, err := c.pinnedUsage(ctx, day)
	if err != nil {
		return none, err
	}
	w := &rollupWork{day: day, run: run, in: in, files: files, outcome: &Outcome{}}
	request, _ := c.p.rollupRequest([]*rollupWork{w})
	request.Mapping = usage.Mapping{}
	if err := json.Unmarshal([]byte(c.plan.Identity.Parameters["mapping"]), &request.Mapping); err != nil {
		return none, fmt.Errorf("its plan has no column mapping: %w", err)
	}
	var m publish.Manifest
	err = c.p.engine.Rollup(ctx, request, func(d usage.Day) error {
		c.compareUsage(d)
		e, err := encodeRollup(w, d)
		if err == nil {
			m, err = e.put(ctx)
		}
		return err
	})
	var file *usage.FileError
	if errors.As(err, &file) && unanswered(err) == nil {
		c.fault("usage "+file.File, "", "the file that the rollup read", file.Err.Error())
		return none, fmt.Errorf("usage file %s cannot be read", file.File)
	}
	return m, err
}

// pinnedUsage finds the usage files of a plan as they lie there now.
func (c *runCheck) pinnedUsage(ctx context.Context, day pricing.Date) ([]usageFile, error) {
	var files []usageFile
	listed, err := c.v.list.day(ctx, day)
	if err != nil {
		return nil, err
	}
	for _, i := range c.plan.Identity.Inputs {
		if i.Kind != kindUsage {
			continue
		}
		n := slices.IndexFunc(listed, func(f usageFile) bool { return f.object.Key == i.Key })
		if n < 0 {
			return nil, fmt.Errorf("rollup not re-derivable: usage file %s is gone", i.Key)
		}
		files = append(files, listed[n])
	}
	return files, nil
}

// compareUsage holds the usage files that were read now against those that the
// rollup read.
func (c *runCheck) compareUsage(d usage.Day) {
	for _, f := range d.Files {
		n := slices.IndexFunc(c.m.Inputs, func(i publish.Input) bool { return i.Kind == kindUsage && i.Key == f.Key })
		if n >= 0 && c.m.Inputs[n].SHA256 != f.SHA256 {
			c.fault("usage "+f.Key, "sha256, against the manifest of the rollup", c.m.Inputs[n].SHA256, f.SHA256)
		}
	}
}

// pinnedFiles reads book and registry from their copies.
func (c *runCheck) pinnedFiles(ctx context.Context) (*inputs, error) {
	var files []pinnedFile
	for _, i := range c.m.Inputs {
		if i.Kind != kindBook && i.Kind != kindRegistry {
			continue
		}
		body, err := c.p.publisher.ReadInput(ctx, i)
		if err != nil {
			return nil, err
		}
		files = append(files, pinnedFile{i.Kind, i.Key, body})
	}
	return parseInputs(files)
}

// replayDay rates a day again.
func (c *runCheck) replayDay(ctx context.Context, run *publish.Run) (publish.Manifest, error) {
	in, days, err := c.p.pinnedInputs(ctx, c.m)
	if err != nil {
		return publish.Manifest{}, err
	}
	terms, err := c.p.pinnedTerms(ctx, in, c.plan.Identity.Parameters)
	if err != nil {
		return publish.Manifest{}, err
	}
	day, err := pricing.ParseDate(c.m.Period)
	if err != nil {
		return publish.Manifest{}, fmt.Errorf("period %s is no day", c.m.Period)
	}
	return c.p.dayObjects(ctx, terms, day, run, rollupsWithin(days, everyDay), nil, &Outcome{})
}

// replayClosing closes a month again, or supplements it.
func (c *runCheck) replayClosing(ctx context.Context, run *publish.Run) (publish.Manifest, error) {
	in, days, err := c.p.pinnedInputs(ctx, c.m)
	if err != nil {
		return publish.Manifest{}, err
	}
	w, err := c.p.workOf(ctx, c.m, in, days)
	if err != nil {
		return publish.Manifest{}, err
	}
	_, m, err := c.p.compute(ctx, w, run)
	return m, err
}

// replayDraft makes a month's drafts again.
func (c *runCheck) replayDraft(ctx context.Context, run *publish.Run) (publish.Manifest, error) {
	in, days, err := c.p.pinnedInputs(ctx, c.m)
	if err != nil {
		return publish.Manifest{}, err
	}
	w, err := c.p.workOf(ctx, c.m, in, days)
	if err != nil {
		return publish.Manifest{}, err
	}
	_, m, err := c.p.computeDraft(ctx, w, run)
	return m, err
}

// readExpected returns the bytes of an object as they were computed again.
func readExpected(ctx context.Context, scratch *publish.Publisher, o publish.Object) ([]byte, error) {
	body, err := scratch.ReadObject(ctx, o)
	if errors.Is(err, blob.ErrNotFound) {
		return nil, nil // of the revision before, which has its own check
	}
	return body, err
}
