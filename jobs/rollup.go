package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"daybook/pricing"
	"daybook/sinks/publish"
	"daybook/sinks/tables"
	"daybook/sources/blob"
	"daybook/sources/usage"
)

// rollupReconciliation is a rollup's account of every row it read, as it stands
// in its manifest.
type rollupReconciliation struct {
	Counts      usage.Counts     `json:"counts"`
	Reasons     map[string]int64 `json:"rejected_reasons,omitempty"`
	Meters      []meterCounts    `json:"meters"`
	Files       []fileCounts     `json:"files"`
	Quarantined []string         `json:"quarantined,omitempty"`
}

type meterCounts struct {
	Meter    string `json:"meter"`
	Events   int64  `json:"events"`
	Quantity string `json:"quantity"`
}

type fileCounts struct {
	File   string       `json:"file"`
	Counts usage.Counts `json:"counts"`
}

// rollupWork is one UTC day that has to be computed.
type rollupWork struct {
	day     pricing.Date
	run     *publish.Run
	in      *inputs
	files   []usageFile
	outcome *Outcome
}

// Rollup brings the rollups of the UTC days up to date: days whose files,
// meters and attribution are what the last revision took are left alone, the
// others are read in one pass. The outcomes are in the order of the days.
func (p *Pipeline) Rollup(ctx context.Context, days []pricing.Date, o RunOptions) ([]Outcome, error) {
	in, err := p.loadInputs(ctx)
	if err != nil {
		return nil, err
	}
	return p.rollup(ctx, in, days, o)
}

func (p *Pipeline) rollup(ctx context.Context, in *inputs, days []pricing.Date, o RunOptions) ([]Outcome, error) {
	outcomes := make([]Outcome, len(days))
	var failed []error
	for chunk := range slices.Chunk(indices(len(days)), 31) {
		list := p.newListing()
		var works []*rollupWork
		for _, i := range chunk {
			outcomes[i] = Outcome{Job: string(JobRollup), Period: days[i].String()}
			w, err := p.planRollup(ctx, list, in, days[i], o, &outcomes[i])
			if err != nil {
				return nil, fmt.Errorf("rollup %s: %w", days[i], err)
			}
			if w != nil {
				works = append(works, w)
			}
		}
		if err := p.runRollups(ctx, works, o); err != nil {
			failed = append(failed, err)
		}
	}
	done := outcomes[:0]
	for _, out := range outcomes {
		if out.State != "" {
			done = append(done, out)
		}
	}
	return done, errors.Join(failed...)
}

