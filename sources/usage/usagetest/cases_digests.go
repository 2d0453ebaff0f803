package usagetest

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"daybook/pricing"
	"daybook/sources/blob"
	"daybook/sources/parquet"
	"daybook/sources/usage"
)

// keeping is a store that keeps checksums beside its objects, as S3 does.
type keeping struct {
	blob.Store
	checksums map[string]blob.Checksum
}

func (s keeping) Stat(ctx context.Context, key string) (blob.Object, error) {
	o, err := s.Store.Stat(ctx, key)
	o.Checksum = s.checksums[key]
	return o, err
}

// runDigests checks that a file's bytes are held to what its producer said of
// them, and that a file that fails holds no other day back.
func runDigests(t *testing.T, e usage.Engine) {
	good, other := pricing.NewDate(2026, 10, 5), pricing.NewDate(2026, 10, 6)
	ofA, ofB := plainFile(t, good, 3), plainFile(t, other, 2)
	crc := func(body []byte) blob.Checksum {
		h := blob.CRC64NVME.New()
		h.Write(body)
		return blob.Checksum{Algorithm: blob.CRC64NVME, Sum: hexOf(h.Sum(nil))}
	}
	for _, c := range []struct {
		name     string
		checks   usage.Checksums
		sums     map[string]string // checksum files, all named by a.parquet
		stored   blob.Checksum     // the store's, of a.parquet
		wantFile string            // in the error; "" means that both days are delivered
	}{
		{"none", usage.ChecksumsAuto, nil, blob.Checksum{}, ""},
		{"the store's", usage.ChecksumsAuto, nil, crc(ofA), ""},
		{"the store's of other bytes", usage.ChecksumsAuto, nil, crc(ofB), "CRC64NVME"},
		{"other bytes, nobody asks", usage.ChecksumsOff, nil, crc(ofB), ""},
		{"a folder's", usage.ChecksumsAuto, map[string]string{"d/SHA256SUMS": digest(ofA) + "  a.parquet\n" + digest(ofB) + "  z.parquet\n"}, blob.Checksum{}, ""},
		{"a folder's of other bytes", usage.ChecksumsAuto, map[string]string{"d/SHA256SUMS": digest(ofB) + "  a.parquet\n"}, blob.Checksum{}, "SHA-256"},
		{"a file's own", usage.ChecksumsAuto, map[string]string{"d/a.parquet.sha256": digest(ofA)}, blob.Checksum{}, ""},
		{"one right, one wrong", usage.ChecksumsAuto, map[string]string{"d/a.parquet.sha256": digest(ofA), "d/SHA256SUMS": digest(ofB) + "  a.parquet\n"}, blob.Checksum{}, "SHA256SUMS"},
		{"unreadable", usage.ChecksumsAuto, map[string]string{"d/SHA256SUMS": "a.parquet " + digest(ofA)}, blob.Checksum{}, "line 1"},
		{"gone since it was listed", usage.ChecksumsAuto, map[string]string{"d/SHA256SUMS": ""}, blob.Checksum{}, ""},
		{"required and there", usage.ChecksumsRequired, nil, crc(ofA), ""},
		{"required and missing", usage.ChecksumsRequired, map[string]string{"d/SHA256SUMS": digest(ofA) + "  z.parquet\n"}, blob.Checksum{}, "required"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := keeping{newStore(), map[string]blob.Checksum{"d/a.parquet": c.stored, "b.parquet": crc(ofB)}}
			r := plainRequest(s, good, other)
			r.Checksums = c.checks
			a := put(t, s, "d/a.parquet", ofA, good, good)
			for key, body := range c.sums {
				a.Sums = append(a.Sums, key)
				if body != "" {
					put(t, s, key, []byte(body), good)
				}
			}
			r.Files = []usage.File{a, put(t, s, "b.parquet", ofB, other, other)}
			days, err := collect(t.Context(), e, r)
			if c.wantFile == "" {
				if err != nil || len(days) != 2 || days[0].Counts.Kept != 3 || days[1].Counts.Kept != 2 {
					t.Fatalf("%d days, %v", len(days), err)
				}
				return
			}
			var file *usage.FileError
			if !errors.As(err, &file) || file.File != "d/a.parquet" || !strings.Contains(err.Error(), c.wantFile) {
				t.Errorf("%v, want a fault of d/a.parquet with %q", err, c.wantFile)
			}
			if c.name != "unreadable" && !errors.Is(err, usage.ErrDigest) {
				t.Errorf("%v is not ErrDigest", err)
			}
			if len(days) != 1 || days[0].UTCDay != other {
				t.Errorf("delivered %v, want 6 October alone", days)
			}
		})
	}
}

