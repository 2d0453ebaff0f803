package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"daybook/pricing"
	"daybook/sinks/api"
	"daybook/sinks/publish"
)

// Published gives an API the facts of what is published. It looks at the bucket at
// most once in a while, by a few listings; where nothing is new, the facts stay,
// with all that they have read. It implements api.Source.
type Published struct {
	p     *Pipeline
	every time.Duration

	flight singleflight.Group
	asks   sync.Mutex // one request is put at a time
	mu     sync.Mutex
	looked time.Time
	put    int // how many requests have been put
	facts  *facts
}

// Published returns a source of facts that looks for what is new every so often; 0
// is at each request.
func (p *Pipeline) Published(every time.Duration) *Published {
	return &Published{p: p, every: every}
}

// Current returns the facts of the newest published state. While the store cannot
// be reached, those that are known stay.
func (s *Published) Current(ctx context.Context) (api.Facts, error) {
	s.mu.Lock()
	known, fresh := s.facts, s.facts != nil && s.every > 0 && s.p.clock.Now().Sub(s.looked) < s.every
	s.mu.Unlock()
	if fresh {
		return known, nil
	}
	// Whoever comes while somebody looks shares what is seen.
	_, err, _ := s.flight.Do("look", func() (any, error) { return nil, s.lookAgain(context.WithoutCancel(ctx)) })
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.facts == nil && err == nil:
		return nil, api.ErrNothingPublished
	case s.facts == nil:
		return nil, err
	case err != nil:
		s.p.log.Warn("the store cannot be read; answering from what is known", "error", err)
	}
	return s.facts, nil
}

