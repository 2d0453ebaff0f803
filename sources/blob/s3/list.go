package s3

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"daybook/sources/blob"
)

// List implements [blob.Store] with pages of up to 1,000 objects. Empty objects
// whose key ends in a slash are left out: consoles make them to show folders.
func (s *store) List(ctx context.Context, prefix, after string) iter.Seq2[blob.Object, error] {
	return func(yield func(blob.Object, error) bool) {
		in := &s3.ListObjectsV2Input{Bucket: &s.bucket}
		if prefix != "" {
			in.Prefix = &prefix
		}
		if after != "" {
			in.StartAfter = &after
		}
		last := after
		for {
			page, err := s.page(ctx, in)
			if err != nil {
				yield(blob.Object{}, blob.Fail("list", prefix, s.URL(), err))
				return
			}
			for _, found := range page.Contents {
				o := blob.Object{Key: aws.ToString(found.Key), Size: aws.ToInt64(found.Size), ETag: unquote(found.ETag), Modified: micros(found.LastModified)}
				if o.Size == 0 && strings.HasSuffix(o.Key, "/") {
					continue
				}
				if !strings.HasPrefix(o.Key, prefix) || o.Key <= last {
					err := fmt.Errorf("key %q after %q is out of order: this kind of bucket cannot be used", o.Key, last)
					yield(blob.Object{}, blob.Fail("list", prefix, s.URL(), err))
					return
				}
				last = o.Key
				if !yield(o, nil) {
					return
				}
			}
			if !aws.ToBool(page.IsTruncated) {
				return
			}
			in.ContinuationToken = page.NextContinuationToken
		}
	}
}

func (s *store) page(ctx context.Context, in *s3.ListObjectsV2Input) (*s3.ListObjectsV2Output, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	limited, cancel := s.limit(ctx, 0)
	defer cancel()
	page, err := s.client.ListObjectsV2(limited, in)
	if err != nil {
		return nil, explain(ctx, err, blob.ErrChanged)
	}
	s.bucketSeen.Store(true)
	if aws.ToBool(page.IsTruncated) && page.NextContinuationToken == nil {
		return nil, errors.New("the server cut its listing short without a way to go on")
	}
	return page, nil
}
