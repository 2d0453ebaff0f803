package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"daybook/sources/blob"
)

// Stat implements [blob.Store].
func (s *store) Stat(ctx context.Context, key string) (blob.Object, error) {
	o, err := s.head(ctx, key, "")
	return o, blob.Fail("stat", key, s.URL(), err)
}

func (s *store) head(ctx context.Context, key, etag string) (blob.Object, error) {
	if err := readable(ctx, key); err != nil {
		return blob.Object{}, err
	}
	in := &s3.HeadObjectInput{Bucket: &s.bucket, Key: &key, ChecksumMode: types.ChecksumModeEnabled}
	if etag != "" {
		in.IfMatch = aws.String(quote(etag))
	}
	limited, cancel := s.limit(ctx, 0)
	defer cancel()
	out, err := s.client.HeadObject(limited, in)
	if err != nil {
		return blob.Object{}, s.missing(ctx, err, explain(ctx, err, blob.ErrChanged))
	}
	s.bucketSeen.Store(true)
	return blob.Object{Key: key, Size: aws.ToInt64(out.ContentLength), ETag: unquote(out.ETag), Checksum: checksum(out), Modified: micros(out.LastModified)}, nil
}

// micros is an instant in Unix microseconds, 0 for none.
func micros(t *time.Time) int64 {
	if t == nil {
		return 0
	}
	return t.UnixMicro()
}

// ReadAt implements [blob.Store] as one GET with If-Match: of a range, or of the
// whole object with the checksum that the server keeps of it, which the SDK then
// verifies. Of a range no checksum is known.
func (s *store) ReadAt(ctx context.Context, o blob.Object, p []byte, off int64) error {
	return blob.Fail("read", o.Key, s.URL(), s.readAt(ctx, o, p, off))
}

func (s *store) readAt(ctx context.Context, o blob.Object, p []byte, off int64) error {
	if off < 0 {
		return fmt.Errorf("offset %d is negative", off)
	}
	if len(p) == 0 || off >= o.Size {
		// There is no range to ask for, but the version may be gone.
		if _, err := s.head(ctx, o.Key, o.ETag); err != nil || len(p) == 0 {
			return err
		}
		return io.ErrUnexpectedEOF
	}
	if err := readable(ctx, o.Key); err != nil {
		return err
	}
	in := &s3.GetObjectInput{Bucket: &s.bucket, Key: &o.Key, IfMatch: aws.String(quote(o.ETag))}
	whole := off == 0 && int64(len(p)) == o.Size
	if whole {
		in.ChecksumMode = types.ChecksumModeEnabled
	} else {
		in.Range = aws.String(fmt.Sprintf("bytes=%d-%d", off, off+int64(len(p))-1))
	}
	limited, cancel := s.limit(ctx, len(p))
	defer cancel()
	out, err := s.client.GetObject(limited, in)
	if err != nil {
		return explain(ctx, err, blob.ErrChanged)
	}
	defer out.Body.Close()
	s.bucketSeen.Store(true)
	if got := unquote(out.ETag); got != o.ETag {
		return fmt.Errorf("%w: the server ignored If-Match", blob.ErrChanged)
	}
	if whole {
		err = checkWhole(out, o.Size)
	} else {
		err = checkRange(aws.ToString(out.ContentRange), off, int64(len(p)), o.Size)
	}
	if err != nil {
		return err
	}
	return readBody(ctx, out.Body, p, min(int64(len(p)), o.Size-off))
}

// checkRange makes sure that the bytes to come are those asked for: a server
// without ranges sends the object from its beginning, and one that looks at the
// condition before it opens the object may answer with the version that came
// in between (versitygw does, under the old ETag), whose size gives it away.
func checkRange(got string, off, length, size int64) error {
	if _, total, ok := strings.Cut(got, "/"); ok && total != strconv.FormatInt(size, 10) {
		return fmt.Errorf("%w: it has %s bytes now instead of %d", blob.ErrChanged, total, size)
	}
	if want := fmt.Sprintf("bytes %d-%d/%d", off, min(off+length, size)-1, size); got != want {
		return fmt.Errorf("the server answered range %q to a request for %q", got, want)
	}
	return nil
}

// checkWhole makes sure that a whole object of the size asked for is to come; see
// checkRange.
func checkWhole(out *s3.GetObjectOutput, size int64) error {
	if out.ContentRange != nil {
		return fmt.Errorf("the server answered range %q to a request for the whole object", *out.ContentRange)
	}
	if out.ContentLength != nil && *out.ContentLength != size {
		return fmt.Errorf("%w: it has %d bytes now instead of %d", blob.ErrChanged, *out.ContentLength, size)
	}
	return nil
}

// readBody fills the first n bytes of p from an answer. An answer that ends
// early is a broken connection, not a short object.
func readBody(ctx context.Context, body io.Reader, p []byte, n int64) error {
	if _, err := io.ReadFull(body, p[:n]); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("%w: answer broke off: %w", blob.ErrTransient, noEOF(err))
	}
	// The SDK verifies what checksum there is when it meets the end.
	if _, err := io.Copy(io.Discard, io.LimitReader(body, 1)); err != nil {
		return fmt.Errorf("%w: %w", blob.ErrTransient, noEOF(err))
	}
	if n < int64(len(p)) {
		return io.ErrUnexpectedEOF
	}
	return nil
}

// noEOF hides that a connection ended, or that a call's time did (see limit),
// behind a text: io.ErrUnexpectedEOF means a short object to callers of ReadAt, and
// context.DeadlineExceeded a deadline of their own.
func noEOF(err error) error {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return errors.New("unexpected end")
	case errors.Is(err, context.DeadlineExceeded):
		return errors.New("the rest did not come in time")
	}
	return err
}

// readable refuses keys that would address something else than one object.
func readable(ctx context.Context, key string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if key == "" || len(key) > blob.MaxKeyBytes {
		return fmt.Errorf("%w: S3 keys have 1 to %d bytes", blob.ErrBadKey, blob.MaxKeyBytes)
	}
	return nil
}

// Etags are kept without the quotes they travel in, because servers differ in
// where they put them.
func unquote(etag *string) string { return strings.Trim(aws.ToString(etag), `"`) }

func quote(etag string) string { return `"` + etag + `"` }
