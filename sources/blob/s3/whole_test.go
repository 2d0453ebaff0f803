package s3_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"daybook/sources/blob"
	"daybook/sources/blob/s3"
)

// An object that is read whole is held to the checksum that the server keeps of it.
// CBF43926 is the check value of CRC-32/ISO-HDLC for "123456789".
func TestReadAt_WholeObjectsAreHeldToTheServersChecksum(t *testing.T) {
	for name, test := range map[string]struct {
		body string
		want error
	}{
		"as written":    {"123456789", nil},
		"a bit flipped": {"123456788", blob.ErrTransient},
		"longer":        {"1234567890", blob.ErrChanged},
		"shorter":       {"12345678", blob.ErrChanged},
	} {
		s, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Range") != "" || r.Header.Get("X-Amz-Checksum-Mode") != "ENABLED" {
				t.Errorf("%s: range %q, checksum mode %q", name, r.Header.Get("Range"), r.Header.Get("X-Amz-Checksum-Mode"))
			}
			w.Header().Set("ETag", `"e"`)
			w.Header().Set("X-Amz-Checksum-Crc32", "y/Q5Jg==")
			io.WriteString(w, test.body)
		})
		p := make([]byte, 9)
		err := s.ReadAt(t.Context(), blob.Object{Key: "k", Size: 9, ETag: "e"}, p, 0)
		if !errors.Is(err, test.want) || err == nil && string(p) != test.body {
			t.Errorf("%s: got %q, %v; want %v", name, p, err, test.want)
		}
	}
}

// A server that takes a call and says nothing, or stops within an answer, is given
// up after a while: the caller sets no limit of its own.
func TestCalls_AreGivenUpWhenTheServerHangs(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && r.URL.Query().Get("list-type") == "" {
			w.Header().Set("ETag", `"e"`)
			w.Header().Set("Content-Length", "9")
			io.WriteString(w, "1234")
			_ = http.NewResponseController(w).Flush()
		}
		io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	defer server.Close()
	s, err := s3.New(t.Context(), s3.Options{
		Bucket: "bucket", Endpoint: server.URL, PathStyle: true, Patience: 50 * time.Millisecond,
		Config: &aws.Config{Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("key", secret, "")},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, statErr := s.Stat(t.Context(), "k")
	_, putErr := s.Put(t.Context(), "k", []byte("x"), blob.Cond{IfAbsent: true})
	var listErr error
	for _, listErr = range s.List(t.Context(), "", "") {
	}
	for what, err := range map[string]error{
		"stat": statErr, "put": putErr, "list": listErr, "delete": s.Delete(t.Context(), "k"),
		"read": s.ReadAt(t.Context(), blob.Object{Key: "k", Size: 9, ETag: "e"}, make([]byte, 9), 0),
	} {
		if !errors.Is(err, blob.ErrTransient) || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: got %v, want ErrTransient that is nobody's own deadline", what, err)
		}
	}
}

// Credentials may expire within a run. Amazon S3 says so with a 400, of which the
// answer to a HEAD has no more than the status.
func TestStat_ExpiredCredentialsAreTold(t *testing.T) {
	expired := false
	s, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case expired && r.Method == http.MethodHead:
			refuse(w, http.StatusBadRequest, "")
		case expired:
			refuse(w, http.StatusBadRequest, "ExpiredToken")
		default:
			w.Header().Set("ETag", `"e"`)
		}
	})
	if _, err := s.Stat(t.Context(), "k"); err != nil {
		t.Fatal(err)
	}
	expired = true
	if _, err := s.Stat(t.Context(), "k"); !errors.Is(err, blob.ErrDenied) {
		t.Errorf("got %v, want ErrDenied", err)
	}
}