// lookAgain looks, and notes when. A store that is away is asked no more often than
// one that is there, so that whoever can be answered need not wait for it.
func (s *Published) lookAgain(ctx context.Context) error {
	var began time.Time
	if s.every > 0 {
		began = s.p.clock.Now()
	}
	s.mu.Lock()
	put := s.put
	s.mu.Unlock()
	err := s.look(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.looked = began; s.put != put { // what has been asked for since may not have been seen
		s.looked = time.Time{}
	}
	return err
}

// look lists what is published and replaces the facts if there is anything new.
func (s *Published) look(ctx context.Context) error {
	decisions := map[Job]map[string]publish.Decision{}
	sum := sha256.New()
	for _, job := range []Job{JobRollup, JobDaily, JobMonthly} {
		decided, err := s.p.publisher.Decisions(ctx, string(job), "0", "9")
		if err != nil {
			return err
		}
		decisions[job] = decided
		for _, period := range slices.Sorted(maps.Keys(decided)) {
			fmt.Fprintf(sum, "%s %s %d\n", job, period, decided[period].Last)
		}
	}
	var asked []publish.Input
	for _, job := range []Job{JobRollup, JobMonthly} {
		keys, err := s.p.publisher.RequestKeys(ctx, string(job))
		if err != nil {
			return err
		}
		for _, o := range keys {
			fmt.Fprintf(sum, "%s\n", o.Key)
			asked = append(asked, publish.RequestInput(o))
		}
	}
	state := hex.EncodeToString(sum.Sum(nil))
	s.mu.Lock()
	known := s.facts
	s.mu.Unlock()
	if known == nil || known.state != state {
		last := map[Job]map[string]int{}
		for job, periods := range decisions {
			last[job] = map[string]int{}
			for period, d := range periods {
				if d.Last > 0 {
					last[job][period] = d.Last
				}
			}
		}
		next, err := s.p.factsOf(ctx, state, last, asked, known)
		if err != nil {
			return err
		}
		known = next
	}
	s.mu.Lock()
	s.facts = known
	s.mu.Unlock()
	return nil
}

// facts implements api.Facts. What it reads is immutable, and kept by its digest.
type facts struct {
	p     *Pipeline
	state string
	asOf  time.Time
	in    *inputs
	rater *pricing.Raters
	kept  *keptFacts
	// issuer is who drafts are by: the configuration's, or that of the plan that is
	// computed again.
	issuer Issuer

	days     []pricing.Date
	rolledUp Span // the first and the last UTC day of which usage is
	closings []pricing.Month
	last     map[Job]map[string]int // the last decided revision of each period
	trees    map[string]pricing.Tree
	asked    []publish.Input   // what people have asked for
	voids    pricing.VoidLines // charges that are owed no more
}

var _ api.Facts = (*facts)(nil)

// factsOf reads the newest published day's inputs; last is the last decided
// revision of each period. It returns nil where no day is published. What before
// has read is taken over. What people have asked to take back is gone at once,
// whether or not a run has heard of it.
func (p *Pipeline) factsOf(ctx context.Context, state string, last map[Job]map[string]int, asked []publish.Input, before *facts) (*facts, error) {
	f := &facts{p: p, state: state, last: last, asked: asked, kept: newKeptFacts(), issuer: p.settings.Issuer}
	if before != nil {
		f.kept = before.kept
	}
	newest, err := f.readPeriods(ctx)
	if err != nil || newest == nil {
		return nil, err
	}
	if f.in, _, err = p.pinnedInputs(ctx, onlyFiles(newest)); err != nil {
		return nil, err
	}
	if err := f.takeBack(ctx, asked); err != nil {
		return nil, err
	}
	plan, err := p.publisher.Plan(ctx, newest.Job, newest.Period, newest.Revision)
	if err != nil {
		return nil, err
	}
	terms, err := p.pinnedTerms(ctx, f.in, plan.Identity.Parameters) // with the anchors that closings hold
	if err != nil {
		return nil, err
	}
	f.in, f.rater = terms.in, terms.rater
	f.asOf = dayEnd(f.days[len(f.days)-1], f.in.zones())
	f.trees = map[string]pricing.Tree{}
	for _, t := range f.rater.Trees() {
		for _, a := range t.Accounts {
			f.trees[a] = t
		}
	}
	return f, nil
}

// onlyFiles is a manifest without its rollups.
func onlyFiles(m *publish.Manifest) *publish.Manifest {
	out := *m
	out.Inputs = slices.DeleteFunc(slices.Clone(m.Inputs), func(i publish.Input) bool { return i.Kind == kindRollup })
	return &out
}

// readPeriods lists days and closings, and returns the manifest of the newest day.
func (f *facts) readPeriods(ctx context.Context) (newest *publish.Manifest, err error) {
	days := slices.Sorted(maps.Keys(f.last[JobDaily]))
	for len(days) > 0 && newest == nil { // one that was only ever abandoned may be the last
		if newest, err = f.manifest(ctx, JobDaily, days[len(days)-1]); err != nil {
			return nil, err
		}
		if newest == nil {
			days = days[:len(days)-1]
		}
	}
	for _, text := range days {
		d, err := pricing.ParseDate(text)
		if err != nil {
			return nil, fmt.Errorf("read periods of daily: %w", err)
		}
		f.days = append(f.days, d)
	}
	if rolled := slices.Sorted(maps.Keys(f.last[JobRollup])); len(rolled) > 0 {
		from, errFrom := pricing.ParseDate(rolled[0])
		to, errTo := pricing.ParseDate(rolled[len(rolled)-1])
		if err := errors.Join(errFrom, errTo); err != nil {
			return nil, fmt.Errorf("read periods of rollup: %w", err)
		}
		f.rolledUp = Span{from, to}
	}
	for _, text := range slices.Sorted(maps.Keys(f.last[JobMonthly])) {
		m, err := pricing.ParseMonth(text)
		if err != nil {
			return nil, fmt.Errorf("read periods of monthly: %w", err)
		}
		if closed, err := f.manifest(ctx, JobMonthly, text); err != nil {
			return nil, err
		} else if closed != nil {
			f.closings = append(f.closings, m)
		}
	}
	return newest, nil
}

func (f *facts) State() string                            { return f.state }
func (f *facts) AsOf() time.Time                          { return f.asOf }
func (f *facts) Registry() *pricing.Registry              { return f.in.registry }
func (f *facts) Books() []*pricing.Book                   { return f.in.books }
func (f *facts) Raters() *pricing.Raters                  { return f.rater }
func (f *facts) Days() []pricing.Date                     { return f.days }
func (f *facts) Closings() []pricing.Month                { return f.closings }
func (f *facts) Issuer() string                           { return f.issuer.Name }
func (f *facts) tree(account string) (pricing.Tree, bool) { t, ok := f.trees[account]; return t, ok }

func (f *facts) within(account string, one string) bool { return f.in.registry.Below(one, account) }

// manifest returns what stands of a period in this state; nil for nothing.
func (f *facts) manifest(ctx context.Context, job Job, period string) (*publish.Manifest, error) {
	last := f.last[job][period]
	if last == 0 {
		return nil, nil
	}
	return f.kept.manifests.get(fmt.Sprintf("%s %s %d", job, period, last), func() (*publish.Manifest, int64, error) {
		m, err := f.p.publisher.ManifestOf(ctx, string(job), period, last)
		if err != nil {
			return nil, 0, err
		}
		if m.Verdict != publish.Published && m.Verdict != publish.Unchanged {
			if m.Supersedes == 0 {
				return nil, 1, nil
			}
			if m, err = f.p.publisher.ManifestOf(ctx, string(job), period, m.Supersedes); err != nil {
				return nil, 0, err
			}
		}
		return &m, int64(len(m.Inputs)+len(m.Objects)) * 256, nil
	})
}
