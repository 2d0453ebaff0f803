package parquet_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"daybook/sources/parquet"
)

// duckStep is the distance between the flips that DuckDB tries; it takes
// milliseconds for each.
const duckStep = 7

// billSQL is what the rig's bill comes from, as a person would ask DuckDB.
const billSQL = `select subscription_id, meter, time::date, sum(quantity), count(distinct event_id), count(*) from read_parquet('FILE') group by all`

// duckFlips gives DuckDB the same damage; nil unless DAYBOOK_DUCKDB names it and
// all flips are asked for.
func duckFlips(t *testing.T, files map[string][]byte) flips {
	t.Helper()
	query := os.Getenv("DAYBOOK_DUCKDB")
	if query == "" || step() > 1 {
		return nil
	}
	out := flips{}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		regions := parquet.Regions(t, files[name])
		var bits []int
		for bit := 0; bit < 8*len(files[name]); bit += duckStep {
			bits = append(bits, bit)
		}
		crashes := 0
		for len(bits) > 0 {
			results := duckRun(t, filepath.Join(filepath.Dir(query), "flips.mjs"), files[name], bits)
			for i, result := range results {
				o := map[string]outcome{"refused": refused, "harmless": harmless, "wrong": wrong}[result]
				out.count(kind(name)+"|"+regions[bits[i]/8], o)
			}
			if bits = bits[len(results):]; len(bits) > 0 { // it died at the next one
				crashes++
				out.count(kind(name)+"|"+regions[bits[0]/8], refused)
				bits = bits[1:]
			}
		}
		if crashes > 0 {
			t.Logf("DuckDB died at %d flips of %s; they count as refused", crashes, name)
		}
	}
	return out
}

// duckRun returns DuckDB's outcomes of the flips, fewer when it died.
func duckRun(t *testing.T, script string, body []byte, bits []int) []string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "a.parquet")
	if err := os.WriteFile(file, body, 0o600); err != nil {
		t.Fatal(err)
	}
	request, err := json.Marshal(map[string]any{"file": file, "sql": billSQL, "bits": bits})
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "node", script)
	command.Stdin = bytes.NewReader(request)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	answer, err := command.Output()
	results := strings.Fields(string(answer))
	if err != nil && len(results) == 0 {
		t.Fatalf("DuckDB: %v\n%s", err, stderr.String())
	}
	return results
}
