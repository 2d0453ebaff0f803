package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"

	"daybook/jobs"
	"daybook/sources/blob"
	"daybook/sources/blob/crash"
	"daybook/sources/blob/dir"
	"daybook/sources/blob/retry"
	"daybook/sources/blob/s3"
)

// openStores opens the four places of a configuration. Only the output is ever
// created or written.
func openStores(ctx context.Context, cfg *config) (jobs.Stores, error) {
	var s jobs.Stores
	for _, place := range []struct {
		key, at string
		create  bool
		store   *blob.Store
	}{
		{"usage.at", cfg.file.Usage.At, false, &s.Usage},
		{"registry", cfg.file.Registry, false, &s.Registry},
		{"book", cfg.file.Book, false, &s.Book},
		{"out", cfg.file.Out, true, &s.Out},
	} {
		store, err := openStore(ctx, cfg, place.at, place.create)
		if err != nil {
			return s, fmt.Errorf("%s: %s: %w", cfg.path, place.key, err)
		}
		*place.store = store
	}
	return s, nil
}

// openStore opens one location: s3://bucket/prefix, file:///folder, or a folder
// relative to the configuration file.
func openStore(ctx context.Context, cfg *config, at string, create bool) (blob.Store, error) {
	scheme, rest, hasScheme := strings.Cut(at, "://")
	switch {
	case !hasScheme:
		if !filepath.IsAbs(at) {
			at = filepath.Join(filepath.Dir(cfg.path), at)
		}
		return openFolder(at, create)
	case scheme == "file":
		return openFolder(rest, create)
	case scheme == "s3":
		return openBucket(ctx, cfg, at)
	}
	return nil, usageErrorf("%q: write s3://bucket/prefix, file:///folder or a folder", at)
}

func openFolder(path string, create bool) (blob.Store, error) {
	store, err := dir.New(path, dir.Options{Create: create})
	if !create && errors.Is(err, blob.ErrNoBucket) {
		return nil, usageErrorf("%w; create it, or mend the path, which is relative to the configuration file", err)
	}
	if err != nil {
		return nil, err
	}
	return withRetry(store), nil
}

// openBucket opens a bucket with the SDK's usual credentials: environment,
// shared files or the machine's role.
func openBucket(ctx context.Context, cfg *config, at string) (blob.Store, error) {
	u, err := url.Parse(at)
	if err != nil || u.Host == "" {
		return nil, usageErrorf("%q: write s3://bucket/prefix", at)
	}
	sdk, err := cfg.loadSDK(ctx)
	if err != nil {
		return nil, fmt.Errorf("load S3 credentials: %w", err)
	}
	store, err := s3.New(ctx, s3.Options{
		Bucket: u.Host, Prefix: strings.Trim(u.Path, "/"), Endpoint: cfg.file.S3.Endpoint, PathStyle: cfg.file.S3.PathStyle, Config: sdk,
	})
	if err != nil {
		return nil, err
	}
	return withRetry(store), nil
}

// loadSDK finds credentials and makes an HTTP client, once: all stores of a
// configuration share them, their refreshes and their connections.
func (c *config) loadSDK(ctx context.Context) (*aws.Config, error) {
	if c.sdk != nil {
		return c.sdk, nil
	}
	var load []func(*awsconfig.LoadOptions) error
	if region := c.file.S3.Region; region != "" {
		load = append(load, awsconfig.WithRegion(region))
	}
	sdk, err := awsconfig.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return nil, err
	}
	if client, ok := sdk.HTTPClient.(*awshttp.BuildableClient); ok {
		// Frozen, as each client of a service would make its own of it otherwise.
		sdk.HTTPClient = client.WithTransportOptions(func(t *http.Transport) { t.MaxIdleConnsPerHost *= 4 }).Freeze()
	}
	c.sdk = &sdk
	return c.sdk, nil
}

func withRetry(store blob.Store) blob.Store {
	return retry.New(crash.Store(store), retry.Options{Sleep: wallClock().Sleep})
}
