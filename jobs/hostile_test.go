package jobs

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/sources/blob"
	"daybook/sources/parquet"
)

// hostileTexts are ids and values that mean something to file systems, terminals,
// spreadsheets, browsers, shells and databases.
func hostileTexts() []string {
	return []string{
		"../../../etc/passwd", "..", ".", "a/b", `a\b`, "=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "<script>alert(1)</script>",
		"';DROP TABLE invoices;--", "$(reboot)", "`reboot`", "%2e%2e%2f", "{{7*7}}", "%s%n", "ümläut", "日本", "\u202egnp.exe", "a b", "COM1",
		strings.Repeat("x", 1024),
	}
}

// TestHostileIDs_NeverLeaveTheirPlace bills accounts and subscriptions with such
// ids and dimension values: every one is billed, documents hold the ids as they
// are, and every key stays where it belongs.
func TestHostileIDs_NeverLeaveTheirPlace(t *testing.T) {
	w := newTestWorld(t)
	var accounts, subscriptions strings.Builder
	var rows []usageRow
	for i, id := range hostileTexts() {
		if len(id) > 80 {
			continue // accounts are named in object keys, which a file system bounds
		}
		fmt.Fprintf(&accounts, "{\"id\":%s,\"kind\":\"organization\",\"name\":%[1]s,\"bills\":true,\"currency\":\"CHF\"}\n", quoted(t, id))
		fmt.Fprintf(&subscriptions, "{\"id\":%s,\"account\":%[1]s,\"plan\":\"standard\",\"start\":\"2026-10-01\"}\n", quoted(t, id))
		rows = append(rows, usageRow{fmt.Sprintf("%s-%d", id, i), "2026-10-05T08:00:00Z", id, int64(i + 1)})
	}
	w.put(t, "registry/accounts.ndjson", accounts.String())
	w.put(t, "registry/subscriptions.ndjson", subscriptions.String())
	w.usage(t, "dt=2026-10-05/a.parquet", rows...)
	w.usage(t, "dt=2026-10-06/a.parquet")
	outcomes, err := w.billOctober(t)
	if err != nil {
		t.Fatal(err)
	}
	if closing := outcomes[len(outcomes)-1]; len(closing.Invoices) != len(rows) || len(closing.Parked) != 0 {
		t.Errorf("%d invoices, parked %+v; want %d", len(closing.Invoices), closing.Parked, len(rows))
	}
	all := contents(t, w.out)
	var found []string
	for key, body := range all {
		if err := blob.ValidKey(key); err != nil {
			t.Errorf("key %q: %v", key, err)
		}
		for _, part := range []string{"<script", "DROP", "reboot", "passwd"} {
			if strings.Contains(key, part) && strings.ContainsAny(key, "<>;$`'\" ") {
				t.Errorf("key %q holds an id that is not encoded", key)
			}
		}
		if !strings.HasPrefix(key, "current/documents/") || !strings.HasSuffix(key, ".json") {
			continue
		}
		var document struct {
			Account struct {
				ID string `json:"id"`
			} `json:"billing_account"`
		}
		if err := json.Unmarshal([]byte(body), &document); err != nil {
			t.Errorf("%s: %v", key, err)
		}
		if document.Account.ID != "" {
			found = append(found, document.Account.ID)
		}
	}
	for _, row := range rows {
		if !slices.Contains(found, row.subscription) {
			t.Errorf("no document is of account %q; they are of %q", row.subscription, found)
		}
	}
}

func quoted(t *testing.T, s string) string {
	t.Helper()
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestHostileRows_AreRejectedOneByOne: ids of a megabyte and of nobody reject
// their rows, are shown in 200 characters at most, and leave the others be. Event
// ids are only compared, so NUL and line ends in them harm nobody.
func TestHostileRows_AreRejectedOneByOne(t *testing.T) {
	w := newTestWorld(t)
	w.settings.Start = pricing.NewDate(2026, 10, 1)
	bad := []string{strings.Repeat("y", 1<<20), strings.Repeat("z", 1025)}
	odd := []string{"nul\x00", "line\r\nend", "=1+1", "../x"} // ids, not names of anything: fine
	var rows []usageRow
	for _, id := range slices.Concat(bad, odd) {
		rows = append(rows, usageRow{id, "2026-10-05T08:00:00Z", "sub-a", 1})
	}
	for _, id := range hostileTexts() {
		rows = append(rows, usageRow{"of " + id[:min(len(id), 9)], "2026-10-05T09:00:00Z", id, 1}) // subscriptions that nobody has
	}
	w.usage(t, "dt=2026-10-05/a.parquet", rows...)
	outcomes, err := w.pipeline(t).Rollup(t.Context(), []pricing.Date{fifth}, RunOptions{Now: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	counts, reasons := outcomes[0].Counts, outcomes[0].Reasons
	if counts.Read != int64(len(rows)) || counts.Kept != int64(len(odd)) {
		t.Errorf("counts %+v, want %d kept of %d", *counts, len(odd), len(rows))
	}
	if reasons["invalid_text"] != int64(len(bad)) || reasons["unknown_subscription"] != int64(len(hostileTexts())) {
		t.Errorf("rejected for %v", reasons)
	}
	body := contents(t, w.out)["current/tables/rejected_usage/utc_day=2026-10-05/part.parquet"]
	if len(body) == 0 || len(body) > 64<<10 {
		t.Errorf("rejected_usage has %d bytes; a megabyte id must not be in it", len(body))
	}
	for _, cell := range texts(t, body, "value") {
		if len([]rune(cell)) > 200 {
			t.Errorf("a value of %d characters is shown", len([]rune(cell)))
		}
	}
}

// texts are the values of a text column of a Parquet file.
func texts(t *testing.T, body, column string) []string {
	t.Helper()
	f, err := parquet.Open("table", strings.NewReader(body), int64(len(body)), parquet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(f.Fields(), func(x parquet.Field) bool { return x.Name == column })
	var out []string
	for group := range f.RowGroups() {
		err := f.Scan(t.Context(), group, []int{at}, 0, func(b *parquet.Batch) error {
			for i := range b.N {
				out = append(out, string(b.Cols[0].Str(i)))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}
