package usage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"

	"daybook/sources/blob"
)

// ErrDigest is returned, in a [FileError], for a file whose bytes are not those
// that its producer's digest names, or whose digest is required and missing.
var ErrDigest = errors.New("producer's digest")

// producerDigest is what a producer said of a file's bytes, and where.
type producerDigest struct {
	blob.Checksum
	from string // "the store", or a checksum file's name
}

// producerDigests returns all that is known of a file's bytes before it is read.
func (p *pass) producerDigests(ctx context.Context, s *source) ([]producerDigest, error) {
	if p.checksums == ChecksumsOff {
		return nil, nil
	}
	var out []producerDigest
	now, err := p.store.Stat(ctx, s.Object.Key)
	switch {
	case err != nil:
		return nil, err
	case now.ETag != s.Object.ETag:
		return nil, blob.Fail("read", s.Object.Key, p.store.URL(), blob.ErrChanged)
	case !now.Checksum.IsZero():
		out = append(out, producerDigest{now.Checksum, "the store"})
	}
	for _, key := range s.Sums {
		sums, err := p.checksumFile(ctx, key)
		if err != nil {
			return nil, err
		}
		if sum, ok := sums.digestOf(s.Object.Key, key); ok {
			out = append(out, producerDigest{blob.Checksum{Algorithm: blob.SHA256, Sum: sum}, key})
		}
	}
	if len(out) == 0 && p.checksums == ChecksumsRequired {
		return nil, fmt.Errorf("%w: there is none in the store, in a SHA256SUMS beside the file or in %q, and usage.checksums is required; upload the file with a checksum of the whole object, or write one of the checksum files",
			ErrDigest, s.Object.Key+sumsSuffix)
	}
	return out, nil
}

// checksumFile reads a checksum file as it stands now, once a pass; one that is
// gone has no digests.
func (p *pass) checksumFile(ctx context.Context, key string) (checksumFile, error) {
	p.sumsLock.Lock()
	defer p.sumsLock.Unlock()
	if sums, known := p.sums[key]; known {
		return sums, nil
	}
	body, _, err := blob.ReadAll(ctx, p.store, key, maxSums)
	if err != nil && !errors.Is(err, blob.ErrNotFound) {
		return checksumFile{}, err
	}
	sums, err := parseChecksums(key, body)
	if err == nil {
		p.sums[key] = sums
	}
	return sums, err
}

// verifier digests a file's bytes as they are read.
type verifier struct {
	io.Writer
	sha256 hash.Hash
	hashes []hash.Hash // one for each of want
	want   []producerDigest
}

func newVerifier(want []producerDigest) *verifier {
	v := &verifier{sha256: sha256.New(), want: want}
	all := []io.Writer{v.sha256}
	for _, d := range want {
		h := v.sha256
		if d.Algorithm != blob.SHA256 {
			h = d.Algorithm.New()
			all = append(all, h)
		}
		v.hashes = append(v.hashes, h)
	}
	v.Writer = io.MultiWriter(all...)
	return v
}

// digest returns the SHA-256 of all bytes in hex, or an error when they are not
// what their producer wrote.
func (v *verifier) digest() (string, error) {
	for i, d := range v.want {
		if found := hex.EncodeToString(v.hashes[i].Sum(nil)); found != d.Sum {
			return "", fmt.Errorf("%w: %s says that %s is %s, but of the bytes read it is %s; upload the file again, or the digest if that is wrong",
				ErrDigest, d.from, algorithmName(d.Algorithm), d.Sum, found)
		}
	}
	return hex.EncodeToString(v.sha256.Sum(nil)), nil
}

// algorithmName is an algorithm as people write it.
func algorithmName(a blob.Algorithm) string {
	return strings.Replace(string(a), "SHA", "SHA-", 1)
}
