package parquet

import (
	"os"
	"path/filepath"
	"testing"
)

// FuzzOpenScan wants no panic, no hang and no short read, whatever the bytes.
func FuzzOpenScan(f *testing.F) {
	for _, body := range smallFiles(f) {
		f.Add(body)
	}
	shared, ok := os.LookupEnv("DAYBOOK_SHARED")
	if !ok {
		shared = "../../../shared"
	}
	paths, _ := filepath.Glob(filepath.Join(shared, "data", "parquet-testing", "*.parquet"))
	for _, path := range paths {
		if body, err := os.ReadFile(path); err == nil && len(body) < 6000 {
			f.Add(body)
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		_ = readAll(t, body)
	})
}