func indices(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// planRollup decides whether a day needs computing and pins its inputs if so;
// nil work means that it is up to date.
func (p *Pipeline) planRollup(ctx context.Context, list *listing, in *inputs, day pricing.Date, o RunOptions, out *Outcome) (w *rollupWork, err error) {
	err = untilDecided(func() error {
		w, err = p.tryPlanRollup(ctx, list, in, day, o, out)
		return err
	})
	return w, err
}

func (p *Pipeline) tryPlanRollup(ctx context.Context, list *listing, in *inputs, day pricing.Date, o RunOptions, out *Outcome) (*rollupWork, error) {
	files, err := list.day(ctx, day)
	if err != nil {
		return nil, err
	}
	history, last, err := p.lastRollup(ctx, day)
	if err != nil {
		return nil, err
	}
	identity, pins, err := p.rollupIdentity(in, day, files, stillQuarantined(last, files, o), o)
	if err != nil {
		return nil, err
	}
	if last != nil && !o.Recompute {
		current, err := p.rollupCurrent(ctx, history, last, identity, pins, in)
		if err != nil {
			return nil, err
		}
		if current {
			out.State, out.Revision, out.AsOf = StateAlready, history.Published.Revision, history.Published.AsOf
			if err := p.describeRollup(history.Published, out); err != nil {
				return nil, err
			}
			return nil, p.catchUp(ctx, *history.Published)
		}
	}
	if err := p.probe(ctx); err != nil {
		return nil, err
	}
	if err := p.keep(ctx, in); err != nil {
		return nil, err
	}
	run, err := p.publisher.BeginAfter(ctx, history, identity, pins)
	if err != nil {
		return nil, err
	}
	if !maps.Equal(run.Plan.Identity.Parameters, identity.Parameters) {
		// A plan that a dead run left is adopted, but not against what this run
		// was asked for: without it, a quarantine could never get past the file.
		if err := run.Abandon(ctx, "a later run was asked for other parameters"); err != nil {
			return nil, err
		}
		return nil, publish.ErrAbandoned
	}
	return p.pinnedRollup(ctx, day, run, in, files, out)
}

// lastRollup returns a day's history and the plan of its last good revision,
// nil when there is none.
func (p *Pipeline) lastRollup(ctx context.Context, day pricing.Date) (publish.History, *publish.Plan, error) {
	h, err := p.publisher.Decided(ctx, string(JobRollup), day.String())
	if err != nil || h.Published == nil || (h.Last.Verdict != publish.Published && h.Last.Verdict != publish.Unchanged) {
		return h, nil, err
	}
	plan, err := p.publisher.Plan(ctx, h.Last.Job, h.Last.Period, h.Last.Revision)
	return h, &plan, err
}

const parameterQuarantine = "quarantine"

// stillQuarantined lists the files to publish the day without: those asked for,
// or else those that the last revision left out and nobody has replaced since.
func stillQuarantined(last *publish.Plan, files []usageFile, o RunOptions) []string {
	if len(o.Quarantine) > 0 {
		return o.Quarantine
	}
	if last == nil {
		return nil
	}
	var out []string
	for _, key := range quarantined(last.Identity) {
		same := func(f usageFile) bool {
			return f.object.Key == key && slices.Contains(last.Pins, publish.Pin{Key: key, ETag: f.object.ETag, Size: f.object.Size})
		}
		if slices.ContainsFunc(files, same) {
			out = append(out, key)
		}
	}
	return out
}

// quarantined lists the files that a plan leaves out.
func quarantined(id publish.Identity) []string {
	if id.Parameters[parameterQuarantine] == "" {
		return nil
	}
	return strings.Split(id.Parameters[parameterQuarantine], "\n")
}

// pinnedRollup makes the work from the plan that was found or made: another
// runner's plan may have pinned other inputs, and they are what counts.
func (p *Pipeline) pinnedRollup(ctx context.Context, day pricing.Date, run *publish.Run, in *inputs, files []usageFile, out *Outcome) (*rollupWork, error) {
	in, err := p.pinnedInputs(ctx, run.Plan.Identity, in)
	if err != nil {
		return nil, err
	}
	home := map[string]pricing.Date{}
	for _, f := range files {
		home[f.object.Key] = f.home
	}
	var pinned []usageFile
	without := quarantined(run.Plan.Identity)
	for _, pin := range run.Plan.Pins {
		if slices.Contains(without, pin.Key) {
			continue
		}
		h, known := home[pin.Key]
		if !known {
			h = day
		}
		pinned = append(pinned, usageFile{blob.Object{Key: pin.Key, Size: pin.Size, ETag: pin.ETag}, h})
	}
	out.AsOf = run.Plan.Identity.AsOf
	return &rollupWork{day, run, in, pinned, out}, nil
}

// rollupIdentity is what a day's rollup is a function of. An as_of after the
// day's end changes nothing and so is the day's end.
func (p *Pipeline) rollupIdentity(in *inputs, day pricing.Date, files []usageFile, without []string, o RunOptions) (publish.Identity, []publish.Pin, error) {
	at := day.AddDays(1).UTC()
	if !o.AsOf.IsZero() && o.AsOf.Before(at) {
		at = o.AsOf.UTC()
	}
	_, meters := in.meters(day)
	mapping, err := json.Marshal(p.settings.Mapping)
	if err != nil {
		return publish.Identity{}, nil, fmt.Errorf("describe mapping: %w", err)
	}
	identity := publish.Identity{
		Job: string(JobRollup), Period: day.String(), AsOf: at,
		Parameters:  map[string]string{"mapping": string(mapping)},
		Meters:      meters,
		Attribution: in.attributionDigest,
		Inputs:      slices.Concat(in.bookFiles, in.registryFiles),
	}
	if len(without) > 0 {
		identity.Parameters[parameterQuarantine] = strings.Join(without, "\n")
	}
	pins := make([]publish.Pin, 0, len(files))
	for _, f := range files {
		if !slices.Contains(without, f.object.Key) {
			identity.Inputs = append(identity.Inputs, publish.Input{Kind: "usage", Key: f.object.Key, Size: f.object.Size})
		}
		pins = append(pins, publish.Pin{Key: f.object.Key, ETag: f.object.ETag, Size: f.object.Size})
	}
	return identity, pins, nil
}

// rollupCurrent reports whether the last revision took the same files, meters,
// mapping and, by its trace, the same attribution.
func (p *Pipeline) rollupCurrent(ctx context.Context, h publish.History, plan *publish.Plan, want publish.Identity, pins []publish.Pin, in *inputs) (bool, error) {
	had := plan.Identity
	if had.Meters != want.Meters || !had.AsOf.Equal(want.AsOf) || had.Parameters["mapping"] != want.Parameters["mapping"] ||
		had.Parameters[parameterQuarantine] != want.Parameters[parameterQuarantine] || !plan.Matches(pins) {
		return false, nil
	}
	if had.Attribution == want.Attribution {
		return true, nil
	}
	i := slices.IndexFunc(h.Last.Objects, func(o publish.Object) bool { return o.Role == publish.RoleTrace })
	if i < 0 {
		return false, nil
	}
	old, err := p.publisher.ReadObject(ctx, h.Last.Objects[i])
	if err != nil {
		return false, err
	}
	now, err := retrace(old, in.attribution)
	if err != nil {
		return false, err
	}
	return digest(now) == digest(old), nil
}

// describeRollup fills an outcome from a manifest that already stands.
func (p *Pipeline) describeRollup(m *publish.Manifest, out *Outcome) error {
	var rec rollupReconciliation
	if err := json.Unmarshal(m.Reconciliation, &rec); err != nil {
		return fmt.Errorf("read reconciliation of %s %s: %w", m.Job, m.Period, err)
	}
	out.Counts, out.Reasons = &rec.Counts, rec.Reasons
	return nil
}

// runRollups computes the days in as few passes as their pinned inputs allow.
// A file that was overwritten abandons its days' revisions and they are planned
// anew, once.
func (p *Pipeline) runRollups(ctx context.Context, works []*rollupWork, o RunOptions) error {
	for len(works) > 0 {
		same, rest := works[:0:0], works[:0:0]
		for _, w := range works {
			if w.samePass(works[0]) {
				same = append(same, w)
			} else {
				rest = append(rest, w)
			}
		}
		if err := p.rollupPass(ctx, same, o); err != nil {
			return err
		}
		works = rest
	}
	return nil
}

// samePass reports whether two days can be read together: by the same meters
// and attribution, and both to their ends (a day cut by as_of is read alone).
func (w *rollupWork) samePass(first *rollupWork) bool {
	if w == first {
		return true
	}
	a, b := w.run.Plan.Identity, first.run.Plan.Identity
	whole := a.AsOf.Equal(w.day.AddDays(1).UTC()) && b.AsOf.Equal(first.day.AddDays(1).UTC())
	return whole && a.Meters == b.Meters && w.in.attributionDigest == first.in.attributionDigest
}

func (p *Pipeline) rollupPass(ctx context.Context, works []*rollupWork, o RunOptions) error {
	byDay := map[pricing.Date]*rollupWork{}
	request := usage.Request{
		Store: p.stores.Usage, Mapping: p.settings.Mapping,
		Attribution: works[0].in.attribution, Workers: p.settings.Workers,
	}
	request.Meters, _ = works[0].in.meters(works[0].day)
	files := map[string]*usage.File{}
	var order []string
	for _, w := range works {
		byDay[w.day] = w
		request.Days = append(request.Days, w.day)
		request.AsOf = max(request.AsOf, w.run.Plan.Identity.AsOf.UnixMicro())
		for _, f := range w.files {
			if files[f.object.Key] == nil {
				files[f.object.Key] = &usage.File{Object: f.object, Home: f.home}
				order = append(order, f.object.Key)
			}
			files[f.object.Key].Days = append(files[f.object.Key].Days, w.day)
		}
	}
	var total int64
	for _, key := range order {
		request.Files = append(request.Files, *files[key])
		total += files[key].Object.Size
	}
	period := works[0].day.String()
	if last := works[len(works)-1].day.String(); last != period {
		period += " to " + last
	}
	request.Progress = func(rows, bytes int64) {
		p.progress(Progress{Job: string(JobRollup), Period: period, Rows: rows, Bytes: bytes, TotalBytes: total})
	}
	err := p.engine.Rollup(ctx, request, func(d usage.Day) error { return p.publishRollup(ctx, byDay[d.UTCDay], d) })
	p.progress(Progress{Job: string(JobRollup), Period: period, Bytes: total, TotalBytes: total, Done: true})
	if errors.Is(err, blob.ErrChanged) || errors.Is(err, blob.ErrNotFound) || errors.Is(err, publish.ErrAbandoned) {
		return p.replan(ctx, works, o, err)
	}
	return err
}

// replan abandons the undecided days of a pass whose inputs changed under it
// and runs them once more with what stands there now.
func (p *Pipeline) replan(ctx context.Context, works []*rollupWork, o RunOptions, cause error) error {
	if o.replanned {
		return fmt.Errorf("usage files keep changing while they are read; run again when their writer is done: %w", cause)
	}
	o.replanned = true
	list := p.newListing()
	var again []*rollupWork
	for _, w := range works {
		if w.outcome.State != "" {
			continue
		}
		if err := w.run.Abandon(ctx, "inputs changed"); err != nil {
			return err
		}
		next, err := p.planRollup(ctx, list, w.in, w.day, o, w.outcome)
		if err != nil {
			return err
		}
		if next != nil {
			again = append(again, next)
		}
	}
	return p.runRollups(ctx, again, o)
}

// publishRollup encodes and commits one day.
func (p *Pipeline) publishRollup(ctx context.Context, w *rollupWork, d usage.Day) error {
	if err := d.Counts.Check(); err != nil {
		return fmt.Errorf("rollup %s: %w", d.UTCDay, err)
	}
	m, err := p.rollupObjects(ctx, w, d)
	if err != nil {
		return fmt.Errorf("rollup %s: %w", d.UTCDay, err)
	}
	if err := reconcileRollup(&m, d, quarantined(w.run.Plan.Identity)); err != nil {
		return err
	}
	if err := p.describeRollup(&m, w.outcome); err != nil {
		return err
	}
	w.outcome.Parked = d.Parked
	return p.commit(ctx, w.run, m, w.outcome)
}

func (p *Pipeline) rollupObjects(ctx context.Context, w *rollupWork, d usage.Day) (publish.Manifest, error) {
	m := publish.Manifest{Job: string(JobRollup), Period: d.UTCDay.String()}
	units := map[string]string{}
	meters, _ := w.in.meters(d.UTCDay)
	for _, meter := range meters {
		units[meter.ID] = meter.Unit
	}
	body, err := tables.EncodeUsageDaily(&d.Batch, units)
	if err != nil {
		return m, err
	}
	partition := "utc_day=" + d.UTCDay.String()
	put := func(name, ext, role string, rows int, table string, body []byte) error {
		part := partition
		if role != publish.RoleTable {
			part = ""
		}
		object, err := w.run.Put(ctx, publish.NewObject{Name: name, Ext: ext, Role: role, Rows: int64(rows), Table: table, Partition: part, Body: body})
		if err == nil {
			m.Objects = append(m.Objects, object)
		}
		return err
	}
	if err := put("usage_daily", "parquet", publish.RoleTable, d.Batch.Len(), "usage_daily", body); err != nil {
		return m, err
	}
	rejected := make([]tables.RejectedUsage, len(d.Rejected))
	for i, r := range d.Rejected {
		rejected[i] = tables.RejectedUsage{
			File: r.File, RowGroup: r.RowGroup, Row: r.Row, Reason: string(r.Reason),
			Field: r.Field, Value: r.Value, EventID: r.EventID, Time: r.Time,
		}
	}
	if body, err = tables.EncodeRejected(d.UTCDay, rejected); err != nil {
		return m, err
	}
	if err := put("rejected_usage", "parquet", publish.RoleTable, len(rejected), "rejected_usage", body); err != nil {
		return m, err
	}
	trace, err := traceOf(d.Keys, w.in.attribution)
	if err != nil {
		return m, err
	}
	m.Trace = digest(trace)
	return m, put("trace", "ndjson", publish.RoleTrace, len(d.Keys), "", trace)
}

// reconcileRollup writes the manifest's account of the rows: the inputs with
// their digests, and where every row went.
func reconcileRollup(m *publish.Manifest, d usage.Day, without []string) error {
	rec := rollupReconciliation{Counts: d.Counts, Reasons: map[string]int64{}, Meters: []meterCounts{}, Files: []fileCounts{}, Quarantined: without}
	for _, r := range d.Rejected {
		rec.Reasons[string(r.Reason)]++
	}
	for _, c := range d.Meters {
		rec.Meters = append(rec.Meters, meterCounts{c.Meter, c.Events, c.Quantity.Quantity(quantityScale).String()})
	}
	for _, f := range d.Files {
		m.Inputs = append(m.Inputs, publish.Input{Kind: "usage", Key: f.Key, Size: f.Size, SHA256: f.SHA256})
		rec.Files = append(rec.Files, fileCounts{f.Key, f.Counts})
	}
	var err error
	m.Reconciliation, err = json.Marshal(rec)
	return err
}

// quantityScale is the number of decimal places of the states of a rollup.
const quantityScale = 12

// Span is a range of days, both ends included.
type Span struct{ From, To pricing.Date }

// Days lists the days of the span.
func (s Span) Days() []pricing.Date {
	var out []pricing.Date
	for d := s.From; d <= s.To; d++ {
		out = append(out, d)
	}
	return out
}

// begun lists the days of the span that have begun before t, in UTC.
func (s Span) begun(t time.Time) []pricing.Date {
	return slices.DeleteFunc(s.Days(), func(d pricing.Date) bool { return !d.UTC().Before(t) })
}
