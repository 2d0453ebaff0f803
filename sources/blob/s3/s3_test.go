package s3_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"daybook/sources/blob"
	"daybook/sources/blob/retry"
	"daybook/sources/blob/s3"
	"daybook/sources/blob/s3test"
)

// secret must never appear in an error.
const secret = "canary-secret-key"

// serve returns a store on a server that answers as told, and the number of
// requests it got.
func serve(t *testing.T, answer http.HandlerFunc) (blob.Store, *atomic.Int64) {
	t.Helper()
	var requests atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		io.Copy(io.Discard, r.Body)
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	return at(t, server.URL, credentials.NewStaticCredentialsProvider("key", secret, "")), &requests
}

func at(t *testing.T, endpoint string, provider aws.CredentialsProvider) blob.Store {
	t.Helper()
	s, err := s3.New(t.Context(), s3.Options{
		Bucket: "bucket", Endpoint: endpoint, PathStyle: true,
		Config: &aws.Config{Region: "us-east-1", Credentials: provider},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	if code != "" {
		fmt.Fprintf(w, "<Error><Code>%s</Code><Message>said so</Message></Error>", code)
	}
}

// The meaning of each code is that of "Error responses" in the Amazon S3 API
// reference.
func TestErrors_MeanWhatTheServerSaid(t *testing.T) {
	for _, test := range []struct {
		status int
		code   string
		want   error
	}{
		{401, "Unauthorized", blob.ErrDenied},
		{403, "AccessDenied", blob.ErrDenied},
		{403, "InvalidAccessKeyId", blob.ErrDenied},
		{403, "SignatureDoesNotMatch", blob.ErrDenied},
		{403, "RequestTimeTooSkewed", blob.ErrDenied},
		{400, "ExpiredToken", blob.ErrDenied},
		{404, "NoSuchBucket", blob.ErrNoBucket},
		{404, "NoSuchKey", blob.ErrNotFound},
		{400, "RequestTimeout", blob.ErrTransient},
		{400, "BadDigest", blob.ErrTransient},
		{409, "OperationAborted", blob.ErrTransient},
		{429, "TooManyRequests", blob.ErrTransient},
		{500, "InternalError", blob.ErrTransient},
		{502, "", blob.ErrTransient},
		{503, "SlowDown", blob.ErrTransient},
		{507, "", blob.ErrFull},
		{412, "PreconditionFailed", blob.ErrChanged},
		{404, "XAdminUserNotFound", blob.ErrDenied}, // versitygw 1.8.0
	} {
		s, requests := serve(t, func(w http.ResponseWriter, _ *http.Request) { refuse(w, test.status, test.code) })
		err := s.ReadAt(t.Context(), blob.Object{Key: "k", Size: 5, ETag: "e"}, make([]byte, 5), 0)
		if !errors.Is(err, test.want) {
			t.Errorf("%d %s: got %v, want %v", test.status, test.code, err, test.want)
		}
		if requests.Load() != 1 {
			t.Errorf("%d %s: %d requests, want one attempt", test.status, test.code, requests.Load())
		}
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%d %s: the error holds a secret: %v", test.status, test.code, err)
		}
	}
}

func TestErrors_AStrange404IsNoMissingObject(t *testing.T) {
	for _, code := range []string{"NoSuchUpload", "Strange"} {
		s, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) { refuse(w, 404, code) })
		_, statErr := s.Stat(t.Context(), "k")
		readErr := s.ReadAt(t.Context(), blob.Object{Key: "k", Size: 1, ETag: "e"}, make([]byte, 1), 0)
		for _, err := range []error{statErr, readErr, s.Delete(t.Context(), "k")} {
			if err == nil || errors.Is(err, blob.ErrNotFound) {
				t.Errorf("404 %s: got %v, want an error that is not ErrNotFound", code, err)
			}
		}
	}
}

