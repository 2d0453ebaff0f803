package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"daybook/sources/blob"
	"daybook/sources/blob/s3"
	"daybook/sources/blob/s3test"
)

// runText runs a command and returns its exit code and standard error.
func runText(t *testing.T, args ...string) (code int, stderr string) {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	before := os.Stderr
	os.Stderr = write
	printed := make(chan []byte)
	go func() { b, _ := io.ReadAll(read); printed <- b }()
	code = run(t.Context(), args)
	os.Stderr = before
	write.Close()
	return code, string(<-printed)
}

// serverConfig writes a configuration over one bucket of a server.
func serverConfig(t *testing.T, server s3test.Server, bucket string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "daybook.yaml")
	body := fmt.Sprintf(`
usage: {at: "s3://%[1]s/usage", layout: {partition: dt}}
registry: s3://%[1]s/registry
book: s3://%[1]s/book
out: s3://%[1]s/out
start: 2026-09-01
s3: {endpoint: %[2]q, region: %[3]s, path_style: true}
issuer: {name: Northwind Cloud AG}
`, bucket, server.Endpoint, s3test.Region)
	if err := writeFile(path, []byte(body)); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestS3_TheCommandLineWorksAgainstARealServer(t *testing.T) {
	server := s3test.Start(t)
	t.Setenv("AWS_ACCESS_KEY_ID", s3test.AccessKey)
	t.Setenv("AWS_SECRET_ACCESS_KEY", s3test.SecretKey)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	store, err := s3.New(t.Context(), s3.Options{Bucket: server.Bucket, Endpoint: server.Endpoint, PathStyle: true, Config: &server.Config})
	if err != nil {
		t.Fatal(err)
	}
	fill(t, store, small())
	config := serverConfig(t, server, server.Bucket)
	if code, stderr := runText(t, "doctor", "-q", "--config", config); code != exitOK {
		t.Fatalf("doctor exited with %d: %s", code, stderr)
	}
	outcomes := runJSON(t, exitRejected, "run", "monthly", "--period", "2026-09", "--config", config)
	if last := outcomes[len(outcomes)-1]; last.Totals["CHF"] == "" {
		t.Errorf("the closing has no total: %+v", last)
	}
	if _, err := store.Stat(t.Context(), "out/current/tables/invoices/closing=2026-09/part.parquet"); err != nil {
		t.Error(err)
	}
	again := runJSON(t, exitOK, "run", "monthly", "--period", "2026-09", "--config", config)
	if len(again) != 1 || again[0].State != "already" {
		t.Errorf("the second run: %+v", again)
	}
	for o, err := range blob.Under(store, "out").List(t.Context(), "", "") {
		if err != nil {
			t.Fatal(err)
		}
		body, err := blob.Read(t.Context(), blob.Under(store, "out"), o)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(body), s3test.SecretKey) || strings.Contains(string(body), server.Endpoint) {
			t.Errorf("%s holds a secret or the server's address", o.Key)
		}
	}
}

func TestS3_WrongCredentialsAndAMissingBucketSayWhatToDo(t *testing.T) {
	server := s3test.Start(t)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_ACCESS_KEY_ID", s3test.AccessKey)
	const canary = "canary-secret-key"
	t.Setenv("AWS_SECRET_ACCESS_KEY", canary)
	code, stderr := runText(t, "run", "monthly", "--period", "2026-09", "-q", "--config", serverConfig(t, server, server.Bucket))
	if code != exitFailed || !strings.Contains(stderr, "access denied") || !strings.Contains(stderr, "credentials") || strings.Contains(stderr, canary) {
		t.Errorf("wrong credentials: exit %d, %s", code, stderr)
	}
	t.Setenv("AWS_SECRET_ACCESS_KEY", s3test.SecretKey)
	code, stderr = runText(t, "run", "monthly", "--period", "2026-09", "-q", "--config", serverConfig(t, server, "nowhere"))
	if code != exitFailed || !strings.Contains(stderr, "s3://nowhere") || !strings.Contains(stderr, "bucket") {
		t.Errorf("missing bucket: exit %d, %s", code, stderr)
	}
}
