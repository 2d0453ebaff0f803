// Package s3test runs a real S3 server for tests: versitygw, as pinned in
// testdata/tools/versitygw.
package s3test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

const (
	// Binary is the environment variable that names the server's binary.
	Binary = "DAYBOOK_VERSITYGW"
	// AccessKey and SecretKey are the credentials of every server.
	AccessKey = "daybook-test"
	SecretKey = "daybook-test-secret"
	// Region is the region of every server.
	Region = "us-east-1"

	startWait = 20 * time.Second
	pollPause = 20 * time.Millisecond
)

// Server is a running server with one empty bucket.
type Server struct {
	Endpoint string // "http://127.0.0.1:port"; needs path-style requests
	Bucket   string
	Folder   string     // in which Bucket is a folder whose files are the objects
	Config   aws.Config // with region and credentials
}

// Start runs a server of its own on a free loopback port, in a temporary
// folder, until the test ends. Without [Binary] in the environment it skips
// the test.
func Start(t testing.TB) Server {
	t.Helper()
	binary := os.Getenv(Binary)
	if binary == "" {
		t.Skip("S3 tests need " + Binary + "; run make check")
	}
	s := Server{Bucket: "daybook", Folder: t.TempDir(), Config: aws.Config{
		Region:      Region,
		Credentials: credentials.NewStaticCredentialsProvider(AccessKey, SecretKey, ""),
	}}
	// Another process may take the free port before the server does.
	for range 3 {
		port := freePort(t)
		s.Endpoint = "http://" + port
		log, err := s.run(t, binary, port)
		if err == nil {
			return s
		}
		t.Logf("start %s: %v\n%s", binary, err, log)
	}
	t.Fatal("start S3 server: it did not answer; see the log above")
	return Server{}
}

// run starts the server and waits until it has made the bucket. It returns the
// server's output when that fails.
func (s Server) run(t testing.TB, binary, port string) (string, error) {
	var log bytes.Buffer
	// The folder must be absolute, since the server changes its own.
	cmd := exec.Command(binary, "--port", port, "--quiet", "posix", s.Folder)
	cmd.Env = []string{"ROOT_ACCESS_KEY=" + AccessKey, "ROOT_SECRET_KEY=" + SecretKey, "GOGC=400"}
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		return "", err
	}
	exited := make(chan struct{})
	go func() { cmd.Wait(); close(exited) }()
	kill := func() { cmd.Process.Kill(); <-exited }
	if err := s.createBucket(t.Context(), exited); err != nil {
		kill()
		return log.String(), err
	}
	t.Cleanup(kill)
	return "", nil
}

func (s Server) createBucket(ctx context.Context, exited <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(ctx, startWait)
	defer cancel()
	client := s3.NewFromConfig(s.Config, func(o *s3.Options) {
		o.BaseEndpoint, o.UsePathStyle = &s.Endpoint, true
		o.Retryer = aws.NopRetryer{}
	})
	for {
		_, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &s.Bucket})
		if err == nil {
			return nil
		}
		select {
		case <-exited:
			return fmt.Errorf("server ended by itself: %w", err)
		case <-ctx.Done():
			return err
		case <-time.After(pollPause):
		}
	}
}

// freePort returns a loopback address that nobody listens on.
func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