func TestPut_RefusalsOfConditionsMeanLostOrUnsafe(t *testing.T) {
	for _, test := range []struct {
		status int
		code   string
		cond   blob.Cond
		want   error
	}{
		{412, "PreconditionFailed", blob.Cond{IfAbsent: true}, blob.ErrExists},
		{412, "PreconditionFailed", blob.Cond{IfMatch: "e"}, blob.ErrChanged},
		{404, "NoSuchKey", blob.Cond{IfMatch: "e"}, blob.ErrChanged},
		{404, "NoSuchBucket", blob.Cond{IfMatch: "e"}, blob.ErrNoBucket},
		{409, "ConditionalRequestConflict", blob.Cond{IfAbsent: true}, blob.ErrTransient},
		{501, "NotImplemented", blob.Cond{IfAbsent: true}, blob.ErrUnsafe},
	} {
		s, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) { refuse(w, test.status, test.code) })
		_, err := s.Put(t.Context(), "k", []byte("x"), test.cond)
		if !errors.Is(err, test.want) {
			t.Errorf("%d %s under %+v: got %v, want %v", test.status, test.code, test.cond, err, test.want)
		}
	}
}

func TestPut_SendsConditionAndChecksum(t *testing.T) {
	var got http.Header
	var length int64
	s, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got, length = r.Header, r.ContentLength
		w.Header().Set("ETag", `"abc"`)
	})
	o, err := s.Put(t.Context(), "k", []byte("123456789"), blob.Cond{IfAbsent: true})
	if err != nil || o.ETag != "abc" || o.Size != 9 {
		t.Fatalf("got %+v, %v", o, err)
	}
	// CBF43926 is the check value of CRC-32/ISO-HDLC for "123456789".
	for name, want := range map[string]string{"If-None-Match": "*", "X-Amz-Checksum-Crc32": "y/Q5Jg=="} {
		if got.Get(name) != want {
			t.Errorf("header %s is %q, want %q", name, got.Get(name), want)
		}
	}
	if length != 9 {
		t.Errorf("content length %d, want 9: the body must not travel in chunks", length)
	}
	if _, err = s.Put(t.Context(), "k", nil, blob.Cond{IfMatch: "abc"}); err != nil || got.Get("If-Match") != `"abc"` {
		t.Errorf("If-Match is %q, %v", got.Get("If-Match"), err)
	}
}

func TestReadAt_DamagedAnswersAreNeverTakenForTheVersion(t *testing.T) {
	for name, test := range map[string]struct {
		etag, contentRange, body string
		want                     error // nil for any error
	}{
		"broken off":      {"e", "bytes 2-5/10", "23", blob.ErrTransient},
		"other version":   {"f", "bytes 2-5/10", "2345", blob.ErrChanged},
		"range ignored":   {"e", "", "0123456789", nil},
		"other range":     {"e", "bytes 0-3/10", "0123", nil},
		"other full size": {"e", "bytes 2-5/11", "2345", nil},
	} {
		s, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Range") != "bytes=2-5" || r.Header.Get("If-Match") != `"e"` {
				t.Errorf("%s: range %q, if-match %q", name, r.Header.Get("Range"), r.Header.Get("If-Match"))
			}
			w.Header().Set("ETag", `"`+test.etag+`"`)
			if test.contentRange != "" {
				w.Header().Set("Content-Range", test.contentRange)
			}
			if name == "broken off" {
				w.Header().Set("Content-Length", "4")
			}
			w.WriteHeader(http.StatusPartialContent)
			io.WriteString(w, test.body)
		})
		err := s.ReadAt(t.Context(), blob.Object{Key: "k", Size: 10, ETag: "e"}, make([]byte, 4), 2)
		if err == nil || test.want != nil && !errors.Is(err, test.want) || errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: got %v, want %v", name, err, test.want)
		}
	}
}

func TestErrors_ConnectionsAndCredentials(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	static := credentials.NewStaticCredentialsProvider("key", secret, "")
	_, err := at(t, closed.URL, static).Stat(t.Context(), "k")
	if !errors.Is(err, blob.ErrTransient) {
		t.Errorf("refused connection: got %v, want ErrTransient", err)
	}
	none := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{}, errors.New("no role found")
	})
	_, err = at(t, closed.URL, none).Stat(t.Context(), "k")
	if !errors.Is(err, blob.ErrDenied) || !strings.Contains(err.Error(), "no role found") {
		t.Errorf("no credentials: got %v, want ErrDenied with its cause", err)
	}
	hangs, _ := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err = hangs.Stat(ctx, "k"); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, blob.ErrTransient) {
		t.Errorf("own deadline: got %v, want DeadlineExceeded alone", err)
	}
}

