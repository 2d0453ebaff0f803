package s3

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"daybook/sources/blob"
)

// errNotImplemented means that the server does not know what was asked of it.
var errNotImplemented = errors.New("the server does not support this request")

// codeReason returns what one of S3's error codes means here, for those whose
// HTTP status says too little, and nil for all others. See "Error responses" in
// the Amazon S3 API reference.
func codeReason(code string) error {
	switch code {
	case "NoSuchBucket":
		return blob.ErrNoBucket
	case "NoSuchKey", "NotFound": // the second is a HEAD, whose answer has no body
		return blob.ErrNotFound
	case "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch",
		"ExpiredToken", "InvalidToken", "TokenRefreshRequired", // with status 400
		"XAdminUserNotFound": // versitygw's name for an unknown access key, with status 404
		return blob.ErrDenied
	case "RequestTimeout", "BadDigest", "IncompleteBody",
		"XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch": // status 400: the request was damaged on its way
		return blob.ErrTransient
	case "KeyTooLongError":
		return blob.ErrBadKey
	case "NotImplemented":
		return errNotImplemented
	case "XMinioStorageFull":
		return blob.ErrFull
	}
	return nil
}

// explain adds to an SDK error the reason it stands for: precondition is what a
// 412 means for the call. The text keeps the server's code, message and status,
// and leaves out the rest of the SDK's wrapping.
func explain(ctx context.Context, err, precondition error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var answer *smithyhttp.ResponseError
	if errors.As(err, &answer) && answer.HTTPStatusCode() != 0 {
		return fromAnswer(err, answer.HTTPStatusCode(), precondition)
	}
	return fromTransport(err)
}

// fromAnswer explains an error that the server sent.
func fromAnswer(err error, status int, precondition error) error {
	code, text := http.StatusText(status), ""
	var api smithy.APIError
	if errors.As(err, &api) {
		code, text = api.ErrorCode(), api.ErrorMessage()
	}
	said := fmt.Sprintf("%s: %s (HTTP %d)", code, text, status)
	if text == "" {
		said = fmt.Sprintf("%s (HTTP %d)", code, status)
	}
	reason := codeReason(code)
	if reason == nil {
		reason = statusReason(status, precondition)
	}
	switch {
	case reason != nil:
		return fmt.Errorf("%w: %s", reason, said)
	case status == http.StatusMovedPermanently, status == http.StatusTemporaryRedirect,
		code == "AuthorizationHeaderMalformed":
		return fmt.Errorf("%s; the bucket seems to be in another region: set the store's region", said)
	case status < 300:
		return fmt.Errorf("%w: unreadable answer: %w", blob.ErrTransient, err)
	default:
		return errors.New(said)
	}
}

// statusReason returns what a status means whose code is not known. A 404 means
// nothing by itself: taken for a missing object, one from a proxy or about
// something else would look like a manifest that is not there.
func statusReason(status int, precondition error) error {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return blob.ErrDenied
	case http.StatusPreconditionFailed:
		return precondition
	case http.StatusConflict, http.StatusTooManyRequests, http.StatusRequestTimeout:
		return blob.ErrTransient
	case http.StatusRequestedRangeNotSatisfiable:
		return blob.ErrChanged // the range was within the size of the version asked for
	case http.StatusNotImplemented:
		return errNotImplemented
	case http.StatusInsufficientStorage:
		return blob.ErrFull
	}
	if status >= 500 {
		return blob.ErrTransient
	}
	return nil
}

// fromTransport explains an error without an answer: broken connections may
// heal, a certificate or a credential that cannot be had does not by itself.
func fromTransport(err error) error {
	var (
		certificate *tls.CertificateVerificationError
		lacking     *credentialError
		address     *url.Error
		network     net.Error
		sending     *smithyhttp.RequestSendError
	)
	switch {
	case errors.Is(err, context.DeadlineExceeded): // of limit: the caller's own has been looked at
		return fmt.Errorf("%w: no answer in time", blob.ErrTransient)
	case errors.As(err, &lacking):
		return fmt.Errorf("%w: %w", blob.ErrDenied, lacking)
	case errors.As(err, &certificate):
		return fmt.Errorf("connect: %w", certificate)
	case errors.As(err, &address):
		// Its own text would repeat the whole request URL.
		return fmt.Errorf("%w: %w", blob.ErrTransient, noEOF(address.Err))
	case errors.As(err, &network):
		return fmt.Errorf("%w: %w", blob.ErrTransient, network)
	case errors.As(err, &sending):
		return fmt.Errorf("%w: %w", blob.ErrTransient, noEOF(sending.Err))
	}
	return err
}

// mute reports whether the answer to a HEAD leaves open what a body would have
// said: a 400 may mean credentials that expired.
func mute(err error) bool {
	var answer *smithyhttp.ResponseError
	return errors.As(err, &answer) && answer.HTTPStatusCode() == http.StatusBadRequest
}

// missing tells a missing object from a missing bucket or unknown credentials
// after a HEAD, whose answer has no body to say which. Of a 404 it asks at most
// until the store has once answered, of a 400 always.
func (s *store) missing(ctx context.Context, cause, err error) error {
	if !mute(cause) && (!errors.Is(err, blob.ErrNotFound) || s.bucketSeen.Load()) {
		return err
	}
	one := aws.Int32(1)
	if _, pageErr := s.page(ctx, &s3.ListObjectsV2Input{Bucket: &s.bucket, MaxKeys: one}); pageErr != nil {
		return pageErr
	}
	return err
}
