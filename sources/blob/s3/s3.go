// Package s3 is a [blob.Store] in a bucket of Amazon S3 or of a server that
// speaks its protocol with conditional writes (If-None-Match and If-Match on
// PUT). [blob.Probe] tells whether one does.
//
// Every call is one attempt: the SDK's own retries are off, because a PUT it
// repeated in silence would lose to itself and report 412. Put blob/retry
// around the store, which knows that a repeated put may meet its own success.
// Bodies travel with a checksum that the server verifies, and only as one PUT,
// so an object is never assembled from parts.
package s3

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"daybook/sources/blob"
)

// Options names a bucket and how to reach it. Bucket is needed; the rest
// defaults to Amazon S3 with the SDK's usual configuration.
type Options struct {
	Bucket string
	// Prefix, when not empty, is put with a slash before every key.
	Prefix string
	// Region, when not empty, goes before the region of Config.
	Region string
	// Endpoint is the URL of another server, such as "http://127.0.0.1:9000".
	Endpoint string
	// PathStyle asks for "endpoint/bucket/key" instead of
	// "bucket.endpoint/key", as most other servers need.
	PathStyle bool
	// Patience is how long one call may take, and a second more for each 64 KiB
	// that it sends or reads; 0 means a minute. A call that takes longer is
	// given up as [blob.ErrTransient].
	Patience time.Duration
	// Config holds credentials and the HTTP client. Nil loads the SDK's default
	// chain: environment, shared files, container and instance roles.
	Config *aws.Config
}

// store is a bucket without a prefix.
type store struct {
	bucket string
	client *s3.Client
	// patience bounds a call that moves no bytes.
	patience time.Duration
	// bucketSeen is set once any answer showed that the bucket exists; until
	// then a bare 404 may mean that it does not.
	bucketSeen atomic.Bool
}

var _ blob.Store = (*store)(nil)

// New returns the store in a bucket. It makes no request of the bucket: a wrong
// name or wrong credentials show at the first call.
func New(ctx context.Context, opts Options) (blob.Store, error) {
	where := "s3://" + opts.Bucket
	if opts.Bucket == "" {
		return nil, blob.Fail("open", "", where, errors.New("the bucket's name is empty"))
	}
	if opts.Prefix != "" {
		if err := blob.ValidKey(opts.Prefix); err != nil {
			return nil, blob.Fail("open", opts.Prefix, where, err)
		}
	}
	if err := checkEndpoint(opts.Endpoint); err != nil {
		return nil, blob.Fail("open", "", where, err)
	}
	cfg, err := awsConfig(ctx, opts)
	if err != nil {
		return nil, blob.Fail("open", "", where, err)
	}
	client := s3.NewFromConfig(cfg, func(o *s3.Options) {
		o.UsePathStyle = opts.PathStyle
		o.Retryer = aws.NopRetryer{}
		o.DisableLogOutputChecksumValidationSkipped = true
		if opts.Endpoint != "" {
			o.BaseEndpoint = aws.String(opts.Endpoint)
		}
	})
	return blob.Under(&store{bucket: opts.Bucket, client: client, patience: cmp.Or(opts.Patience, defaultPatience)}, opts.Prefix), nil
}

const (
	defaultPatience = time.Minute
	// slowest is the rate, in bytes a second, below which a connection counts as
	// dead rather than slow.
	slowest = 64 << 10
)

// limit bounds one call that moves so many bytes. Without it a server that takes
// a request and then says nothing holds a run up for ever, and the next one with it
// where cron waits for the first.
func (s *store) limit(ctx context.Context, bytes int) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, s.patience+time.Duration(bytes)*time.Second/slowest)
}

// URL implements [blob.Store].
func (s *store) URL() string { return "s3://" + s.bucket }

func awsConfig(ctx context.Context, opts Options) (aws.Config, error) {
	var cfg aws.Config
	if opts.Config != nil {
		cfg = opts.Config.Copy()
	} else {
		loaded, err := config.LoadDefaultConfig(ctx)
		if err != nil {
			return aws.Config{}, fmt.Errorf("load aws configuration: %w", err)
		}
		cfg = loaded
	}
	markErrors(&cfg)
	if opts.Region != "" {
		cfg.Region = opts.Region
	}
	if cfg.Region == "" {
		if opts.Endpoint == "" {
			return aws.Config{}, errors.New("no region: set the store's region or AWS_REGION")
		}
		cfg.Region = "us-east-1" // what other servers expect in a signature
	}
	return cfg, nil
}

// checkEndpoint refuses what is not a plain http(s) URL. One with a password
// would end up in messages and logs.
func checkEndpoint(endpoint string) error {
	if endpoint == "" {
		return nil
	}
	u, err := url.Parse(endpoint)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return errors.New("the endpoint is not a URL like https://host:port")
	case u.User != nil:
		return errors.New("the endpoint holds credentials: give them as access keys instead")
	}
	return nil
}
