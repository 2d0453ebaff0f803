package publish

import (
	"fmt"
	"strconv"
	"strings"

	"daybook/sources/blob"
)

// The keys of docs/commit-protocol.md ("Keys"), relative to the out store. Ids
// become segments only through [blob.EscapeID].

const (
	planName     = "plan.json"
	manifestName = "manifest.json"

	currentPrefix   = "current/"
	tablesPrefix    = currentPrefix + "tables/"
	documentsPrefix = currentPrefix + "documents/"
)

func revisionSegment(revision int) string { return fmt.Sprintf("r%06d", revision) }

// parseRevision reads what revisionSegment writes, and nothing else.
func parseRevision(segment string) (int, bool) {
	digits, ok := strings.CutPrefix(segment, "r")
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n < 1 || revisionSegment(n) != segment {
		return 0, false
	}
	return n, true
}

func jobPrefix(job string) string { return "runs/" + blob.EscapeID(job) + "/" }

func runsPrefix(job, period string) string { return jobPrefix(job) + blob.EscapeID(period) + "/" }

func planKey(job, period string, revision int) string {
	return runsPrefix(job, period) + revisionSegment(revision) + "/" + planName
}

func manifestKey(job, period string, revision int) string {
	return runsPrefix(job, period) + revisionSegment(revision) + "/" + manifestName
}

// dataPrefix is the folder of all revisions' objects of one (job, period).
func dataPrefix(job, period string) string {
	return "data/" + blob.EscapeID(job) + "/" + blob.EscapeID(period) + "/"
}

func dataKey(job, period string, revision int, name, sum, ext string) string {
	return dataPrefix(job, period) + revisionSegment(revision) + "/" + name + "." + sum + "." + ext
}

func inputKey(kind, sum string) string { return "inputs/" + blob.EscapeID(kind) + "/" + sum }

func partKey(table, partition string) string {
	return tablesPrefix + table + "/" + partition + "/part.parquet"
}

func tableManifestKey(table string) string { return tablesPrefix + table + "/_manifest.json" }

// tableOfManifest returns the table whose manifest stands under a key.
func tableOfManifest(key string) (table string, ok bool) {
	table, ok = strings.CutSuffix(strings.TrimPrefix(key, tablesPrefix), "/_manifest.json")
	return table, ok && !strings.Contains(table, "/")
}

// DeliveredKey is where the marker stands that says nothing of one revision is
// left to deliver to one endpoint (docs/commit-protocol.md, "Keys").
func DeliveredKey(job, period string, revision int, endpoint string) string {
	return "delivered/" + blob.EscapeID(job) + "/" + blob.EscapeID(period) + "/" +
		revisionSegment(revision) + "/" + blob.EscapeID(endpoint)
}

// OutboxPrefix is the folder of the delivery states of one endpoint's events of
// one revision (docs/commit-protocol.md, "Keys").
func OutboxPrefix(job, period string, revision int, endpoint string) string {
	return "outbox/" + strings.TrimPrefix(DeliveredKey(job, period, revision, endpoint), "delivered/") + "/"
}
