package s3

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"daybook/sources/blob"
)

// Put implements [blob.Store] as one PUT of at most 5 GiB.
func (s *store) Put(ctx context.Context, key string, body []byte, c blob.Cond) (blob.Object, error) {
	o, err := s.put(ctx, key, body, c)
	return o, blob.Fail("put", key, s.URL(), err)
}

func (s *store) put(ctx context.Context, key string, body []byte, c blob.Cond) (blob.Object, error) {
	if err := errors.Join(ctx.Err(), blob.ValidKey(key), c.Check()); err != nil {
		return blob.Object{}, err
	}
	in := &s3.PutObjectInput{
		Bucket:        &s.bucket,
		Key:           &key,
		Body:          bytes.NewReader(body),
		ContentLength: aws.Int64(int64(len(body))),
		// Computed here and sent as a header: the SDK would send a trailer,
		// which many other servers do not read.
		ChecksumAlgorithm: types.ChecksumAlgorithmCrc32,
		ChecksumCRC32:     aws.String(crc(body)),
	}
	lost := blob.ErrChanged
	if c.IfAbsent {
		in.IfNoneMatch = aws.String("*")
		lost = blob.ErrExists
	}
	if c.IfMatch != "" {
		in.IfMatch = aws.String(quote(c.IfMatch))
	}
	limited, cancel := s.limit(ctx, len(body))
	defer cancel()
	out, err := s.client.PutObject(limited, in)
	if err != nil {
		return blob.Object{}, putError(explain(ctx, err, lost), c)
	}
	s.bucketSeen.Store(true)
	return blob.Object{Key: key, Size: int64(len(body)), ETag: unquote(out.ETag)}, nil
}

// putError gives two answers the meaning they have for a conditional put only.
func putError(err error, c blob.Cond) error {
	switch {
	case c.IfMatch != "" && errors.Is(err, blob.ErrNotFound):
		return fmt.Errorf("%w: it is gone", blob.ErrChanged)
	case c != (blob.Cond{}) && errors.Is(err, errNotImplemented):
		return fmt.Errorf("%w: %w", blob.ErrUnsafe, err)
	}
	return err
}

// Delete implements [blob.Store].
func (s *store) Delete(ctx context.Context, key string) error {
	if err := errors.Join(ctx.Err(), blob.ValidKey(key)); err != nil {
		return blob.Fail("delete", key, s.URL(), err)
	}
	limited, cancel := s.limit(ctx, 0)
	defer cancel()
	_, err := s.client.DeleteObject(limited, &s3.DeleteObjectInput{Bucket: &s.bucket, Key: &key})
	if err = explain(ctx, err, blob.ErrChanged); errors.Is(err, blob.ErrNotFound) {
		err = nil
	}
	return blob.Fail("delete", key, s.URL(), err)
}

func crc(body []byte) string {
	sum := binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(body))
	return base64.StdEncoding.EncodeToString(sum)
}
