package jobs

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"daybook/pricing"
	"daybook/pricing/money"
)

// treeTrace says what one billing tree of a rating was a function of: one line of
// the run's object of role trace, sorted by billing account. A later rating of the
// period whose tree has the same terms and usage gives the same rows, so they may
// be taken from what stands. A tree of which an account was parked has no line: it
// is always rated again.
type treeTrace struct {
	BillingAccount string       `json:"billing_account"`
	Terms          string       `json:"terms"`            // digest of its entries of registry and books (termDigests)
	Usage          string       `json:"usage"`            // digest of its rollup rows (usageDigest)
	Meters         []RatedMeter `json:"meters,omitempty"` // what became of them
}

// rateAgain are the terms of a tree that is rated again whatever its own are: what
// is charged for it is not, or not yet, what they give. A tree without terms is gone,
// and nothing is charged for it.
const rateAgain = "rate again"

// again is the trace of a tree that is rated again.
func (t treeTrace) again() treeTrace {
	t.Terms, t.Usage = rateAgain, ""
	return t
}

// equal reports whether a tree need not be rated again.
func (t treeTrace) equal(now treeTrace) bool {
	return t.BillingAccount == now.BillingAccount && t.Terms == now.Terms && t.Usage == now.Usage
}

// encodeTreeTraces writes traces, which are in order of billing accounts, as NDJSON.
func encodeTreeTraces(traces []treeTrace) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	for _, t := range traces {
		if err := enc.Encode(t); err != nil {
			return nil, fmt.Errorf("write trace: %w", err)
		}
	}
	return out.Bytes(), nil
}

// decodeTreeTraces reads traces by billing account.
func decodeTreeTraces(body []byte) (map[string]treeTrace, error) {
	out := map[string]treeTrace{}
	for dec := json.NewDecoder(bytes.NewReader(body)); dec.More(); {
		var t treeTrace
		if err := dec.Decode(&t); err != nil {
			return nil, fmt.Errorf("read trace: %w", err)
		}
		out[t.BillingAccount] = t
	}
	return out, nil
}

// termDigests gives the digests of trees' terms, each plan of a version
// digested once. It is safe for concurrent use.
type termDigests struct {
	mu    sync.Mutex
	plans map[planOfVersion]string
}

type planOfVersion struct {
	version *pricing.Version
	plan    string
}

func newTermDigests() *termDigests { return &termDigests{plans: map[planOfVersion]string{}} }

// of returns the digest of a tree's terms as pricing.Raters.DailyTerms or
// ClosingTerms gives them.
func (d *termDigests) of(t pricing.Terms) string {
	plans := make([]string, len(t.Plans))
	for i, p := range t.Plans {
		plans[i] = d.plan(p)
	}
	return canonicalDigest(struct {
		Accounts  []pricing.AccountTerms
		Plans     []string
		Schedules []pricing.ScheduledLevel
	}{t.Accounts, plans, t.Schedules})
}

func (d *termDigests) plan(p pricing.PlanTerms) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := planOfVersion{p.Version, p.ID}
	if known, ok := d.plans[key]; ok {
		return known
	}
	d.plans[key] = canonicalDigest(struct {
		Book, ID    string
		Currency    money.Currency
		Unit        *pricing.PricingUnit
		Version     string
		Effective   pricing.Date
		Worth       money.Amount
		Conventions pricing.Conventions
		Meters      []pricing.Meter
		Plan        *pricing.Plan
	}{p.Book.Name, p.ID, p.Book.Currency, p.Book.Unit, p.Version.ID, p.Version.Effective, p.Version.Worth, p.Version.Conventions, p.Meters, p.Plan})
	return d.plans[key]
}

// takenRows returns the rows that a tree's terms take, in their order, and the
// account of the others: a window that other trees widened brings no rows into
// this one. It reuses rows.
func takenRows(rows []pricing.UsageState, t pricing.Terms, carried func(meter string) bool) (taken []pricing.UsageState, left pricing.RatedMeters) {
	var others []pricing.UsageState
	taken = slices.DeleteFunc(rows, func(u pricing.UsageState) bool {
		other := u.Day > t.To || u.Day < t.Whole && (u.Day < t.From || !carried(u.Meter))
		if other {
			others = append(others, u)
		}
		return other
	})
	return taken, pricing.ElsewhereUsage(pricing.StateSums(others))
}

// digestBuffers keeps the buffers of usageDigest, so that it allocates nothing a row.
var digestBuffers = sync.Pool{New: func() any { b := make([]byte, 0, 32<<10); return &b }}

// usageDigest is the sha256, in hex, of rollup rows in the order in which a tree's
// are gathered: by account, UTC day and their order there. Every state of a row
// counts. It is safe for concurrent use.
func usageDigest(rows []pricing.UsageState) string {
	sum := sha256.New()
	kept := digestBuffers.Get().(*[]byte)
	b := (*kept)[:0]
	for i := range rows {
		b = appendRow(b, &rows[i])
		if len(b) > 24<<10 {
			sum.Write(b)
			b = b[:0]
		}
	}
	sum.Write(b)
	*kept = b
	digestBuffers.Put(kept)
	return hex.EncodeToString(sum.Sum(nil))
}

// appendRow appends a row's bytes, no two rows the same.
func appendRow(b []byte, u *pricing.UsageState) []byte {
	for _, text := range [...]string{u.Account, u.Subscription, u.Meter, u.Dimensions} {
		b = appendText(b, text)
	}
	for _, n := range [...]int64{int64(u.Day), u.Slot, u.Events, u.FirstTime, u.LastTime} {
		b = binary.AppendVarint(b, n)
	}
	for _, n := range [...]*money.Int128{&u.Sum, &u.Min, &u.Max, &u.First, &u.Last, &u.LevelSeconds, &u.Increase} {
		b = binary.AppendVarint(binary.AppendUvarint(b, n.Lo), n.Hi)
	}
	return b
}
