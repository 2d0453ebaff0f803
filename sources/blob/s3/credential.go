package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// credentialError marks that there were no credentials to sign a request with,
// which the SDK's own errors do not tell from a failed request.
type credentialError struct{ err error }

func (e *credentialError) Error() string { return "get credentials: " + e.err.Error() }

func (e *credentialError) Unwrap() error { return e.err }

// marking is a credentials provider that marks its errors.
type marking struct{ provider aws.CredentialsProvider }

// Retrieve implements aws.CredentialsProvider.
func (m marking) Retrieve(ctx context.Context) (aws.Credentials, error) {
	found, err := m.provider.Retrieve(ctx)
	if err != nil {
		return found, &credentialError{err: err}
	}
	return found, nil
}

// markErrors makes cfg's provider mark its errors. Anonymous access stays as it
// is, since the SDK knows it by its type.
func markErrors(cfg *aws.Config) {
	anonymous := aws.IsCredentialsProvider(cfg.Credentials, aws.AnonymousCredentials{})
	if cfg.Credentials != nil && !anonymous {
		cfg.Credentials = marking{provider: cfg.Credentials}
	}
}
