package parquet

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// TestAppendFrame_TheLibraryReadsIt: frames of every shape, checksums and all.
func TestAppendFrame_TheLibraryReadsIt(t *testing.T) {
	decoder, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer decoder.Close()
	for _, width := range []int{8, 16} {
		for _, n := range []int{3, 4, 5, 130, 4096, 8192, 8193, 8194, 16384, 16385, 16386, 40_000} {
			for _, head := range []int{0, 1, 4100} {
				for first := range width {
					last := (first * 5) % (width - first)
					if first+last < leastMatch {
						continue
					}
					rng := rand.New(rand.NewPCG(uint64(n), uint64(first)))
					page := make([]byte, head+n*width)
					for i := range page {
						page[i] = 0xA5
						if at := (i - head) % width; i >= head && at >= first && at < width-last {
							page[i] = byte(rng.Uint32())
						}
					}
					frame := appendFrame(nil, page, head, width, first, last)
					got, err := decoder.DecodeAll(frame, nil)
					if err != nil || !bytes.Equal(got, page) {
						t.Fatalf("%d numbers of %d bytes after %d, %d and %d shared: %v", n, width, head, first, last, err)
					}
				}
			}
		}
	}
}

// The values are those of xxhash_spec.md's reference program for the seed 0.
func TestXXH64_IsTheReference(t *testing.T) {
	for text, want := range map[string]uint64{
		"":    0xEF46DB3751D8E999,
		"a":   0xD24EC4F1A98C6E5B,
		"abc": 0x44BC2CF5AD770999,
		"Nobody inspects the spammish repetition": 0xFBCEA83C8A378BF1,
	} {
		if got := xxh64([]byte(text)); got != want {
			t.Errorf("%q: %x, want %x", text, got, want)
		}
	}
}

func BenchmarkPackNumbers(b *testing.B) {
	const n = 33_000
	rng := rand.New(rand.NewPCG(1, 2))
	var page []byte
	for range n {
		page = Decimal128{Lo: rng.Uint64N(1_000_000_000) * 1_000_000_000}.appendBigEndian(page)
	}
	encoder, err := pageEncoder()
	if err != nil {
		b.Fatal(err)
	}
	w := &fileWriter{encoder: encoder}
	b.Run("own", func(b *testing.B) {
		var out []byte
		for b.Loop() {
			out = w.packNumbers(out[:0], page, 0, 16)
		}
		b.ReportMetric(float64(len(out))/n, "B/number")
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/number")
	})
	b.Run("library", func(b *testing.B) {
		var out []byte
		for b.Loop() {
			out = encoder.EncodeAll(page, out[:0])
		}
		b.ReportMetric(float64(len(out))/n, "B/number")
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/number")
	})
	b.Run("checksum", func(b *testing.B) {
		var sum uint64
		for b.Loop() {
			sum += xxh64(page)
		}
		b.SetBytes(int64(len(page)))
		_ = binary.LittleEndian.AppendUint64(nil, sum)
	})
}