func TestPut_LostAnswerIsUnderstoodByRetry(t *testing.T) {
	server := s3test.Start(t)
	// Between the client and the real server stands one that loses the first
	// answer to a put after the put is done.
	var lost atomic.Bool
	direct := server.Config
	server.Config.HTTPClient = doer(func(r *http.Request) (*http.Response, error) {
		res, err := http.DefaultClient.Do(r)
		if err == nil && r.Method == http.MethodPut && !lost.Swap(true) {
			res.Body.Close()
			return nil, errors.New("connection reset")
		}
		return res, err
	})
	s := retry.New(open(t, server, "lost"), retry.Options{})
	o, err := s.Put(t.Context(), "key", []byte("mine"), blob.Cond{IfAbsent: true})
	if err != nil || !lost.Load() {
		t.Fatalf("got %v, answer lost %t", err, lost.Load())
	}
	server.Config = direct
	if now, err := open(t, server, "lost").Stat(t.Context(), "key"); err != nil || now != o {
		t.Errorf("put returned %+v, the server holds %+v, %v", o, now, err)
	}
}

type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }

func TestServer_WrongKeysAndMissingBucketsAreTold(t *testing.T) {
	server := s3test.Start(t)
	wrong := server
	wrong.Config.Credentials = credentials.NewStaticCredentialsProvider(s3test.AccessKey, secret, "")
	stranger := server
	stranger.Config.Credentials = credentials.NewStaticCredentialsProvider("nobody", secret, "")
	elsewhere := server
	elsewhere.Bucket = "no-such-bucket"
	for _, test := range []struct {
		name   string
		server s3test.Server
		want   error
	}{
		{"wrong secret", wrong, blob.ErrDenied},
		{"unknown key", stranger, blob.ErrDenied},
		{"missing bucket", elsewhere, blob.ErrNoBucket},
	} {
		s := open(t, test.server, "")
		_, statErr := s.Stat(t.Context(), "k")
		_, putErr := s.Put(t.Context(), "k", []byte("x"), blob.Cond{IfAbsent: true})
		_, matchErr := s.Put(t.Context(), "k", []byte("x"), blob.Cond{IfMatch: "e"})
		readErr := s.ReadAt(t.Context(), blob.Object{Key: "k", Size: 1, ETag: "e"}, make([]byte, 1), 0)
		var listErr error
		for _, listErr = range s.List(t.Context(), "", "") {
		}
		for _, err := range []error{statErr, putErr, matchErr, readErr, listErr, s.Delete(t.Context(), "k")} {
			if !errors.Is(err, test.want) || strings.Contains(err.Error(), secret) {
				t.Errorf("%s: got %v, want %v", test.name, err, test.want)
			}
		}
	}
}

func TestList_DisorderAndDeadEndsAreErrors(t *testing.T) {
	for name, page := range map[string]string{
		"out of order":    `<Contents><Key>b</Key></Contents><Contents><Key>a</Key></Contents>`,
		"repeated":        `<Contents><Key>b</Key></Contents><Contents><Key>b</Key></Contents>`,
		"other prefix":    `<Contents><Key>b</Key></Contents><Contents><Key>c</Key></Contents>`,
		"no way to go on": `<IsTruncated>true</IsTruncated><Contents><Key>b</Key></Contents>`,
	} {
		s, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/xml")
			fmt.Fprintf(w, "<ListBucketResult>%s</ListBucketResult>", page)
		})
		var last error
		for _, last = range s.List(t.Context(), "b", "") {
		}
		if last == nil {
			t.Errorf("%s: the listing ended without an error", name)
		}
	}
}

func TestNew_RefusesWhatCannotWork(t *testing.T) {
	for name, opts := range map[string]s3.Options{
		"no bucket":               {},
		"bad prefix":              {Bucket: "b", Prefix: "a/../b"},
		"no URL":                  {Bucket: "b", Endpoint: "127.0.0.1:9000"},
		"credentials in endpoint": {Bucket: "b", Endpoint: "https://user:" + secret + "@host"},
		"no region":               {Bucket: "b"},
	} {
		opts.Config = &aws.Config{}
		s, err := s3.New(t.Context(), opts)
		if err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: got %v, %v", name, s, err)
		}
	}
	s, err := s3.New(t.Context(), s3.Options{Bucket: "b", Prefix: "a/b", Region: "eu-west-1", Config: &aws.Config{}})
	if err != nil || s.URL() != "s3://b/a/b" {
		t.Errorf("got %v, %v; want s3://b/a/b", s, err)
	}
}
