package jobs

import (
	"context"
	"encoding/json"
	"fmt"

	"daybook/pricing"
	"daybook/sinks/publish"
	"daybook/sinks/tables"
	"daybook/sources/usage"
)

// rollupReconciliation is a rollup's account of every row it read, as it stands
// in its manifest.
type rollupReconciliation struct {
	Counts      usage.Counts     `json:"counts"`
	Reasons     map[string]int64 `json:"rejected_reasons,omitempty"`
	Meters      []FileMeter      `json:"meters"`
	Files       []fileCounts     `json:"files"`
	Quarantined []string         `json:"quarantined,omitempty"`
	Parked      []pricing.Parked `json:"parked,omitempty"` // accounts whose sums overflowed, none of whose rows stand
}

type fileCounts struct {
	File   string       `json:"file"`
	Counts usage.Counts `json:"counts"`
}

// describeRollup fills an outcome from a rollup's manifest.
func describeRollup(m *publish.Manifest, out *Outcome) error {
	var rec rollupReconciliation
	if err := json.Unmarshal(m.Reconciliation, &rec); err != nil {
		return fmt.Errorf("read reconciliation of %s %s: %w", m.Job, m.Period, err)
	}
	out.Counts, out.Reasons = &rec.Counts, rec.Reasons
	return nil
}

// encodedRollup is a day's rollup as it is to be published.
type encodedRollup struct {
	work     *rollupWork
	manifest publish.Manifest // without its objects
	objects  []publish.NewObject
	parked   []pricing.Parked
}

// encodeRollup checks and encodes one day. It has no effect.
func encodeRollup(w *rollupWork, d usage.Day) (encodedRollup, error) {
	e := encodedRollup{work: w, manifest: publish.Manifest{Job: string(JobRollup), Period: d.UTCDay.String()}, parked: d.Parked}
	err := d.Check()
	if err == nil {
		err = e.encode(d)
	}
	if err != nil {
		return e, fmt.Errorf("rollup %s: %w", d.UTCDay, err)
	}
	return e, reconcileRollup(&e.manifest, w, d)
}

func (e *encodedRollup) encode(d usage.Day) error {
	in, partition := e.work.in, "utc_day="+d.UTCDay.String()
	units := map[string]string{}
	meters, _ := in.meters(d.UTCDay)
	for _, meter := range meters {
		units[meter.ID] = meter.Unit
	}
	body, err := tables.EncodeUsageDaily(&d.Batch, units)
	if err != nil {
		return err
	}
	e.table("usage_daily", partition, d.Batch.Len(), body)
	rejected := make([]tables.RejectedUsage, len(d.Rejected))
	for i, r := range d.Rejected {
		rejected[i] = tables.RejectedUsage{
			File: r.File, RowGroup: r.RowGroup, Row: r.Row, Reason: string(r.Reason),
			Field: r.Field, Value: r.Value, EventID: r.EventID, Time: r.Time,
		}
	}
	if body, err = tables.EncodeRejected(d.UTCDay, rejected); err != nil {
		return err
	}
	e.table("rejected_usage", partition, len(rejected), body)
	rows := reconciledFiles(d)
	if body, err = tables.EncodeReconciliation(e.manifest.Job, e.manifest.Period, rows); err != nil {
		return err
	}
	e.table("reconciliation", "job="+e.manifest.Job+"/period="+e.manifest.Period, len(rows), body)
	trace := traceOf(d.Keys, in.attribution)
	e.manifest.Trace = digest(trace)
	e.objects = append(e.objects, publish.NewObject{Name: "trace", Ext: "ndjson", Role: publish.RoleTrace, Rows: int64(len(d.Keys)), Body: trace})
	return nil
}

func (e *encodedRollup) table(name, partition string, rows int, body []byte) {
	e.objects = append(e.objects, publish.NewObject{
		Name: name, Ext: "parquet", Role: publish.RoleTable, Rows: int64(rows), Table: name, Partition: partition, Body: body,
	})
}

// put stores the objects and returns the manifest that names them.
func (e *encodedRollup) put(ctx context.Context) (publish.Manifest, error) {
	m := e.manifest
	for _, n := range e.objects {
		object, err := e.work.run.Put(ctx, n)
		if err != nil {
			return m, fmt.Errorf("rollup %s: %w", m.Period, err)
		}
		m.Objects = append(m.Objects, object)
	}
	return m, nil
}

// publishRollup stores and commits one day.
func (p *Pipeline) publishRollup(ctx context.Context, e encodedRollup) error {
	m, err := e.put(ctx)
	if err != nil {
		return err
	}
	outcome := e.work.outcome
	if err := describeRollup(&m, outcome); err != nil {
		return err
	}
	outcome.Parked = e.parked
	return p.commit(ctx, e.work.run, m, outcome)
}

// reconciledFiles are a day's rows of the table reconciliation.
func reconciledFiles(d usage.Day) []tables.Reconciled {
	var out []tables.Reconciled
	for _, f := range d.Files {
		for _, m := range fileMeters(f.Meters) {
			out = append(out, m.rows(f.Key)...)
		}
	}
	return out
}

// reconcileRollup writes the manifest's account of the rows: the book, registry
// and usage files with their digests, the requests that withdrew files, and where
// every row went.
func reconcileRollup(m *publish.Manifest, w *rollupWork, d usage.Day) error {
	rec := rollupReconciliation{Counts: d.Counts, Reasons: map[string]int64{}, Meters: fileMeters(d.Meters), Files: []fileCounts{}, Quarantined: quarantined(w.run.Plan.Identity), Parked: d.Parked}
	for _, r := range d.Rejected {
		rec.Reasons[string(r.Reason)]++
	}
	m.Inputs = w.in.files()
	for _, f := range d.Files {
		m.Inputs = append(m.Inputs, publish.Input{Kind: "usage", Key: f.Key, Size: f.Size, SHA256: f.SHA256})
		rec.Files = append(rec.Files, fileCounts{f.Key, f.Counts})
	}
	for _, i := range w.run.Plan.Identity.Inputs {
		if i.Kind == publish.KindRequest {
			m.Inputs = append(m.Inputs, i)
		}
	}
	var err error
	m.Reconciliation, err = json.Marshal(rec)
	return err
}

// quantityScale is the number of decimal places of the states of a rollup.
const quantityScale = 12
