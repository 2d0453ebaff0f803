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

// publishRollup encodes and commits one day.
func (p *Pipeline) publishRollup(ctx context.Context, w *rollupWork, d usage.Day) error {
	if err := d.Check(); err != nil {
		return fmt.Errorf("rollup %s: %w", d.UTCDay, err)
	}
	m, err := p.rollupObjects(ctx, w, d)
	if err != nil {
		return fmt.Errorf("rollup %s: %w", d.UTCDay, err)
	}
	if err := reconcileRollup(&m, w, d); err != nil {
		return err
	}
	if err := describeRollup(&m, w.outcome); err != nil {
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
	trace := traceOf(d.Keys, w.in.attribution)
	m.Trace = digest(trace)
	if err := p.putReconciled(ctx, w.run, &m, reconciledFiles(d)); err != nil {
		return m, err
	}
	return m, put("trace", "ndjson", publish.RoleTrace, len(d.Keys), "", trace)
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
