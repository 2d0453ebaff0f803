package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"daybook/pricing"
	"daybook/sinks/publish"
	"daybook/sources/blob"
)

// Members of the subjects of requests to monthly.
const (
	subjectClosing  = "closing"
	subjectAccount  = "billing_account"
	subjectCurrency = "currency"
	subjectInvoice  = "invoice"
	subjectLine     = "line"
	subjectKey      = "key" // the line's key, JSON
	subjectRow      = "row" // "subscription sub-a": a row of the registry
)

// requests are what people have asked the closings for.
type requests struct {
	voids     pricing.VoidLines // charges that are owed no more
	withdrawn map[string]bool   // registry rows that are gone for good
	inputs    []publish.Input
}

// newRequests reads what was asked.
func newRequests(asked []publish.PlacedRequest) (requests, error) {
	out := requests{voids: pricing.VoidLines{}, withdrawn: map[string]bool{}}
	for _, r := range asked {
		out.inputs = append(out.inputs, r.Input)
		switch {
		case r.Kind == publish.RequestVoid:
			var key pricing.LineKey
			if err := json.Unmarshal([]byte(r.Subject[subjectKey]), &key); err != nil {
				return out, fmt.Errorf("read request %s: %w", r.Input.Key, err)
			}
			key.Start, key.End = key.Start.UTC(), key.End.UTC()
			out.voids.Add(key)
		case r.Kind == publish.RequestWithdraw && r.Subject[subjectRow] != "":
			out.withdrawn[r.Subject[subjectRow]] = true
		default:
			return out, fmt.Errorf("request %s asks for %q, which this program does not know; use a later version", r.Input.Key, r.Kind)
		}
	}
	return out, nil
}

// token names the requests, as listTokens does.
func (r *requests) token() string {
	objects := make([]blob.Object, len(r.inputs))
	for i, in := range r.inputs {
		objects[i] = blob.Object{Key: in.Key}
	}
	return tokenOf(objects)
}

// termsOf is the digest of a tree's terms, of which the charges that are void are
// a part: it is rated again when one comes, and when one comes to it.
func (w *closingWork) termsOf(t pricing.Terms) string {
	digested := w.digests.of(t)
	var void []pricing.LineKey
	for _, a := range t.Accounts {
		void = append(void, w.requests.voids[a.ID]...)
		for _, s := range a.Subscriptions {
			void = append(void, w.requests.voids[s.ID]...)
		}
	}
	if len(void) == 0 {
		return digested
	}
	return digest(fmt.Append(nil, digested, void))
}

// Void asks that the charge of an invoice's line be owed no more: the next closing
// takes back what was billed for it, by all lines of its key.
func (p *Pipeline) Void(ctx context.Context, invoice string, line int, reason, at string) (publish.PlacedRequest, error) {
	m, published, err := p.findInvoice(ctx, invoice)
	if err != nil {
		return publish.PlacedRequest{}, err
	}
	if line < 1 || line > len(published.Lines) {
		return publish.PlacedRequest{}, fmt.Errorf("%w line %d: %s has the lines 1 to %d", ErrNoInvoice, line, published.Number, len(published.Lines))
	}
	l := &published.Lines[line-1]
	closing := m.Period
	if l.For != (pricing.Month{}) {
		closing = l.For.String()
	}
	key, err := json.Marshal(l.Key())
	if err != nil {
		return publish.PlacedRequest{}, fmt.Errorf("describe line: %w", err)
	}
	return p.ask(ctx, JobMonthly, publish.Request{
		Kind: publish.RequestVoid, Reason: reason, Time: at,
		Subject: map[string]string{
			subjectClosing: closing, subjectAccount: published.BillingAccount, subjectCurrency: published.Currency.Code,
			subjectInvoice: published.ID, subjectLine: strconv.Itoa(line), subjectKey: string(key),
		},
	})
}

// WithdrawFile asks that a usage file count no more: its days are read without it.
// A request is for good, so a slip of the pen is refused: [ErrNoUsageFile].
func (p *Pipeline) WithdrawFile(ctx context.Context, key, reason, at string) (publish.PlacedRequest, error) {
	known, err := p.knowsUsage(ctx, key)
	if err != nil {
		return publish.PlacedRequest{}, err
	}
	if !known {
		return publish.PlacedRequest{}, fmt.Errorf("withdraw %q: %w, and no rollup counted one; write it as `daybook runs --job rollup --period DAY` lists it", key, ErrNoUsageFile)
	}
	return p.ask(ctx, JobRollup, publish.Request{
		Kind: publish.RequestWithdraw, Reason: reason, Time: at, Subject: map[string]string{publish.SubjectFile: key},
	})
}

// knowsUsage reports whether a usage file is there, or was counted by a rollup as
// one stands.
func (p *Pipeline) knowsUsage(ctx context.Context, key string) (bool, error) {
	if blob.ValidKey(key) != nil {
		return false, nil
	}
	_, err := p.stores.Usage.Stat(ctx, key)
	if err == nil || !errors.Is(err, blob.ErrNotFound) {
		return err == nil, err
	}
	days, err := p.publisher.Periods(ctx, string(JobRollup))
	if err != nil {
		return false, err
	}
	for _, day := range slices.Backward(days) {
		history, err := p.publisher.Decided(ctx, string(JobRollup), day)
		if err != nil {
			return false, err
		}
		if m := standing(history); m != nil && slices.ContainsFunc(m.Inputs, func(i publish.Input) bool { return i.Kind == kindUsage && i.Key == key }) {
			return true, nil
		}
	}
	return false, nil
}

func (p *Pipeline) ask(ctx context.Context, job Job, r publish.Request) (publish.PlacedRequest, error) {
	if err := p.probe(ctx); err != nil {
		return publish.PlacedRequest{}, err
	}
	return p.publisher.PutRequest(ctx, string(job), r)
}
