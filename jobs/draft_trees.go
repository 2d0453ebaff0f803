package jobs

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"daybook/pricing"
	"daybook/sinks/publish"
)

// treeRatings is what a draft's trees were rated to, before credits, taxes and
// balances: for the month itself, and for the closings before that were looked at.
// The next draft of the month takes the results of the trees whose inputs are the
// same. It is safe for concurrent use.
type treeRatings struct {
	mu     sync.Mutex
	before map[ratedFor]ratedTree
	now    map[ratedFor]ratedTree
	count  TreeCounts
}

// ratedFor names a tree in a closing.
type ratedFor struct{ closing, account string }

// ratedTree is one line of a draft's object of role trace, sorted by closing and
// billing account. Trees of which an account was parked have no line.
type ratedTree struct {
	Closing string `json:"closing"`
	treeTrace
	Conditions string          `json:"conditions"` // digest of what the closing took into account (closingConditions)
	Invoices   json.RawMessage `json:"invoices"`   // as Close made them, but for the dates
}

func newTreeRatings() *treeRatings {
	return &treeRatings{before: map[ratedFor]ratedTree{}, now: map[ratedFor]ratedTree{}}
}

// close rates one tree for a closing; a draft takes the result of the draft before
// where nothing that it is a function of has changed.
func (w *closingWork) close(t pricing.Tree, usage pricing.TreeUsage, trace treeTrace, c closingConditions) (pricing.ClosingResult, error) {
	rate := func() (pricing.ClosingResult, error) {
		return w.rater.Close(t, usage, c.Closing)
	}
	if w.ratings == nil {
		return rate()
	}
	now := ratedTree{Closing: c.Month.String(), treeTrace: trace, Conditions: c.digest(t, w.rater.Ended(t, c.Month))}
	if result, ok := w.ratings.take(now, c.Closing); ok {
		return result, nil
	}
	result, err := rate()
	if err == nil {
		err = w.ratings.note(now, result)
	}
	return result, err
}

// take returns the result of a tree that need not be rated again.
func (r *treeRatings) take(now ratedTree, c pricing.Closing) (pricing.ClosingResult, bool) {
	of := ratedFor{now.Closing, now.BillingAccount}
	had, ok := r.before[of]
	if !ok || !had.equal(now.treeTrace) || had.Conditions != now.Conditions {
		return pricing.ClosingResult{}, false
	}
	out := pricing.ClosingResult{Meters: fromRatedMeters(had.Meters)}
	if json.Unmarshal(had.Invoices, &out.Invoices) != nil {
		return out, false
	}
	for i := range out.Invoices {
		c.Date(&out.Invoices[i])
	}
	out.Rated = out.Meters.Rated()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now[of] = had
	r.count.add(true)
	return out, true
}

// note keeps a result. It is written at once: settling changes the lines.
func (r *treeRatings) note(now ratedTree, result pricing.ClosingResult) (err error) {
	undated := slices.Clone(result.Invoices)
	for i := range undated {
		undated[i].IssuedAt, undated[i].DueAt = time.Time{}, time.Time{}
	}
	if now.Invoices, err = json.Marshal(undated); err != nil {
		return fmt.Errorf("write trace: %w", err)
	}
	now.Meters = ratedMeters(result.Meters)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.count.add(false)
	if len(result.Parked) == 0 {
		r.now[ratedFor{now.Closing, now.BillingAccount}] = now
	}
	return nil
}

// put stores the results and names them in the manifest.
func (r *treeRatings) put(ctx context.Context, run *publish.Run, m *publish.Manifest) error {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	for _, of := range slices.SortedFunc(maps.Keys(r.now), func(a, b ratedFor) int {
		return cmp.Or(strings.Compare(a.closing, b.closing), strings.Compare(a.account, b.account))
	}) {
		if err := enc.Encode(r.now[of]); err != nil {
			return fmt.Errorf("write trace: %w", err)
		}
	}
	object, err := run.Put(ctx, publish.NewObject{Name: "trace", Ext: "ndjson", Role: publish.RoleTrace, Rows: int64(len(r.now)), Body: out.Bytes()})
	if err == nil {
		m.Objects = append(m.Objects, object)
	}
	return err
}

// standingRatings reads the results of the draft that stands; there are none to
// take where there is no draft, or one of another engine, which may have rated
// otherwise, or one whose objects are gone or damaged.
func (p *Pipeline) standingRatings(ctx context.Context, m *publish.Manifest, r *treeRatings) error {
	trace, ok := traceObject(m)
	if !ok || m.Engine != p.version {
		return nil
	}
	body, err := p.publisher.ReadObject(ctx, trace)
	if err != nil {
		return unlessLost(err)
	}
	for dec := json.NewDecoder(bytes.NewReader(body)); dec.More(); {
		var t ratedTree
		if err := dec.Decode(&t); err != nil {
			return fmt.Errorf("read trace: %w", err)
		}
		r.before[ratedFor{t.Closing, t.BillingAccount}] = t
	}
	return nil
}

// closingConditions is a closing with what it takes into account by account.
type closingConditions struct {
	pricing.Closing
	billed map[string][]coveredUntil // by account
}

type coveredUntil struct {
	pricing.Covered
	pricing.Period
}

// conditions prepares the digests of a closing, where they are asked for.
func (w *closingWork) conditions(c pricing.Closing) closingConditions {
	out := closingConditions{c, map[string][]coveredUntil{}}
	if w.ratings == nil {
		return out
	}
	for _, k := range c.Billed.Rows() {
		out.billed[k.Account] = append(out.billed[k.Account], coveredUntil{k, c.Billed[k]})
	}
	return out
}

// digest names all that a tree's result depends on beside its terms and usage. An
// as_of after the month has ended for the tree dates the invoice and does nothing else.
func (c closingConditions) digest(t pricing.Tree, ended time.Time) string {
	own := c.Closing
	own.Billed, own.Unbilled, own.Void, own.Tracer, own.TermsDays = nil, nil, nil, nil, 0 // what is void is among the terms
	if !own.AsOf.Before(ended) {
		own.AsOf = time.Time{}
	}
	var billed [][]coveredUntil
	var unbilled []string
	for _, a := range t.Accounts {
		billed = append(billed, c.billed[a])
		if c.Unbilled[a] {
			unbilled = append(unbilled, a)
		}
	}
	return canonicalDigest(struct {
		Closing  pricing.Closing
		Billed   [][]coveredUntil
		Unbilled []string
	}{own, billed, unbilled})
}
