package parquet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/golang/snappy"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// Codecs of parquet.thrift.
const (
	codecNone   = 0
	codecSnappy = 1
	codecGzip   = 2
	codecLZO    = 3
	codecBrotli = 4
	codecLZ4    = 5 // deprecated: Hadoop's framing, or none
	codecZstd   = 6
	codecLZ4Raw = 7
)

// inflater decompresses pages of one codec after another and keeps what can be
// used again. Its output never outgrows what a page's bytes really give: a size
// that a header claims is a bound, not a reason to allocate.
type inflater struct {
	gzip   *gzip.Reader
	brotli *brotli.Reader
	src    bytes.Reader
}

// inflate decompresses src, which must give exactly size bytes, into dst's
// memory if that is large enough. For codecNone it gives src itself.
func (x *inflater) inflate(codec int32, dst, src []byte, size int) ([]byte, error) {
	if codec == codecNone {
		if len(src) != size {
			return nil, corruptf("an uncompressed page has %d bytes but says %d", len(src), size)
		}
		return src, nil
	}
	if size == 0 {
		return dst[:0], nil
	}
	var err error
	switch codec {
	case codecSnappy:
		dst, err = inflateSnappy(dst, src, size)
	case codecGzip:
		dst, err = x.inflateGzip(dst, src, size)
	case codecBrotli:
		dst, err = x.inflateBrotli(dst, src, size)
	case codecZstd:
		dst, err = inflateZstd(dst, src, size)
	case codecLZ4Raw:
		dst, err = inflateLZ4(dst, src, size)
	case codecLZ4:
		dst, err = inflateHadoopLZ4(dst, src, size)
	case codecLZO:
		return nil, corrupt("compression LZO cannot be read; write the file with ZSTD")
	default:
		return nil, corruptf("compression %d is not known; write the file with ZSTD", codec)
	}
	if err != nil {
		return nil, fmt.Errorf("decompress a page: %w", err)
	}
	if len(dst) != size {
		return nil, corruptf("a page decompresses to %d bytes but says %d", len(dst), size)
	}
	return dst, nil
}

// inflateSnappy relies on the format: three bytes give at most 64.
func inflateSnappy(dst, src []byte, size int) ([]byte, error) {
	n, err := snappy.DecodedLen(src)
	if err != nil {
		return nil, err
	}
	if n != size || n > 32*len(src) {
		return nil, errors.New("snappy: the size does not fit the page's bytes")
	}
	return snappy.Decode(grown(dst, n), src)
}

// inflateLZ4 relies on the format: a byte gives at most 255.
func inflateLZ4(dst, src []byte, size int) ([]byte, error) {
	if size > 256*len(src) {
		return nil, errors.New("lz4: the size does not fit the page's bytes")
	}
	dst = grown(dst, size)
	n, err := lz4.UncompressBlock(src, dst)
	if err != nil {
		return nil, err
	}
	return dst[:n], nil
}

// inflateHadoopLZ4 reads blocks with two big-endian sizes in front, as Hadoop
// writes them under the same codec number under which others write bare blocks.
func inflateHadoopLZ4(dst, src []byte, size int) ([]byte, error) {
	if size > 256*len(src) {
		return nil, errors.New("lz4: the size does not fit the page's bytes")
	}
	dst = grown(dst, size)
	out, in := 0, src
	for len(in) >= 8 {
		plain := int64(binary.BigEndian.Uint32(in))
		packed := int64(binary.BigEndian.Uint32(in[4:]))
		if plain > int64(size-out) || packed > int64(len(in)-8) {
			break
		}
		n, err := lz4.UncompressBlock(in[8:8+packed], dst[out:out+int(plain)])
		if err != nil || int64(n) != plain {
			break
		}
		out += n
		in = in[8+packed:]
	}
	if len(in) == 0 && out == size {
		return dst, nil
	}
	return inflateLZ4(dst, src, size)
}

func (x *inflater) inflateGzip(dst, src []byte, size int) ([]byte, error) {
	x.src.Reset(src)
	if x.gzip == nil {
		r, err := gzip.NewReader(&x.src)
		if err != nil {
			return nil, err
		}
		x.gzip = r
	} else if err := x.gzip.Reset(&x.src); err != nil {
		return nil, err
	}
	return readExactly(x.gzip, dst, len(src), size)
}

func (x *inflater) inflateBrotli(dst, src []byte, size int) ([]byte, error) {
	x.src.Reset(src)
	if x.brotli == nil {
		x.brotli = brotli.NewReader(&x.src)
	} else if err := x.brotli.Reset(&x.src); err != nil {
		return nil, err
	}
	return readExactly(x.brotli, dst, len(src), size)
}

// firstRoom is what a page of n compressed bytes gets to begin with.
func firstRoom(n, size int) int { return min(size, 64<<10+8*n) }

// readExactly reads size bytes and then the end, so that checksums at the end
// are checked. The buffer doubles as bytes arrive.
func readExactly(r io.Reader, dst []byte, compressed, size int) ([]byte, error) {
	dst = grown(dst, max(cap(dst), firstRoom(compressed, size)))
	n := 0
	for n < size {
		if n == len(dst) {
			grown := make([]byte, min(size, 2*len(dst)))
			copy(grown, dst)
			dst = grown
		}
		k, err := r.Read(dst[n:min(size, len(dst))])
		n += k
		if err == io.EOF {
			return dst[:n], nil
		}
		if err != nil {
			return nil, err
		}
	}
	var one [1]byte
	for {
		k, err := r.Read(one[:])
		if k > 0 {
			return nil, errors.New("the page is longer than it says")
		}
		if err == io.EOF {
			return dst[:n], nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// frameDecoder decompresses the pages of all files, several at once. To make one
// costs more than the columns of a small file; each frame begins with a state of
// its own, whatever became of the one before.
var frameDecoder = sync.OnceValues(func() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecodeAllCapLimit(true))
})

// inflateZstd tries with growing room, because a zstd frame may claim any size.
func inflateZstd(dst, src []byte, size int) ([]byte, error) {
	decoder, err := frameDecoder()
	if err != nil {
		return nil, err
	}
	have := max(cap(dst), firstRoom(len(src), size))
	for {
		dst = grown(dst, have)
		have = len(dst)
		out, err := decoder.DecodeAll(src, dst[:0:min(have, size)])
		if err == nil {
			return dst[:len(out)], nil // the same bytes, with all of their memory
		}
		if have >= size || !errors.Is(err, zstd.ErrDecoderSizeExceeded) {
			return nil, err
		}
		have = min(size, 4*have)
	}
}
