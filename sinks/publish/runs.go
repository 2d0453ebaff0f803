package publish

import (
	"context"
	"fmt"
	"strings"

	"daybook/sources/blob"
)

// RunFiles is one revision as a listing shows it: which of its files stand.
type RunFiles struct {
	Job       string
	Period    string
	Revision  int  // from 1
	Planned   bool // its plan stands; a seal has none
	Decided   bool // its manifest stands
	Signed    bool // a signature of its manifest stands
	Condemned bool // its data may be deleted; see Condemn
}

// Runs lists the revisions of a job and a period, by their keys: one list of
// runs/ and one of gc/, and no read. An empty job or period is any.
func (p *Publisher) Runs(ctx context.Context, job, period string) ([]RunFiles, error) {
	prefix := "runs/"
	switch {
	case job != "" && period != "":
		prefix = runsPrefix(job, period)
	case job != "":
		prefix = jobPrefix(job)
	}
	condemned, err := p.condemned(ctx)
	if err != nil {
		return nil, fmt.Errorf("list runs: %w", err)
	}
	var runs []RunFiles
	for o, err := range p.store.List(ctx, prefix, "") {
		if err != nil {
			return nil, fmt.Errorf("list runs: %w", err)
		}
		r, name, ours := parseRunKey(o.Key)
		if !ours || period != "" && r.Period != period {
			continue
		}
		r.Condemned = condemned[runOf{r.Job, r.Period, r.Revision}]
		if n := len(runs); n == 0 || runs[n-1].Job != r.Job || runs[n-1].Period != r.Period || runs[n-1].Revision != r.Revision {
			runs = append(runs, r)
		}
		switch last := &runs[len(runs)-1]; name {
		case planName:
			last.Planned = true
		case manifestName:
			last.Decided = true
		case signatureName:
			last.Signed = true
		}
	}
	return runs, nil
}

// parseRunKey reads "runs/<job>/<period>/r000001/<name>".
func parseRunKey(key string) (r RunFiles, name string, ours bool) {
	parts := strings.Split(key, "/")
	if len(parts) != 5 || parts[0] != "runs" {
		return r, "", false
	}
	job, jobErr := blob.UnescapeID(parts[1])
	period, periodErr := blob.UnescapeID(parts[2])
	revision, ok := parseRevision(parts[3])
	ours = ok && jobErr == nil && periodErr == nil
	return RunFiles{Job: job, Period: period, Revision: revision}, parts[4], ours
}

// PlanKey and ManifestKey name the files of one revision, for messages.
func PlanKey(job, period string, revision int) string { return planKey(job, period, revision) }

// ManifestKey is where the verdict on a revision stands.
func ManifestKey(job, period string, revision int) string { return manifestKey(job, period, revision) }

// CopyKey is where the copy of an input stands that plans pin by its digest.
func CopyKey(i Input) string { return inputKey(i.Kind, i.SHA256) }

// CurrentTable is where the current view has one partition of a table.
func CurrentTable(table, partition string) string { return partKey(table, partition) }

// CurrentDocument is where the current view has a document.
func CurrentDocument(path string) string { return documentsPrefix + path }
