package jobs

import (
	"context"
	"iter"
	"maps"
	"strings"
	"testing"

	"daybook/pricing"
	"daybook/sinks/publish"
	"daybook/sources/blob"
)

// overtaken does something else before the first list of a prefix.
type overtaken struct {
	blob.Store
	prefix string
	by     func()
}

func (s *overtaken) List(ctx context.Context, prefix, after string) iter.Seq2[blob.Object, error] {
	if by := s.by; by != nil && prefix == s.prefix {
		s.by = nil
		by()
	}
	return s.Store.List(ctx, prefix, after)
}

// A revision of October that is published after its history was read and before
// its seal is the one that November stands on: the model's mistake "the number is
// read before the seal". By hand: October has the numbers 1 and 2, the revision
// says that 4 is next, and November has two invoices.
func TestMonthly_StandsOnTheRevisionThatCameBeforeTheSeal(t *testing.T) {
	w := newTinyWorld(t, november)
	if _, err := w.pipeline(t).Monthly(t.Context(), october.Through(october), allDue); err != nil {
		t.Fatal(err)
	}
	first := w.history(t, "monthly", "2026-10").Published
	inner := w.out
	w.out = &interrupted{inner, "runs/monthly/2026-10/r000002/manifest.json", func() {
		p := publish.New(inner, publish.Options{Engine: "test"})
		run, err := p.Begin(t.Context(), publish.Identity{Job: "monthly", Period: "2026-10", Parameters: map[string]string{"kind": "supplement"}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		chain := *first.Chain
		chain.Numbers = maps.Clone(chain.Numbers)
		chain.Numbers[seriesInvoice] = 4
		if _, _, err := run.Commit(t.Context(), publish.Manifest{Objects: first.Objects, Events: first.Events, Chain: &chain, Reconciliation: first.Reconciliation}); err != nil {
			t.Fatal(err)
		}
	}}
	if _, err := w.pipeline(t).Monthly(t.Context(), november.Through(november), allDue); err != nil {
		t.Fatal(err)
	}
	chain := w.history(t, "monthly", "2026-11").Published.Chain
	if !strings.HasPrefix(chain.Predecessor, "2026-10 r000002 ") || chain.Numbers[seriesInvoice] != 6 {
		t.Errorf("November stands on %q, and %d is next after it; want r000002 and 6", chain.Predecessor, chain.Numbers[seriesInvoice])
	}
}

// A runner that read October's history before anybody had closed it finds October
// and November closed by others when it looks whether the chain begins there.
func TestMonthly_BeginsNoChainThatOthersHaveGoneOnWithMeanwhile(t *testing.T) {
	w := newTinyWorld(t, november)
	inner := w.out
	w.out = &overtaken{inner, "runs/monthly/", func() {
		other := *w
		other.out = inner
		if _, err := other.pipeline(t).Monthly(t.Context(), october.Through(november), allDue); err != nil {
			t.Fatal(err)
		}
	}}
	outcomes, err := w.pipeline(t).Monthly(t.Context(), []pricing.Month{october}, allDue)
	if err != nil {
		t.Fatal(err)
	}
	if last := outcomes[len(outcomes)-1]; last.State != StateAlready || last.Revision != 1 {
		t.Errorf("October is %s r%d, want already closed as r1", last.State, last.Revision)
	}
}
