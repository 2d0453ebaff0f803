package publish

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"daybook/sources/blob"
)

// KindRequest is the kind of the inputs that requests are.
const KindRequest = "request"

// What a person may ask a job for.
const (
	RequestVoid     = "void"     // of monthly: a line of an invoice is owed no more; of rollup: usage is, in all ratings
	RequestWithdraw = "withdraw" // a usage file (of rollup) or a registry row (of monthly) counts no more
)

// Members of a request's subject that jobs share.
const SubjectFile = "file" // key of a usage file, relative to the usage store

// Request is something that a person asked for, once and for good: an input of
// every later run of its job. It holds no clock and no random id: the reason and
// the time are what the person says they are.
type Request struct {
	Kind    string            `json:"kind"`
	Subject map[string]string `json:"subject"`        // what it is about: {"file": "dt=2026-10-05/a.parquet"}
	Reason  string            `json:"reason"`         // for people who look later
	Time    string            `json:"time,omitempty"` // RFC 3339, as given
}

// PlacedRequest is a request and the input that a plan pins it by.
type PlacedRequest struct {
	Request
	Input Input // key "requests/<job>/<sha256>.json"
}

func requestsPrefix(job string) string { return "requests/" + blob.EscapeID(job) + "/" }

// PutRequest stores a request to a job under its content's hash. The same request
// made again is the same object, and no error.
func (p *Publisher) PutRequest(ctx context.Context, job string, r Request) (PlacedRequest, error) {
	if err := r.check(job); err != nil {
		return PlacedRequest{}, fmt.Errorf("make request: %w", err)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(r); err != nil { // map keys are sorted
		return PlacedRequest{}, fmt.Errorf("encode request: %w", err)
	}
	sum := digest(b.Bytes())
	placed := PlacedRequest{r, Input{Kind: KindRequest, Key: requestsPrefix(job) + sum + ".json", Size: int64(b.Len()), SHA256: sum}}
	if err := p.putContent(ctx, placed.Input.Key, b.Bytes(), sum); err != nil {
		return PlacedRequest{}, fmt.Errorf("put request: %w", err)
	}
	return placed, nil
}

func (r Request) check(job string) error {
	texts := []string{job, r.Kind, r.Reason, r.Time}
	for name, value := range r.Subject {
		texts = append(texts, name, value)
	}
	switch {
	case job == "" || r.Kind == "" || len(r.Subject) == 0:
		return errors.New("it names no job, no kind or no subject")
	case strings.TrimSpace(r.Reason) == "":
		return errors.New("it gives no reason; say why, for whoever looks later")
	case slices.ContainsFunc(texts, func(s string) bool { return !utf8.ValidString(s) }):
		return errors.New("it has text that is not valid UTF-8")
	}
	return nil
}

// Requests returns all requests to a job, in order of their keys: one list, and a
// read each.
func (p *Publisher) Requests(ctx context.Context, job string) ([]PlacedRequest, error) {
	objects, err := p.RequestKeys(ctx, job)
	if err != nil {
		return nil, err
	}
	var out []PlacedRequest
	for _, o := range objects {
		placed, err := p.ReadRequest(ctx, RequestInput(o))
		if err != nil {
			return nil, err
		}
		out = append(out, placed)
	}
	slices.SortFunc(out, func(a, b PlacedRequest) int { return strings.Compare(a.Input.Key, b.Input.Key) })
	return out, nil
}

// RequestKeys lists the requests to a job, in order of their keys, which say their
// content.
func (p *Publisher) RequestKeys(ctx context.Context, job string) ([]blob.Object, error) {
	of, err := p.requestKeys(ctx, requestsPrefix(job))
	if err != nil {
		return nil, fmt.Errorf("list requests to %s: %w", job, err)
	}
	return of[requestsPrefix(job)], nil
}

// AllRequestKeys is RequestKeys of several jobs by one listing.
func (p *Publisher) AllRequestKeys(ctx context.Context, jobs ...string) (map[string][]blob.Object, error) {
	of, err := p.requestKeys(ctx, "requests/")
	if err != nil {
		return nil, fmt.Errorf("list requests: %w", err)
	}
	out := map[string][]blob.Object{}
	for _, job := range jobs {
		out[job] = of[requestsPrefix(job)]
	}
	return out, nil
}

// requestKeys lists requests by the prefix of their job.
func (p *Publisher) requestKeys(ctx context.Context, prefix string) (map[string][]blob.Object, error) {
	out := map[string][]blob.Object{}
	for o, err := range p.store.List(ctx, prefix, "") {
		if err != nil {
			return nil, err
		}
		n := strings.LastIndexByte(o.Key, '/') + 1
		if sum, isRequest := strings.CutSuffix(o.Key[n:], ".json"); isRequest && len(sum) == 64 { // else not ours
			out[o.Key[:n]] = append(out[o.Key[:n]], o)
		}
	}
	return out, nil
}

// RequestInput is the input that a request is, by the object that RequestKeys
// listed: its key says its digest.
func RequestInput(o blob.Object) Input {
	sum := strings.TrimSuffix(o.Key[strings.LastIndexByte(o.Key, '/')+1:], ".json")
	return Input{Kind: KindRequest, Key: o.Key, Size: o.Size, SHA256: sum}
}

// ReadRequest returns the request that a plan pins, or [ErrDamaged].
func (p *Publisher) ReadRequest(ctx context.Context, i Input) (PlacedRequest, error) {
	body, err := p.readContent(ctx, i.Key, i.SHA256, i.Size)
	if err != nil {
		return PlacedRequest{}, fmt.Errorf("read request: %w", err)
	}
	placed := PlacedRequest{Input: i}
	if err := json.Unmarshal(body, &placed.Request); err != nil {
		return PlacedRequest{}, fmt.Errorf("read request %s: %w: %w", i.Key, ErrDamaged, err)
	}
	return placed, nil
}
