package publish

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"daybook/sources/blob"
)

// A signature proves who made a manifest, and that nobody has changed it and all
// that it names since: digests alone can be computed again by whoever may write
// to the store. It stands beside the manifest and is put after it, by any run
// that finds it missing: Ed25519 gives one key and one text one signature.

const (
	signatureName      = "manifest.sig.json"
	signatureAlgorithm = "ed25519"
	// signatureLimit bounds the signature files that are read, in bytes.
	signatureLimit = 64 << 10
)

var (
	// ErrUnsigned means that a manifest has no signature beside it.
	ErrUnsigned = errors.New("the manifest is not signed")
	// ErrBadSignature means that a manifest's signature is not one by the keys
	// that were given, over these bytes.
	ErrBadSignature = errors.New("the signature is not valid")
)

// Signature is runs/<job>/<period>/<revision>/manifest.sig.json.
type Signature struct {
	Format    int    `json:"format"`
	Algorithm string `json:"algorithm"` // "ed25519"
	KeyID     string `json:"key_id"`    // see KeyID
	Manifest  string `json:"manifest"`  // sha256 of the manifest's file, hex
	Signature string `json:"signature"` // of the bytes of the manifest's file, base64
}

func signatureKey(job, period string, revision int) string {
	return runsPrefix(job, period) + revisionSegment(revision) + "/" + signatureName
}

// SignatureKey is where the signature of a manifest stands.
func SignatureKey(job, period string, revision int) string {
	return signatureKey(job, period, revision)
}

// Sign puts the signatures that a manifest, and those of the revisions beside it,
// lack: whoever made them may have died, or had no key. It does nothing for a
// publisher without a signing key.
func (p *Publisher) Sign(ctx context.Context, m Manifest) error {
	if p.signing == nil {
		return nil
	}
	fail := func(revision int, err error) error {
		return fmt.Errorf("sign manifest of %s %s %s: %w", m.Job, m.Period, revisionSegment(revision), err)
	}
	lack, err := p.unsigned(ctx, m)
	if err != nil {
		return fail(m.Revision, err)
	}
	for _, revision := range slices.Sorted(maps.Keys(lack)) {
		of := m
		if revision != m.Revision {
			of, err = p.manifest(ctx, lack[revision], m.Job, m.Period, revision)
		}
		if err == nil {
			err = p.sign(ctx, of)
		}
		if err != nil {
			return fail(revision, err)
		}
	}
	return nil
}

// unsigned finds the manifests of m's period without a signature, by revision.
func (p *Publisher) unsigned(ctx context.Context, m Manifest) (map[int]blob.Object, error) {
	lack, signed := map[int]blob.Object{m.Revision: {}}, []int{}
	prefix := runsPrefix(m.Job, m.Period)
	for o, err := range p.store.List(ctx, prefix, "") {
		if err != nil {
			return nil, err
		}
		segment, name, _ := strings.Cut(strings.TrimPrefix(o.Key, prefix), "/")
		revision, ok := parseRevision(segment)
		switch {
		case ok && name == manifestName:
			lack[revision] = o
		case ok && name == signatureName:
			signed = append(signed, revision)
		}
	}
	for _, revision := range signed {
		delete(lack, revision)
	}
	return lack, nil
}

func (p *Publisher) sign(ctx context.Context, m Manifest) error {
	key := signatureKey(m.Job, m.Period, m.Revision)
	body, err := encodeChecked(m)
	if err != nil {
		return err
	}
	public, isEd25519 := p.signing.Public().(ed25519.PublicKey)
	if !isEd25519 {
		return errors.New("the signing key is not an Ed25519 key")
	}
	id, err := KeyID(public)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(Signature{
		Format: format, Algorithm: signatureAlgorithm, KeyID: id, Manifest: digest(body),
		Signature: base64.StdEncoding.EncodeToString(ed25519.Sign(p.signing, body)),
	}, "", "  ")
	if err != nil {
		return err
	}
	_, err = p.put(ctx, key, append(text, '\n'), blob.Cond{IfAbsent: true})
	if errors.Is(err, blob.ErrExists) {
		return nil
	}
	return err
}

// CheckSignature reads the signature beside a manifest and checks it over the
// bytes that stand there, by whichever of the keys it names. It returns
// [ErrUnsigned] or [ErrBadSignature], saying why.
func (p *Publisher) CheckSignature(ctx context.Context, job, period string, revision int, keys []ed25519.PublicKey) error {
	body, _, err := blob.ReadAll(ctx, p.store, signatureKey(job, period, revision), signatureLimit)
	if absent(err) {
		return ErrUnsigned
	}
	if err != nil {
		return fmt.Errorf("read signature: %w", err)
	}
	manifest, _, err := blob.ReadAll(ctx, p.store, manifestKey(job, period, revision), fileLimit)
	if err != nil {
		return fmt.Errorf("read manifest: %w", err)
	}
	var s Signature
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		return fmt.Errorf("%w: %w", ErrBadSignature, err)
	}
	if s.Format != format || s.Algorithm != signatureAlgorithm {
		return fmt.Errorf("%w: it is of format %d and algorithm %q", ErrBadSignature, s.Format, s.Algorithm)
	}
	signed, err := base64.StdEncoding.DecodeString(s.Signature)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBadSignature, err)
	}
	for _, key := range keys {
		id, err := KeyID(key)
		if err != nil {
			return err
		}
		switch {
		case id != s.KeyID:
		case ed25519.Verify(key, manifest, signed):
			return nil
		case s.Manifest != digest(manifest):
			return fmt.Errorf("%w: it is of a manifest with sha256 %s, and the one that stands here has %s", ErrBadSignature, s.Manifest, digest(manifest))
		default:
			return fmt.Errorf("%w: the key %s did not make it", ErrBadSignature, id)
		}
	}
	return fmt.Errorf("%w: it is by key %s, which is none of those given", ErrBadSignature, s.KeyID)
}