// runContradictions checks that no row is lost to statistics that lie: a file
// whose footer claims 5 October alone and that has a row of the 6th.
func runContradictions(t *testing.T, e usage.Engine) {
	first, second := pricing.NewDate(2026, 10, 5), pricing.NewDate(2026, 10, 6)
	honest := plainFile(t, first, 3)
	last := first.UTC().UnixMicro() + 2*minute
	lying := claiming(t, plainTimes(t, first.UTC().UnixMicro(), last-minute, second.UTC().UnixMicro()), second.UTC().UnixMicro(), last)
	far := pricing.NewDate(2026, 11, 5) // what follows is skimmed: no time is said to lie in its day
	distant := claiming(t, claiming(t, honest, first.UTC().UnixMicro(), far.UTC().UnixMicro()), last, far.UTC().UnixMicro()+1)
	for name, body := range map[string][]byte{"beyond the claim": lying, "far beyond": distant} {
		s := newStore()
		r := plainRequest(s, first)
		r.Files = []usage.File{put(t, s, "a.parquet", body, first, first)}
		days, err := collect(t.Context(), e, r)
		var file *usage.FileError
		if !errors.As(err, &file) || file.File != "a.parquet" || file.Column != "time" || file.RowGroup != 0 || !strings.Contains(err.Error(), "contradicts itself") {
			t.Errorf("%s: %v", name, err)
		}
		if len(days) != 0 {
			t.Errorf("%s: the day was delivered: %+v", name, days)
		}
	}
}

const minute = int64(60_000_000)

// plainFile is n events of a day, a minute apart from its start.
func plainFile(t failer, d pricing.Date, n int) []byte {
	times := make([]int64, n)
	for i := range times {
		times[i] = d.UTC().UnixMicro() + int64(i)*minute
	}
	return plainTimes(t, times...)
}

func plainTimes(t failer, times ...int64) []byte {
	n := len(times)
	ids := make([]string, n)
	for i := range ids {
		ids[i] = "e" + string(rune('0'+i))
	}
	same := func(s string) []string { return slices.Repeat([]string{s}, n) }
	body, err := parquet.Encode([]parquet.Column{
		{Name: "event_id", Type: parquet.String, Strings: ids},
		{Name: "time", Type: parquet.TimestampMicrosUTC, Ints: times},
		{Name: "subscription_id", Type: parquet.String, Strings: same("sub")},
		{Name: "meter", Type: parquet.String, Strings: same("m")},
		{Name: "quantity", Type: parquet.Int64, Ints: slices.Repeat([]int64{7}, n)},
	}, n)
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	return body
}

func plainRequest(s blob.Store, days ...pricing.Date) usage.Request {
	return usage.Request{
		Store: s, Days: days, AsOf: days[len(days)-1].AddDays(1).UTC().UnixMicro(),
		Meters: []pricing.Meter{{ID: "m", Aggregate: pricing.Sum, Scale: 6}},
		Attribution: pricing.AttributionOf(map[string][]pricing.AttributionEntry{
			pricing.SubscriptionKey("sub"): {{Account: "acme", Subscription: "sub", End: math.MaxInt64, Zone: "UTC"}},
		}),
	}
}

// claiming returns a file whose footer has one number for another: statistics
// are the little-endian bytes of the value (parquet.thrift, Statistics).
func claiming(t failer, body []byte, from, to int64) []byte {
	end := len(body) - 8
	start := end - int(binary.LittleEndian.Uint32(body[end:]))
	old, now := binary.LittleEndian.AppendUint64(nil, uint64(from)), binary.LittleEndian.AppendUint64(nil, uint64(to))
	if !bytes.Contains(body[start:end], old) {
		t.Fatalf("no statistics of %d in the footer", from)
	}
	return slices.Concat(body[:start], bytes.ReplaceAll(body[start:end], old, now), body[end:])
}
