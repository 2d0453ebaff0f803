package jobs

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/sources/blob"
	"daybook/sources/usage"
)

// sha is the SHA-256 of a usage file of the world, in hexadecimal digits.
func (w *testWorld) sha(t *testing.T, key string) string {
	t.Helper()
	body, _, err := blob.ReadAll(t.Context(), w.bucket, "usage/"+key, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// damage flips one bit in the middle of a usage file, as a bad disk does.
func (w *testWorld) damage(t *testing.T, key string) {
	t.Helper()
	body, _, err := blob.ReadAll(t.Context(), w.bucket, "usage/"+key, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	body = bytes.Clone(body)
	body[len(body)/2] ^= 1
	w.put(t, "usage/"+key, string(body))
}

func TestRollup_HoldsFilesToTheChecksumFilesBesideThem(t *testing.T) {
	for name, layout := range map[string]Layout{"partitioned": {Partition: "dt", Zone: time.UTC}, "flat": {Zone: time.UTC}} {
		t.Run(name, func(t *testing.T) {
			w := newTestWorld(t)
			w.settings.Layout = layout
			w.put(t, "usage/dt=2026-10-05/SHA256SUMS", w.sha(t, "dt=2026-10-05/a.parquet")+"  a.parquet\n")
			w.put(t, "usage/dt=2026-10-06/a.parquet.sha256", w.sha(t, "dt=2026-10-05/a.parquet")) // another file's
			outcomes, err := w.pipeline(t).Rollup(t.Context(), []pricing.Date{fifth, sixth}, RunOptions{})
			if len(outcomes) != 1 || outcomes[0].Period != "2026-10-05" || outcomes[0].Counts.Kept != 2 {
				t.Errorf("published %+v, want the 5th alone", outcomes)
			}
			if !errors.Is(err, usage.ErrDigest) || !strings.Contains(err.Error(), "dt=2026-10-06/a.parquet.sha256") ||
				!strings.Contains(err.Error(), "--quarantine dt=2026-10-06/a.parquet") {
				t.Errorf("%v: want the checksum file and the remedy", err)
			}
			w.put(t, "usage/dt=2026-10-06/a.parquet.sha256", w.sha(t, "dt=2026-10-06/a.parquet"))
			outcomes, err = w.pipeline(t).Rollup(t.Context(), []pricing.Date{fifth, sixth}, RunOptions{})
			if err != nil || len(outcomes) != 2 || outcomes[0].State != StateAlready || outcomes[1].Counts.Kept != 1 {
				t.Errorf("with the right one: %+v, %v", outcomes, err)
			}
		})
	}
}

func TestRollup_ADamagedFileIsNeverBilledOverItsDigest(t *testing.T) {
	w := newTestWorld(t)
	w.put(t, "usage/dt=2026-10-05/SHA256SUMS", w.sha(t, "dt=2026-10-05/a.parquet")+"  a.parquet\n")
	w.damage(t, "dt=2026-10-05/a.parquet")
	if outcomes, err := w.pipeline(t).Rollup(t.Context(), []pricing.Date{fifth}, RunOptions{}); !errors.Is(err, usage.ErrDigest) {
		t.Errorf("%+v, %v: want ErrDigest", outcomes, err)
	}
}

func TestRollup_RequiredChecksumsRefuseAFileWithout(t *testing.T) {
	w := newTestWorld(t)
	w.settings.Checksums = usage.ChecksumsRequired
	w.put(t, "usage/dt=2026-10-05/SHA256SUMS", w.sha(t, "dt=2026-10-05/a.parquet")+"  a.parquet\n")
	outcomes, err := w.pipeline(t).Rollup(t.Context(), []pricing.Date{fifth, sixth}, RunOptions{})
	if len(outcomes) != 1 || !errors.Is(err, usage.ErrDigest) || !strings.Contains(err.Error(), "dt=2026-10-06/a.parquet") {
		t.Errorf("%+v, %v: want the 5th published and the 6th refused", outcomes, err)
	}
}
